#include "core/clock.h"
#include "market/quality.h"
#include "tests/check.h"

#include <stdlib.h>

static const int64_t start = INT64_C(1706745600) * CLOCK_SECOND; /* 2024-02-01 */

enum { N = 200 };

/* Hours of a market that moves by half a percent up, then down. */
static struct bars calm(void)
{
    struct bars bars = {.interval_ns = CLOCK_HOUR};

    for (int t = 0; t < N; t++) {
        const double close = t % 4 < 2 ? 100.0 : 100.5;
        const struct bar bar = {start + t * CLOCK_HOUR, 100.2, 100.8, 99.8, close, 7.0};

        CU_ASSERT_EQUAL(bars_append(&bars, &bar, NULL), 0);
    }
    return bars;
}

static struct quality examine(struct bars *bars)
{
    struct quality quality = {.n_bars = 0};

    CU_ASSERT_EQUAL(quality_check(bars, &quality, NULL), 0);
    return quality;
}

static uint64_t found_in(struct bars *bars, enum quality_kind kind, size_t at)
{
    const struct quality quality = examine(bars);

    if (quality.kind[kind].count > 0)
        CU_ASSERT_EQUAL(quality.kind[kind].first[0].time, bars->time[at]);
    bars_free(bars);
    return quality.kind[kind].count;
}

static void a_calm_market_has_no_findings(void)
{
    struct bars bars = calm();
    const struct quality quality = examine(&bars);

    for (int k = 0; k < QUALITY_N_KINDS; k++)
        CU_ASSERT_EQUAL(quality.kind[k].count, 0);
    CU_ASSERT_EQUAL(quality.n_flagged, 0);
    CU_ASSERT(quality.has_volume);
    bars_free(&bars);
}

static void a_jump_counts_only_when_the_next_bar_reverts_it(void)
{
    struct bars spike = calm(), step = calm();

    spike.close[50] = spike.open[50] = spike.low[50] = 70.0;
    CU_ASSERT_EQUAL(found_in(&spike, QUALITY_JUMP, 50), 1);
    for (int t = 50; t < N; t++) {
        step.open[t] -= 30;
        step.high[t] -= 30;
        step.low[t] -= 30;
        step.close[t] -= 30;
    }
    CU_ASSERT_EQUAL(found_in(&step, QUALITY_JUMP, 50), 0);
}

/* 10 October 2025, one hour of ADA: 0.717, 0.274, 0.619.  It is kept, and flagged. */
static void a_crash_and_recovery_inside_a_bar_is_a_wick(void)
{
    struct bars bars = calm();

    bars.low[60] = 100.0 * 0.2743 / 0.7172;
    CU_ASSERT_EQUAL(found_in(&bars, QUALITY_WICK, 60), 1);
}

/* The first bar of some histories: open and high of another market, close right. */
static void an_impossible_open_is_a_wick(void)
{
    struct bars bars = calm();

    bars.open[0] = bars.high[0] = 380.0;
    CU_ASSERT_EQUAL(found_in(&bars, QUALITY_WICK, 0), 1);
}

static void five_flat_bars_are_frozen_and_four_are_not(void)
{
    struct bars four = calm(), five = calm();

    for (int t = 30; t < 35; t++) {
        five.open[t] = five.high[t] = five.low[t] = five.close[t] = 100.0;
        if (t < 34)
            four.open[t] = four.high[t] = four.low[t] = four.close[t] = 100.0;
    }
    CU_ASSERT_EQUAL(found_in(&five, QUALITY_FROZEN, 30), 5);
    CU_ASSERT_EQUAL(found_in(&four, QUALITY_FROZEN, 30), 0);
}

static void zero_volume_counts_where_there_is_volume(void)
{
    struct bars bars = calm(), none = calm();

    bars.volume[12] = 0.0;
    CU_ASSERT_EQUAL(found_in(&bars, QUALITY_ZERO_VOLUME, 12), 1);
    for (int t = 0; t < N; t++)
        none.volume[t] = 0.0;
    const struct quality quality = examine(&none);

    CU_ASSERT_EQUAL(quality.kind[QUALITY_ZERO_VOLUME].count, 0);
    CU_ASSERT(!quality.has_volume);
    bars_free(&none);
}

static void gaps_say_how_many_bars_are_missing(void)
{
    struct bars bars = calm();

    for (int t = 100; t < N; t++)
        bars.time[t] += 5 * CLOCK_HOUR;
    const struct quality quality = examine(&bars);

    CU_ASSERT_EQUAL(quality.kind[QUALITY_GAP].count, 1);
    CU_ASSERT_EQUAL(quality.kind[QUALITY_GAP].first[0].time, bars.time[99]);
    CU_ASSERT_EQUAL(quality.n_missing, 5);
    CU_ASSERT_EQUAL(quality.longest_gap_ns, 6 * CLOCK_HOUR);
    CU_ASSERT_EQUAL(quality.kind[QUALITY_REUSE].count, 0);
    CU_ASSERT_EQUAL(quality.n_flagged, 0); /* a gap is no bar's fault */
    bars_free(&bars);
}

/* BNB after the outage of February 2018: bars that start at hh:28:15.787. */
static void starts_off_the_grid_are_misaligned(void)
{
    struct bars bars = calm();

    for (int t = 40; t < 83; t++)
        bars.time[t] += INT64_C(1695787) * CLOCK_SECOND / 1000;
    CU_ASSERT_EQUAL(found_in(&bars, QUALITY_MISALIGNED, 40), 43);
}

