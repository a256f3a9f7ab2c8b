#include "client/set.h"
#include "example_set.h"
#include "tests/check.h"

static struct plimsoll_set *parse_example(void)
{
    struct plimsoll_set *set = NULL;
    struct err err = {0};

    if (plimsoll_set_parse(example_set, strlen(example_set), &set, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    return set;
}

static void says_what_stands_in_the_set(void)
{
    struct plimsoll_set *set = parse_example();
    const struct plimsoll_head *head = plimsoll_set_head(set);
    const struct plimsoll_instrument *btc = plimsoll_set_find(set, "BTC-PERP");

    CU_ASSERT_STRING_EQUAL(head->job_name, "nightly");
    CU_ASSERT_EQUAL(head->as_of_ns, INT64_C(1735599600000000000));
    CU_ASSERT_EQUAL(head->interval_ns, INT64_C(3600000000000));
    CU_ASSERT_EQUAL(head->horizon_bars, 8);
    CU_ASSERT_EQUAL(plimsoll_set_count(set), 3);
    CU_ASSERT_PTR_EQUAL(plimsoll_set_at(set, 1), btc);
    CU_ASSERT_EQUAL(btc->n_tiers, 2);
    CU_ASSERT_EQUAL(btc->parameters.value[1].value, 2.5);
    CU_ASSERT(isnan(plimsoll_values_find(&btc->training, "kupiec_p")->value));
    CU_ASSERT_EQUAL(btc->test.n, 0);
    CU_ASSERT_FALSE(plimsoll_set_at(set, 0)->has_margins);
    CU_ASSERT_PTR_NULL(plimsoll_set_find(set, "DOGE-PERP"));
    plimsoll_set_free(set);
}

static void digest_is_that_of_the_bytes(void)
{
    struct plimsoll_set *set = parse_example();
    char *changed = example_change(example_set, "]}\n", "]}\n", "]} \n");
    struct plimsoll_set *other = NULL;

    CU_ASSERT_EQUAL(plimsoll_set_parse(changed, strlen(changed), &other, NULL), 0);
    CU_ASSERT_EQUAL(strlen(plimsoll_set_sha256(set)), 64);
    CU_ASSERT_STRING_NOT_EQUAL(plimsoll_set_sha256(set), plimsoll_set_sha256(other));
    plimsoll_set_free(other);
    plimsoll_set_free(set);
    free(changed);
}

static void margin_is_that_of_the_notional_s_tier(void)
{
    static const struct {
        double notional;
        int64_t initial;
    } rows[] = {{0, 50000}, {1000000, 50000}, {1000000.01, 80000}, {1e300, 80000}};
    struct plimsoll_set *set = parse_example();
    const struct plimsoll_tier *tier = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CU_ASSERT_EQUAL(
            plimsoll_set_margin(set, "BTC-PERP", rows[i].notional, &tier, NULL), 0);
        CU_ASSERT_EQUAL(tier->initial_margin_ppm, rows[i].initial);
    }
    plimsoll_set_free(set);
}

static void margin_is_given_for_calibrated_instruments_only(void)
{
    static const struct {
        const char *name;
        double notional;
        enum err_kind kind;
        const char *text;
    } rows[] = {
        {"ETH-PERP", 1, ERR_REFUSED, "ETH-PERP: is held: q moved by more than 0.2"},
        {"ADA-PERP", 1, ERR_REFUSED,
         "ADA-PERP: is failed: no point reaches the coverage"},
        {"DOGE-PERP", 1, ERR_INPUT, "DOGE-PERP: is not in the set"},
        {"BTC-PERP", -1, ERR_INPUT, "BTC-PERP: a notional of -1 is not 0 or more"},
        {"BTC-PERP", NAN, ERR_INPUT, "is not 0 or more"},
    };
    struct plimsoll_set *set = parse_example();

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct plimsoll_tier *tier = NULL;
        struct err err = {0};

        CU_ASSERT_EQUAL(
            plimsoll_set_margin(set, rows[i].name, rows[i].notional, &tier, &err), -1);
        CU_ASSERT_EQUAL(err.kind, rows[i].kind);
        CHECK_CONTAINS(err.text, rows[i].text);
        CU_ASSERT_PTR_NULL(tier);
    }
    plimsoll_set_free(set);
}

