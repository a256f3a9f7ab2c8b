#include "market/random.h"
#include "tests/check.h"
#include "tests/reference.h"
#include "tests/sample.h"
#include "worker/rangevol.h"
#include "worker/rolling.h"

#include <stdlib.h>

static const int64_t HOUR = INT64_C(3600000000000);

static struct bars bars;
static double *variance;

static void tear_down(void)
{
    bars_free(&bars);
    free(variance);
    variance = NULL;
}

static void append(int64_t hour, double open, double high, double low, double close)
{
    const struct bar bar = {hour * HOUR, open, high, low, close, 1.0};

    bars.interval_ns = HOUR;
    CU_ASSERT_FATAL(bars_append(&bars, &bar, NULL) == 0);
}

static void estimate(enum range_model model, size_t window)
{
    variance = realloc(variance, bars.n * sizeof *variance);
    CU_ASSERT_FATAL(variance != NULL);
    CU_ASSERT_FATAL(range_variances(model, window, &bars, variance, NULL) == 0);
}

static enum range_model model_named(const char *name)
{
    for (int m = 0; m < RANGE_MODELS; m++)
        if (strcmp(range_model_name((enum range_model)m), name) == 0)
            return (enum range_model)m;
    return RANGE_MODELS;
}

static void read_bars(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("range_bars.csv", &table));
    for (size_t t = 0; t < table.n_rows; t++)
        append((int64_t)reference_real(&table, t, "hour"),
               reference_real(&table, t, "open"), reference_real(&table, t, "high"),
               reference_real(&table, t, "low"), reference_real(&table, t, "close"));
    reference_close(&table);
}

/* Terms of 1e-4 from logarithms of ratios near 1.01 (2^-53 / 1e-2 each, squared and
 * summed with cancellation of a few): 1e-12. */
static void agrees_with_numpy_through_gaps_and_frozen_bars(void)
{
    struct reference table;

    read_bars();
    CU_ASSERT_FATAL(reference_open("range_reference.csv", &table));
    CU_ASSERT(table.n_rows > 500);
    for (size_t row = 0; row < table.n_rows; row++) {
        const double want = reference_real(&table, row, "variance");
        const size_t t = (size_t)reference_real(&table, row, "t");

        estimate(model_named(reference_text(&table, row, "model")),
                 (size_t)reference_real(&table, row, "window"));
        CU_ASSERT(isnan(want) ? isnan(variance[t])
                              : fabs(variance[t] - want) <= 1e-12 * want + 1e-19);
    }
    reference_close(&table);
    tear_down();
}

/* One bar from 100 to 102, between 99 and 104; ln(104/99) = 0.049271, ln 1.02 =
 * 0.019803, ln 1.04 = 0.039221, ln 0.99 = -0.010050: Parkinson        0.0024276
 * / 2.7725887                      = 0.00087557 Garman-Klass     0.0012138 - 0.3862944
 * * 0.00039215         = 0.00106233 Rogers-Satchell  0.039221 * 0.019418 + 0.010050 *
 * 0.029853  = 0.00106161 ATR              (0.049271)^2 * 0.3926991                   =
 * 0.00095331 */
static void agrees_with_values_by_hand(void)
{
    append(1, 100, 104, 99, 102);
    estimate(RANGE_PARKINSON, 5);
    CHECK_REL(variance[0], 0.00087557, 1e-4);
    estimate(RANGE_GARMAN_KLASS, 5);
    CHECK_REL(variance[0], 0.00106233, 1e-4);
    estimate(RANGE_ROGERS_SATCHELL, 5);
    CHECK_REL(variance[0], 0.00106161, 1e-4);
    estimate(RANGE_ATR, 5);
    CHECK_REL(variance[0], 0.00095331, 1e-4);
    estimate(RANGE_ROLLING, 5);
    CU_ASSERT(isnan(variance[0]));
    estimate(RANGE_YANG_ZHANG, 5);
    CU_ASSERT(isnan(variance[0]));
    tear_down();
}

/* Brownian bars of 4,000 steps: the discrete path misses 0.5826 sigma/sqrt(4000) at
 * each end of the range (Broadie, Glasserman, Kou 1997), 1.2 % of the mean range
 * and 2.3 % of its square. */
static void is_unbiased_on_brownian_bars(void)
{
    enum { BARS = 2000, STEPS = 4000 };
    const double sigma = 0.02;
    double price = 100.0;

    for (int t = 0; t < BARS; t++) {
        struct random random = random_at(7, 1, 0, (uint32_t)t);
        double x = 0.0, most = 0.0, least = 0.0;

        for (int i = 0; i < STEPS; i++) {
            x += sigma / sqrt(STEPS) * random_normal(&random);
            most = fmax(most, x);
            least = fmin(least, x);
        }
        append(t, price, price * exp(most), price * exp(least), price * exp(x));
        price *= exp(x);
    }
    /* standard errors of a mean of 2000: the variance of a squared return over sigma^4
     * is 2, of Parkinson's 0.41, Garman-Klass's 0.27, Rogers-Satchell's 0.33 */
    static const double spread[RANGE_MODELS] = {
        [RANGE_ROLLING] = 1.42,         [RANGE_ATR] = 0.60,
        [RANGE_PARKINSON] = 0.64,       [RANGE_GARMAN_KLASS] = 0.52,
        [RANGE_ROGERS_SATCHELL] = 0.58, [RANGE_YANG_ZHANG] = 0.70};
    for (int m = 0; m < RANGE_MODELS; m++) {
        estimate((enum range_model)m, BARS);
        const double miss = variance[BARS - 1] / (sigma * sigma) - 1.0;
        const double discrete = m == RANGE_ROLLING ? 0.0 : 0.025;
        const double error = 3.0 * spread[m] / sqrt(BARS);

        CU_ASSERT(miss < error && miss > -error - discrete);
    }
    tear_down();
}

