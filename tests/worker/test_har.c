#include "tests/check.h"
#include "tests/reference.h"
#include "worker/har.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

enum { N_MAX = 2501 };
static double x[N_MAX];
static double regressor[N_MAX][HAR_COEFFICIENTS];

static void read_squares(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("garch_series.csv", &table));
    CU_ASSERT_EQUAL_FATAL(table.n_rows, N_MAX);
    for (size_t t = 0; t < N_MAX; t++) {
        const double r = reference_real(&table, t, "r");

        x[t] = r * r;
    }
    reference_close(&table);
}

static struct har_fit fit_of(const struct har_spec *spec, size_t first, size_t end)
{
    struct har_fit fit;

    CU_ASSERT_FATAL(har_regressors(spec, N_MAX, x, regressor, NULL) == 0);
    CU_ASSERT_FATAL(har_fit(spec, first, end, x, regressor, &fit, NULL) == 0);
    return fit;
}

static double numbered(const struct reference *table, size_t row, const char *stem,
                       int j)
{
    char column[16];

    snprintf(column, sizeof column, "%s%d", stem, j);
    return reference_real(table, row, column);
}

/* Condition number of the balanced regressors about 10, squared for the errors. */
static void agrees_with_statsmodels(void)
{
    struct reference table;

    read_squares();
    CU_ASSERT_FATAL(reference_open("har_reference.csv", &table));
    CU_ASSERT_EQUAL(table.n_rows, 3);
    for (size_t row = 0; row < table.n_rows; row++) {
        const struct har_spec spec = {
            .day = (size_t)reference_real(&table, row, "day"),
            .week = (size_t)reference_real(&table, row, "week"),
            .month = (size_t)reference_real(&table, row, "month"),
            .horizon = (size_t)reference_real(&table, row, "horizon"),
            .lags = (size_t)reference_real(&table, row, "lags"),
        };
        const struct har_fit fit = fit_of(&spec, 0, N_MAX);

        CU_ASSERT_EQUAL(fit.status, HAR_ESTIMATED);
        CU_ASSERT_EQUAL(fit.n, (size_t)reference_real(&table, row, "n"));
        CHECK_REL(fit.rss, reference_real(&table, row, "rss"), 1e-12);
        CHECK_REL(fit.r_squared, reference_real(&table, row, "r_squared"), 1e-11);
        for (int j = 0; j < HAR_COEFFICIENTS; j++) {
            CHECK_REL(fit.coefficient[j], numbered(&table, row, "b", j), 1e-11);
            CHECK_REL(fit.error[j], numbered(&table, row, "ols", j), 1e-11);
            CHECK_REL(fit.error_hac[j], numbered(&table, row, "hac", j), 1e-10);
        }
    }
    reference_close(&table);
}

static const struct har_spec daily = {.day = 1, .week = 5, .month = 22, .horizon = 5};

static void never_looks_ahead(void)
{
    read_squares();
    const struct har_fit before = fit_of(&daily, 0, 1000);
    x[1000] *= 50.0;
    const struct har_fit after = fit_of(&daily, 0, 1000);
    CU_ASSERT(memcmp(&before, &after, sizeof before) == 0);
    x[999] *= 50.0; /* the last target that the fit may see */
    const struct har_fit other = fit_of(&daily, 0, 1000);
    CU_ASSERT(before.coefficient[HAR_DAY] != other.coefficient[HAR_DAY]);
}

static void a_missing_value_costs_the_rows_whose_horizon_holds_it(void)
{
    read_squares();
    const struct har_fit whole = fit_of(&daily, 0, N_MAX);
    x[1200] = NAN; /* 5 horizons, and D of its own bar */
    const struct har_fit holed = fit_of(&daily, 0, N_MAX);
    CU_ASSERT_EQUAL(whole.n, N_MAX - 21 - 5);
    CU_ASSERT_EQUAL(holed.n, whole.n - 6);
    CU_ASSERT_EQUAL(holed.status, HAR_ESTIMATED);
}

static void frozen_prices_and_short_series_are_a_status(void)
{
    read_squares();
    struct har_fit fit = fit_of(&daily, 0, 21 + 5 + 39);
    CU_ASSERT_EQUAL(fit.status, HAR_TOO_FEW);
    CU_ASSERT(isnan(fit.coefficient[0]) && isnan(fit.error_hac[3]));
    CU_ASSERT_EQUAL(fit_of(&daily, 0, 21 + 5 + 40).status, HAR_ESTIMATED);
    memset(x, 0, sizeof x);
    CU_ASSERT_EQUAL(fit_of(&daily, 0, N_MAX).status, HAR_NO_UNIQUE);
    for (size_t t = 0; t < N_MAX; t++)
        x[t] = 3e-4;
    fit = fit_of(&daily, 0, N_MAX);
    CU_ASSERT_EQUAL(fit.status, HAR_NO_UNIQUE);
    CU_ASSERT(isnan(fit.coefficient[0]));
}

static void a_forecast_is_never_below_zero(void)
{
    const struct har_fit fit = {.coefficient = {0.1, -2.0, 0.5, 0.5}, .mean = 0.7};

    CHECK_REL(har_forecast(&fit, (double[]){1, 0.2, 1.0, 1.0}), 0.7, 1e-15);
    CHECK_REL(har_forecast(&fit, (double[]){1, 9.0, 1.0, 1.0}), 0.7, 0.0);
    CHECK_REL(har_forecast(&fit, (double[]){1, 0.1, 1.0, 1.0}), 0.9, 1e-15);
    CU_ASSERT(isnan(har_forecast(&fit, (double[]){1, NAN, 1.0, 1.0})));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"agrees_with_statsmodels", agrees_with_statsmodels},
        {"never_looks_ahead", never_looks_ahead},
        {"a_missing_value_costs_the_rows_whose_horizon_holds_it",
         a_missing_value_costs_the_rows_whose_horizon_holds_it},
        {"frozen_prices_and_short_series_are_a_status",
         frozen_prices_and_short_series_are_a_status},
        {"a_forecast_is_never_below_zero", a_forecast_is_never_below_zero},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"har", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
