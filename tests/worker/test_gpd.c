#include "market/random.h"
#include "tests/check.h"
#include "tests/reference.h"
#include "worker/gpd_fit.h"

#include <gsl/gsl_sort_double.h>
#include <stdlib.h>

enum { N_MAX = 3000 };
static double x[N_MAX];

/* The reference is exact; the code rounds ln S = -h to a few eps of h, and 1 + xi z to
 * half an eps of 1, which is (1 + |xi|) z/w of ln f.  Quantiles: e^(xi w) - 1 has a few
 * eps, and w |xi| more from the rounding of the exponent. */
static void agrees_with_decimal_arithmetic(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("gpd_values.csv", &table));
    CU_ASSERT_EQUAL(table.n_rows, 210);
    for (size_t row = 0; row < table.n_rows; row++) {
        const struct gpd gpd = {reference_real(&table, row, "xi"),
                                reference_real(&table, row, "beta")};
        const double q = reference_real(&table, row, "q");
        const double at = reference_real(&table, row, "x");
        const double z = at / gpd.beta, h = -log(q);
        const double steep = (1.0 + fabs(gpd.xi)) * z / (1.0 + gpd.xi * z);
        const double survival = 4.0 * DBL_EPSILON * (1.0 + h + steep);
        const double distribution = reference_real(&table, row, "distribution");

        CHECK_REL(gpd_quantile_upper(gpd, q), at,
                  4.0 * DBL_EPSILON * (1.0 + fabs(gpd.xi) * h));
        CHECK_REL(gpd_survival(gpd, at), reference_real(&table, row, "survival"),
                  survival);
        CHECK_REL(gpd_density(gpd, at), reference_real(&table, row, "density"),
                  survival);
        CHECK_REL(gpd_distribution(gpd, at), distribution, 8.0 * DBL_EPSILON);
        CU_ASSERT(fabs(gpd_distribution(gpd, at) + gpd_survival(gpd, at) - 1.0) <
                  4.0 * DBL_EPSILON);
    }
    reference_close(&table);
}

/* p of the distribution's rounding moves x by eps / (x f(x)) of itself. */
static void the_quantile_inverts_the_distribution(void)
{
    for (double xi = -1.5; xi <= 3.0; xi += 0.125)
        for (double p = 0x1p-10; p < 0.999; p += 0x1p-6) {
            const struct gpd gpd = {xi, 0.3};
            const double at = gpd_quantile(gpd, p);

            CHECK_REL(gpd_distribution(gpd, at), p, 16.0 * DBL_EPSILON);
            CHECK_REL(gpd_quantile_upper(gpd, 1.0 - p), at,
                      16.0 * DBL_EPSILON / (1.0 - p) / p);
        }
}

static void the_ends_of_the_support_are_where_they_should_be(void)
{
    const struct gpd bounded = {-0.5, 2.0}, uniform = {-1.0, 2.0}, heavy = {0.5, 2.0};

    CU_ASSERT(gpd_quantile(bounded, 1.0) == 4.0 && gpd_quantile(bounded, 0.0) == 0.0);
    CU_ASSERT(gpd_survival(bounded, 4.0) == 0.0 &&
              gpd_distribution(bounded, 5.0) == 1.0);
    CU_ASSERT(gpd_density(bounded, 4.5) == 0.0 && gpd_density(bounded, -0.1) == 0.0);
    CU_ASSERT(gpd_quantile_upper(heavy, 0.0) == INFINITY);
    CU_ASSERT(gpd_survival(heavy, INFINITY) == 0.0 && gpd_density(heavy, 0.0) == 0.5);
    CU_ASSERT(gpd_density(uniform, 0.7) == 0.5 && gpd_density(uniform, 2.0) == 0.5);
    CU_ASSERT(gpd_density(uniform, 2.1) == 0.0);
    CU_ASSERT(isnan(gpd_quantile(heavy, NAN)) && isnan(gpd_quantile(heavy, 1.5)));
    CU_ASSERT(isnan(gpd_density(heavy, NAN)) && isnan(gpd_survival(heavy, NAN)) &&
              isnan(gpd_distribution(heavy, NAN)));
    CU_ASSERT(gpd_log_likelihood(bounded, 2, (double[]){1.0, 4.5}) == -INFINITY);
}

