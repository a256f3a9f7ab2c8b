#include "client/diff.h"
#include "client/set.h"
#include "example_set.h"
#include "tests/check.h"

#define STRESS                                                                         \
    "\"stress\": {\"scenarios\": [{\"scenario\": \"march-2020\", "                     \
    "\"at\": \"2020-03-12T10:00:00Z\", \"figures\": {\"loss\": 0.375, \"beyond\": "    \
    "0.25}}, {\"scenario\": \"reverse-fall\", \"at\": \"2024-12-30T22:00:00Z\", "      \
    "\"figures\": {\"loss\": null, \"beyond\": null}}], \"not_covered\": "             \
    "[\"january-2018\"], \"shortfalls\": [{\"at\": \"2022-11-09T01:00:00Z\", "         \
    "\"beyond\": 0.125}]}, "
#define JOINT                                                                          \
    "\"stress\": {\"n_instruments\": 2, \"reverse_volatilities\": null, "              \
    "\"scenarios\": [{\"scenario\": \"march-2020\", \"from\": "                        \
    "\"2020-03-08T00:00:00Z\", \"to\": \"2020-03-20T00:00:00Z\", \"n_instruments\": "  \
    "1, \"figures\": {\"loss\": 0.5}}, {\"scenario\": \"de-peg\", "                    \
    "\"n_instruments\": 2, \"figures\": {\"loss\": 0.75}}]}, "

static char *with_stress(void)
{
    char *entry =
        example_change(example_set, "BTC", "\"evidence\"", STRESS "\"evidence\"");
    char *all =
        example_change(entry, "\"schema\"", "\"instruments\"", JOINT "\"instruments\"");

    free(entry);
    return all;
}

static void says_what_bad_days_do(void)
{
    char *text = with_stress();
    struct plimsoll_set *set = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(text, strlen(text), &set, &err), 0);
    const struct plimsoll_stress *got = &plimsoll_set_find(set, "BTC-PERP")->stress;
    CU_ASSERT_TRUE(got->is_there);
    CU_ASSERT_EQUAL_FATAL(got->n, 2);
    CU_ASSERT_STRING_EQUAL(got->scenario[0].name, "march-2020");
    CU_ASSERT_EQUAL(got->scenario[0].at_ns, INT64_C(1584007200000000000));
    CU_ASSERT_EQUAL(plimsoll_values_find(&got->scenario[0].figures, "beyond")->value,
                    0.25);
    CU_ASSERT_TRUE(
        isnan(plimsoll_values_find(&got->scenario[1].figures, "loss")->value));
    CU_ASSERT_EQUAL_FATAL(got->n_not_covered, 1);
    CU_ASSERT_STRING_EQUAL(got->not_covered[0], "january-2018");
    CU_ASSERT_EQUAL_FATAL(got->n_shortfalls, 1);
    CU_ASSERT_EQUAL(got->shortfall[0].beyond, 0.125);
    CU_ASSERT_FALSE(plimsoll_set_find(set, "ETH-PERP")->stress.is_there);
    const struct plimsoll_joint *joint = &plimsoll_set_head(set)->stress;
    CU_ASSERT_TRUE(joint->is_there);
    CU_ASSERT(joint->n_instruments == 2 && joint->reverse_volatilities == 0);
    CU_ASSERT_EQUAL_FATAL(joint->n, 2);
    CU_ASSERT_TRUE(joint->scenario[0].has_span);
    CU_ASSERT_TRUE(joint->scenario[0].from_ns < joint->scenario[0].to_ns);
    CU_ASSERT_FALSE(joint->scenario[1].has_span);
    plimsoll_set_free(set);
    free(text);
}

static void refuses_tables_that_are_wrong(void)
{
    static const char *const changes[][4] = {
        {"BTC", "\"march-2020\"", "\".march\"", "BTC-PERP: stress: scenarios[0]: "},
        {"BTC", "\"march-2020\"", "7", "scenarios[0]: scenario: is not a text"},
        {"BTC", "\"2020-03-12T10:00:00Z\"", "\"noon\"", "scenarios[0]: at: "},
        {"BTC", "0.375", "\"much\"", "scenarios[0]: figures: loss: is not a number"},
        {"BTC", "\"at\"", "\"then\"", "scenarios[0]: 'then' is not a member"},
        {"BTC", "[\"january-2018\"]", "[3]", "not_covered[0]: is not a text"},
        {"BTC", "[\"january-2018\"]", "[\"a b\"]", "stress: not_covered[0]: "},
        {"BTC", "0.125", "0", "shortfalls[0]: beyond: 0 is not above 0"},
        {"BTC", "\"shortfalls\"", "\"short\"", "stress: 'short' is not a member"},
        {"BTC", "\"not_covered\": [\"january-2018\"], ", "", "not_covered: is missing"},
        {"\"job\"", "\"reverse_volatilities\": null", "\"reverse_volatilities\": 0",
         "stress: reverse_volatilities: 0 is not between 1"},
        {"\"job\"", "\"n_instruments\": 2", "\"n_instruments\": -1",
         "stress: n_instruments: -1 is not between 0"},
        {"\"job\"", "\"to\": \"2020-03-20T00:00:00Z\", ", "",
         "stress: scenarios[0]: to: is missing"},
        {"\"job\"", "\"n_instruments\": 1,", "\"n_instruments\": 0,",
         "scenarios[0]: n_instruments: 0 is not between 1"},
    };
    char *text = with_stress();

    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char *changed =
            example_change(text, changes[i][0], changes[i][1], changes[i][2]);
        struct plimsoll_set *set = NULL;
        struct err err = {0};

        CU_ASSERT_EQUAL(plimsoll_set_parse(changed, strlen(changed), &set, &err), -1);
        CHECK_CONTAINS(err.text, changes[i][3]);
        free(changed);
    }
    free(text);
}

/* Bad days say something of margins. */
static void refuses_a_table_without_margins(void)
{
    char *text = example_change(example_set, "ADA", "\"as_of\"", STRESS "\"as_of\"");
    struct plimsoll_set *set = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL(plimsoll_set_parse(text, strlen(text), &set, &err), -1);
    CHECK_CONTAINS(err.text, "ADA-PERP: parameters: is missing");
    free(text);
}

/* One row a figure: the most that any scenario but a reverse one makes of it. */
static void tells_how_the_worst_changes(void)
{
    char *text = with_stress(), *other = example_change(text, "BTC", "0.25}", "0.5}");
    struct plimsoll_set *before = NULL, *after = NULL;
    char *said = NULL;
    size_t n_said;

    CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(text, strlen(text), &before, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(other, strlen(other), &after, NULL), 0);
    FILE *out = open_memstream(&said, &n_said);
    CU_ASSERT_EQUAL(plimsoll_diff_print(before, after, out), 1);
    fclose(out);
    CHECK_CONTAINS(said, "most beyond under stress");
    CHECK_CONTAINS(said, "0.25            0.5    +1.0000");
    plimsoll_set_free(before);
    plimsoll_set_free(after);
    free(said);
    free(text);
    free(other);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"says_what_bad_days_do", says_what_bad_days_do},
        {"refuses_tables_that_are_wrong", refuses_tables_that_are_wrong},
        {"refuses_a_table_without_margins", refuses_a_table_without_margins},
        {"tells_how_the_worst_changes", tells_how_the_worst_changes},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"set, stress", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
