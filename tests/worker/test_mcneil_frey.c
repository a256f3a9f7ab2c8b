#include "tests/check.h"
#include "tests/worker/backtest_reference.h"
#include "worker/mcneil_frey.h"

#include <gsl/gsl_cdf.h>

static double residual[1024];

/* Residuals are differences of numbers that agree to a digit: 1e-12 of theirs. */
static void agrees_with_scipy_on_every_series(void)
{
    const struct mcneil_frey_spec spec = {0};

    backtest_reference_open();
    for (size_t row = 0; row < BACKTEST_REFERENCE_SERIES; row++) {
        const struct backtest_series s = backtest_reference_series(row);
        const struct mcneil_frey test = mcneil_frey_test(&spec, &s, residual);

        CU_ASSERT_EQUAL(test.status, BACKTEST_OK);
        CU_ASSERT_EQUAL(test.n_hits, (size_t)backtest_reference_want(row, "hits"));
        CU_ASSERT_EQUAL(test.n_bars, (size_t)backtest_reference_want(row, "bars"));
        CHECK_REL(test.mean, backtest_reference_want(row, "residual_mean"), 1e-12);
        CHECK_REL(test.t, backtest_reference_want(row, "t"), 1e-12);
        CHECK_REL(test.p_student, backtest_reference_want(row, "t_p"), 1e-11);
        CU_ASSERT(isnan(test.p_bootstrap));
    }
    backtest_reference_close();
}

/* loss = residual + ES, all of them hits but the last. */
static struct mcneil_frey test_of(const struct mcneil_frey_spec *spec, size_t n,
                                  const double r[])
{
    static double loss[64], var[64], es[64];

    for (size_t i = 0; i <= n; i++)
        loss[i] = i < n ? r[i] + 16.0 : 0.0, var[i] = 1.0, es[i] = 16.0;
    const struct backtest_series series = {
        .n = n + 1, .loss = loss, .var = var, .es = es};
    return mcneil_frey_test(spec, &series, residual);
}

/* All n^n samples with replacement, compared as the header says. */
static double enumerated(size_t n, const double r[])
{
    double mean = 0.0, square = 0.0, n_all = 1.0, n_at_least = 0.0;

    for (size_t i = 0; i < n; i++)
        mean += r[i] / (double)n, n_all *= (double)n;
    for (size_t i = 0; i < n; i++)
        square += (r[i] - mean) * (r[i] - mean);
    for (size_t sample = 0; sample < (size_t)n_all; sample++) {
        double m = 0.0, s = 0.0;

        for (size_t i = 0, rest = sample; i < n; i++, rest /= n)
            m += (r[rest % n] - mean) / (double)n;
        for (size_t i = 0, rest = sample; i < n; i++, rest /= n)
            s += (r[rest % n] - mean - m) * (r[rest % n] - mean - m);
        n_at_least += m * sqrt(square) >= mean * sqrt(s);
    }
    return n_at_least / n_all;
}

/* 40000 samples: 4 standard errors of a p are at most 0.01.  No two of these means tie:
 * the residuals are not multiples of one number. */
static void bootstrap_is_that_of_all_samples(void)
{
    static const double sets[][5] = {{0.31, -0.12, 0.93, 0.077, -0.4},
                                     {0.31, 0.62, 0.93, 0.777, -0.1},
                                     {-0.31, -0.62, -0.93, 0.777, -0.1},
                                     {2.0, -0.3, -0.11, -0.7, 0.05}};
    const struct mcneil_frey_spec spec = {.n_bootstrap = 40000, .seed = 2000};

    for (int i = 0; i < 4; i++)
        for (size_t n = 3; n <= 5; n++) {
            const double p = enumerated(n, sets[i]);

            CU_ASSERT_DOUBLE_EQUAL(test_of(&spec, n, sets[i]).p_bootstrap, p,
                                   4 * sqrt(p * (1 - p) / 40000) + 1.0 / 40000);
        }
}

/* Of (-1, 1) three of four samples are at least as far above 0: (1, 1) and, as ties,
 * both that hold each once. */
static void a_tie_counts_as_as_extreme(void)
{
    const struct mcneil_frey_spec spec = {.n_bootstrap = 40000, .seed = 2};
    static const double r[] = {-1.0, 1.0};

    CU_ASSERT_DOUBLE_EQUAL(test_of(&spec, 2, r).p_bootstrap, 0.75, 0.0087);
}