/* f at xi = +-1e-8 differs from f at 0 by xi h^2 of itself and so does the rest. */
static void nothing_jumps_where_xi_is_zero(void)
{
    const double at[] = {0.01, 0.5, 1.0, 4.0, 20.0};
    double score[2], information[2][2], score_0[2], information_0[2][2];

    gpd_derivatives((struct gpd){0.0, 1.0}, 5, at, score_0, information_0);
    for (double xi = 1e-8; xi > 1e-20; xi *= 0.1)
        for (int sign = -1; sign <= 1; sign += 2) {
            const struct gpd near = {sign * xi, 1.0}, zero = {0.0, 1.0};

            for (int i = 0; i < 5; i++) {
                const double tol = 400.0 * xi + 40.0 * DBL_EPSILON;

                CHECK_REL(gpd_density(near, at[i]), gpd_density(zero, at[i]), tol);
                CHECK_REL(gpd_quantile(near, 0.99), gpd_quantile(zero, 0.99), tol);
            }
            gpd_derivatives(near, 5, at, score, information);
            CHECK_REL(score[0], score_0[0], 100.0 * xi + 40.0 * DBL_EPSILON);
            CHECK_REL(information[0][0], information_0[0][0], 100.0 * xi + 1e-14);
        }
}

/* Central differences of step d are off by d^2 of the next derivatives and eps/d of the
 * function: about 1e-9 and, differenced once more from the score, the same. */
static void the_derivatives_are_those_of_the_likelihood(void)
{
    const double at[] = {0.02, 0.3, 0.9, 1.1, 2.2}, d = 1e-6;

    for (double xi = -0.4; xi < 1.5; xi += 0.05) {
        double score[2], information[2][2];

        gpd_derivatives((struct gpd){xi, 1.3}, 5, at, score, information);
        for (int j = 0; j < GPD_PARAMETERS; j++) {
            const double dx = j == GPD_XI ? d : 0.0, db = j == GPD_BETA ? d : 0.0;
            const struct gpd up = {xi + dx, 1.3 + db}, down = {xi - dx, 1.3 - db};
            double above[2], below[2];

            gpd_derivatives(up, 5, at, above, NULL);
            gpd_derivatives(down, 5, at, below, NULL);
            const double slope =
                (gpd_log_likelihood(up, 5, at) - gpd_log_likelihood(down, 5, at)) /
                (2.0 * d);
            CU_ASSERT(fabs(slope - score[j]) < 1e-8);
            for (int k = 0; k < GPD_PARAMETERS; k++)
                CU_ASSERT(fabs((below[k] - above[k]) / (2.0 * d) - information[j][k]) <
                          1e-7);
        }
    }
}

/* The sample of that name, ascending; 0 where it is a real one that is not here. */
static size_t read_sample(const char *name)
{
    struct reference table;
    size_t n = 0;
    double threshold = 0.0;

    if (sscanf(name, "danish%lf", &threshold) == 1) {
        if (!reference_open_data("gpl/benchmarks/fExtremes_danishClaims.csv", &table))
            return 0;
        CU_ASSERT_EQUAL(table.n_rows, 2167);
        for (size_t row = 0; row < table.n_rows; row++)
            if (reference_real(&table, row, "DANISH") > threshold)
                x[n++] = reference_real(&table, row, "DANISH") - threshold;
    } else {
        CU_ASSERT_FATAL(reference_open("gpd_samples.csv", &table));
        for (size_t row = 0; row < table.n_rows; row++)
            if (strcmp(reference_text(&table, row, "sample"), name) == 0)
                x[n++] = reference_real(&table, row, "x");
    }
    reference_close(&table);
    gsl_sort(x, 1, n);
    return n;
}

/* "formula": Newton steps with symbolic derivatives, all to rounding: sums of n terms
 * that divide by xi^3, > 1e-4, over a determinant that cancels a digit or two.  "evd":
 * optim's BFGS stops when ln L no longer changes, within 1e-4 standard errors, and its
 * Hessian is of differences that err by 1e-4 or so where the tail is short. */
