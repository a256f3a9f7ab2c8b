#include "client/set.h"
#include "example_set.h"
#include "refused_sets.h"
#include "tests/check.h"

#define ENGINE                                                                         \
    "\"liquidation\": {\"step_share_ppm\": 200000, \"cooldown_ms\": 30000, "           \
    "\"fee_ppm\": 5000, \"auction_length_ms\": 60000, \"auction_start_ppm\": -1000, "  \
    "\"open_interest_cap\": null, \"insurance_fund\": 2.5e6}, "

static char *with_engine(void)
{
    return example_change(example_set, "BTC", "\"evidence\"", ENGINE "\"evidence\"");
}

static void says_how_to_liquidate_where_it_was_calibrated(void)
{
    char *text = with_engine();
    struct plimsoll_set *set = NULL;

    CU_ASSERT_FATAL(plimsoll_set_parse(text, strlen(text), &set, NULL) == 0);
    const struct plimsoll_liquidation *got =
        &plimsoll_set_find(set, "BTC-PERP")->liquidation;
    CU_ASSERT_TRUE(got->is_there);
    CU_ASSERT(got->step_share_ppm == 200000 && got->cooldown_ms == 30000);
    CU_ASSERT(got->fee_ppm == 5000 && got->auction_length_ms == 60000);
    CU_ASSERT_EQUAL(got->auction_start_ppm, -1000);
    CU_ASSERT(isinf(got->open_interest_cap) && got->insurance_fund == 2.5e6);
    CU_ASSERT_FALSE(plimsoll_set_find(set, "ETH-PERP")->liquidation.is_there);
    plimsoll_set_free(set);
    free(text);
}

static void refuses_settings_that_are_wrong(void)
{
    static const char *const changes[][3] = {
        {"200000", "0",
         "BTC-PERP: liquidation: step_share_ppm: 0 is not between 1 and"},
        {"200000", "1000001", "step_share_ppm: 1000001 is not between 1 and 1000000"},
        {"30000", "-1", "liquidation: cooldown_ms: -1 is not between 0 and"},
        {"5000", "0.5", "liquidation: fee_ppm: is not a whole number"},
        {"-1000", "-1000001", "auction_start_ppm: -1000001 is not between -1000000"},
        {"\"auction_length_ms\": 60000, ", "", "auction_length_ms: is missing"},
        {"null", "0", "liquidation: open_interest_cap: 0 is not above 0"},
        {"2.5e6", "-1", "liquidation: insurance_fund: -1 is not 0 or more"},
        {"2.5e6", "null", "liquidation: insurance_fund: is not a number"},
        {"\"fee_ppm\"", "\"fees\"", "liquidation: 'fees' is not a member"},
    };
    char *text = with_engine();

    refused_sets(text, "\"liquidation\"", sizeof changes / sizeof *changes, changes);
    free(text);
}

/* What an engine would do with a position needs both. */
static void refuses_settings_without_margins(void)
{
    char *text = example_change(example_set, "ADA", "\"as_of\"", ENGINE "\"as_of\"");
    struct plimsoll_set *set = NULL;
    struct err err = {0};

    CU_ASSERT(plimsoll_set_parse(text, strlen(text), &set, &err) == -1);
    CHECK_CONTAINS(err.text, "ADA-PERP: parameters: is missing");
    free(text);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"says_how_to_liquidate_where_it_was_calibrated",
         says_how_to_liquidate_where_it_was_calibrated},
        {"refuses_settings_that_are_wrong", refuses_settings_that_are_wrong},
        {"refuses_settings_without_margins", refuses_settings_without_margins},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"set, liquidation", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