/* Some venues' days start at 08:00: that is their grid. */
static void the_grid_is_that_of_most_bars(void)
{
    struct bars bars = calm();

    for (int t = 0; t < N; t++)
        bars.time[t] += 8 * CLOCK_MINUTE;
    CU_ASSERT_EQUAL(found_in(&bars, QUALITY_MISALIGNED, 0), 0);
}

static void a_long_gap_with_another_price_suggests_another_coin(void)
{
    struct bars far = calm(), near = calm(), years = calm();

    for (int t = 120; t < N; t++) {
        far.time[t] += 437 * CLOCK_HOUR;
        far.open[t] *= 20000;
        far.high[t] *= 20000;
        far.low[t] *= 20000;
        far.close[t] *= 20000;
        near.time[t] += 437 * CLOCK_HOUR;
        years.time[t] += 7467 * CLOCK_HOUR;
    }
    CU_ASSERT_EQUAL(found_in(&far, QUALITY_REUSE, 120), 1);
    CU_ASSERT_EQUAL(found_in(&near, QUALITY_REUSE, 120), 0);
    CU_ASSERT_EQUAL(found_in(&years, QUALITY_REUSE, 120), 1);
}

static void an_open_outside_high_and_low_is_flagged(void)
{
    struct bars bars = calm();

    bars.open[77] = 101.0;
    CU_ASSERT_EQUAL(found_in(&bars, QUALITY_OUTSIDE, 77), 1);
}

static void a_bar_with_two_findings_is_flagged_once(void)
{
    struct bars bars = calm();

    bars.volume[20] = 0.0;
    bars.open[20] = 101.0;
    const struct quality quality = examine(&bars);

    CU_ASSERT_EQUAL(quality.n_flagged, 1);
    bars_free(&bars);
}

static void one_bar_and_none_can_be_examined(void)
{
    struct bars bars = {.interval_ns = CLOCK_HOUR};
    const struct bar bar = {start, 1, 1, 1, 1, 0};
    struct quality quality = examine(&bars);

    CU_ASSERT_EQUAL(quality.n_bars, 0);
    CU_ASSERT_EQUAL(bars_append(&bars, &bar, NULL), 0);
    quality = examine(&bars);
    CU_ASSERT_EQUAL(quality.n_bars, 1);
    bars_free(&bars);
}

static void the_json_counts_and_places_findings(void)
{
    struct bars bars = calm();
    char *text;

    bars.volume[12] = 0.0;
    struct quality quality = examine(&bars);

    quality.n_rejected = 3;
    CU_ASSERT_EQUAL(quality_json(&quality, &text, NULL), 0);
    CHECK_CONTAINS(text, "{\"bars\":200,\"gaps\":0,\"missing\":0,\"flagged\":1,"
                         "\"rejected\":3,\"findings\":{\"zero_volume\":{\"count\":1,"
                         "\"value_is\":\"close\",\"first\":[{\"time\":"
                         "\"2024-02-01T12:00:00Z\",\"value\":100}],\"worst\":{");
    free(text);
    bars_free(&bars);
}

static void the_table_advises_where_a_ticker_may_be_reused(void)
{
    struct bars bars = calm();
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    for (int t = 120; t < N; t++)
        bars.time[t] += 7467 * CLOCK_HOUR;
    const struct quality quality = examine(&bars);

    quality_print(&quality, out);
    fclose(out);
    CHECK_CONTAINS(text, "ticker reused?");
    CHECK_CONTAINS(text, "--split-gap 311d");
    free(text);
    bars_free(&bars);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_calm_market_has_no_findings", a_calm_market_has_no_findings},
        {"a_jump_counts_only_when_the_next_bar_reverts_it",
         a_jump_counts_only_when_the_next_bar_reverts_it},
        {"a_crash_and_recovery_inside_a_bar_is_a_wick",
         a_crash_and_recovery_inside_a_bar_is_a_wick},
        {"an_impossible_open_is_a_wick", an_impossible_open_is_a_wick},
        {"five_flat_bars_are_frozen_and_four_are_not",
         five_flat_bars_are_frozen_and_four_are_not},
        {"zero_volume_counts_where_there_is_volume",
         zero_volume_counts_where_there_is_volume},
        {"gaps_say_how_many_bars_are_missing", gaps_say_how_many_bars_are_missing},
        {"starts_off_the_grid_are_misaligned", starts_off_the_grid_are_misaligned},
        {"the_grid_is_that_of_most_bars", the_grid_is_that_of_most_bars},
        {"a_long_gap_with_another_price_suggests_another_coin",
         a_long_gap_with_another_price_suggests_another_coin},
        {"an_open_outside_high_and_low_is_flagged",
         an_open_outside_high_and_low_is_flagged},
        {"a_bar_with_two_findings_is_flagged_once",
         a_bar_with_two_findings_is_flagged_once},
        {"one_bar_and_none_can_be_examined", one_bar_and_none_can_be_examined},
        {"the_json_counts_and_places_findings", the_json_counts_and_places_findings},
        {"the_table_advises_where_a_ticker_may_be_reused",
         the_table_advises_where_a_ticker_may_be_reused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"quality", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