static void what_left_the_window_leaves_no_trace(void)
{
    double before[400], wild = 0.0;

    CU_ASSERT_FATAL(sample_bars(3, 400, 0.01, 0.02, &bars) == 0);
    for (int m = 0; m < RANGE_MODELS; m++) {
        if (m == RANGE_ATR) /* no window */
            continue;
        estimate((enum range_model)m, 37);
        memcpy(before, variance, sizeof before);
        const double high = bars.high[99], low = bars.low[99];
        bars.high[99] *= 1e9;
        bars.low[99] /= 1e9;
        estimate((enum range_model)m, 37);
        CU_ASSERT(memcmp(before, variance, 99 * sizeof *before) == 0);
        CU_ASSERT(memcmp(before + 99 + 37, variance + 99 + 37,
                         (400 - 99 - 37) * sizeof *before) == 0);
        wild = variance[110];
        CU_ASSERT(m == RANGE_ROLLING || wild > 1000.0 * before[110]);
        bars.high[99] = high;
        bars.low[99] = low;
    }
    tear_down();
}

static void never_looks_ahead(void)
{
    double before[300];

    CU_ASSERT_FATAL(sample_bars(4, 300, 0.01, 0.02, &bars) == 0);
    for (int m = 0; m < RANGE_MODELS; m++) {
        estimate((enum range_model)m, 24);
        memcpy(before, variance, sizeof before);
        const double close = bars.close[200], high = bars.high[200];
        bars.close[200] *= 1.1;
        bars.high[200] = fmax(high, bars.close[200]);
        estimate((enum range_model)m, 24);
        CU_ASSERT(memcmp(before, variance, 200 * sizeof *before) == 0);
        CU_ASSERT(before[200] != variance[200]);
        bars.close[200] = close;
        bars.high[200] = high;
    }
    tear_down();
}

static void frozen_prices_have_no_variance(void)
{
    for (int t = 0; t < 50; t++)
        append(t, 1.0003, 1.0003, 1.0003, 1.0003);
    for (int m = 0; m < RANGE_MODELS; m++) {
        estimate((enum range_model)m, 7);
        for (size_t t = 2; t < bars.n; t++)
            CU_ASSERT(variance[t] == 0.0);
    }
    tear_down();
}

/* A vendor's open outside the bar's range (BitMEX) must not make a variance negative.
 */
static void an_open_outside_the_range_widens_it(void)
{
    for (int t = 0; t < 30; t++)
        append(t, t % 2 ? 90.0 : 110.0, 101, 99, 100);
    for (int m = 0; m < RANGE_MODELS; m++) {
        estimate((enum range_model)m, 5);
        for (size_t t = 2; t < bars.n; t++)
            CU_ASSERT(variance[t] >= 0.0);
    }
    tear_down();
}

static void a_window_longer_than_the_series_takes_what_there_is(void)
{
    double whole[60];

    CU_ASSERT_FATAL(sample_bars(5, 60, 0.01, 0.0, &bars) == 0);
    for (int m = 0; m < RANGE_MODELS; m++) {
        estimate((enum range_model)m, 60);
        memcpy(whole, variance, sizeof whole);
        estimate((enum range_model)m, 100000);
        CHECK_REL(variance[59], whole[59], 1e-14);
        CU_ASSERT(variance[59] > 0.0);
    }
    tear_down();
}

/* A year of hours far from zero: sums of squares would lose all digits, differences of
 * running sums drift. */
static void moments_do_not_cancel_or_drift(void)
{
    static struct moments back[721];
    static double value[720], x[9000];
    struct rolling rolling;
    struct sample sample = {9};

    rolling_start(&rolling, 720, back, value);
    for (size_t t = 0; t < 9000; t++) {
        x[t] = 1e6 + sample_unit(&sample);
        const struct moments got = rolling_push(&rolling, x[t]);
        if (t < 720 || t % 97 != 0)
            continue;
        long double mean = 0.0, m2 = 0.0;
        for (size_t i = t - 719; i <= t; i++)
            mean += x[i] / 720.0L;
        for (size_t i = t - 719; i <= t; i++)
            m2 += (x[i] - mean) * (x[i] - mean);
        CHECK_REL(got.mean, (double)mean, 720 * 0x1p-53); /* additions */
        CHECK_REL(got.m2, (double)m2, 1e-9); /* the values' own 1e6 2^-53 */
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"agrees_with_numpy_through_gaps_and_frozen_bars",
         agrees_with_numpy_through_gaps_and_frozen_bars},
        {"agrees_with_values_by_hand", agrees_with_values_by_hand},
        {"is_unbiased_on_brownian_bars", is_unbiased_on_brownian_bars},
        {"what_left_the_window_leaves_no_trace", what_left_the_window_leaves_no_trace},
        {"never_looks_ahead", never_looks_ahead},
        {"frozen_prices_have_no_variance", frozen_prices_have_no_variance},
        {"an_open_outside_the_range_widens_it", an_open_outside_the_range_widens_it},
        {"a_window_longer_than_the_series_takes_what_there_is",
         a_window_longer_than_the_series_takes_what_there_is},
        {"moments_do_not_cancel_or_drift", moments_do_not_cancel_or_drift},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"rangevol", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
