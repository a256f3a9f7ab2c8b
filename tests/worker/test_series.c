#include "core/arith.h"
#include "core/clock.h"
#include "tests/check.h"
#include "tests/sample.h"
#include "worker/series.h"

static struct bars bars;
static struct series series;

static void set_up(size_t n, double gap, struct series_rules rules)
{
    CU_ASSERT_FATAL(sample_bars(13, n, 0.02, gap, &bars) == 0);
    CU_ASSERT_FATAL(series_new(&bars, &rules, &series, NULL) == 0);
}

static void tear_down(void)
{
    series_free(&series);
    bars_free(&bars);
}

static int is_whole(size_t t, size_t h)
{
    return bars.time[t + h] - bars.time[t] == (int64_t)h * bars.interval_ns;
}

static void a_price_across_a_gap_is_no_return(void)
{
    size_t n_gaps = 0;

    set_up(747, 0.1, (struct series_rules){1, 10, LOSS_PATH, SIDES_BOTH});
    CU_ASSERT(isnan(series.square[0]));
    for (size_t t = 1; t < bars.n; t++) {
        const double r = arith_log(bars.close[t] / bars.close[t - 1]);

        n_gaps += !is_whole(t - 1, 1);
        CU_ASSERT(is_whole(t - 1, 1) ? series.square[t] == r * r
                                     : isnan(series.square[t]));
    }
    CU_ASSERT(n_gaps > 30);
    tear_down();
}

/* The losses of bar t by looking at each price of its horizon. */
static void look(size_t t, size_t h, enum series_loss loss, double *down, double *up)
{
    double low = bars.low[t + 1], high = bars.high[t + 1];

    for (size_t i = 2; i <= h; i++) {
        low = bars.low[t + i] < low ? bars.low[t + i] : low;
        high = bars.high[t + i] > high ? bars.high[t + i] : high;
    }
    *down = 1.0 - (loss == LOSS_PATH ? low : bars.close[t + h]) / bars.close[t];
    *up = (loss == LOSS_PATH ? high : bars.close[t + h]) / bars.close[t] - 1.0;
}

static void losses_are_those_of_the_worst_price_or_of_the_last(void)
{
    const size_t h[] = {1, 2, 3, 7, 8, 13, 24, 31};

    for (size_t i = 0; i < sizeof h / sizeof *h; i++)
        for (int loss = LOSS_PATH; loss <= LOSS_CLOSE; loss++) {
            set_up(300, 0.01,
                   (struct series_rules){h[i], 10, (enum series_loss)loss, SIDES_BOTH});
            for (size_t t = 0; t < bars.n; t++) {
                double down, up;

                if (t + h[i] >= bars.n || !is_whole(t, h[i])) {
                    CU_ASSERT(isnan(series.loss[t]));
                    continue;
                }
                look(t, h[i], (enum series_loss)loss, &down, &up);
                CU_ASSERT_EQUAL(series.loss_long[t], down);
                CU_ASSERT_EQUAL(series.loss_short[t], up);
                CU_ASSERT_EQUAL(series.loss[t], down > up ? down : up);
            }
            tear_down();
        }
}

static void sides_choose_whose_loss_counts(void)
{
    set_up(200, 0.0, (struct series_rules){4, 10, LOSS_PATH, SIDES_LONG});
    CU_ASSERT(memcmp(series.loss, series.loss_long, 196 * sizeof(double)) == 0);
    tear_down();
    set_up(200, 0.0, (struct series_rules){4, 10, LOSS_PATH, SIDES_SHORT});
    CU_ASSERT(memcmp(series.loss, series.loss_short, 196 * sizeof(double)) == 0);
    tear_down();
}

static void bars_are_scored_or_left_out_but_never_lost(void)
{
    const struct range range = {37, 611};

    set_up(747, 0.02, (struct series_rules){13, 20, LOSS_PATH, SIDES_BOTH});
    const size_t scored = series_n_scored(&series, range);
    const size_t left_out = series_n_left_out(&series, range);
    CU_ASSERT(left_out > 50 && scored > 300);
    CU_ASSERT_EQUAL(scored + left_out, 611 - 37 - 13);
    CU_ASSERT(!series_is_scored(&series, range, 611 - 13));
    tear_down();
}

static void days_are_bars_where_they_are_whole(void)
{
    set_up(200, 0.0, (struct series_rules){1, 10, LOSS_PATH, SIDES_BOTH});
    CU_ASSERT_EQUAL(series_bars_in_days(&series, 5), 120);
    series.interval_ns = 7 * CLOCK_HOUR;
    CU_ASSERT_EQUAL(series_bars_in_days(&series, 1), 0);
    CU_ASSERT_EQUAL(series_bars_in_days(&series, 7), 24);
    tear_down();
}

static void says_what_an_instrument_lacks(void)
{
    struct series_rules rules = {8, 42, LOSS_PATH, SIDES_BOTH};
    struct err err = {0};

    CU_ASSERT_FATAL(sample_bars(1, 50, 0.01, 0.0, &bars) == 0);
    CU_ASSERT(series_new(&bars, &rules, &series, &err) == -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text,
                   "50 bars are not more than a warm-up of 42 and a horizon of 8");
    for (size_t t = 0; t < bars.n; t++)
        bars.time[t] *= 2;
    rules.warmup_bars = 7;
    CU_ASSERT(series_new(&bars, &rules, &series, &err) == -1);
    CHECK_CONTAINS(err.text, "no return in the 7 bars of the warm-up");
    bars_free(&bars);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_price_across_a_gap_is_no_return", a_price_across_a_gap_is_no_return},
        {"losses_are_those_of_the_worst_price_or_of_the_last",
         losses_are_those_of_the_worst_price_or_of_the_last},
        {"sides_choose_whose_loss_counts", sides_choose_whose_loss_counts},
        {"bars_are_scored_or_left_out_but_never_lost",
         bars_are_scored_or_left_out_but_never_lost},
        {"days_are_bars_where_they_are_whole", days_are_bars_where_they_are_whole},
        {"says_what_an_instrument_lacks", says_what_an_instrument_lacks},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"series", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