static void check_refused(const char *text, size_t n_bytes, const char *want)
{
    struct plimsoll_set *set = NULL;
    struct err err = {0};

    CU_ASSERT_EQUAL(plimsoll_set_parse(text, n_bytes, &set, &err), -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, want);
    CU_ASSERT_PTR_NULL(strchr(err.text, '\n'));
    CU_ASSERT_PTR_NULL(set);
}

/* One change of the valid set each, and the line that it gives. */
struct change {
    const char *after, *old, *new, *want;
};

static void check_changes(const struct change *changes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char *text = example_change(example_set, changes[i].after, changes[i].old,
                                    changes[i].new);

        check_refused(text, strlen(text), changes[i].want);
        free(text);
    }
}

static void refuses_a_head_that_is_wrong(void)
{
    static const struct change changes[] = {
        {"", "plimsoll-par", "other-par", "schema: 'other-parameters' is not plimsoll"},
        {"", "_version\": 1", "_version\": 2",
         "schema_version: 2 is not between 1 and"},
        {"", "\"schema_version\": 1,", "", "schema_version: is missing"},
        {"", "\"study\"", "\"extra\": 1, \"study\"", "'extra' is not a member"},
        {"", "\"program\": \"plimsoll 0.1.0\"", "\"program\": 3",
         "program: is not a text"},
        {"", "0123456789", "012345678G", "job: sha256: '012345678G"},
        {"history", "0123456789", "0", "history_sha256: '0abcdef"},
        {"", "T23:00:00Z", "T25:00:00Z", "as_of: "},
        {"", "T23:00:00Z", "T23:00Z", "as_of: '2024-12-30T23:00Z' is not written as"},
        {"", "\"1h\"", "\"1 hour\"", "interval: "},
        {"", "_bars\": 8", "_bars\": 0", "horizon_bars: 0 is not between 1 and"},
        {"", "_bars\": 8", "_bars\": 8.5", "horizon_bars: is not a whole number"},
        {"", "0.99,", "1,", "confidence: 1 is not between 0 and 1"},
        {"", "0.99,", "\"0.99\",", "confidence: is not a number"},
        {"", "{\"name\": \"nightly\"", "{\"name\": \"night\\nly\"",
         "job: name: has a control character"},
    };

    check_changes(changes, sizeof changes / sizeof *changes);
}

static void refuses_an_entry_that_is_wrong(void)
{
    static const struct change changes[] = {
        {"", "ADA-PERP", "../ADA", "instruments[0]: instrument: '../ADA' is not 1 to"},
        {"", "BTC-PERP", "ADA-PERP", "instruments[1]: ADA-PERP: is there twice"},
        {"", "BTC-PERP", "AAA-PERP", "AAA-PERP: is not sorted after ADA-PERP"},
        {"", "failed", "fine", "ADA-PERP: status: 'fine' is none of calibrated, held"},
        {"", "no point reaches the coverage", "",
         "ADA-PERP: reason: is empty, but the status is failed"},
        {"", "failed", "calibrated", "ADA-PERP: is calibrated, but has no margins"},
        {"BTC", "\"parameters\": {\"lambda\": 0.97, \"q\": 2.5},", "",
         "instruments[1]: BTC-PERP: parameters: is missing"},
        {"BTC", "\"q\": 2.5", "\"q\": null", "parameters: q: is not a number"},
        {"BTC", "\"coverage\": 0.991", "\"coverage\": \"high\"",
         "BTC-PERP: evidence: training: coverage: is not a number"},
        {"BTC", "T23", "T24", "instruments[1]: BTC-PERP: as_of: "},
        {"BTC", "2024-12-30T23", "2024-12-31T00",
         "instruments[1]: BTC-PERP: as_of: is after that of the set"},
        {"BTC", "\"q\": 2.5", "\"\": 2.5", "parameters: '' is not 1 to 63 of"},
        {"BTC", "\"coverage\"", "\"cover age\"",
         "training: 'cover age' is not 1 to 63 of"},
        {"ETH", "\"test\"", "\"other\"", "evidence: 'other' is not a member"},
        {"ETH", "\"test\"", "\"fits\"", "evidence: fits: 'coverage' is not a member"},
        {"BTC", "\"reason\"", "\"note\": 1, \"reason\"", "'note' is not a member"},
    };

    check_changes(changes, sizeof changes / sizeof *changes);
}

