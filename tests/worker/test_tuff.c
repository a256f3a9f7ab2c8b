#include "tests/check.h"
#include "tests/worker/backtest_reference.h"
#include "worker/tuff.h"

#include <gsl/gsl_randist.h>

/* MathWorks, Risk Management Toolbox, varbacktest/tuff, example "EquityIndex": Normal95
 * fails first on day 58 of 1043, LRatioTUFF 1.7354, PValueTUFF 0.18773; half a unit of
 * the last digit. */
static void gives_the_published_value_of_the_equity_index(void)
{
    static double loss[1043], var[1043];

    for (int t = 0; t < 1043; t++)
        var[t] = 1.0;
    loss[57] = loss[90] = 2.0;
    const struct tuff tuff = tuff_test(1043, loss, var, 0.05);

    CU_ASSERT_EQUAL(tuff.status, BACKTEST_OK);
    CU_ASSERT_EQUAL(tuff.first, 58);
    CU_ASSERT_DOUBLE_EQUAL(tuff.lr, 1.7354, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(tuff.p_value, 0.18773, 5e-6);
}

/* ln of a probability loses its digits' absolute size, about 10 eps each: lr to 1e-12
 */
static void agrees_with_the_geometric_likelihoods(void)
{
    static const double level[] = {0.01, 0.025, 0.05};

    for (size_t i = 0; i < 3; i++)
        for (unsigned t = 1; t < 1500; t += 3) {
            const double promised = log(gsl_ran_geometric_pdf(t, level[i]));
            const double fitted = log(gsl_ran_geometric_pdf(t, 1.0 / t));

            CU_ASSERT_DOUBLE_EQUAL(tuff_ratio(t, level[i]), 2 * (fitted - promised),
                                   1e-12);
        }
}

static void agrees_with_scipy_on_every_series(void)
{
    backtest_reference_open();
    for (size_t row = 0; row < BACKTEST_REFERENCE_SERIES; row++) {
        const struct backtest_series s = backtest_reference_series(row);
        const struct tuff tuff =
            tuff_test(s.n, s.loss, s.var, backtest_reference_want(row, "p"));

        CU_ASSERT_EQUAL(tuff.status, BACKTEST_OK);
        CU_ASSERT_EQUAL(tuff.first, (size_t)backtest_reference_want(row, "first"));
        CU_ASSERT_EQUAL(tuff.n_bars, (size_t)backtest_reference_want(row, "bars"));
        CU_ASSERT_EQUAL(tuff.n_bars + tuff.n_missing, s.n);
        CU_ASSERT_DOUBLE_EQUAL(tuff.lr, backtest_reference_want(row, "tuff_lr"), 1e-12);
        CHECK_REL(tuff.p_value, backtest_reference_want(row, "tuff_p"), 1e-11);
    }
    backtest_reference_close();
}

static void is_nothing_at_the_expected_time_and_rises_away_from_it(void)
{
    CU_ASSERT(tuff_ratio(100, 0.01) < 1e-20);
    for (size_t t = 100; t < 3000; t++)
        CU_ASSERT(tuff_ratio(t + 1, 0.01) > tuff_ratio(t, 0.01));
    for (size_t t = 100; t > 1; t--)
        CU_ASSERT(tuff_ratio(t - 1, 0.01) > tuff_ratio(t, 0.01));
    CHECK_REL(tuff_ratio(1, 0.01), -2.0 * log(0.01), 8 * DBL_EPSILON);
}

/* By adding up the law until nothing is left of it that 1e-13 would show. */
static void exact_is_the_sum_over_times_as_far_out(void)
{
    static const double level[] = {0.01, 0.025, 0.05, 0.3};

    for (size_t i = 0; i < 4; i++)
        for (unsigned first = 1; first < 900; first += 1 + first / 5) {
            const double lr = tuff_ratio(first, level[i]);
            double sum = 0.0;

            for (unsigned t = 1; (double)t * level[i] < 40.0; t++)
                if (tuff_ratio(t, level[i]) >= lr * (1 - 1e-12))
                    sum += gsl_ran_geometric_pdf(t, level[i]);
            CU_ASSERT_DOUBLE_EQUAL(tuff_exact_p(first, level[i]), sum, 1e-12);
        }
    CU_ASSERT_DOUBLE_EQUAL(tuff_exact_p(100, 0.01), 1.0, 1e-15);
}

static void nothing_after_the_first_hit_matters(void)
{
    double loss[400], var[400];

    for (int t = 0; t < 400; t++)
        loss[t] = 0.0, var[t] = 1.0;
    loss[123] = 1.5;
    const struct tuff before = tuff_test(400, loss, var, 0.01);

    for (int t = 124; t < 400; t++)
        loss[t] = 9.0;
    const struct tuff after = tuff_test(400, loss, var, 0.01);

    CU_ASSERT(before.status == after.status && before.first == after.first);
    CU_ASSERT(before.lr == after.lr && before.p_value == after.p_value);
}

static void says_what_a_sample_without_a_hit_can_say(void)
{
    static double loss[600], var[600];

    for (int t = 0; t < 600; t++)
        var[t] = 1.0;
    const struct tuff quiet = tuff_test(80, loss, var, 0.01);
    const struct tuff late = tuff_test(600, loss, var, 0.01);

    CU_ASSERT_EQUAL(quiet.status, BACKTEST_NO_HIT);
    CU_ASSERT(isnan(quiet.lr) && isnan(quiet.p_value) && isnan(quiet.p_at_most));
    CU_ASSERT_EQUAL(late.status, BACKTEST_NO_HIT);
    CU_ASSERT(isnan(late.lr) && isnan(late.p_value));
    loss[599] = 2.0;
    CU_ASSERT(tuff_test(600, loss, var, 0.01).p_value > late.p_at_most);
    CU_ASSERT(late.p_at_most > 0.0 && late.p_at_most < 0.05);
}

static void leaves_out_what_is_missing(void)
{
    const double loss[] = {NAN, 0.0, 2.0, 0.0, 2.0}, var[] = {1, 1, NAN, 1, 1};
    const struct tuff tuff = tuff_test(5, loss, var, 0.05);

    CU_ASSERT_EQUAL(tuff.first, 3);
    CU_ASSERT_EQUAL(tuff.n_bars, 3);
    CU_ASSERT_EQUAL(tuff.n_missing, 2);
    CU_ASSERT_EQUAL(tuff_test(1, loss, var, 0.05).status, BACKTEST_NO_DATA);
    CU_ASSERT_EQUAL(tuff_test(0, loss, var, 0.05).status, BACKTEST_NO_DATA);
    CU_ASSERT_EQUAL(tuff_test(5, loss, var, 0.0).status, BACKTEST_BAD_INPUT);
    CU_ASSERT_EQUAL(tuff_test(5, loss, var, NAN).status, BACKTEST_BAD_INPUT);
    CU_ASSERT_EQUAL(tuff_test(1, loss + 4, var + 4, 0.05).first, 1);
}

int main(void)
{
    CU_TestInfo tuff[] = {
        {"gives_the_published_value_of_the_equity_index",
         gives_the_published_value_of_the_equity_index},
        {"agrees_with_the_geometric_likelihoods",
         agrees_with_the_geometric_likelihoods},
        {"agrees_with_scipy_on_every_series", agrees_with_scipy_on_every_series},
        {"is_nothing_at_the_expected_time_and_rises_away_from_it",
         is_nothing_at_the_expected_time_and_rises_away_from_it},
        {"exact_is_the_sum_over_times_as_far_out",
         exact_is_the_sum_over_times_as_far_out},
        {"nothing_after_the_first_hit_matters", nothing_after_the_first_hit_matters},
        {"says_what_a_sample_without_a_hit_can_say",
         says_what_a_sample_without_a_hit_can_say},
        {"leaves_out_what_is_missing", leaves_out_what_is_missing},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"tuff", NULL, NULL, NULL, NULL, tuff},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
