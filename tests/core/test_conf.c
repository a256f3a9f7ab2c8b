#include "tests/core/conf_job.h"

static void every_type_is_read(void)
{
    struct job job;
    struct conf *conf;

    check_good("name: demo\n"
               "axes: {weight: 0.25, q: [1, 2.5, 1e2]}\n"
               "count: 7\n"
               "on: true\n"
               "kind: path\n"
               "from: 2024-03-01 08:30\n"
               "every: 15m\n"
               "who: [BTC-*, \"ETH, old\"]\n"
               "constraints:\n"
               "  coverage: {min: 0.99}\n"
               "groups: {majors: [BTC-*, ETH], BTC-?: rest}\n"
               "items:\n"
               "  - name: a\n"
               "  - {name: b, nu: 7}\n",
               NULL, &job, &conf);
    CU_ASSERT_STRING_EQUAL(job.name, "demo");
    CU_ASSERT_EQUAL(job.weight, 0.25);
    CU_ASSERT_EQUAL_FATAL(job.q.n, 3);
    CU_ASSERT_EQUAL(job.q.value[2], 100.0);
    CU_ASSERT_EQUAL(job.count, 7);
    CU_ASSERT_TRUE(job.on);
    CU_ASSERT_EQUAL(job.kind, 0);
    CU_ASSERT_EQUAL(job.from, INT64_C(1709281800) * CLOCK_SECOND);
    CU_ASSERT_EQUAL(job.every, 15 * CLOCK_MINUTE);
    CU_ASSERT_EQUAL_FATAL(job.who.n, 2);
    CU_ASSERT_STRING_EQUAL(job.who.text[1], "ETH, old");
    CU_ASSERT_EQUAL_FATAL(job.limits.n, 1);
    CU_ASSERT_STRING_EQUAL(job.limits.limit[0].name, "coverage");
    CU_ASSERT_EQUAL(job.limits.limit[0].min, 0.99);
    CU_ASSERT_EQUAL(job.limits.limit[0].max, INFINITY);
    CU_ASSERT_EQUAL(job.limits.limit[0].line, 10);
    CU_ASSERT_EQUAL(job.limits.limit[0].column, 3);
    CU_ASSERT_EQUAL_FATAL(job.groups.n, 2);
    CU_ASSERT_STRING_EQUAL(job.groups.name[0], "majors");
    CU_ASSERT_EQUAL_FATAL(job.groups.texts[0].n, 2);
    CU_ASSERT_STRING_EQUAL(job.groups.texts[0].text[1], "ETH");
    CU_ASSERT_STRING_EQUAL(job.groups.name[1], "BTC-?");
    CU_ASSERT_STRING_EQUAL(job.groups.texts[1].text[0], "rest");
    CU_ASSERT_EQUAL_FATAL(job.items.n, 2);
    const struct item *items = job.items.item;
    CU_ASSERT_STRING_EQUAL(items[1].name, "b");
    CU_ASSERT_EQUAL(items[0].nu, 5.0);
    CU_ASSERT_EQUAL(items[1].nu, 7.0);
    conf_free(conf, &job);
    CU_ASSERT_PTR_NULL(job.name);
}

static void what_is_not_given_has_its_default(void)
{
    struct job job;
    struct conf *conf;

    check_good("name: x\naxes:\n  # q: 3\n", NULL, &job, &conf);
    CU_ASSERT_EQUAL(job.weight, 0.5);
    CU_ASSERT_EQUAL_FATAL(job.q.n, 3);
    CU_ASSERT_EQUAL(job.q.value[1], 2.0);
    CU_ASSERT_EQUAL(job.kind, 1);
    CU_ASSERT_EQUAL(job.every, CLOCK_HOUR);
    CU_ASSERT_FALSE(job.on);
    CU_ASSERT_EQUAL(job.who.n, 0);
    CU_ASSERT_EQUAL(job.limits.n, 0);
    CU_ASSERT_EQUAL(job.items.n, 0);
    conf_free(conf, &job);
}

static void a_linear_range_ends_exactly_at_its_end(void)
{
    struct job job;
    struct conf *conf;

    check_good("name: x\n", "axes.q={from: 0.1, to: 0.7, count: 13}", &job, &conf);
    CU_ASSERT_EQUAL_FATAL(job.q.n, 13);
    for (int i = 0; i < 12; i++)
        CU_ASSERT_EQUAL(job.q.value[i], 0.1 + i * ((0.7 - 0.1) / 12));
    CU_ASSERT_EQUAL(job.q.value[12], 0.7);
    conf_free(conf, &job);
}

/* Ratios: each value has passed through one log and one exp of 1 ulp each, at
 * arguments below ln 1000 = 7: 7 x 2^-53 x 2 + a few roundings. */
static void a_log_range_has_equal_ratios(void)
{
    struct job job;
    struct conf *conf;

    check_good("name: x\n", "axes.q={from: 1, to: 1000, count: 4, scale: log}", &job,
               &conf);
    CU_ASSERT_EQUAL_FATAL(job.q.n, 4);
    CU_ASSERT_EQUAL(job.q.value[0], 1.0);
    CHECK_REL(job.q.value[1], 10.0, 20 * DBL_EPSILON);
    CHECK_REL(job.q.value[2], 100.0, 20 * DBL_EPSILON);
    CU_ASSERT_EQUAL(job.q.value[3], 1000.0);
    conf_free(conf, &job);
}