static void refuses_margins_and_tiers_that_are_wrong(void)
{
    static const struct change changes[] = {
        {"BTC", "50000", "-1", "BTC-PERP: initial_margin_ppm: -1 is not between 0 and"},
        {"BTC", "25000", "0",
         "BTC-PERP: maintenance_margin_ppm: is calibrated, but asks for a margin of 0"},
        {"BTC", "50000, \"maintenance_margin_ppm\": 25000",
         "0, \"maintenance_margin_ppm\": 0",
         "BTC-PERP: initial_margin_ppm: is calibrated, but asks for a margin of 0"},
        {"BTC", "50000", "1000000001", "1000000001 is not between 0 and 1000000000"},
        {"BTC", "50000", "5e4", "initial_margin_ppm: is not a whole number"},
        {"BTC", "25000", "50001", "maintenance_margin_ppm: 50001 is above initial"},
        {"\"tiers\"", "25000", "24999", "tiers[0]: its margins differ from the instr"},
        {"\"tiers\"", "80000", "49999",
         "tiers[1]: a margin is below that of the tier before"},
        {"\"tiers\"", "40000", "24999", "tiers[1]: a margin is below that of the tier"},
        {"\"tiers\"", "1000000", "0", "tiers[0]: up_to_notional: 0 is not above 0"},
        {"\"tiers\"", "1000000", "null",
         "tiers[0]: up_to_notional: is null before the last tier"},
        {"\"tiers\"", "null", "2000000",
         "tiers[1]: up_to_notional: the last tier's is 2e+06, and must be null"},
        {"\"tiers\"", "\"up_to_notional\": 1000000, ", "",
         "tiers[0]: up_to_notional: is missing"},
        {"ETH",
         "[{\"up_to_notional\": null, \"initial_margin_ppm\": 60000,\n  "
         "\"maintenance_margin_ppm\": 30000}]",
         "[]", "ETH-PERP: tiers: is empty"},
    };

    check_changes(changes, sizeof changes / sizeof *changes);
}

static void refuses_bytes_that_are_not_one_json_object(void)
{
    static const struct change changes[] = {
        {"", "{", "", "is not JSON"},
        {"", "]}\n", "]}]", "is not JSON: end of file expected"},
        {"", "\"n_points\": 23616", "\"n_points\": 1e999", "is not JSON: real number"},
        {"", "\"q\": 2.5", "\"q\": NaN", "is not JSON: invalid token"},
        {"", "nightly", "night\xff", "is not JSON: unable to decode byte"},
        {"", "\"q\": 2.5", "\"q\": 2.5, \"q\": 3", "duplicate object key"},
    };

    check_changes(changes, sizeof changes / sizeof *changes);
    check_refused("", 0, "is not JSON");
    check_refused("[]", 2, "is not a JSON object");
    check_refused(example_set, strlen(example_set) - 3, "is not JSON");
    check_refused(example_set, sizeof example_set, "is not JSON"); /* a NUL behind */
    check_refused(example_set, (size_t)PLIMSOLL_SET_BYTES_MAX + 1,
                  "268435457 bytes are more than a set may have");
}

