#include "client/set.h"
#include "example_set.h"
#include "refused_sets.h"
#include "tests/check.h"

#define SHA256 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SOURCES                                                                        \
    "\"sources\": [{\"name\": \"impact\", \"value\": 1.7, \"from\": \"estimated\", "   \
    "\"low\": 0.4, \"high\": null, \"of\": \"flow\", \"source\": \"btc.gz\", "         \
    "\"source_sha256\": \"" SHA256 "\"}, {\"name\": \"impact_delta\", "                \
    "\"value\": 0.5, \"from\": \"given by the job\"}], "

static void says_where_figures_are_from(void)
{
    char *text =
        example_change(example_set, "BTC", "\"training\"", SOURCES "\"training\"");
    struct plimsoll_set *set = NULL;

    CU_ASSERT_FATAL(plimsoll_set_parse(text, strlen(text), &set, NULL) == 0);
    const struct plimsoll_instrument *btc = plimsoll_set_find(set, "BTC-PERP");
    CU_ASSERT_EQUAL_FATAL(btc->n_sources, 2);
    CU_ASSERT_STRING_EQUAL(btc->sources[0].name, "impact");
    CU_ASSERT_EQUAL(btc->sources[0].value, 1.7);
    CU_ASSERT_EQUAL(btc->sources[0].low, 0.4);
    CU_ASSERT_TRUE(isnan(btc->sources[0].high));
    CU_ASSERT_STRING_EQUAL(btc->sources[0].of, "flow");
    CU_ASSERT_STRING_EQUAL(btc->sources[0].source, "btc.gz");
    CU_ASSERT_STRING_EQUAL(btc->sources[0].sha256, SHA256);
    CU_ASSERT_STRING_EQUAL(btc->sources[1].from, "given by the job");
    CU_ASSERT_PTR_NULL(btc->sources[1].of);
    CU_ASSERT_PTR_NULL(btc->sources[1].source);
    CU_ASSERT_EQUAL(plimsoll_set_find(set, "ETH-PERP")->n_sources, 0);
    plimsoll_set_free(set);
    free(text);
}

static void refuses_what_is_wrong_about_them(void)
{
    static const char *const changes[][3] = {
        {"\"estimated\"", "\"guessed\"",
         "BTC-PERP: evidence: sources[0]: from: 'guessed' is none of: estimated, "
         "default "
         "from volume, given by the job"},
        {"\"flow\"", "\"tape\"", "sources[0]: of: 'tape' is neither flow nor book"},
        {"\"of\": \"flow\", ", "", "sources[0]: of: is missing"},
        {"\"low\": 0.4, ", "", "sources[0]: low: is missing"},
        {"\"source\": \"btc.gz\", ", "", "sources[0]: source: is missing"},
        {"\"" SHA256, "\"", "sources[0]: source_sha256: "},
        {"\"value\": 0.5", "\"value\": null", "sources[1]: value: is not a number"},
        {"\"impact_delta\"", "\"x\", \"is\": 1", "sources[1]: 'is' is not a member"},
    };
    char *text =
        example_change(example_set, "BTC", "\"training\"", SOURCES "\"training\"");

    refused_sets(text, "\"sources\"", sizeof changes / sizeof *changes, changes);
    free(text);
}

int main(void)
{
    CU_TestInfo sources[] = {
        {"says_where_figures_are_from", says_where_figures_are_from},
        {"refuses_what_is_wrong_about_them", refuses_what_is_wrong_about_them},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"set_sources", NULL, NULL, NULL, NULL, sources},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
