/* Estimators and tests beside R packages that do the same from code of their own
 * (tests/oracle/reference/packages.R): TTR, fGarch, survival and R's own stats. */
#include "tests/sample.h"
#include "tests/worker/backtest_reference.h"
#include "worker/christoffersen.h"
#include "worker/duration.h"
#include "worker/garch_fit.h"
#include "worker/path.h"
#include "worker/rangevol.h"
#include "worker/traffic_light.h"

#include <gsl/gsl_errno.h>

enum { RETURNS = 2501, SP500 = 5030, WINDOW = 500 };

static struct reference packages;
static double r[SP500 + 1];
static size_t n_returns;

static int open_packages(void)
{
    return reference_open("packages_reference.csv", &packages) ? 0 : 1;
}

static int close_packages(void)
{
    reference_close(&packages);
    return 0;
}

static bool is_row(size_t row, const char *what)
{
    return strcmp(reference_text(&packages, row, "what"), what) == 0;
}

static double real(size_t row, const char *column)
{
    return reference_real(&packages, row, column);
}

static void read_simulated(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("garch_series.csv", &table));
    CU_ASSERT_EQUAL_FATAL(table.n_rows, RETURNS);
    n_returns = table.n_rows;
    for (size_t t = 0; t < n_returns; t++)
        r[t] = reference_real(&table, t, "r");
    reference_close(&table);
}

/* ---- TTR --------------------------------------------------------------------------
 */

/* range_bars.csv as bars that follow on each other. */
static void read_bars(struct bars *bars)
{
    struct reference table;

    *bars = (struct bars){.interval_ns = 1};
    CU_ASSERT_FATAL(reference_open("range_bars.csv", &table));
    for (size_t t = 0; t < table.n_rows; t++) {
        const struct bar bar = {(int64_t)t,
                                reference_real(&table, t, "open"),
                                reference_real(&table, t, "high"),
                                reference_real(&table, t, "low"),
                                reference_real(&table, t, "close"),
                                1.0};

        CU_ASSERT_FATAL(bars_append(bars, &bar, NULL) == 0);
    }
    reference_close(&table);
}

/* Windows of at most 61 terms that R adds up one way and the program as the difference
 * of two sums, after logarithms of prices near 100: 1e-10 of a variance of 1e-4. */
static void range_estimators_are_those_of_ttr(void)
{
    size_t n_checked = 0;
    double variance[512];
    struct bars bars;

    read_bars(&bars);
    for (int model = 0; model < (int)RANGE_MODELS; model++)
        for (size_t row = 0; row < packages.n_rows; row++) {
            if (!is_row(row, range_model_name((enum range_model)model)))
                continue;
            CU_ASSERT_FATAL(range_variances((enum range_model)model,
                                            (size_t)real(row, "a"), &bars, variance,
                                            NULL) == 0);
            CHECK_REL(variance[(size_t)real(row, "b")], real(row, "value"), 1e-10);
            n_checked++;
        }
    CU_ASSERT_EQUAL(n_checked, 5 * 3 * 6 + 2 * 3);
    bars_free(&bars);
}

/* A series of returns: the closes are their exponentials, in the unit of 2^-8. */
static const double unit = 0x1p-8;

static void bars_of_returns(struct bars *bars)
{
    double sum = 0.0;

    *bars = (struct bars){.interval_ns = 1};
    for (size_t t = 0; t <= n_returns; t++) {
        sum += t > 0 ? unit * r[t - 1] : 0.0;
        const struct bar bar = {(int64_t)t, exp(sum), exp(sum),
                                exp(sum),   exp(sum), 1.0};

        CU_ASSERT_FATAL(bars_append(bars, &bar, NULL) == 0);
    }
}

/* EMA() starts at the mean of its first trunc(2 / ratio - 1) values. */
static size_t start_of(double lambda)
{
    return (size_t)(2.0 / (1.0 - lambda) - 1.0);
}

static void make_series(const struct bars *bars, size_t warmup, struct series *series)
{
    const struct series_rules rules = {1, warmup, LOSS_CLOSE, SIDES_LONG};

    CU_ASSERT_FATAL(series_new(bars, &rules, series, NULL) == 0);
    for (size_t t = 1; t < series->n; t++) {
        series->r[t] = unit * r[t - 1];
        series->square[t] = series->r[t] * series->r[t];
    }
    for (size_t t = 0; t + 1 < series->n; t++)
        series->loss[t] = series->loss_long[t] = -series->r[t + 1];
}