static void a_range_of_one_value_is_that_value(void)
{
    struct job job;
    struct conf *conf;

    check_good("name: x\n", "axes.q={from: 3, to: 3, count: 1}", &job, &conf);
    CU_ASSERT_EQUAL_FATAL(job.q.n, 1);
    CU_ASSERT_EQUAL(job.q.value[0], 3.0);
    conf_free(conf, &job);
}

static void a_setting_replaces_the_file(void)
{
    struct job job;
    struct conf *conf;

    check_good("name: x\naxes:\n  q: 9\n", "axes.q=1,2,5", &job, &conf);
    CU_ASSERT_EQUAL_FATAL(job.q.n, 3);
    CU_ASSERT_EQUAL(job.q.value[2], 5.0);
    conf_free(conf, &job);
    check_good("name: x\n", "axes.q=[7]", &job, &conf);
    CU_ASSERT_EQUAL_FATAL(job.q.n, 1);
    CU_ASSERT_EQUAL(job.q.value[0], 7.0);
    conf_free(conf, &job);
    check_good("name: x\n", "name=other one", &job, &conf);
    CU_ASSERT_STRING_EQUAL(job.name, "other one");
    conf_free(conf, &job);
}

static void two_files_that_say_the_same_have_one_canonical_text(void)
{
    static const char want[] = "name: \"a \\\"b\\\"\"\n"
                               "axes.weight: 0.5\n"
                               "axes.q: [1, 2, 3]\n"
                               "count: 4\n"
                               "on: none\n"
                               "kind: close\n"
                               "from: 2024-01-01T00:00:00Z\n"
                               "every: 1h\n"
                               "who: [\"x\"]\n"
                               "constraints: {a: {min: 1, max: 3}, b: {max: 0.5}}\n"
                               "groups: {\"a\": [\"x\"], \"b\": [\"y\", \"z\"]}\n"
                               "items: 1 entry\n"
                               "items[0].name: \"i\"\n"
                               "items[0].nu: 5\n";
    struct job job;
    struct conf *conf;
    char *text;

    check_good("name: 'a \"b\"'\nfrom: 2024-01-01\nwho: x\n"
               "constraints: {b: {max: 0.5}, a: {max: 3, min: 1}}\n"
               "groups: {b: [y, z], a: x}\n"
               "items: [{name: i}]\n",
               NULL, &job, &conf);
    CU_ASSERT_EQUAL_FATAL(conf_canonical(conf, &text, NULL), 0);
    CU_ASSERT_STRING_EQUAL(text, want);
    free(text);
    conf_free(conf, &job);
    check_good(
        "# the same\ngroups:\n  a: [x]\n  b: [y, 'z']\nitems:\n- nu: 5.0\n  name: 'i'\n"
        "constraints:\n  a: {min: 1.0, max: 3}\n  b: {max: 5e-1}\n"
        "who: [x]\nfrom: \"2024-01-01T03:00:00+03:00\"\nevery: 60m\n"
        "axes:\n  q: {from: 1, to: 3, count: 3}\n  weight: .5\n"
        "name: 'a \"b\"'\n",
        "kind=close", &job, &conf);
    CU_ASSERT_EQUAL_FATAL(conf_canonical(conf, &text, NULL), 0);
    CU_ASSERT_STRING_EQUAL(text, want);
    free(text);
    conf_free(conf, &job);
}

static void help_names_key_type_bounds_default_and_meaning(void)
{
    char *text;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    conf_help(&table, out);
    fclose(out);
    CHECK_CONTAINS(text, "A job of the tests\n");
    CHECK_CONTAINS(text, "  name                          text, required\n"
                         "                                the job's name\n");
    CHECK_CONTAINS(text,
                   "number, list or range >= 0, <= 1000, ascending, default 1,2,3");
    CHECK_CONTAINS(text, "one of path, close, default close");
    CHECK_CONTAINS(text, "duration >= 1m, <= 1d, default 1h");
    CHECK_CONTAINS(text, "    each instrument:\n");
    CHECK_CONTAINS(text,
                   "      nu                        number > 2, <= 100, default 5");
    free(text);
}

static CU_TestInfo tests[] = {
    {"conf: every_type_is_read", every_type_is_read},
    {"conf: what_is_not_given_has_its_default", what_is_not_given_has_its_default},
    {"conf: a_linear_range_ends_exactly_at_its_end",
     a_linear_range_ends_exactly_at_its_end},
    {"conf: a_log_range_has_equal_ratios", a_log_range_has_equal_ratios},
    {"conf: a_range_of_one_value_is_that_value", a_range_of_one_value_is_that_value},
    {"conf: a_setting_replaces_the_file", a_setting_replaces_the_file},
    {"conf: two_files_that_say_the_same_have_one_canonical_text",
     two_files_that_say_the_same_have_one_canonical_text},
    {"conf: help_names_key_type_bounds_default_and_meaning",
     help_names_key_type_bounds_default_and_meaning},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{"conf", make_file, remove_file, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
