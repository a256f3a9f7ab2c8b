#include "coordinator/guard.h"
#include "tests/check.h"
#include "tests/client/example_set.h"

#include <stdarg.h>

/* BTC-PERP is calibrated (q 2.5, lambda 0.97; two tiers), ETH-PERP held, ADA-PERP
 * failed (example_set).  This is one more that is calibrated, with figures on unseen
 * bars. */
static const char SOL[] =
    "{\"instrument\": \"SOL-PERP\", \"status\": \"calibrated\", \"reason\": \"\",\n"
    " \"as_of\": \"2024-12-30T23:00:00Z\", \"parameters\": {\"lambda\": 0.95, \"q\": "
    "4},\n"
    " \"initial_margin_ppm\": 100000, \"maintenance_margin_ppm\": 50000,\n"
    " \"tiers\": [{\"up_to_notional\": null, \"initial_margin_ppm\": 100000,\n"
    "  \"maintenance_margin_ppm\": 50000}],\n"
    " \"evidence\": {\"training\": {\"coverage\": 0.99}, \"test\": {\"coverage\": "
    "0.985, \"kupiec_phase_p\": null}}}\n]}\n";

static char *text_of_set(void)
{
    char *text = example_change(example_set, "0.98}}}", "\n]}\n", ",\n");
    char *all = malloc(strlen(text) + sizeof SOL);

    if (all == NULL)
        abort();
    strcpy(all, text);
    strcat(all, SOL);
    free(text);
    return all;
}

/* The set with `n` changes (after, old, new). */
static struct plimsoll_set *changed(int n, ...)
{
    char *text = text_of_set();
    struct plimsoll_set *set = NULL;
    struct err err = {0};
    va_list ap;

