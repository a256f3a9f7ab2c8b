#include "client/set.h"
#include "example_set.h"
#include "refused_sets.h"
#include "tests/check.h"

#define FITS                                                                           \
    "\"fits\": {\"status\": \"at a bound\", \"n_fits\": 34, \"n_failed\": 2, "         \
    "\"n_fallback_bars\": 500, \"gradient_norm\": 0.5, \"log_likelihood\": null, "     \
    "\"parameters\": {\"omega\": 1e-6}, \"standard_errors\": {\"omega\": null}}, "

static void says_how_the_fits_went_where_there_are_any(void)
{
    char *text =
        example_change(example_set, "BTC", "\"training\"", FITS "\"training\"");
    struct plimsoll_set *set = NULL;

    CU_ASSERT_FATAL(plimsoll_set_parse(text, strlen(text), &set, NULL) == 0);
    const struct plimsoll_fits *fits = &plimsoll_set_find(set, "BTC-PERP")->fits;
    CU_ASSERT_STRING_EQUAL(fits->status, "at a bound");
    CU_ASSERT(fits->n_fits == 34 && fits->n_failed == 2);
    CU_ASSERT_EQUAL(fits->n_fallback_bars, 500);
    CU_ASSERT(fits->gradient_norm == 0.5 && isnan(fits->log_likelihood));
    CU_ASSERT(plimsoll_values_find(&fits->parameters, "omega")->value == 1e-6);
    CU_ASSERT(isnan(plimsoll_values_find(&fits->standard_errors, "omega")->value));
    CU_ASSERT_PTR_NULL(plimsoll_set_find(set, "ETH-PERP")->fits.status);
    plimsoll_set_free(set);
    free(text);
}

static void refuses_fits_that_are_wrong(void)
{
    static const char *const changes[][3] = {
        {"34", "0", "BTC-PERP: evidence: fits: n_fits: 0 is not between 1 and"},
        {"34", "1", "fits: n_failed: 2 is not between 0 and 1"},
        {"0.5", "\"steep\"", "fits: gradient_norm: is not a number"},
        {"1e-6", "null", "fits: parameters: omega: is not a number"},
        {"\"status\"", "\"state\"", "fits: 'state' is not a member"},
        {"\"n_fallback_bars\": 500, ", "", "fits: n_fallback_bars: is missing"},
        {"\"gradient_norm\": 0.5, ", "", "fits: gradient_norm: is missing"},
    };
    char *text =
        example_change(example_set, "BTC", "\"training\"", FITS "\"training\"");

    refused_sets(text, "\"fits\"", sizeof changes / sizeof *changes, changes);
    free(text);
}

static void counts_the_points_that_a_search_left_out(void)
{
    char *text = example_change(example_set, "BTC", "\"training\"",
                                "\"points_left_out\": 747, \"training\"");
    char *none = example_change(text, "BTC", "747", "0");
    struct plimsoll_set *set = NULL;
    struct err err = {0};

    CU_ASSERT_FATAL(plimsoll_set_parse(text, strlen(text), &set, NULL) == 0);
    CU_ASSERT_EQUAL(plimsoll_set_find(set, "BTC-PERP")->n_points_left_out, 747);
    CU_ASSERT_EQUAL(plimsoll_set_find(set, "ETH-PERP")->n_points_left_out, 0);
    plimsoll_set_free(set);
    CU_ASSERT(plimsoll_set_parse(none, strlen(none), &set, &err) == -1);
    CHECK_CONTAINS(err.text, "points_left_out: 0 is not between 1 and");
    free(none);
    free(text);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"says_how_the_fits_went_where_there_are_any",
         says_how_the_fits_went_where_there_are_any},
        {"refuses_fits_that_are_wrong", refuses_fits_that_are_wrong},
        {"counts_the_points_that_a_search_left_out",
         counts_the_points_that_a_search_left_out},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"set_fits", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
