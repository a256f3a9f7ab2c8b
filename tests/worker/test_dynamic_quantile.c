#include "tests/check.h"
#include "tests/worker/backtest_reference.h"
#include "worker/dynamic_quantile.h"

#include <gsl/gsl_cdf.h>

static const struct dynamic_quantile_spec paper = {
    .p = 0.05, .n_lags = 4, .constant = true, .var = true};

static double loss[1024], var[1024], gradient[2048];

/* Losses of 0 and VaRs that differ; hits where the pattern of n says so. */
static void fill(size_t n, const char *hits)
{
    for (size_t t = 0; t < n; t++) {
        var[t] = 1.0 + 0.01 * (double)((t * t + 3 * t) % 17);
        loss[t] = hits[t] == '1' ? 2.0 : 0.0;
    }
}

static struct dynamic_quantile_spec spec_of(size_t row, bool with_var)
{
    struct dynamic_quantile_spec spec = paper;

    spec.p = backtest_reference_want(row, "p");
    spec.var = with_var;
    return spec;
}

/* Both solve the normal equations of at most 1000 rows: some 1e-12. */
static void agrees_with_statsmodels_on_every_series(void)
{
    backtest_reference_open();
    for (size_t row = 0; row < BACKTEST_REFERENCE_SERIES; row++) {
        const struct backtest_series s = backtest_reference_series(row);
        const struct dynamic_quantile_spec full = spec_of(row, true),
                                           lags = spec_of(row, false);
        const struct dynamic_quantile a =
            dynamic_quantile_test(&full, s.n, s.loss, s.var, NULL);
        const struct dynamic_quantile b =
            dynamic_quantile_test(&lags, s.n, s.loss, s.var, NULL);

        CU_ASSERT_EQUAL(a.n_bars, (size_t)backtest_reference_want(row, "dq_rows"));
        CU_ASSERT_EQUAL(a.n_bars + a.n_missing, s.n - 4);
        CU_ASSERT_EQUAL(a.n_regressors, 6);
        if (isnan(backtest_reference_want(row, "dq"))) {
            CU_ASSERT_EQUAL(a.status, BACKTEST_SINGULAR); /* a constant VaR */
            CU_ASSERT(isnan(a.dq) && isnan(a.p_value));
        } else {
            CU_ASSERT_EQUAL(a.status, BACKTEST_OK);
            CHECK_REL(a.dq, backtest_reference_want(row, "dq"), 1e-10);
            CHECK_REL(a.p_value, backtest_reference_want(row, "dq_p"), 1e-9);
        }
        CU_ASSERT_EQUAL(b.status, BACKTEST_OK);
        CHECK_REL(b.dq, backtest_reference_want(row, "dq_lags"), 1e-10);
        CHECK_REL(b.p_value, backtest_reference_want(row, "dq_lags_p"), 1e-9);
    }
    backtest_reference_close();
}

/* Theorem 4 with dense matrices in numpy, gradient (1, |loss[t-1]|). */
static void agrees_with_numpy_in_sample(void)
{
    backtest_reference_open();
    for (size_t row = 0; row < BACKTEST_REFERENCE_SERIES; row++) {
        const struct backtest_series s = backtest_reference_series(row);
        struct dynamic_quantile_spec spec = spec_of(row, false);

        spec.constant = false;
        spec.n_gradient = 2;
        spec.bandwidth = backtest_reference_want(row, "width");
        for (size_t t = 0; t < s.n; t++) {
            gradient[2 * t] = 1.0;
            gradient[2 * t + 1] = t > 0 ? fabs(s.loss[t - 1]) : 0.0;
        }
        const struct dynamic_quantile test =
            dynamic_quantile_test(&spec, s.n, s.loss, s.var, gradient);

        CU_ASSERT_EQUAL(test.status, BACKTEST_OK);
        CU_ASSERT_EQUAL(test.n_regressors, 4);
        CHECK_REL(test.dq, backtest_reference_want(row, "dq_in"), 1e-10);
        CHECK_REL(test.p_value, backtest_reference_want(row, "dq_in_p"), 1e-9);
    }
    backtest_reference_close();
}

/* X is a column of ones: DQ is the square of (x - n p) / sqrt(n p (1-p)). */
static void is_the_binomial_score_test_where_there_is_only_the_constant(void)
{
    const struct dynamic_quantile_spec spec = {.p = 0.1, .constant = true};

    fill(40, "0010000100000010000000011000000001000000");
    const struct dynamic_quantile test =
        dynamic_quantile_test(&spec, 40, loss, var, NULL);
    const double z = (6.0 - 4.0) / sqrt(40 * 0.1 * 0.9);

    CU_ASSERT_EQUAL(test.n_hits, 6);
    CHECK_REL(test.dq, z * z, 16 * DBL_EPSILON);
    CHECK_REL(test.p_value, gsl_cdf_chisq_Q(z * z, 1), 64 * DBL_EPSILON);
}

/* Given the hits, VaR enters by its span with the constant alone. */
static void does_not_depend_on_the_unit_of_the_var(void)
{
    backtest_reference_open();
    const struct backtest_series s = backtest_reference_series(0);
    const struct dynamic_quantile one =
        dynamic_quantile_test(&paper, s.n, s.loss, s.var, NULL);

    for (size_t t = 0; t < s.n; t++) {
        const bool hit = backtest_hit(s.loss[t], s.var[t]) == BACKTEST_EXCEEDS;

        var[t] = 5.0 + 1000.0 * s.var[t];
        loss[t] = var[t] + (hit ? 1.0 : -1.0);
    }
    /* 5 / (1000 times a spread of some 0.005) adds a digit of rounding */
    CHECK_REL(dynamic_quantile_test(&paper, s.n, loss, var, NULL).dq, one.dq, 1e-11);
    backtest_reference_close();
}