static void check_likelihood(const struct reference *table, size_t row, size_t n)
{
    const struct gpd_fit fit = gpd_fit_likelihood(n, x);
    const bool is_evd = strcmp(reference_text(table, row, "source"), "evd") == 0;
    const double near = is_evd ? 1e-3 : 1e-8, curved = is_evd ? 1e-3 : 1e-9;

    CU_ASSERT_EQUAL(fit.status, GPD_CONVERGED);
    CU_ASSERT(fit.distance < 1e-9);
    CHECK_REL(fit.log_likelihood, reference_real(table, row, "ll"),
              is_evd ? 1e-7 : 1e-12);
    CU_ASSERT(fabs(fit.gpd.xi - reference_real(table, row, "xi")) <
              near * fit.error[GPD_XI]);
    CU_ASSERT(fabs(fit.gpd.beta - reference_real(table, row, "beta")) <
              near * fit.error[GPD_BETA]);
    CHECK_REL(fit.covariance[0][0], reference_real(table, row, "var_xi"), curved);
    CHECK_REL(fit.covariance[0][1], reference_real(table, row, "cov"), curved);
    CHECK_REL(fit.covariance[1][1], reference_real(table, row, "var_beta"), curved);
    CHECK_REL(fit.error[GPD_XI], sqrt(fit.covariance[0][0]), DBL_EPSILON);
}

/* Sums of n terms in another order: n eps, times what a0 - 2 a1 cancels (below 20). */
static void check_moments(const struct reference *table, size_t row, size_t n)
{
    const struct gpd_fit fit = gpd_fit_moments(n, x);
    const double tol = 20.0 * (double)n * DBL_EPSILON;

    CU_ASSERT(fabs(fit.gpd.xi - reference_real(table, row, "xi")) < tol);
    CHECK_REL(fit.gpd.beta, reference_real(table, row, "beta"), tol);
    if (fit.status == GPD_OUTSIDE) { /* "short": the largest is beyond the estimate */
        CU_ASSERT(x[n - 1] > -fit.gpd.beta / fit.gpd.xi && fit.gpd.xi < 0.0);
        CU_ASSERT_STRING_EQUAL(reference_text(table, row, "sample"), "short");
        return;
    }
    CU_ASSERT_EQUAL(fit.status, GPD_CONVERGED);
    if (isnan(reference_real(table, row, "var_xi"))) {
        CU_ASSERT(isnan(fit.error[0]) && fit.gpd.xi >= 0.5);
        return;
    }
    CHECK_REL(fit.error[GPD_XI], sqrt(reference_real(table, row, "var_xi")), 1e-9);
    CHECK_REL(fit.error[GPD_BETA], sqrt(reference_real(table, row, "var_beta")), 1e-9);
}

static void fits_agree_with_evd_and_fextremes(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("gpd_reference.csv", &table));
    CU_ASSERT_EQUAL(table.n_rows, 30);
    for (size_t row = 0; row < table.n_rows; row++) {
        const size_t n = read_sample(reference_text(&table, row, "sample"));

        if (n == 0)
            continue;
        CU_ASSERT_EQUAL(n, (size_t)reference_real(&table, row, "n"));
        if (strcmp(reference_text(&table, row, "source"), "fExtremes pwm") == 0)
            check_moments(&table, row, n);
        else
            check_likelihood(&table, row, n);
    }
    reference_close(&table);
}

/* A. J. McNeil -- Estimating the tails of loss severity distributions using extreme
 * value theory, ASTIN Bulletin 27 (1997): to the digits published. */
static void the_danish_fires_are_as_mcneil_published_them(void)
{
    const size_t n = read_sample("danish10");

    if (n == 0)
        return;
    const struct gpd_fit fit = gpd_fit_likelihood(n, x);
    CU_ASSERT_EQUAL(n, 109);
    CU_ASSERT(fabs(fit.gpd.xi - 0.497) < 5e-4);
    CU_ASSERT(fabs(fit.gpd.beta - 6.98) < 5e-3);
}

/* n excesses of the distribution, seed 20240229, sample i. */
static void draw(struct gpd gpd, size_t n, uint64_t i)
{
    struct random random = random_at(20240229, 1, i, 0);

    for (size_t j = 0; j < n; j++)
        x[j] = gpd_quantile_upper(gpd, random_uniform(&random));
    gsl_sort(x, 1, n);
}