/* Powers of two apart the returns are the same; a recursion of 2500 steps forgets its
 * roundings. */
static void ewma_is_that_of_ttr(void)
{
    size_t n_checked = 0;
    struct bars bars;

    read_simulated();
    bars_of_returns(&bars);
    for (size_t row = 0; row < packages.n_rows; row++) {
        const double lambda = is_row(row, "ewma") ? real(row, "a") : 0.0;
        double variance[RETURNS + 1];
        struct series series;

        if (!is_row(row, "ewma"))
            continue;
        make_series(&bars, start_of(lambda), &series);
        const struct volatility of = {volatility_find("ewma"), kernels_of(isa_best()),
                                      &series};
        CU_ASSERT_FATAL(volatility_path(&of, &lambda, variance, NULL, NULL) == 0);
        CHECK_REL(variance[(size_t)real(row, "b")] / unit / unit, real(row, "value"),
                  1e-12);
        series_free(&series);
        n_checked++;
    }
    CU_ASSERT_EQUAL(n_checked, 8);
    bars_free(&bars);
}

/* ---- quantile(type = 1) ------------------------------------------------------------
 */

/* An order statistic itself, times a deviation. */
static void historical_simulation_is_that_of_r(void)
{
    double volatility[RETURNS + 1], rate[RETURNS + 1], steadied[RETURNS + 1];
    const struct path_stages out = {volatility, rate, steadied};
    size_t n_checked = 0;
    struct bars bars;
    struct series series;

    read_simulated();
    bars_of_returns(&bars);
    make_series(&bars, start_of(0.94), &series);
    for (size_t row = 0; row < packages.n_rows; row++) {
        const bool filtered = is_row(row, "filtered");
        const struct path_models models = {
            .volatility = volatility_find("ewma"),
            .tail = tail_model_find(filtered ? "filtered" : "historical")};
        struct path_fits fits;

        if (!filtered && !is_row(row, "historical"))
            continue;
        const double values[] = {0.94, WINDOW, real(row, "a")};
        CU_ASSERT_FATAL(path_follow(&models, kernels_of(isa_best()), &series, values,
                                    &out, &fits, NULL) == 0);
        CHECK_REL(sqrt(rate[(size_t)real(row, "b")]) / unit, real(row, "value"), 1e-12);
        n_checked++;
    }
    CU_ASSERT_EQUAL(n_checked, 18);
    series_free(&series);
    bars_free(&bars);
}

/* ---- fGarch ------------------------------------------------------------------------
 */

static bool read_series(const char *name)
{
    const bool dem = strcmp(name, "dem2gbp") == 0;
    struct reference table;

    if (strcmp(name, "simulated") == 0) {
        read_simulated();
        return true;
    }
    if (!reference_open_data(dem ? "gpl/benchmarks/fGarch_dem2gbp_1974obs.csv.gz"
                                 : "permissive/benchmarks/"
                                   "arch_sp500_1d_1999-2018.csv.gz",
                             &table))
        return false;
    n_returns = dem ? table.n_rows : table.n_rows - 1;
    CU_ASSERT_FATAL(n_returns <= SP500);
    for (size_t t = 0; t < n_returns; t++)
        r[t] = dem ? reference_real(&table, t, "DEM2GBP")
                   : 100 * log(reference_real(&table, t + 1, "Adj Close") /
                               reference_real(&table, t, "Adj Close"));
    reference_close(&table);
    return true;
}

static double wanted(const char *series, const char *law, const char *figure)
{
    for (size_t row = 0; row < packages.n_rows; row++)
        if (is_row(row, "gjr") &&
            strcmp(reference_text(&packages, row, "series"), series) == 0 &&
            strcmp(reference_text(&packages, row, "a"), law) == 0 &&
            strcmp(reference_text(&packages, row, "b"), figure) == 0)
            return real(row, "value");
    return NAN;
}

/* fGarch starts its recursion otherwise than with the mean square, which moves ln L by
 * a tenth and the estimates by that over a curvature: 2 % of a standard error.  On the
 * S&P 500 alpha is 0, a bound: there are no errors, and fGarch stops at 1e-6. */