/* Texts of a set reach operators' terminals and logs. */
static void nothing_in_a_set_can_forge_a_line_or_steer_a_terminal(void)
{
    static const struct change changes[] = {
        {"", "\"study\"", "\"a\\nplimsoll: ok\": 1, \"study\"",
         "'a?plimsoll: ok' is not a member"},
        {"BTC", "\"q\": 2.5", "\"q\\nok\\u001b[2J\": 2.5",
         "parameters: 'q?ok?[2J' is not 1 to 63 of"},
        {"", "23616", "\x1b[2J", "is not JSON: invalid token near '?'"},
        {"", "nightly", "night\\u009b2J", "job: name: has a control character"},
        {"", "nightly", "night\\u007f", "job: name: has a control character"},
        {"ADA", "no point", "\\rno point", "reason: has a control character"},
    };

    check_changes(changes, sizeof changes / sizeof *changes);
}

static void texts_in_other_languages_are_taken(void)
{
    static const char *const names[] = {"n\xc3\xa4"
                                        "chtlich",
                                        "\xc2\xa0", "\xe5\xa4\x9c"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = example_change(example_set, "", "nightly", names[i]);
        struct plimsoll_set *set = NULL;

        CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(text, strlen(text), &set, NULL), 0);
        CU_ASSERT_STRING_EQUAL(plimsoll_set_head(set)->job_name, names[i]);
        plimsoll_set_free(set);
        free(text);
    }
}

/* A gate may have held it for that very reason; engines are not given it anyway. */
static void a_margin_of_zero_may_be_told_but_not_used(void)
{
    const struct plimsoll_tier *tier = NULL;
    struct plimsoll_set *set = NULL;
    char *once = example_change(example_set, "ETH", "30000", "0");
    char *text = example_change(once, "ETH-PERP\", \"status\": \"held\"", "30000", "0");

    CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(text, strlen(text), &set, NULL), 0);
    CU_ASSERT_EQUAL(plimsoll_set_find(set, "ETH-PERP")->maintenance_margin_ppm, 0);
    CU_ASSERT_EQUAL(plimsoll_set_margin(set, "ETH-PERP", 1, &tier, NULL), -1);
    CU_ASSERT_PTR_NULL(tier);
    plimsoll_set_free(set);
    free(text);
    free(once);
}

static void every_truncation_is_refused(void)
{
    for (size_t n = 0; n + 2 < strlen(example_set); n++) {
        char *part = malloc(n + 1); /* exactly: the address sanitizer sees past it */
        struct plimsoll_set *set = NULL;

        memcpy(part, example_set, n);
        CU_ASSERT_EQUAL_FATAL(plimsoll_set_parse(part, n, &set, NULL), -1);
        free(part);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"says_what_stands_in_the_set", says_what_stands_in_the_set},
        {"digest_is_that_of_the_bytes", digest_is_that_of_the_bytes},
        {"margin_is_that_of_the_notional_s_tier",
         margin_is_that_of_the_notional_s_tier},
        {"margin_is_given_for_calibrated_instruments_only",
         margin_is_given_for_calibrated_instruments_only},
        {"refuses_a_head_that_is_wrong", refuses_a_head_that_is_wrong},
        {"refuses_an_entry_that_is_wrong", refuses_an_entry_that_is_wrong},
        {"refuses_margins_and_tiers_that_are_wrong",
         refuses_margins_and_tiers_that_are_wrong},
        {"refuses_bytes_that_are_not_one_json_object",
         refuses_bytes_that_are_not_one_json_object},
        {"nothing_in_a_set_can_forge_a_line_or_steer_a_terminal",
         nothing_in_a_set_can_forge_a_line_or_steer_a_terminal},
        {"texts_in_other_languages_are_taken", texts_in_other_languages_are_taken},
        {"a_margin_of_zero_may_be_told_but_not_used",
         a_margin_of_zero_may_be_told_but_not_used},
        {"every_truncation_is_refused", every_truncation_is_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"set", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