/* The independent part is the grid: 200 x 200 points in (xi, ln beta), by the
 * likelihood alone, over shapes -1 to 3.  Samples are small and short-tailed as well,
 * where the profile has several turns. */
static void no_other_point_is_likelier(void)
{
    const double shapes[] = {-0.9, -0.6, -0.4, -0.2, 0.0, 0.4, 1.2};
    size_t n_inside = 0, n_at_bound = 0;

    for (uint64_t i = 0; i < 70; i++) {
        const size_t n = 10 + 3 * (i / 7);

        draw((struct gpd){shapes[i % 7], 1.0}, n, i);
        const struct gpd_fit fit = gpd_fit_likelihood(n, x);
        n_inside += fit.status == GPD_CONVERGED;
        n_at_bound += fit.status == GPD_AT_BOUND;
        CU_ASSERT(gpd_is_estimate(&fit));
        CHECK_REL(fit.log_likelihood, gpd_log_likelihood(fit.gpd, n, x), 1e-13);
        for (int a = 0; a <= 200; a++)
            for (int b = 0; b <= 200; b++) {
                const struct gpd other = {-1.0 + 0.02 * a, exp(-4.0 + 0.04 * b)};

                CU_ASSERT(gpd_log_likelihood(other, n, x) <=
                          fit.log_likelihood + 1e-10);
            }
    }
    CU_ASSERT(n_inside >= 40 && n_at_bound >= 5);
}

/* By a power of two: every rounding is the same. */
static void a_change_of_units_changes_the_scale_alone(void)
{
    static double other[N_MAX];

    for (uint64_t i = 0; i < 5; i++)
        for (double by = 0x1p-60; by < 1e20; by *= 0x1p40) {
            draw((struct gpd){-0.3 + 0.3 * (double)i, 1.0}, 100, i);
            for (size_t j = 0; j < 100; j++)
                other[j] = by * x[j];
            const struct gpd_fit a = gpd_fit_likelihood(100, x),
                                 b = gpd_fit_likelihood(100, other);
            const struct gpd_fit c = gpd_fit_moments(100, x),
                                 d = gpd_fit_moments(100, other);

            CU_ASSERT(a.status == GPD_CONVERGED && b.status == GPD_CONVERGED);
            CU_ASSERT(b.gpd.xi == a.gpd.xi && b.gpd.beta == by * a.gpd.beta);
            CU_ASSERT(b.error[0] == a.error[0] && b.error[1] == by * a.error[1]);
            CU_ASSERT(d.gpd.xi == c.gpd.xi && d.gpd.beta == by * c.gpd.beta);
        }
}

static void excesses_without_a_tail_are_a_status(void)
{
    for (size_t j = 0; j < 20; j++)
        x[j] = 0.25;
    struct gpd_fit fit = gpd_fit_likelihood(20, x);
    CU_ASSERT_EQUAL(fit.status, GPD_AT_BOUND); /* all equal: uniform up to there */
    CU_ASSERT(fit.gpd.xi == -1.0 && fit.gpd.beta == 0.25 && isnan(fit.error[0]));
    CHECK_REL(fit.log_likelihood, 20.0 * log(4.0), 4 * DBL_EPSILON);
    CU_ASSERT_EQUAL(gpd_fit_moments(20, x).status, GPD_OUTSIDE);
    CU_ASSERT_EQUAL(gpd_fit_likelihood(1, x).status, GPD_TOO_FEW);
    CU_ASSERT_EQUAL(gpd_fit_likelihood(0, x).status, GPD_TOO_FEW);
    fit = gpd_fit_moments(GPD_FEWEST - 1, x);
    CU_ASSERT_EQUAL(fit.status, GPD_TOO_FEW);
    CU_ASSERT(isnan(fit.gpd.xi) && isnan(fit.gpd.beta) && isnan(fit.log_likelihood));
}

static void what_is_no_excess_is_told(void)
{
    const double wrong[] = {NAN, INFINITY, 0.0, -1.0};

    for (int i = 0; i < 4; i++) {
        draw((struct gpd){0.2, 1.0}, 50, 3);
        x[i == 1 ? 49 : 0] = wrong[i];
        CU_ASSERT_EQUAL(gpd_fit_likelihood(50, x).status, GPD_NOT_EXCESSES);
        CU_ASSERT_EQUAL(gpd_fit_moments(50, x).status, GPD_NOT_EXCESSES);
    }
    draw((struct gpd){0.2, 1.0}, 50, 3);
    x[7] = x[20];
    CU_ASSERT_EQUAL(gpd_fit_likelihood(50, x).status, GPD_NOT_EXCESSES);
    CU_ASSERT_STRING_EQUAL(gpd_status_name(GPD_AT_BOUND), "at the bound xi = -1");
}