static void check_gjr(const char *series, bool student, size_t at_bound)
{
    static const struct {
        const char *name;
        enum garch_parameter i;
        double tolerance; /* where there is no error */
    } rows[] = {{"mu", GARCH_MU, 2e-4},       {"omega", GARCH_OMEGA, 5e-5},
                {"alpha", GARCH_ALPHA, 2e-6}, {"gamma", GARCH_GAMMA, 1e-3},
                {"beta", GARCH_BETA, 2e-4},   {"nu", GARCH_NU, 2e-2}};
    const struct garch_spec spec = {.gjr = true, .mean = true, .student = student};
    const char *law = student ? "std" : "norm";
    struct garch_fit fit;

    if (!read_series(series))
        return;
    CU_ASSERT_FATAL(garch_fit(&spec, n_returns, r, NULL, &fit, NULL) == 0);
    CU_ASSERT_EQUAL(fit.status, at_bound ? GARCH_AT_BOUND : GARCH_CONVERGED);
    CU_ASSERT(fabs(fit.log_likelihood - wanted(series, law, "ll")) < 0.2);
    for (size_t i = 0; i < 5u + student; i++) {
        const double miss =
            fabs(fit.parameter[rows[i].i] - wanted(series, law, rows[i].name));
        const double tolerance =
            at_bound ? rows[i].tolerance : 0.02 * fit.error[GARCH_HESSIAN][rows[i].i];

        if (!(miss < tolerance))
            printf("\n    %s %s %s: %g apart ", series, law, rows[i].name, miss);
        CU_ASSERT(miss < tolerance);
    }
}

static void gjr_is_fgarchs_aparch_of_power_two(void)
{
    check_gjr("simulated", false, false);
    check_gjr("simulated", true, false);
    check_gjr("dem2gbp", false, false);
    check_gjr("sp500", false, true);
    check_gjr("sp500", true, true);
}

/* ---- tests -------------------------------------------------------------------------
 */

static double of_series(const char *what, const char *series)
{
    for (size_t row = 0; row < packages.n_rows; row++)
        if (is_row(row, what) &&
            strcmp(reference_text(&packages, row, "series"), series) == 0)
            return real(row, "value");
    return NAN;
}

/* survreg() stops at a change of 1e-14 of ln L, of which b has the root; loglin() sums
 * logarithms of counts, and binom.test() is R's beta function: 1e-10. */
static void tests_of_hits_are_those_of_r(void)
{
    static double work[BACKTEST_REFERENCE_BARS + 1];

    backtest_reference_open();
    for (size_t row = 0; row < BACKTEST_REFERENCE_SERIES; row++) {
        const char *name = reference_text(&backtest_reference.table, row, "series");
        const struct backtest_series s = backtest_reference_series(row);
        const struct duration duration = duration_test(s.n, s.loss, s.var, work);
        size_t n_bars, n_hits;
        const struct transitions pairs =
            christoffersen_pairs(s.n, s.loss, s.var, &n_bars, &n_hits);
        const double p = backtest_reference_want(row, "p");

        CHECK_REL(duration.b, of_series("duration_b", name), 1e-6);
        CHECK_REL(duration.log_likelihood, of_series("duration_ll", name), 1e-10);
        CHECK_REL(duration.log_likelihood_one, of_series("duration_ll_one", name),
                  1e-10);
        CU_ASSERT_DOUBLE_EQUAL(christoffersen_independence(&pairs).lr,
                               of_series("independence_lr", name), 1e-10);
        CHECK_REL(traffic_light_of(n_bars, n_hits, p).at_least,
                  of_series("binomial_upper", name), 1e-10);
    }
    backtest_reference_close();
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"range_estimators_are_those_of_ttr", range_estimators_are_those_of_ttr},
        {"ewma_is_that_of_ttr", ewma_is_that_of_ttr},
        {"historical_simulation_is_that_of_r", historical_simulation_is_that_of_r},
        {"gjr_is_fgarchs_aparch_of_power_two", gjr_is_fgarchs_aparch_of_power_two},
        {"tests_of_hits_are_those_of_r", tests_of_hits_are_those_of_r},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"packages", open_packages, close_packages, NULL, NULL, tests},
        CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
