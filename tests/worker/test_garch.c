#include "market/random.h"
#include "tests/check.h"
#include "tests/reference.h"
#include "worker/garch_fit.h"
#include "worker/lngamma.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_psi.h>
#include <stdlib.h>

static const char *const names[GARCH_PARAMETERS] = {"mu",    "omega", "alpha",
                                                    "gamma", "beta",  "nu"};

/* ---- series ---------------------------------------------------------------------- */

static double r[8192];
static size_t n;

static bool read_column(struct reference *table, const char *column)
{
    n = 0;
    for (size_t i = 0; i < table->n_rows; i++)
        r[n++] = reference_real(table, i, column);
    reference_close(table);
    return n > 0;
}

static bool read_series(const char *series)
{
    struct reference table;

    if (strcmp(series, "simulated") == 0)
        return reference_open("garch_series.csv", &table) && read_column(&table, "r");
    if (strcmp(series, "dem2gbp") == 0)
        return reference_open_data("gpl/benchmarks/fGarch_dem2gbp_1974obs.csv.gz",
                                   &table) &&
               read_column(&table, "DEM2GBP");
    if (!reference_open_data("permissive/benchmarks/arch_sp500_1d_1999-2018.csv.gz",
                             &table) ||
        !read_column(&table, "Adj Close"))
        return false;
    for (size_t t = 0; t + 1 < n; t++)
        r[t] = 100.0 * log(r[t + 1] / r[t]);
    n--;
    return true;
}

/* A GJR path of m returns with Student-t (nu > 2) or normal (nu = 0) innovations. */
static void simulate(uint64_t seed, size_t m, const double parameter[GARCH_PARAMETERS])
{
    const double nu = parameter[GARCH_NU];
    double h = parameter[GARCH_OMEGA] / (1.0 - garch_persistence(parameter));

    n = m;
    for (size_t t = 0; t < m; t++) {
        struct random random = random_at(seed, 1, 0, (uint32_t)t);
        double z = random_normal(&random);

        if (nu > 0.0)
            z *= sqrt((nu - 2.0) / (2.0 * random_gamma(&random, 0.5 * nu)));
        const double e = sqrt(h) * z;
        r[t] = parameter[GARCH_MU] + e;
        h = parameter[GARCH_OMEGA] + parameter[GARCH_BETA] * h +
            (parameter[GARCH_ALPHA] + (e < 0.0 ? parameter[GARCH_GAMMA] : 0.0)) * e * e;
    }
}

static const double truth[GARCH_PARAMETERS] = {0.03, 0.05, 0.04, 0.09, 0.86, 6.0};

static struct garch_fit fit_of(const struct garch_spec *spec)
{
    struct garch_fit fit;

    CU_ASSERT_FATAL(garch_fit(spec, n, r, NULL, &fit, NULL) == 0);
    return fit;
}

/* ---- published figures ------------------------------------------------------------
 */

static enum garch_start start_named(const char *name)
{
    return strcmp(name, "first") == 0           ? GARCH_START_FIRST
           : strcmp(name, "unconditional") == 0 ? GARCH_START_UNCONDITIONAL
           : strcmp(name, "backcast") == 0      ? GARCH_START_BACKCAST
                                                : GARCH_START_MEAN;
}

static void check_errors(const struct reference *table, size_t row, const char *kind,
                         const double error[GARCH_PARAMETERS], double tolerance)
{
    for (int i = 0; i < GARCH_PARAMETERS; i++) {
        char column[REFERENCE_CELL];

        snprintf(column, sizeof column, "%s_%s", kind, names[i]);
        const double want = reference_real(table, row, column);
        if (!isnan(want))
            CHECK_REL(error[i], want, tolerance);
    }
}

/* R's maximum is found without a gradient to about 1e-7 standard errors, fGarch's stops
 * at 1e-3 of them.  numDeriv's second differences of ln L, about 3000, over steps of a
 * thousandth have 3000 2^-53 / 1e-6 = 3e-7 of rounding before extrapolation enlarges
 * it: 1e-5.  fGarch's errors come from one difference and are worth 2 digits.  Where
 * both mu and gamma are free the Hessian jumps as mu passes a return: 1e-4. */
