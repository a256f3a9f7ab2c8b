#include "market/random.h"
#include "tests/check.h"
#include "tests/worker/backtest_reference.h"
#include "worker/duration.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

static double loss[20000], var[20000], work[100001];

/* n bars with hits at these places, from 1. */
static struct duration test_of(size_t n, size_t n_hits, const size_t place[])
{
    for (size_t t = 0; t < n; t++)
        loss[t] = 0.0, var[t] = 1.0;
    for (size_t i = 0; i < n_hits; i++)
        loss[place[i] - 1] = 2.0;
    return duration_test(n, loss, var, work);
}

/* The search of the reference stops where its likelihood, about 100, is flat to a few
 * rounding errors: 1e-13 of it, and b to the root of that over its curvature, 1e-6. */
static void agrees_with_scipy_on_every_series(void)
{
    backtest_reference_open();
    for (size_t row = 0; row < BACKTEST_REFERENCE_SERIES; row++) {
        const struct backtest_series s = backtest_reference_series(row);
        const struct duration test = duration_test(s.n, s.loss, s.var, work);

        CU_ASSERT_EQUAL(test.status, BACKTEST_OK);
        CU_ASSERT_EQUAL(test.n_hits, (size_t)backtest_reference_want(row, "hits"));
        CU_ASSERT_EQUAL(test.n_bars, (size_t)backtest_reference_want(row, "bars"));
        CHECK_REL(test.b, backtest_reference_want(row, "b"), 1e-6);
        CHECK_REL(test.log_likelihood, backtest_reference_want(row, "ll"), 1e-12);
        CHECK_REL(test.log_likelihood_one, backtest_reference_want(row, "ll_one"),
                  1e-12);
        CU_ASSERT_DOUBLE_EQUAL(test.lr, backtest_reference_want(row, "duration_lr"),
                               4e-10);
        CU_ASSERT_DOUBLE_EQUAL(test.p_value, backtest_reference_want(row, "duration_p"),
                               1e-9);
    }
    backtest_reference_close();
}

/* ln L from GSL's Weibull law, whole durations 7, 3, 12, 5, cut ones 4 and 9; 2^-40 is
 * a step at which a maximum of curvature about 10 falls by less than a rounding error,
 * so steps of a thousandth are taken. */
static double slow_likelihood(double b, double scale)
{
    static const double whole[] = {7, 3, 12, 5}, cut[] = {4, 9};
    double sum = 0.0;

    for (int i = 0; i < 4; i++)
        sum += log(gsl_ran_weibull_pdf(whole[i], scale, b));
    for (int i = 0; i < 2; i++)
        sum += log(gsl_cdf_weibull_Q(cut[i], scale, b));
    return sum;
}

static void no_other_weibull_law_is_likelier(void)
{
    static const size_t place[] = {4, 11, 14, 26, 31};
    const struct duration test = test_of(40, 5, place);
    double powers = 0.0;

    CU_ASSERT_EQUAL(test.status, BACKTEST_OK);
    for (int i = 0; i < 6; i++)
        powers += pow((double[]){4, 7, 3, 12, 5, 9}[i], test.b);
    const double scale = pow(powers / 4.0, 1.0 / test.b); /* 1/a */

    CHECK_REL(slow_likelihood(test.b, scale), test.log_likelihood, 1e-13);
    CHECK_REL(slow_likelihood(1.0, 40.0 / 4.0), test.log_likelihood_one, 1e-13);
    for (int i = -3; i <= 3; i++)
        for (int j = -3; j <= 3; j++)
            CU_ASSERT((i == 0 && j == 0) ||
                      slow_likelihood(test.b * (1 + 1e-3 * i), scale * (1 + 1e-3 * j)) <
                          test.log_likelihood);
}

/* A first hit at bar 2 cuts a duration of 2, one bar behind the last a duration of 1;
 * at the very ends there is nothing to cut. */
