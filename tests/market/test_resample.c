#include "core/clock.h"
#include "market/resample.h"
#include "tests/check.h"

static const int64_t noon = INT64_C(1706788800) * CLOCK_SECOND; /* 2024-02-01 12:00 */

static void add(struct bars *bars, int64_t time, double price)
{
    const struct bar bar = {time, price, price + 2, price - 1, price + 1, 10};

    CU_ASSERT_EQUAL(bars_append(bars, &bar, NULL), 0);
}

static struct bars minutes(int from, int to)
{
    struct bars bars = {.interval_ns = CLOCK_MINUTE};

    for (int m = from; m < to; m++)
        add(&bars, noon + m * CLOCK_MINUTE, 100 + m);
    return bars;
}

static void a_bar_is_open_of_the_first_close_of_the_last_and_the_extremes(void)
{
    struct bars fine = minutes(0, 10), coarse = {.n = 0};
    size_t n_left_out;

    CU_ASSERT_EQUAL(resample(&fine, 5 * CLOCK_MINUTE, 0, &coarse, &n_left_out, NULL),
                    0);
    CU_ASSERT_EQUAL_FATAL(coarse.n, 2);
    CU_ASSERT_EQUAL(n_left_out, 0);
    CU_ASSERT_EQUAL(coarse.interval_ns, 5 * CLOCK_MINUTE);
    CU_ASSERT_EQUAL(coarse.time[1], noon + 5 * CLOCK_MINUTE);
    CU_ASSERT_EQUAL(coarse.open[1], 105);
    CU_ASSERT_EQUAL(coarse.high[1], 111);
    CU_ASSERT_EQUAL(coarse.low[1], 104);
    CU_ASSERT_EQUAL(coarse.close[1], 110);
    CU_ASSERT_EQUAL(coarse.volume[1], 50);
    bars_free(&fine);
    bars_free(&coarse);
}

static void incomplete_bars_are_left_out_and_counted(void)
{
    struct bars fine = minutes(-2, 13), coarse = {.n = 0};
    size_t n_left_out;

    CU_ASSERT_EQUAL(resample(&fine, 5 * CLOCK_MINUTE, 0, &coarse, &n_left_out, NULL),
                    0);
    CU_ASSERT_EQUAL(coarse.n, 2); /* two minutes before noon and three after are not */
    CU_ASSERT_EQUAL(n_left_out, 2);
    CU_ASSERT_EQUAL(coarse.time[0], noon);
    bars_free(&fine);
    bars_free(&coarse);
}

static void a_sparse_vendor_needs_one_fine_bar(void)
{
    struct bars fine = {.interval_ns = CLOCK_MINUTE}, coarse = {.n = 0};
    size_t n_left_out;

    add(&fine, noon + CLOCK_MINUTE, 100);
    add(&fine, noon + 21 * CLOCK_MINUTE, 200);
    CU_ASSERT_EQUAL(resample(&fine, 5 * CLOCK_MINUTE, 1, &coarse, &n_left_out, NULL),
                    0);
    CU_ASSERT_EQUAL_FATAL(coarse.n, 2); /* and the gap stays a gap */
    CU_ASSERT_EQUAL(coarse.time[0], noon);
    CU_ASSERT_EQUAL(coarse.time[1], noon + 20 * CLOCK_MINUTE);
    CU_ASSERT_EQUAL(n_left_out, 0);
    bars_free(&fine);
    bars_free(&coarse);
}

/* A bar at 12:04:30 reaches into the bar of 12:05. */
static void a_bar_across_a_border_spoils_both_sides(void)
{
    struct bars fine = minutes(0, 4), coarse = {.n = 0};
    size_t n_left_out;

    add(&fine, noon + 4 * CLOCK_MINUTE + 30 * CLOCK_SECOND, 100);
    for (int m = 6; m < 15; m++)
        add(&fine, noon + m * CLOCK_MINUTE, 100);
    CU_ASSERT_EQUAL(resample(&fine, 5 * CLOCK_MINUTE, 1, &coarse, &n_left_out, NULL),
                    0);
    CU_ASSERT_EQUAL_FATAL(coarse.n, 1);
    CU_ASSERT_EQUAL(coarse.time[0], noon + 10 * CLOCK_MINUTE);
    CU_ASSERT_EQUAL(n_left_out, 2);
    bars_free(&fine);
    bars_free(&coarse);
}

static void days_start_at_midnight_and_weeks_on_monday(void)
{
    struct bars fine = {.interval_ns = CLOCK_HOUR}, days = {.n = 0}, weeks = {.n = 0};
    char text[CLOCK_TEXT_MAX];
    size_t n_left_out;

    for (int h = 0; h < 21 * 24; h++)
        add(&fine, noon + h * CLOCK_HOUR, 100);
    CU_ASSERT_EQUAL(resample(&fine, CLOCK_DAY, 0, &days, &n_left_out, NULL), 0);
    CU_ASSERT_EQUAL(days.n, 20);
    CU_ASSERT_EQUAL(n_left_out, 2);
    CU_ASSERT_STRING_EQUAL(clock_moment_text(days.time[0], text),
                           "2024-02-02T00:00:00Z");
    CU_ASSERT_EQUAL(resample(&days, 7 * CLOCK_DAY, 0, &weeks, &n_left_out, NULL), 0);
    CU_ASSERT_EQUAL(weeks.n, 2);
    CU_ASSERT_STRING_EQUAL(clock_moment_text(weeks.time[0], text),
                           "2024-02-05T00:00:00Z"); /* a Monday */
    bars_free(&fine);
    bars_free(&days);
    bars_free(&weeks);
}

static void an_interval_that_is_no_multiple_is_refused(void)
{
    struct bars fine = minutes(0, 10), coarse = {.n = 0};
    struct err err;
    size_t n_left_out;

    fine.interval_ns = 2 * CLOCK_MINUTE;
    CU_ASSERT_EQUAL(resample(&fine, 5 * CLOCK_MINUTE, 0, &coarse, &n_left_out, &err),
                    -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, "bars of 5m cannot be made from bars of 2m");
    CU_ASSERT_EQUAL(resample(&fine, CLOCK_MINUTE, 0, &coarse, &n_left_out, &err), -1);
    bars_free(&fine);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_bar_is_open_of_the_first_close_of_the_last_and_the_extremes",
         a_bar_is_open_of_the_first_close_of_the_last_and_the_extremes},
        {"incomplete_bars_are_left_out_and_counted",
         incomplete_bars_are_left_out_and_counted},
        {"a_sparse_vendor_needs_one_fine_bar", a_sparse_vendor_needs_one_fine_bar},
        {"a_bar_across_a_border_spoils_both_sides",
         a_bar_across_a_border_spoils_both_sides},
        {"days_start_at_midnight_and_weeks_on_monday",
         days_start_at_midnight_and_weeks_on_monday},
        {"an_interval_that_is_no_multiple_is_refused",
         an_interval_that_is_no_multiple_is_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"resample", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