static void check_row(const struct reference *table, size_t row)
{
    const struct garch_spec spec = {
        .gjr = reference_real(table, row, "gjr") == 1.0,
        .student = reference_real(table, row, "student") == 1.0,
        .mean = reference_real(table, row, "mean") == 1.0,
        .targeting = reference_real(table, row, "targeting") == 1.0,
        .start = start_named(reference_text(table, row, "start")),
        .start_window = 50,
    };
    const struct garch_fit fit = fit_of(&spec);
    const bool exact = strcmp(reference_text(table, row, "source"), "optim") == 0;

    CU_ASSERT_EQUAL(fit.status, GARCH_CONVERGED);
    CU_ASSERT(fit.distance < 1e-9);
    CHECK_REL(fit.log_likelihood, reference_real(table, row, "ll"), 1e-11);
    for (int i = 0; i < GARCH_PARAMETERS; i++) {
        const double want = reference_real(table, row, names[i]);

        if (isnan(want))
            continue;
        const double error = fit.error[GARCH_HESSIAN][i];
        CU_ASSERT(fabs(fit.parameter[i] - want) < (exact ? 1e-5 : 2e-3) * error);
    }
    const double tolerance = !exact ? 0.05 : spec.gjr && spec.mean ? 1e-4 : 1e-5;
    check_errors(table, row, "hessian", fit.error[GARCH_HESSIAN], tolerance);
    check_errors(table, row, "opg", fit.error[GARCH_OPG], 1e-5);
    check_errors(table, row, "qmle", fit.error[GARCH_QMLE], tolerance);
}

static size_t check_series(const char *series)
{
    struct reference table;
    size_t n_checked = 0;

    if (!read_series(series))
        return 0;
    CU_ASSERT_FATAL(reference_open("garch_reference.csv", &table));
    for (size_t row = 0; row < table.n_rows; row++)
        if (strcmp(reference_text(&table, row, "series"), series) == 0) {
            check_row(&table, row);
            n_checked++;
        }
    reference_close(&table);
    CU_ASSERT(n_checked > 0);
    return n_checked;
}

static void agrees_with_r_and_fgarch_on_a_simulated_series(void)
{
    CU_ASSERT_EQUAL(check_series("simulated"), 13);
}

static void agrees_with_r_and_fgarch_on_real_series(void)
{
    check_series("dem2gbp");
    check_series("sp500");
}

/* Fiorentini, Calzolari, Panattoni (1996), J. Applied Econometrics 11; the benchmark of
 * McCullough and Renfro (1999) and of Brooks, Burke, Persand (2001). */
static void has_every_digit_of_the_bollerslev_ghysels_benchmark(void)
{
    static const struct {
        enum garch_parameter i;
        double estimate, hessian, qmle, half_digit[3];
    } published[] = {
        {GARCH_MU, -0.00619041, 0.00846212, 0.00918935, {5e-9, 5e-9, 5e-9}},
        {GARCH_OMEGA, 0.0107613, 0.00285271, 0.00649319, {1.5e-7, 5e-9, 5e-9}},
        {GARCH_ALPHA, 0.153134, 0.0265228, 0.0535317, {5e-7, 5e-8, 5e-8}},
        {GARCH_BETA, 0.805974, 0.0335527, 0.0724614, {5e-7, 5e-8, 5e-8}},
    };
    const struct garch_spec spec = {.mean = true};

    if (!read_series("dem2gbp"))
        return;
    CU_ASSERT_EQUAL(n, 1974);
    const struct garch_fit fit = fit_of(&spec);
    CU_ASSERT_EQUAL(fit.status, GARCH_CONVERGED);
    CHECK_REL(fit.log_likelihood, -1106.607881, 1e-10);
    for (size_t k = 0; k < sizeof published / sizeof *published; k++) {
        const enum garch_parameter i = published[k].i;

        CU_ASSERT(fabs(fit.parameter[i] - published[k].estimate) <=
                  published[k].half_digit[0]);
        CU_ASSERT(fabs(fit.error[GARCH_HESSIAN][i] - published[k].hessian) <=
                  published[k].half_digit[1]);
        CU_ASSERT(fabs(fit.error[GARCH_QMLE][i] - published[k].qmle) <=
                  published[k].half_digit[2]);
    }
}

/* ---- the likelihood ----------------------------------------------------------------
 */

/* Written from the header alone: no recursion, h[t] = its sum over the past. */
static double slow_variance(const double p[GARCH_PARAMETERS], double b, size_t t)
{
    double sum = 0.0, weight = 1.0;

    for (size_t j = t; j-- > 0; weight *= p[GARCH_BETA]) {
        const double e = r[j] - p[GARCH_MU];

        sum += weight *
               (p[GARCH_OMEGA] + (p[GARCH_ALPHA] + (e < 0) * p[GARCH_GAMMA]) * e * e);
    }
    return sum + weight * (p[GARCH_OMEGA] + garch_persistence(p) * b);
}