/* A threshold may lie one rounding below the next loss; excesses of all sizes. */
static void excesses_of_extreme_sizes_are_fitted(void)
{
    draw((struct gpd){0.2, 1.0}, 100, 11);
    const struct gpd_fit before = gpd_fit_likelihood(100, x);
    x[0] = 0x1p-52;
    const struct gpd_fit after = gpd_fit_likelihood(100, x);
    CU_ASSERT_EQUAL(after.status, GPD_CONVERGED);
    CU_ASSERT(fabs(after.gpd.xi - before.gpd.xi) < 0.02);
    for (int j = 0; j < 40; j++)
        x[j] = exp2(5.0 * j - 100.0);
    const struct gpd_fit steep = gpd_fit_likelihood(40, x);
    CU_ASSERT_EQUAL(steep.status, GPD_CONVERGED);
    CU_ASSERT(steep.gpd.xi > 50.0);
    for (int j = 0; j < 40; j++) /* theta x[39] would be beyond the doubles */
        x[j] = exp2(50.0 * j - 1000.0);
    const struct gpd_fit absurd = gpd_fit_likelihood(40, x);
    CU_ASSERT_EQUAL(absurd.status, GPD_NOT_CONVERGED);
    CU_ASSERT(isnan(absurd.gpd.xi) && isnan(absurd.error[0]));
}

/* Mean within 4 of its own standard errors of the truth but for the bias of order 1/n;
 * scatter as the errors say, within the 4 / sqrt(2 x 400) of a root mean square. */
static void standard_errors_tell_the_scatter(void)
{
    const struct gpd truth = {0.25, 2.0};
    double by_likelihood = 0.0, by_moments = 0.0;
    enum { N = 1000, SAMPLES = 400 };

    for (uint64_t i = 0; i < SAMPLES; i++) {
        draw(truth, N, 1000 + i);
        const struct gpd_fit fit = gpd_fit_likelihood(N, x),
                             other = gpd_fit_moments(N, x);
        const double z = (fit.gpd.xi - truth.xi) / fit.error[GPD_XI];
        const double y = (other.gpd.xi - truth.xi) / other.error[GPD_XI];

        by_likelihood += z * z / SAMPLES;
        by_moments += y * y / SAMPLES;
    }
    printf("(seed 20240229: %.3f %.3f) ", sqrt(by_likelihood), sqrt(by_moments));
    CU_ASSERT(fabs(sqrt(by_likelihood) - 1.0) < 0.142);
    CU_ASSERT(fabs(sqrt(by_moments) - 1.0) < 0.142);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"agrees_with_decimal_arithmetic", agrees_with_decimal_arithmetic},
        {"the_quantile_inverts_the_distribution",
         the_quantile_inverts_the_distribution},
        {"the_ends_of_the_support_are_where_they_should_be",
         the_ends_of_the_support_are_where_they_should_be},
        {"nothing_jumps_where_xi_is_zero", nothing_jumps_where_xi_is_zero},
        {"the_derivatives_are_those_of_the_likelihood",
         the_derivatives_are_those_of_the_likelihood},
        {"fits_agree_with_evd_and_fextremes", fits_agree_with_evd_and_fextremes},
        {"the_danish_fires_are_as_mcneil_published_them",
         the_danish_fires_are_as_mcneil_published_them},
        {"no_other_point_is_likelier", no_other_point_is_likelier},
        {"a_change_of_units_changes_the_scale_alone",
         a_change_of_units_changes_the_scale_alone},
        {"excesses_without_a_tail_are_a_status", excesses_without_a_tail_are_a_status},
        {"what_is_no_excess_is_told", what_is_no_excess_is_told},
        {"excesses_of_extreme_sizes_are_fitted", excesses_of_extreme_sizes_are_fitted},
        {"standard_errors_tell_the_scatter", standard_errors_tell_the_scatter},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"gpd", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