static void sees_hits_that_follow_hits(void)
{
    fill(80, "0000000000110000000000000011000000000000000000001110000000000000000110"
             "0000000000");
    const struct dynamic_quantile test =
        dynamic_quantile_test(&paper, 80, loss, var, NULL);

    CU_ASSERT_EQUAL(test.status, BACKTEST_OK);
    CU_ASSERT(test.p_value < 1e-3);
}

static void collinear_regressors_are_a_status(void)
{
    static const char quiet[] =
        "000000000000000000000000000000000000000000000000000000";
    static const char full[] = "111111111111111111111111111111111111111111111111111111";
    struct dynamic_quantile_spec spec = paper;

    fill(50, quiet);
    CU_ASSERT_EQUAL(dynamic_quantile_test(&paper, 50, loss, var, NULL).status,
                    BACKTEST_SINGULAR);
    fill(50, full);
    CU_ASSERT_EQUAL(dynamic_quantile_test(&paper, 50, loss, var, NULL).status,
                    BACKTEST_SINGULAR);
    fill(50, "01000100000001000000100000010000100000010000001000");
    CU_ASSERT_EQUAL(dynamic_quantile_test(&paper, 50, loss, var, NULL).status,
                    BACKTEST_OK);
    for (int t = 0; t < 50; t++)
        var[t] = 1.1; /* whose mean is rounded */
    CU_ASSERT_EQUAL(dynamic_quantile_test(&paper, 50, loss, var, NULL).status,
                    BACKTEST_SINGULAR);
    spec.constant = false; /* without the constant it is the constant */
    CU_ASSERT_EQUAL(dynamic_quantile_test(&spec, 50, loss, var, NULL).status,
                    BACKTEST_OK);
    for (int t = 0; t < 50; t++)
        gradient[t] = 1.1; /* the constant lies in the gradient's span */
    spec = (struct dynamic_quantile_spec){
        .p = 0.05, .n_lags = 1, .constant = true, .n_gradient = 1, .bandwidth = 5.0};
    CU_ASSERT_EQUAL(dynamic_quantile_test(&spec, 50, loss, var, gradient).status,
                    BACKTEST_SINGULAR);
    spec.constant = false;
    CU_ASSERT_EQUAL(dynamic_quantile_test(&spec, 50, loss, var, gradient).status,
                    BACKTEST_OK);
    spec.bandwidth = 1e-9; /* no residual so near */
    CU_ASSERT_EQUAL(dynamic_quantile_test(&spec, 50, loss, var, gradient).status,
                    BACKTEST_SINGULAR);
}

static void short_and_senseless_inputs_are_a_status(void)
{
    struct dynamic_quantile_spec spec = paper;

    fill(20, "01000100000001000000");
    CU_ASSERT_EQUAL(dynamic_quantile_test(&paper, 0, loss, var, NULL).status,
                    BACKTEST_NO_DATA);
    CU_ASSERT_EQUAL(dynamic_quantile_test(&paper, 1, loss, var, NULL).status,
                    BACKTEST_NO_DATA);
    CU_ASSERT_EQUAL(dynamic_quantile_test(&paper, 10, loss, var, NULL).status,
                    BACKTEST_TOO_FEW);
    spec.n_lags = 7;
    CU_ASSERT_EQUAL(dynamic_quantile_test(&spec, 20, loss, var, NULL).status,
                    BACKTEST_BAD_INPUT);
    spec = (struct dynamic_quantile_spec){.p = 0.05};
    CU_ASSERT_EQUAL(dynamic_quantile_test(&spec, 20, loss, var, NULL).status,
                    BACKTEST_BAD_INPUT);
    spec = paper;
    spec.p = 1.0;
    CU_ASSERT_EQUAL(dynamic_quantile_test(&spec, 20, loss, var, NULL).status,
                    BACKTEST_BAD_INPUT);
    spec = paper;
    spec.n_gradient = 1;
    CU_ASSERT_EQUAL(dynamic_quantile_test(&spec, 20, loss, var, NULL).status,
                    BACKTEST_BAD_INPUT);
}

/* A missing bar takes its own row and the four that lag to it. */
static void a_missing_bar_takes_its_lags_with_it(void)
{
    fill(50, "01000100000001000000100000010000100000010000001000");
    loss[30] = NAN;
    const struct dynamic_quantile test =
        dynamic_quantile_test(&paper, 50, loss, var, NULL);

    CU_ASSERT_EQUAL(test.n_missing, 5);
    CU_ASSERT_EQUAL(test.n_bars, 41);
}

int main(void)
{
    CU_TestInfo dynamic_quantile[] = {
        {"agrees_with_statsmodels_on_every_series",
         agrees_with_statsmodels_on_every_series},
        {"agrees_with_numpy_in_sample", agrees_with_numpy_in_sample},
        {"is_the_binomial_score_test_where_there_is_only_the_constant",
         is_the_binomial_score_test_where_there_is_only_the_constant},
        {"does_not_depend_on_the_unit_of_the_var",
         does_not_depend_on_the_unit_of_the_var},
        {"sees_hits_that_follow_hits", sees_hits_that_follow_hits},
        {"collinear_regressors_are_a_status", collinear_regressors_are_a_status},
        {"short_and_senseless_inputs_are_a_status",
         short_and_senseless_inputs_are_a_status},
        {"a_missing_bar_takes_its_lags_with_it", a_missing_bar_takes_its_lags_with_it},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"dynamic_quantile", NULL, NULL, NULL, NULL, dynamic_quantile},
        CU_SUITE_INFO_NULL};

    return check_run(suites);
}