static void filter_is_the_sum_over_the_past(void)
{
    static double h[748];

    simulate(1, 747, truth);
    garch_filter(truth, 1.3, n, r, h);
    for (size_t t = 0; t <= n; t += 13)
        CHECK_REL(h[t], slow_variance(truth, 1.3, t), 1e-13);
}

static void filter_takes_a_missing_return_for_its_expectation(void)
{
    double h[4];

    simulate(2, 3, truth);
    r[1] = NAN;
    garch_filter(truth, 2.0, n, r, h);
    CHECK_REL(h[2], truth[GARCH_OMEGA] + garch_persistence(truth) * h[1], 1e-15);
}

static void filter_never_looks_ahead(void)
{
    static double h[2][501];

    simulate(3, 500, truth);
    garch_filter(truth, 1.0, n, r, h[0]);
    r[300] += 5.0;
    garch_filter(truth, 1.0, n, r, h[1]);
    CU_ASSERT(memcmp(h[0], h[1], 301 * sizeof(double)) == 0); /* h[300] is of r[300] */
    CU_ASSERT(h[0][301] != h[1][301]);
}

static void horizon_is_the_mean_of_the_forecasts(void)
{
    double c[2], h = 3.7, sum = 0.0;

    for (int j = 0; j < 13; j++) {
        sum += h;
        h = truth[GARCH_OMEGA] + garch_persistence(truth) * h;
    }
    garch_horizon(truth, 13, c);
    CHECK_REL(c[0] + c[1] * 3.7, sum / 13, 1e-14);
    garch_horizon(truth, 1, c);
    CU_ASSERT(c[0] == 0.0 && c[1] == 1.0);
}

static double likelihood_at(const struct garch_spec *spec,
                            const struct garch_sample *sample, int i, double step)
{
    double p[GARCH_PARAMETERS];

    memcpy(p, truth, sizeof p);
    p[i] += step;
    return garch_likelihood(spec, sample, p, NULL, NULL);
}

/* Five points, step d: truncation of the order of d^4 = 1e-14, rounding of ln L (1e-16
 * of about 2000) over d = 3e-4: 1e-9, on gradients of 1 to 1000. */
static void check_gradient(const struct garch_spec *spec)
{
    const struct garch_sample sample = garch_sample_of(spec, n, r);
    double gradient[GARCH_PARAMETERS], outer[GARCH_PARAMETERS * GARCH_PARAMETERS];

    garch_likelihood(spec, &sample, truth, gradient, outer);
    for (int i = 0; i < GARCH_PARAMETERS; i++) {
        const double d = 3e-4 * fmax(truth[i], 0.1);
        const double slope = (8.0 * (likelihood_at(spec, &sample, i, d) -
                                     likelihood_at(spec, &sample, i, -d)) -
                              (likelihood_at(spec, &sample, i, 2 * d) -
                               likelihood_at(spec, &sample, i, -2 * d))) /
                             (12.0 * d);
        if (i == GARCH_NU && !spec->student)
            CU_ASSERT_EQUAL(gradient[i], 0.0);
        CU_ASSERT(fabs(gradient[i] - slope) < 1e-6 * (1.0 + fabs(slope)));
    }
}

static void gradient_is_that_of_the_likelihood(void)
{
    simulate(4, 1013, truth);
    r[3] = r[500] = r[501] = NAN;
    for (int start = 0; start < GARCH_N_STARTS; start++)
        for (int student = 0; student < 2; student++) {
            const struct garch_spec spec = {.gjr = true,
                                            .student = student,
                                            .mean = true,
                                            .start = (enum garch_start)start,
                                            .start_window = 40};
            check_gradient(&spec);
        }
}

static void gamma_functions_agree_with_other_libraries(void)
{
    for (double x = 0.26; x < 600.0; x *= 1.013) {
        CU_ASSERT(fabs(lngamma(x) - lgamma(x)) < 1e-14 * (1.0 + fabs(lgamma(x))));
        CU_ASSERT(fabs(digamma(x) - gsl_sf_psi(x)) <
                  1e-14 * (1.0 + fabs(gsl_sf_psi(x))));
    }
}

/* ---- fits --------------------------------------------------------------------------
 */

