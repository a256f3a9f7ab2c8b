#include "client/limits.h"
#include "core/clock.h"
#include "tests/check.h"
#include "tests/client/example_set.h"

static struct plimsoll_set *set, *other; /* other: BTC-PERP's second tier is doubled */

static int parse_sets(void)
{
    char *text =
        example_change(example_set, "BTC-PERP", "\"initial_margin_ppm\": 80000",
                       "\"initial_margin_ppm\": 160000");
    const int status =
        plimsoll_set_parse(example_set, strlen(example_set), &set, NULL) != 0 ||
        plimsoll_set_parse(text, strlen(text), &other, NULL) != 0;

    free(text);
    return status;
}

static int free_sets(void)
{
    plimsoll_set_free(set);
    plimsoll_set_free(other);
    return 0;
}

static int check(const char *text, const struct plimsoll_set *held,
                 const struct plimsoll_set *new, struct err *err)
{
    struct limits *limits = NULL;

    if (limits_parse(text, strlen(text), &limits, err) != 0)
        return -1;
    const int status = limits_check(limits, held, new, err);
    limits_free(limits);
    return status;
}

static void refuses(const char *text, const struct plimsoll_set *held, const char *want)
{
    struct err err = {0};

    CU_ASSERT_EQUAL(check(text, held, other, &err), -1);
    CHECK_CONTAINS(err.text, want);
    CU_ASSERT_EQUAL(err.kind, ERR_REFUSED);
}

static void a_value_outside_its_bounds_refuses_the_set(void)
{
    CU_ASSERT_EQUAL(check("", NULL, other, NULL), 0);
    CU_ASSERT_EQUAL(
        check("bound * initial_margin_ppm 50000 160000\n", NULL, other, NULL), 0);
    refuses("# all\nbound * initial_margin_ppm 50000 159999\n", NULL,
            "BTC-PERP: initial_margin_ppm: 160000 is above 159999 (line 2 of this");
    refuses("bound BTC-* initial_margin_ppm 50001 1e9", NULL,
            "BTC-PERP: initial_margin_ppm: 50000 is below 50001 (line 1 of");
    refuses("bound * maintenance_margin_ppm 0 30000", NULL,
            "BTC-PERP: maintenance_margin_ppm: 40000 is above 30000");
    refuses("bound * lambda 0.98 1", NULL, "BTC-PERP: lambda: 0.97 is below 0.98");
}

/* Misspelt, it would let everything in. */
static void a_limit_on_a_field_that_nothing_has_refuses_the_set(void)
{
    refuses("bound * initial_margin 1 2", NULL,
            "*: no instrument has a initial_margin (line 1 of this engine's limits)");
    refuses("\nchange BTC-* lamda 0.5 2", set,
            "BTC-*: no instrument has a lamda (line 2 of this engine's limits)");
    CU_ASSERT_EQUAL(check("bound ETH-PERP lamda 0 1", NULL, other, NULL), 0);
}

/* ETH-PERP is held with 60000, and no engine uses that. */
static void only_what_an_engine_would_use_is_bounded(void)
{
    CU_ASSERT_EQUAL(check("bound ETH-PERP initial_margin_ppm 0 1\n", NULL, other, NULL),
                    0);
}

static void a_change_is_measured_against_what_is_held(void)
{
    CU_ASSERT_EQUAL(check("change * initial_margin_ppm 0.5 2", set, other, NULL), 0);
    CU_ASSERT_EQUAL(check("change * initial_margin_ppm 1 1", NULL, other, NULL), 0);
    refuses("change * initial_margin_ppm 0.5 1.9", set,
            "BTC-PERP: initial_margin_ppm: 2 of what is held is above 1.9");
    refuses("change * q 1.1 2", set, "BTC-PERP: q: 1 of what is held is below 1.1");
}

/* BTC-PERP: 50000 up to a million, 80000 beyond it. */
static void a_change_is_measured_at_every_notional(void)
{
    char *moved = example_change(example_set, "BTC-PERP", "\"up_to_notional\": 1000000",
                                 "\"up_to_notional\": 9000000");
    struct plimsoll_set *later = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(moved, strlen(moved), &later, NULL), 0);
    CU_ASSERT_EQUAL(check("change * initial_margin_ppm 0.6 2", set, later, NULL), 0);
    CU_ASSERT_EQUAL(check("change * initial_margin_ppm 0.7 2", set, later, &err), -1);
    CHECK_CONTAINS(err.text,
                   "BTC-PERP: initial_margin_ppm: 0.625 of what is held is below 0.7");
    err = (struct err){0};
    CU_ASSERT_EQUAL(check("change * initial_margin_ppm 0.1 1.5", later, set, &err), -1);
    CHECK_CONTAINS(err.text,
                   "BTC-PERP: initial_margin_ppm: 1.6 of what is held is above 1.5");
    plimsoll_set_free(later);
    free(moved);
}

static void a_required_instrument_must_be_there(void)
{
    CU_ASSERT_EQUAL(check("require ADA-PERP\nrequire BTC-*", NULL, other, NULL), 0);
    refuses("require XRP-PERP", NULL, "XRP-PERP: is not in the set (line 1 of");
}

static void a_grace_is_a_duration(void)
{
    struct limits *limits;

    CU_ASSERT_EQUAL_FATAL(
        limits_parse("grace 12h # for the weekend", 27, &limits, NULL), 0);
    CU_ASSERT_EQUAL(limits_grace_ns(limits), 12 * CLOCK_HOUR);
    limits_free(limits);
}

static void a_file_that_is_wrong_is_refused_with_its_line(void)
{
    static const struct {
        const char *text, *want;
    } bad[] = {
        {"\nbounds * q 1 2", "line 2: 'bounds' is none of bound, change, require and"},
        {"bound * q 1", "line 1: is not 'bound PATTERN FIELD MIN MAX'"},
        {"change * q 1 2 3", "line 1: is not 'change PATTERN FIELD MIN MAX'"},
        {"bound * q 2 1", "line 1: the least, 2, is above the most, 1"},
        {"bound * q one 2", "line 1: "},
        {"bound * q nan 2", "line 1: "},
        {"bound * q/r 1 2", "line 1: 'q/r' is not 1 to 63 of"},
        {"require", "line 1: is not 'require PATTERN'"},
        {"require a b", "line 1: is not 'require PATTERN'"},
        {"grace", "line 1: grace: stands once"},
        {"grace 1h\ngrace 1h", "line 2: grace: stands once"},
        {"grace soon", "line 1: grace: "},
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};

        CU_ASSERT_EQUAL(check(bad[i].text, NULL, set, &err), -1);
        CHECK_CONTAINS(err.text, bad[i].want);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_value_outside_its_bounds_refuses_the_set",
         a_value_outside_its_bounds_refuses_the_set},
        {"only_what_an_engine_would_use_is_bounded",
         only_what_an_engine_would_use_is_bounded},
        {"a_change_is_measured_against_what_is_held",
         a_change_is_measured_against_what_is_held},
        {"a_change_is_measured_at_every_notional",
         a_change_is_measured_at_every_notional},
        {"a_limit_on_a_field_that_nothing_has_refuses_the_set",
         a_limit_on_a_field_that_nothing_has_refuses_the_set},
        {"a_required_instrument_must_be_there", a_required_instrument_must_be_there},
        {"a_grace_is_a_duration", a_grace_is_a_duration},
        {"a_file_that_is_wrong_is_refused_with_its_line",
         a_file_that_is_wrong_is_refused_with_its_line},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"limits", parse_sets, free_sets, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
