#include "market/random.h"
#include "tests/check.h"
#include "tests/reference.h"
#include "worker/hill.h"
#include "worker/pot.h"

#include <stdlib.h>

enum { N_MAX = 5000 };
static double loss[N_MAX], sorted[N_MAX];

/* The losses of the series of that name; how many, 0 where it is not here. */
static size_t read_losses(const char *name)
{
    const bool is_danish = strcmp(name, "danish") == 0;
    struct reference table;

    if (is_danish &&
        !reference_open_data("gpl/benchmarks/fExtremes_danishClaims.csv", &table))
        return 0;
    if (!is_danish)
        CU_ASSERT_FATAL(reference_open("garch_series.csv", &table));
    const size_t n = table.n_rows;
    for (size_t row = 0; row < n; row++)
        loss[row] = is_danish ? reference_real(&table, row, "DANISH")
                              : -reference_real(&table, row, "r");
    reference_close(&table);
    return pot_sort(n, loss, sorted);
}

/* R sums k logarithms and takes away one of about the same size: 1e-16 k of up to 5. */
static void agrees_with_r_and_fextremes(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("hill_reference.csv", &table));
    CU_ASSERT_EQUAL(table.n_rows, 24);
    for (size_t row = 0; row < table.n_rows; row++) {
        const size_t n = read_losses(reference_text(&table, row, "series"));
        const size_t k = (size_t)reference_real(&table, row, "k");

        if (n == 0)
            continue;
        const struct hill hill = hill_fit(n, sorted, k);
        CU_ASSERT_EQUAL(hill.status, HILL_ESTIMATED);
        CHECK_REL(hill.xi, reference_real(&table, row, "xi"), 1e-13);
        CHECK_REL(hill.xi, reference_real(&table, row, "xi_fextremes"), 1e-12);
        CHECK_REL(hill.error, hill.xi / sqrt((double)k), DBL_EPSILON);
        const double c = reference_real(&table, row, "confidence");
        if ((1.0 - c) * (double)n > (double)k) /* below the threshold */
            CU_ASSERT(isnan(hill_var(&hill, c)))
        else
            CHECK_REL(hill_var(&hill, c), reference_real(&table, row, "var"), 1e-12);
    }
    reference_close(&table);
}

static void the_scan_has_the_bits_of_the_fits(void)
{
    static struct hill scan[600];
    const size_t n = read_losses("returns");

    hill_scan(n, sorted, 600, scan);
    for (size_t k = 1; k <= 600; k++) {
        const struct hill one = hill_fit(n, sorted, k);

        CU_ASSERT(scan[k - 1].k == k && scan[k - 1].status == one.status);
        CU_ASSERT(scan[k - 1].xi == one.xi && scan[k - 1].error == one.error &&
                  scan[k - 1].threshold == one.threshold);
    }
}

/* Losses e^(xi i) on the nodes of a geometric sequence have xi_k = xi (k + 1)/2
 * whatever the unit; the rest is rounding. */
static void units_do_not_matter(void)
{
    for (double unit = 1e-200; unit < 1e200; unit *= 1e50) {
        for (int i = 0; i < 50; i++)
            sorted[i] = unit * exp(0.02 * i);
        const struct hill hill = hill_fit(50, sorted, 20);

        CHECK_REL(hill.xi, 0.02 * 21 / 2, 1e-13);
        CHECK_REL(hill_var(&hill, 0.99) / unit,
                  exp(0.02 * 29) * pow(20.0 / 0.5, hill.xi), 1e-13);
        CHECK_REL(hill_es(&hill, 0.99), hill_var(&hill, 0.99) / (1.0 - hill.xi), 1e-15);
        CU_ASSERT(hill_es(&hill, 0.99) > hill_var(&hill, 0.99));
        CHECK_REL(hill_var(&hill, 0.6), hill.threshold, 1e-12);
        CU_ASSERT(isnan(hill_var(&hill, 0.59)) && isnan(hill_var(&hill, 1.0)));
        CU_ASSERT(isnan(hill_es(&hill, NAN)));
    }
}