/* Scaling is by powers of two: exact. */
static void doubling_the_returns_doubles_sigma_to_the_bit(void)
{
    const struct garch_spec spec = {.gjr = true, .student = true, .mean = true};

    simulate(5, 1500, truth);
    const struct garch_fit one = fit_of(&spec);
    for (size_t t = 0; t < n; t++)
        r[t] *= 0x1p-9;
    const struct garch_fit small = fit_of(&spec);
    CU_ASSERT_EQUAL(one.status, GARCH_CONVERGED);
    CU_ASSERT_EQUAL(small.status, GARCH_CONVERGED);
    CU_ASSERT(small.parameter[GARCH_MU] == 0x1p-9 * one.parameter[GARCH_MU]);
    CU_ASSERT(small.parameter[GARCH_OMEGA] == 0x1p-18 * one.parameter[GARCH_OMEGA]);
    for (int i = GARCH_ALPHA; i <= GARCH_NU; i++)
        CU_ASSERT(small.parameter[i] == one.parameter[i]);
    CU_ASSERT(small.error[GARCH_QMLE][GARCH_OMEGA] ==
              0x1p-18 * one.error[GARCH_QMLE][GARCH_OMEGA]);
}

static void fewer_than_a_hundred_returns_are_no_fit(void)
{
    const struct garch_spec spec = {.student = true};

    simulate(6, 150, truth);
    for (size_t t = 0; t < 51; t++)
        r[2 * t] = NAN;
    struct garch_fit fit = fit_of(&spec);
    CU_ASSERT_EQUAL(fit.n_there, 99);
    CU_ASSERT_EQUAL(fit.status, GARCH_TOO_FEW);
    r[0] = 0.1;
    CU_ASSERT(fit_of(&spec).status != GARCH_TOO_FEW);
    n = 0;
    fit = fit_of(&spec);
    CU_ASSERT_EQUAL(fit.status, GARCH_TOO_FEW);
    CU_ASSERT(isnan(fit.parameter[GARCH_ALPHA]) && isnan(fit.log_likelihood));
    CU_ASSERT_FALSE(garch_is_estimate(&fit));
    CU_ASSERT_STRING_EQUAL(garch_status_name(fit.status), "too few returns");
}

static void frozen_prices_are_a_status(void)
{
    const struct garch_spec spec = {0};

    n = 400;
    for (size_t t = 0; t < n; t++)
        r[t] = 0.0;
    CU_ASSERT_EQUAL(fit_of(&spec).status, GARCH_CONSTANT);
    for (size_t t = 0; t < n; t++)
        r[t] = 0.01;
    CU_ASSERT_EQUAL(fit_of(&spec).status, GARCH_CONSTANT);
}

/* Student's density at 0 grows with 1/sigma, and one return in twenty lowers it by no
 * more than sigma^nu: the more frozen, the nearer to 0 is the most likely variance. */
static void a_variance_of_nothing_is_no_estimate(void)
{
    const struct garch_spec spec = {.student = true};

    n = 400;
    for (size_t t = 0; t < n; t++)
        r[t] = t % 20 == 7 ? 0.01 * (double)((int)(t / 20) % 5 - 2) : 0.0;
    const struct garch_fit fit = fit_of(&spec);
    CU_ASSERT_EQUAL(fit.status, GARCH_NOT_CONVERGED);
    CU_ASSERT_FALSE(garch_is_estimate(&fit));
}

static void squares_beyond_a_double_are_no_estimate(void)
{
    const struct garch_spec spec = {0};

    simulate(7, 400, truth);
    r[100] = 1e200;
    const struct garch_fit fit = fit_of(&spec);
    CU_ASSERT_EQUAL(fit.status, GARCH_NOT_CONVERGED);
    CU_ASSERT(isnan(fit.parameter[GARCH_OMEGA]));
    r[100] = INFINITY;
    CU_ASSERT_EQUAL(fit_of(&spec).status, GARCH_NOT_CONVERGED);
}

/* The published data's Student-t maximum has persistence 1: fGarch's unconstrained one
 * is 0.1243 + 0.8844 > 1 (Wuertz, fGarch). */
static void a_maximum_on_a_bound_says_so_and_has_no_errors(void)
{
    const struct garch_spec spec = {.mean = true, .student = true};
    char text[GARCH_BOUNDS_TEXT_MAX];

    if (!read_series("dem2gbp"))
        return;
    const struct garch_fit fit = fit_of(&spec);
    CU_ASSERT_EQUAL(fit.status, GARCH_AT_BOUND);
    CU_ASSERT(fit.persistence == 1.0 - 0x1p-20);
    CU_ASSERT_STRING_EQUAL(garch_bounds_text(&fit, text), "persistence 1");
    CU_ASSERT(isnan(fit.error[GARCH_HESSIAN][GARCH_ALPHA]));
    CU_ASSERT(garch_is_estimate(&fit));
}