    va_start(ap, n);
    for (int i = 0; i < n; i++) {
        const char *after = va_arg(ap, const char *), *old = va_arg(ap, const char *);
        char *next = example_change(text, after, old, va_arg(ap, const char *));

        free(text);
        text = next;
    }
    va_end(ap);
    if (plimsoll_set_parse(text, strlen(text), &set, &err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
    free(text);
    return set;
}

static struct conf_limits limit_of(struct conf_limit *limit)
{
    return (struct conf_limits){1, limit};
}

/* What lets everything pass. */
static struct guard open_guard(void)
{
    return (struct guard){.max_share_changed = 1.0};
}

/* The guard says this of the set, as a refusal (exit 5); "" nothing. */
static void expect_set(const struct guard *guard, struct plimsoll_set *set,
                       const char *text)
{
    struct err err = {0};
    const int status = guard_check_set(guard, set, &err);

    CU_ASSERT(status == (text[0] == '\0' ? 0 : -1));
    CU_ASSERT(err_exit_code(&err) == (status == 0 ? 0 : 5));
    CHECK_CONTAINS(err.text, text);
    plimsoll_set_free(set);
}

static void expect_change(const struct guard *guard, struct plimsoll_set *set,
                          const char *text)
{
    struct plimsoll_set *old = changed(0);
    struct err err = {0};
    const int status = guard_check_change(guard, old, set, &err);

    CU_ASSERT(status == (text[0] == '\0' ? 0 : -1));
    CU_ASSERT(err_exit_code(&err) == (status == 0 ? 0 : 5));
    CHECK_CONTAINS(err.text, text);
    plimsoll_set_free(set);
    plimsoll_set_free(old);
}

static void without_rails_everything_passes(void)
{
    const struct guard guard = open_guard();

    expect_set(&guard, changed(0), "");
    expect_change(&guard, changed(1, "SOL", "\"q\": 4", "\"q\": 400"), "");
}

static void bounds_hold_for_parameters(void)
{
    struct conf_limit limit = {.name = (char[]){"q"}, .min = 1, .max = 4};
    struct guard guard = open_guard();

    guard.bounds = limit_of(&limit);
    expect_set(&guard, changed(0), "");
    expect_set(&guard, changed(1, "SOL", "\"q\": 4", "\"q\": 4.5"),
               "guard-rail: SOL-PERP: q of 4.5 is above 4 (publication.bounds)");
    expect_set(&guard, changed(1, "BTC", "\"q\": 2.5", "\"q\": 0.5"),
               "guard-rail: BTC-PERP: q of 0.5 is below 1 (publication.bounds)");
    /* ETH-PERP is held: no engine loads its 9 */
    expect_set(&guard, changed(1, "ETH", "\"q\": 3", "\"q\": 9"), "");
}

static void bounds_hold_for_the_margins_of_every_tier(void)
{
    struct conf_limit limit = {
        .name = (char[]){"initial_margin_ppm"}, .min = 40000, .max = 100000};
    struct guard guard = open_guard();

    guard.bounds = limit_of(&limit);
    expect_set(&guard, changed(0), "");
    expect_set(&guard,
               changed(1, "BTC", "\"initial_margin_ppm\": 80000",
                       "\"initial_margin_ppm\": 100001"),
               "BTC-PERP: initial_margin_ppm of 100001 is above 100000");
    limit.name = (char[]){"maintenance_margin_ppm"};
    limit.min = 25001;
    limit.max = INFINITY;
    expect_set(&guard, changed(0),
               "BTC-PERP: maintenance_margin_ppm of 25000 is below 25001");
}

static void a_bound_of_a_name_that_nothing_has_is_no_bound(void)
{
    struct conf_limit limit = {.name = (char[]){"lamda"}, .min = 0, .max = 1};
    struct guard guard = open_guard();

    guard.bounds = limit_of(&limit);
    expect_set(&guard, changed(0), "no instrument has a 'lamda' (publication.bounds)");
    guard.bounds = (struct conf_limits){0};
    guard.change = limit_of(&limit);
    expect_change(&guard, changed(0),
                  "no instrument has a 'lamda' (publication.change)");
}

static void the_first_breach_is_told_and_the_others_counted(void)
{
    struct conf_limit limit = {.name = (char[]){"q"}, .min = 9, .max = 10};
    struct guard guard = open_guard();

    guard.bounds = limit_of(&limit);
    expect_set(&guard, changed(0),
               "guard-rail: BTC-PERP: q of 2.5 is below 9 (publication.bounds) (and 1 "
               "more)");
}

/* A tenth down, double up: to the ppm. */
static void margins_may_tighten_fast_and_loosen_slowly(void)
{
    struct conf_limit limit = {
        .name = (char[]){"initial_margin_ppm"}, .min = -0.1, .max = 1};
    struct guard guard = open_guard();
    static const struct {
        const char *to, *text;
    } cases[] = {
        {"90000", ""},
        {"89999", "SOL-PERP: initial_margin_ppm falls from 100000 to 89999, by more "
                  "than a share of 0.1 (publication.change)"},
        {"200000", ""},
        {"200001", "SOL-PERP: initial_margin_ppm rises from 100000 to 200001, by more "
                   "than a share of 1 (publication.change)"},
    };

    guard.change = limit_of(&limit);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char margin[64];

        snprintf(margin, sizeof margin, "\"initial_margin_ppm\": %s", cases[i].to);
        expect_change(&guard,
                      changed(2, "SOL", "\"initial_margin_ppm\": 100000", margin,
                              "\"tiers\": [{\"up_to_notional\": null, "
                              "\"initial_margin_ppm\": 100000",
                              "\"initial_margin_ppm\": 100000", margin),
                      cases[i].text);
    }
}

/* One tier more: half of the margin up to 2 million, where it was 80000. */
static void a_change_is_found_at_every_notional(void)
{
    struct conf_limit limit = {
        .name = (char[]){"initial_margin_ppm"}, .min = -0.3, .max = INFINITY};
    struct guard guard = open_guard();

    guard.change = limit_of(&limit);
    expect_change(
        &guard,
        changed(1, "BTC", "\"up_to_notional\": 1000000", "\"up_to_notional\": 2000000"),
        "BTC-PERP: initial_margin_ppm falls from 80000 to 50000");
    expect_change(
        &guard,
        changed(1, "BTC", "\"up_to_notional\": 1000000", "\"up_to_notional\": 500000"),
        "");
}

static void parameters_may_change_by_a_share(void)
{
    struct conf_limit limit = {.name = (char[]){"q"}, .min = -0.5, .max = 0.25};
    struct guard guard = open_guard();

    guard.change = limit_of(&limit);
    expect_change(&guard, changed(1, "SOL", "\"q\": 4", "\"q\": 5"), "");
    expect_change(&guard, changed(1, "SOL", "\"q\": 4", "\"q\": 5.01"),
                  "SOL-PERP: q rises from 4 to 5.01, by more than a share of 0.25");
    expect_change(&guard, changed(1, "SOL", "\"q\": 4", "\"q\": 1.9"),
                  "SOL-PERP: q falls from 4 to 1.9, by more than a share of 0.5");
}

static void only_a_share_of_the_instruments_may_change_at_once(void)
{
    struct guard guard = open_guard();

    guard.max_share_changed = 0.25; /* of four */
    expect_change(&guard, changed(1, "SOL", "\"q\": 4", "\"q\": 5"), "");
    expect_change(
        &guard,
        changed(2, "SOL", "\"q\": 4", "\"q\": 5", "BTC", "\"q\": 2.5", "\"q\": 2.6"),
        "2 of 4 instruments change (BTC-PERP is the first), a share above "
        "0.25 (publication.max_share_changed)");
    /* the evidence, and what no engine loads, is no change */
    expect_change(
        &guard, changed(2, "SOL", "0.985", "0.986", "ETH", "\"q\": 3", "\"q\": 9"), "");
    guard.max_share_changed = 0.0;
    expect_change(&guard, changed(0), "");
    expect_change(&guard, changed(1, "SOL-PERP", "SOL-PERP", "XRP-PERP"),
                  "2 of 5 instruments change");
}

static void what_was_calibrated_must_stay_so(void)
{
    struct guard guard = open_guard();

    guard.min_share_kept = 0.5;
    expect_change(&guard, changed(1, "SOL-PERP", "SOL-PERP", "XRP-PERP"), "");
    guard.min_share_kept = 0.51;
    expect_change(&guard, changed(1, "SOL-PERP", "SOL-PERP", "XRP-PERP"),
                  "1 of 2 instruments stay calibrated (SOL-PERP is the first that does "
                  "not), a share below 0.51 (publication.min_share_kept)");
    expect_change(&guard,
                  changed(1, "SOL-PERP", "\"calibrated\", \"reason\": \"\"",
                          "\"held\", \"reason\": \"a gate\""),
                  "1 of 2 instruments stay calibrated");
}

static void enough_of_the_set_must_be_calibrated(void)
{
    struct guard guard = open_guard();

    guard.min_share_calibrated = 0.5;
    expect_set(&guard, changed(0), "");
    guard.min_share_calibrated = 0.6;
    expect_set(&guard, changed(0),
               "2 of 4 instruments are calibrated, a share below 0.6 "
               "(publication.min_share_calibrated)");
}

static void evidence_must_be_there_and_hold(void)
{
    struct conf_limit limit = {.name = (char[]){"coverage"}, .min = 0.98, .max = 1};
    struct guard guard = open_guard();
    static const char test[] = "\"evidence\": {\"training\": {\"coverage\": 0.991, "
                               "\"kupiec_p\": null}}";
    static const char with[] = "\"evidence\": {\"training\": {\"coverage\": 0.991}, "
                               "\"test\": {\"coverage\": 0.98}}";

    guard.evidence = limit_of(&limit);
    expect_set(&guard, changed(0),
               "BTC-PERP: has no coverage on unseen bars (publication.evidence)");
    expect_set(&guard, changed(1, "BTC", test, with), "");
    expect_set(&guard, changed(2, "BTC", test, with, "SOL", "0.985", "0.975"),
               "SOL-PERP: coverage of 0.975 on unseen bars is below 0.98");
    limit.max = 0.982;
    expect_set(&guard, changed(1, "BTC", test, with),
               "SOL-PERP: coverage of 0.985 on unseen bars is above 0.982");
    limit = (struct conf_limit){
        .name = (char[]){"kupiec_phase_p"}, .min = 0.01, .max = INFINITY};
    expect_set(&guard,
               changed(1, "BTC-PERP", "calibrated\", \"reason\": \"",
                       "held\", \"reason\": \"a gate"),
               "SOL-PERP: kupiec_phase_p on unseen bars is undefined");
}

int main(void)
{
    CU_TestInfo guards[] = {
        {"without_rails_everything_passes", without_rails_everything_passes},
        {"bounds_hold_for_parameters", bounds_hold_for_parameters},
        {"bounds_hold_for_the_margins_of_every_tier",
         bounds_hold_for_the_margins_of_every_tier},
        {"a_bound_of_a_name_that_nothing_has_is_no_bound",
         a_bound_of_a_name_that_nothing_has_is_no_bound},
        {"the_first_breach_is_told_and_the_others_counted",
         the_first_breach_is_told_and_the_others_counted},
        {"margins_may_tighten_fast_and_loosen_slowly",
         margins_may_tighten_fast_and_loosen_slowly},
        {"a_change_is_found_at_every_notional", a_change_is_found_at_every_notional},
        {"parameters_may_change_by_a_share", parameters_may_change_by_a_share},
        {"only_a_share_of_the_instruments_may_change_at_once",
         only_a_share_of_the_instruments_may_change_at_once},
        {"what_was_calibrated_must_stay_so", what_was_calibrated_must_stay_so},
        {"enough_of_the_set_must_be_calibrated", enough_of_the_set_must_be_calibrated},
        {"evidence_must_be_there_and_hold", evidence_must_be_there_and_hold},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"guard", NULL, NULL, NULL, NULL, guards},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