static void durations_are_cut_at_both_ends(void)
{
    static const size_t inner[] = {2, 9, 12, 24, 29}, ends[] = {1, 8, 11, 23, 28};
    const double all = 2 + 7 + 3 + 12 + 5 + 1;

    CHECK_REL(test_of(30, 5, inner).log_likelihood_one, 4 * log(4 / all) - 4, 1e-13);
    CHECK_REL(test_of(28, 5, ends).log_likelihood_one, 4 * log(4 / 27.0) - 4, 1e-13);
}

/* Longer bars of the same hits: every D is c times as long. */
static void does_not_depend_on_the_unit_of_time(void)
{
    static const size_t place[] = {4, 11, 14, 26, 31};
    const struct duration one = test_of(40, 5, place);

    for (size_t c = 2; c < 100; c += 7) {
        size_t far[5];

        for (int i = 0; i < 5; i++)
            far[i] = c * place[i];
        const struct duration more = test_of(40 * c, 5, far);

        CHECK_REL(more.b, one.b, 1e-13);
        CU_ASSERT_DOUBLE_EQUAL(more.lr, one.lr, 1e-12);
    }
}

static void finds_clusters_below_one_and_regularity_above(void)
{
    static const size_t clusters[] = {100, 101, 103, 300, 302, 303, 700, 701};
    static const size_t regular[] = {100, 199, 301, 400, 502, 600, 699, 800};
    const struct duration low = test_of(900, 8, clusters);
    const struct duration high = test_of(900, 8, regular);

    CU_ASSERT(low.b < 0.7 && low.p_value < 0.05);
    CU_ASSERT(high.b > 3.0 && high.p_value < 0.01);
}

static void has_a_status_where_there_is_no_maximum(void)
{
    static const size_t every[] = {10, 20, 30, 40}, first[] = {1, 2}, last[] = {49, 50};

    CU_ASSERT_EQUAL(test_of(49, 4, every).status, BACKTEST_NO_MAXIMUM);
    CU_ASSERT(isnan(test_of(49, 4, every).lr) && isnan(test_of(49, 4, every).b));
    /* a cut duration that is longer makes it finite again */
    CU_ASSERT_EQUAL(test_of(51, 4, every).status, BACKTEST_OK);
    CU_ASSERT_EQUAL(test_of(50, 2, first).status, BACKTEST_OK);
    CU_ASSERT_EQUAL(test_of(50, 2, last).status, BACKTEST_OK);
    CU_ASSERT_EQUAL(test_of(2, 2, first).status, BACKTEST_ALL_HIT);
    CU_ASSERT_EQUAL(test_of(50, 1, every).status, BACKTEST_TOO_FEW);
    CU_ASSERT_EQUAL(test_of(50, 0, every).status, BACKTEST_NO_HIT);
    CU_ASSERT_EQUAL(test_of(1, 0, every).status, BACKTEST_NO_HIT);
    CU_ASSERT_EQUAL(test_of(1, 1, first).status, BACKTEST_ALL_HIT);
    CU_ASSERT_EQUAL(test_of(0, 0, every).status, BACKTEST_NO_DATA);
    CU_ASSERT(isnan(test_of(50, 1, every).p_value));
}

/* b near where powers overflow: durations that differ by one bar in 9000 */
static void stays_finite_with_durations_almost_alike(void)
{
    static const size_t place[] = {1, 9001, 18000};
    const struct duration test = test_of(18000, 3, place);

    CU_ASSERT_EQUAL(test.status, BACKTEST_OK);
    CU_ASSERT(test.b > 1e3 && isfinite(test.b) && isfinite(test.lr) && test.lr > 0.0);
}

static void missing_bars_have_no_part_in_the_clock(void)
{
    static const size_t place[] = {4, 11, 14, 26, 31};
    const struct duration whole = test_of(40, 5, place);

    for (size_t t = 40; t > 20; t--) /* insert ten gaps at 20 */
        loss[t + 9] = loss[t - 1], var[t + 9] = 1.0;
    for (size_t t = 20; t < 30; t++)
        loss[t] = NAN, var[t] = 1.0;
    const struct duration gaps = duration_test(50, loss, var, work);

    CU_ASSERT_EQUAL(gaps.n_missing, 10);
    CU_ASSERT(gaps.b == whole.b && gaps.lr == whole.lr);
}