static void a_near_start_gives_the_same_maximum_for_less(void)
{
    const struct garch_spec spec = {.gjr = true, .student = true};

    simulate(8, 3001, truth);
    const struct garch_fit far = fit_of(&spec);
    struct garch_fit near;
    CU_ASSERT_FATAL(garch_fit(&spec, n, r, far.parameter, &near, NULL) == 0);
    CU_ASSERT_EQUAL(near.status, GARCH_CONVERGED);
    CU_ASSERT(near.n_evaluations < far.n_evaluations / 2);
    for (int i = GARCH_OMEGA; i <= GARCH_NU; i++)
        CU_ASSERT(fabs(near.parameter[i] - far.parameter[i]) <
                  1e-8 * far.error[GARCH_HESSIAN][i]);
}

/* 40 series, 5 parameters: that of 200 (dependent) 95 % intervals 180 to 198 hold the
 * truth is about +-3 standard deviations even with strong dependence. */
static void intervals_hold_the_truth_as_often_as_they_should(void)
{
    const struct garch_spec spec = {.gjr = true, .student = true};
    double p[GARCH_PARAMETERS];
    int n_held = 0, n_there = 0;

    memcpy(p, truth, sizeof p);
    p[GARCH_MU] = 0.0;
    for (uint64_t seed = 100; seed < 140; seed++) {
        simulate(seed, 3000, p);
        const struct garch_fit fit = fit_of(&spec);
        CU_ASSERT(garch_is_estimate(&fit));
        for (int i = GARCH_OMEGA; fit.status == GARCH_CONVERGED && i <= GARCH_NU; i++) {
            n_there++;
            n_held +=
                fabs(fit.parameter[i] - p[i]) < 1.96 * fit.error[GARCH_HESSIAN][i];
        }
    }
    CU_ASSERT(n_there >= 190);
    CU_ASSERT(n_held > 0.90 * n_there && n_held < 0.99 * n_there);
}

int main(void)
{
    CU_TestInfo published[] = {
        {"has_every_digit_of_the_bollerslev_ghysels_benchmark",
         has_every_digit_of_the_bollerslev_ghysels_benchmark},
        {"agrees_with_r_and_fgarch_on_a_simulated_series",
         agrees_with_r_and_fgarch_on_a_simulated_series},
        {"agrees_with_r_and_fgarch_on_real_series",
         agrees_with_r_and_fgarch_on_real_series},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo likelihood[] = {
        {"filter_is_the_sum_over_the_past", filter_is_the_sum_over_the_past},
        {"filter_takes_a_missing_return_for_its_expectation",
         filter_takes_a_missing_return_for_its_expectation},
        {"filter_never_looks_ahead", filter_never_looks_ahead},
        {"horizon_is_the_mean_of_the_forecasts", horizon_is_the_mean_of_the_forecasts},
        {"gradient_is_that_of_the_likelihood", gradient_is_that_of_the_likelihood},
        {"gamma_functions_agree_with_other_libraries",
         gamma_functions_agree_with_other_libraries},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo fits[] = {
        {"doubling_the_returns_doubles_sigma_to_the_bit",
         doubling_the_returns_doubles_sigma_to_the_bit},
        {"fewer_than_a_hundred_returns_are_no_fit",
         fewer_than_a_hundred_returns_are_no_fit},
        {"frozen_prices_are_a_status", frozen_prices_are_a_status},
        {"a_variance_of_nothing_is_no_estimate", a_variance_of_nothing_is_no_estimate},
        {"squares_beyond_a_double_are_no_estimate",
         squares_beyond_a_double_are_no_estimate},
        {"a_maximum_on_a_bound_says_so_and_has_no_errors",
         a_maximum_on_a_bound_says_so_and_has_no_errors},
        {"a_near_start_gives_the_same_maximum_for_less",
         a_near_start_gives_the_same_maximum_for_less},
        {"intervals_hold_the_truth_as_often_as_they_should",
         intervals_hold_the_truth_as_often_as_they_should},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"garch: published", NULL, NULL, NULL, NULL, published},
        {"garch: likelihood", NULL, NULL, NULL, NULL, likelihood},
        {"garch: fit", NULL, NULL, NULL, NULL, fits},
        CU_SUITE_INFO_NULL,
    };

    gsl_set_error_handler_off();
    return check_run(suites);
}
