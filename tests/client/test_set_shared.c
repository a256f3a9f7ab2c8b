#include "client/set.h"
#include "example_set.h"
#include "refused_sets.h"
#include "tests/check.h"

#define SHARED                                                                         \
    "\"shared\": [{\"parameter\": \"lambda\", \"scope\": \"global\", "                 \
    "\"n_instruments\": 24, \"weight\": 1}, {\"parameter\": \"q\", \"scope\": "        \
    "\"group\", \"group\": \"majors\", \"n_instruments\": 2, \"weight\": 0.5}], "

static void says_which_parameters_are_shared_and_with_whom(void)
{
    char *text =
        example_change(example_set, "BTC", "\"training\"", SHARED "\"training\"");
    struct plimsoll_set *set = NULL;

    CU_ASSERT_FATAL(plimsoll_set_parse(text, strlen(text), &set, NULL) == 0);
    const struct plimsoll_instrument *btc = plimsoll_set_find(set, "BTC-PERP");
    CU_ASSERT_EQUAL_FATAL(btc->n_shared, 2);
    CU_ASSERT_STRING_EQUAL(btc->shared[0].parameter, "lambda");
    CU_ASSERT_STRING_EQUAL(btc->shared[0].scope, "global");
    CU_ASSERT_PTR_NULL(btc->shared[0].group);
    CU_ASSERT_EQUAL(btc->shared[0].n_instruments, 24);
    CU_ASSERT_STRING_EQUAL(btc->shared[1].group, "majors");
    CU_ASSERT_EQUAL(btc->shared[1].weight, 0.5);
    CU_ASSERT_EQUAL(plimsoll_set_find(set, "ETH-PERP")->n_shared, 0);
    plimsoll_set_free(set);
    free(text);
}

static void refuses_what_is_wrong_about_them(void)
{
    static const char *const changes[][3] = {
        {"\"lambda\"", "\"lambdo\"",
         "BTC-PERP: evidence: shared[0]: parameter: lambdo is none of the parameters"},
        {"\"global\"", "\"world\"",
         "shared[0]: scope: 'world' is neither group nor global"},
        {"\"group\": \"majors\", ", "", "shared[1]: group: is missing"},
        {"\"scope\": \"group\"", "\"scope\": \"global\"",
         "shared[1]: group: is there, but the scope is global"},
        {"24", "-1", "shared[0]: n_instruments: -1 is not between 0 and"},
        {"0.5", "-0.5", "shared[1]: weight: -0.5 is below 0"},
        {"\"weight\": 1", "\"weigh\": 1", "shared[0]: 'weigh' is not a member"},
    };
    char *text =
        example_change(example_set, "BTC", "\"training\"", SHARED "\"training\"");

    refused_sets(text, "\"shared\"", sizeof changes / sizeof *changes, changes);
    free(text);
}

int main(void)
{
    CU_TestInfo shared[] = {
        {"says_which_parameters_are_shared_and_with_whom",
         says_which_parameters_are_shared_and_with_whom},
        {"refuses_what_is_wrong_about_them", refuses_what_is_wrong_about_them},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"set_shared", NULL, NULL, NULL, NULL, shared},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