/* Many hits and a small p, so that whole bars do not matter: chi-squared holds.  2000
 * samples: 4 standard errors of a p of 5 % and of 50 % are 0.0195 and 0.045. */
static void simulated_p_agrees_with_chi_squared_where_that_holds(void)
{
    const double level[] = {0.05, 0.5}, error[] = {0.0195, 0.045};

    for (int i = 0; i < 2; i++) {
        const double lr = gsl_cdf_chisq_Qinv(level[i], 1.0);
        const struct backtest_null null =
            duration_simulated_p(100000, 0.002, lr, 2000, 20, work);

        CU_ASSERT_DOUBLE_EQUAL(null.p_value, level[i], error[i]);
        CU_ASSERT_EQUAL(null.n_simulated + null.n_left_out, 2000);
    }
}

/* 500 hits at 5 %: a geometric law is not exponential, and the ratio sees it.  The
 * chi-squared law would reject a right VaR far too often; the simulated p does not. */
static void simulated_p_knows_that_bars_are_whole(void)
{
    const double lr = gsl_cdf_chisq_Qinv(0.05, 1.0);

    CU_ASSERT(duration_simulated_p(10000, 0.05, lr, 1000, 20, work).p_value > 0.4);
}

static void simulated_p_counts_samples_without_a_statistic(void)
{
    /* P(fewer than 2 of 100 at 1 %) = 0.7358, 4 standard errors 0.028; besides them the
     * regular ones, few: two hits exactly D after D or so */
    const struct backtest_null null =
        duration_simulated_p(100, 0.01, 1.0, 4000, 7, work);
    const struct backtest_null again =
        duration_simulated_p(100, 0.01, 1.0, 4000, 7, work);
    const struct backtest_null none = duration_simulated_p(100, 0.01, NAN, 10, 7, work);

    CU_ASSERT(null.n_left_out > (0.7358 - 0.028) * 4000);
    CU_ASSERT(null.n_left_out < (0.7358 + 0.028 + 0.1) * 4000);
    CU_ASSERT(memcmp(&null, &again, sizeof null) == 0);
    CU_ASSERT(null.p_value > 0.0 && null.p_value < 1.0);
    CU_ASSERT(isnan(none.p_value));
    CU_ASSERT(isnan(duration_simulated_p(100, 1.0, 1.0, 10, 7, work).p_value));
}

int main(void)
{
    CU_TestInfo duration[] = {
        {"agrees_with_scipy_on_every_series", agrees_with_scipy_on_every_series},
        {"no_other_weibull_law_is_likelier", no_other_weibull_law_is_likelier},
        {"durations_are_cut_at_both_ends", durations_are_cut_at_both_ends},
        {"does_not_depend_on_the_unit_of_time", does_not_depend_on_the_unit_of_time},
        {"finds_clusters_below_one_and_regularity_above",
         finds_clusters_below_one_and_regularity_above},
        {"has_a_status_where_there_is_no_maximum",
         has_a_status_where_there_is_no_maximum},
        {"stays_finite_with_durations_almost_alike",
         stays_finite_with_durations_almost_alike},
        {"missing_bars_have_no_part_in_the_clock",
         missing_bars_have_no_part_in_the_clock},
        {"simulated_p_agrees_with_chi_squared_where_that_holds",
         simulated_p_agrees_with_chi_squared_where_that_holds},
        {"simulated_p_knows_that_bars_are_whole",
         simulated_p_knows_that_bars_are_whole},
        {"simulated_p_counts_samples_without_a_statistic",
         simulated_p_counts_samples_without_a_statistic},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"duration", NULL, NULL, NULL, NULL, duration},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