/* Pareto losses, for which Hill's estimator is the likelihood's and exactly
 * Gamma(k)/k distributed: 1000 means of it are within 4 standard errors, and the
 * 5 % beyond 1.96 errors are 5 +- 4 sqrt(5 x 95/1000) %, widened by the gamma's
 * skewness at k = 200, about 0.4 %. */
static void standard_errors_cover_on_pareto_losses(void)
{
    enum { N = 2000, K = 200, SAMPLES = 1000 };
    const double xi = 0.4;
    double mean = 0.0;
    int n_beyond = 0;

    for (uint64_t i = 0; i < SAMPLES; i++) {
        struct random random = random_at(19750501, 1, i, 0);

        for (size_t j = 0; j < N; j++)
            loss[j] = pow(random_uniform(&random), -xi);
        const struct hill hill = hill_fit(pot_sort(N, loss, sorted), sorted, K);
        mean += hill.xi / SAMPLES;
        n_beyond += fabs(hill.xi - xi) > 1.96 * xi / sqrt(K);
    }
    printf("(seed 19750501: %.4f, %d beyond) ", mean, n_beyond);
    CU_ASSERT(fabs(mean - xi) < 4.0 * xi / sqrt((double)K * SAMPLES));
    CU_ASSERT(n_beyond > 50 - 32 && n_beyond < 50 + 32);
}

static void no_tail_is_a_status(void)
{
    const double frozen[] = {0, 0, 0, 0, 0, 0}, flat[] = {2, 2, 2, 2, 2, 2};
    const double negative[] = {-3, -2, -1, 1, 2, 3}, far[] = {1, 2, 3, INFINITY};

    CU_ASSERT_EQUAL(hill_fit(6, frozen, 3).status, HILL_NOT_ABOVE);
    CU_ASSERT_EQUAL(hill_fit(6, flat, 3).status, HILL_NO_SPREAD);
    CU_ASSERT_EQUAL(hill_fit(6, negative, 3).status, HILL_NOT_ABOVE);
    CU_ASSERT_EQUAL(hill_fit(6, negative, 2).status, HILL_ESTIMATED);
    CU_ASSERT_EQUAL(hill_fit(4, far, 2).status, HILL_NOT_FINITE);
    CU_ASSERT_EQUAL(hill_fit(6, negative, 0).status, HILL_TOO_FEW);
    CU_ASSERT_EQUAL(hill_fit(6, flat, 6).status, HILL_TOO_FEW);
    CU_ASSERT_EQUAL(hill_fit(0, flat, 1).status, HILL_TOO_FEW);
    const struct hill none = hill_fit(6, flat, 3);
    CU_ASSERT(isnan(none.xi) && isnan(none.error) && isnan(hill_var(&none, 0.9)) &&
              isnan(hill_es(&none, 0.9)));
    CU_ASSERT_STRING_EQUAL(hill_status_name(HILL_NO_SPREAD),
                           "the largest losses are all equal");
}

static void a_tail_without_a_mean_has_no_finite_shortfall(void)
{
    const double heavy[] = {1, 10, 100, 1000};
    const struct hill hill = hill_fit(4, heavy, 2);

    CU_ASSERT_EQUAL(hill.status, HILL_ESTIMATED);
    CHECK_REL(hill.xi, 1.5 * log(10.0), 1e-15);
    CU_ASSERT(hill_es(&hill, 0.9) == INFINITY && hill_var(&hill, 0.9) < INFINITY);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"agrees_with_r_and_fextremes", agrees_with_r_and_fextremes},
        {"the_scan_has_the_bits_of_the_fits", the_scan_has_the_bits_of_the_fits},
        {"units_do_not_matter", units_do_not_matter},
        {"standard_errors_cover_on_pareto_losses",
         standard_errors_cover_on_pareto_losses},
        {"no_tail_is_a_status", no_tail_is_a_status},
        {"a_tail_without_a_mean_has_no_finite_shortfall",
         a_tail_without_a_mean_has_no_finite_shortfall},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"hill", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