static void the_unit_of_the_losses_cancels(void)
{
    const struct mcneil_frey_spec spec = {.n_bootstrap = 500, .seed = 1};
    static const double r[] = {0.25, -0.5, 1.0, 0.125};
    double loss[4], var[4] = {0}, es[4], sigma[4];
    const struct mcneil_frey one = test_of(&spec, 4, r);

    for (int i = 0; i < 4; i++)
        sigma[i] = 1 << i, es[i] = 3.0 * sigma[i], loss[i] = es[i] + r[i] * sigma[i];
    const struct backtest_series series = {
        .n = 4, .loss = loss, .var = var, .es = es, .scale = sigma};
    const struct mcneil_frey scaled = mcneil_frey_test(&spec, &series, residual);

    CU_ASSERT(scaled.t == one.t && scaled.p_bootstrap == one.p_bootstrap);
    CU_ASSERT_EQUAL(scaled.n_hits, 4); /* every bar exceeds: nothing is wrong with it */
}

static void larger_losses_make_both_p_values_smaller(void)
{
    const struct mcneil_frey_spec spec = {.n_bootstrap = 2000, .seed = 3};
    double r[12], before = 1.1;

    for (int shift = -4; shift <= 4; shift++) {
        for (int i = 0; i < 12; i++)
            r[i] = cos(i * i) + 0.2 * shift;
        const struct mcneil_frey test = test_of(&spec, 12, r);

        CU_ASSERT(test.p_bootstrap <= before);
        CU_ASSERT_DOUBLE_EQUAL(test.p_student, gsl_cdf_tdist_Q(test.t, 11), 1e-15);
        before = test.p_bootstrap;
    }
}

static void has_a_status_where_there_is_no_statistic(void)
{
    const struct mcneil_frey_spec spec = {.n_bootstrap = 100};
    static const double same[] = {0.1, 0.1, 0.1}, one[] = {1.0};
    const double nan[] = {NAN, 1.0, 2.0}, two[] = {1.0, NAN, 1.0}, bad[] = {1, 0, 1};
    struct backtest_series series = {.n = 3, .loss = nan, .var = two, .es = two};

    CU_ASSERT_EQUAL(test_of(&spec, 3, same).status, BACKTEST_NO_SPREAD);
    CU_ASSERT(isnan(test_of(&spec, 3, same).t) && isnan(test_of(&spec, 3, same).mean));
    CU_ASSERT_EQUAL(test_of(&spec, 1, one).status, BACKTEST_TOO_FEW);
    CU_ASSERT_EQUAL(test_of(&spec, 0, one).status, BACKTEST_NO_HIT);
    CU_ASSERT(isnan(test_of(&spec, 0, one).p_bootstrap));
    CU_ASSERT_EQUAL(mcneil_frey_test(&spec, &series, residual).n_missing, 2);
    CU_ASSERT_EQUAL(mcneil_frey_test(&spec, &series, residual).status,
                    BACKTEST_TOO_FEW);
    series.n = 2;
    CU_ASSERT_EQUAL(mcneil_frey_test(&spec, &series, residual).status,
                    BACKTEST_NO_DATA);
    series = (struct backtest_series){
        .n = 3, .loss = same, .var = same, .es = same, .scale = bad};
    CU_ASSERT_EQUAL(mcneil_frey_test(&spec, &series, residual).status,
                    BACKTEST_BAD_INPUT);
}

int main(void)
{
    CU_TestInfo mcneil_frey[] = {
        {"agrees_with_scipy_on_every_series", agrees_with_scipy_on_every_series},
        {"bootstrap_is_that_of_all_samples", bootstrap_is_that_of_all_samples},
        {"a_tie_counts_as_as_extreme", a_tie_counts_as_as_extreme},
        {"the_unit_of_the_losses_cancels", the_unit_of_the_losses_cancels},
        {"larger_losses_make_both_p_values_smaller",
         larger_losses_make_both_p_values_smaller},
        {"has_a_status_where_there_is_no_statistic",
         has_a_status_where_there_is_no_statistic},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"mcneil_frey", NULL, NULL, NULL, NULL, mcneil_frey},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
