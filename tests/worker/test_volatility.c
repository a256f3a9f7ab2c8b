/* Every model of the table as a job uses it. */
#include "tests/check.h"
#include "tests/sample.h"
#include "worker/garch_fit.h"
#include "worker/har.h"
#include "worker/rangevol.h"
#include "worker/returns.h"
#include "worker/volatility.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

enum { H = 8, W = 150 };
static struct bars bars;
static struct series series;

static void prepare(void)
{
    const struct series_rules rules = {H, W, LOSS_PATH, SIDES_BOTH};

    CU_ASSERT_FATAL(series_new(&bars, &rules, &series, NULL) == 0);
}

static void set_up(size_t n, double gap)
{
    CU_ASSERT_FATAL(sample_bars(747, n, 0.01, gap, &bars) == 0);
    prepare();
}

static void tear_down(void)
{
    series_free(&series);
    bars_free(&bars);
}

/* Values of a model's axes: small windows, so that several fits fall into a test. */
static void usual_values(const struct volatility_model *model, double value[AXES_MAX])
{
    static const struct {
        const char *name;
        double value;
    } usual[] = {{"lambda", 0.95}, {"window", 37},   {"fit_window", 700},
                 {"refit", 131},   {"student", 1},   {"har_day", 4},
                 {"har_week", 20}, {"har_month", 60}};

    for (size_t a = 0; a < model->n_axes; a++) {
        value[a] = 0.0;
        for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
            if (strcmp(model->axes[a].name, usual[i].name) == 0)
                value[a] = usual[i].value;
    }
}

static int follow(const char *name, const double *value, double *variance,
                  struct volatility_report *report, struct err *err)
{
    return volatility_path(volatility_find(name), kernels_of(isa_best()), &series,
                           value, variance, report, err);
}

static double *path_of(const char *name, struct volatility_report *report)
{
    double value[AXES_MAX];
    double *variance = malloc(series.n * sizeof *variance);

    CU_ASSERT_FATAL(variance != NULL);
    usual_values(volatility_find(name), value);
    CU_ASSERT_FATAL(follow(name, value, variance, report, NULL) == 0);
    return variance;
}

static void every_model_is_finite_and_positive_after_the_warm_up(void)
{
    set_up(1500, 0.03);
    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        double *v = path_of(volatility_row(i)->name, NULL);

        for (size_t t = 0; t < series.n; t++)
            CU_ASSERT(t < W ? v[t] == 0.0 : isfinite(v[t]) && v[t] > 0.0);
        free(v);
    }
    tear_down();
}

/* Bars from 900 on are others; up to 899 nothing may change, at 900 something must. */
static void no_model_looks_ahead(void)
{
    struct bars other;

    CU_ASSERT_FATAL(sample_bars(13, 1200, 0.03, 0.0, &other) == 0);
    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        const char *name = volatility_row(i)->name;

        set_up(1200, 0.0);
        double *before = path_of(name, NULL);
        for (size_t t = 900; t < bars.n; t++) {
            const double scale = bars.close[899] / other.open[900];

            bars.open[t] = other.open[t] * scale;
            bars.high[t] = other.high[t] * scale;
            bars.low[t] = other.low[t] * scale;
            bars.close[t] = other.close[t] * scale;
        }
        series_free(&series);
        prepare();
        double *after = path_of(name, NULL);
        CU_ASSERT(memcmp(before, after, 900 * sizeof *before) == 0);
        CU_ASSERT(before[900] != after[900]);
        free(before);
        free(after);
        tear_down();
    }
    bars_free(&other);
}

/* The page's words, with nothing carried from fit to fit but the last estimate. */
static void garch_is_fitted_to_the_bars_before_and_forecasts_the_horizon(void)
{
    struct volatility_report report;
    const struct garch_spec spec = {.student = true, .start_window = W};
    size_t n_fits = 0;

    set_up(1500, 0.01);
    double *v = path_of("garch", &report);
    double *r = malloc(series.n * sizeof *r);
    returns_of_bars(&bars, r);
    for (size_t now = W; now < series.n; now += 131, n_fits++) {
        const size_t first = now >= 700 ? now - 699 : 0;
        struct garch_fit fit;

        CU_ASSERT_FATAL(
            garch_fit(&spec, now + 1 - first, r + first, NULL, &fit, NULL) == 0);
        if (!garch_is_estimate(&fit))
            continue;
        double h = fit.start * fit.persistence + fit.parameter[GARCH_OMEGA];
        for (size_t t = first; t < now + 131 && t < series.n; t++) {
            const double square = isnan(r[t]) ? h : r[t] * r[t];
            double forecast, mean = 0.0;

            h = fit.parameter[GARCH_OMEGA] + fit.parameter[GARCH_ALPHA] * square +
                fit.parameter[GARCH_BETA] * h;
            forecast = h;
            for (int j = 0; j < H; j++) {
                mean += forecast / H;
                forecast = fit.parameter[GARCH_OMEGA] + fit.persistence * forecast;
            }
            if (t >= now)
                CHECK_REL(v[t], mean, 1e-6); /* fits agree to 1e-6 standard errors */
        }
    }
    CU_ASSERT_EQUAL(report.n_fits, n_fits);
    CU_ASSERT(report.n_estimates > 8 && report.distance < GARCH_TOLERANCE);
    free(r);
    free(v);
    tear_down();
}

static void har_forecasts_from_rows_whose_horizon_has_ended(void)
{
    struct volatility_report report;
    const struct har_spec spec = {
        .day = 4, .week = 20, .month = 60, .horizon = H, .lags = 16};
    struct har_fit fit;

    set_up(1000, 0.02);
    double *v = path_of("har", &report);
    double(*regressor)[HAR_COEFFICIENTS] = malloc(series.n * sizeof *regressor);
    CU_ASSERT_FATAL(har_regressors(&spec, series.n, series.square, regressor, NULL) ==
                    0);
    const size_t now = W + 6 * 131;
    CU_ASSERT_FATAL(
        har_fit(&spec, now - 699, now + 1, series.square, regressor, &fit, NULL) == 0);
    for (size_t t = now; t < series.n; t++)
        CU_ASSERT(v[t] == har_forecast(&fit, regressor[t]));
    CU_ASSERT(report.parameter[HAR_DAY] == fit.coefficient[HAR_DAY]);
    CU_ASSERT_EQUAL(report.n_estimates, 7);
    free(regressor);
    free(v);
    tear_down();
}

static void windows_are_those_of_rangevol_and_hold_through_gaps(void)
{
    set_up(600, 0.0);
    for (size_t t = 300; t < 600; t++)
        bars.time[t] += (int64_t)t * bars.interval_ns; /* no step is whole */
    double *want = malloc(series.n * sizeof *want);
    double *v = path_of("rolling", NULL);
    CU_ASSERT_FATAL(range_variances(RANGE_ROLLING, 37, &bars, want, NULL) == 0);
    CU_ASSERT(memcmp(v + W, want + W, (330 - W) * sizeof *v) == 0);
    CU_ASSERT(isnan(want[500]) && v[500] == v[499] && v[500] > 0.0);
    free(v);
    free(want);
    tear_down();
}

static void frozen_bars(size_t first, size_t end)
{
    for (size_t t = first; t < end; t++)
        bars.open[t] = bars.high[t] = bars.low[t] = bars.close[t] = 1.0;
}

static void a_model_without_any_estimate_says_why(void)
{
    double value[AXES_MAX], v[900];
    struct err err = {0};

    CU_ASSERT_FATAL(sample_bars(747, 900, 0.01, 0.0, &bars) == 0);
    frozen_bars(0, 900);
    prepare();
    usual_values(volatility_find("gjr"), value);
    CU_ASSERT(follow("gjr", value, v, NULL, &err) == -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text,
                   "gjr: none of 6 fits gave an estimate (the last: constant returns)");
    usual_values(volatility_find("har"), value);
    CU_ASSERT(follow("har", value, v, NULL, &err) == -1);
    CHECK_CONTAINS(err.text,
                   "har: none of 6 fits gave an estimate (the last: no unique");
    value[2] = 30.0;
    CU_ASSERT(follow("har", value, v, NULL, &err) == -1);
    CHECK_CONTAINS(err.text, "day, week and month must ascend: 30, 20 and 60 bars");
    tear_down();
}

/* Frozen at first, then trading: the mean square stands in; later the last estimate. */
static void before_the_first_estimate_the_mean_square_stands_in(void)
{
    struct volatility_report report;
    double sum = 0.0;

    CU_ASSERT_FATAL(sample_bars(747, 1400, 0.01, 0.0, &bars) == 0);
    frozen_bars(0, 200);
    bars.open[200] = 1.0;
    for (size_t t = 200; t < 1400; t++) {
        bars.close[t] /= 100.0;
        bars.high[t] /= 25.0;
        bars.low[t] /= 400.0;
    }
    prepare();
    double *v = path_of("garch", &report);
    CU_ASSERT(report.n_fallback_bars >= 131 && report.n_fallback_bars % 131 == 0);
    CU_ASSERT(report.n_estimates > 0 && report.n_estimates < report.n_fits);
    for (size_t t = 1; t < W + 131; t++) {
        sum += series.square[t];
        if (t >= W)
            CU_ASSERT(v[t] == sum / (double)t);
    }
    free(v);
    tear_down();
}

static void a_window_path_is_one_lane_and_ewma_many(void)
{
    CU_ASSERT_EQUAL(volatility_n_lanes(volatility_find("ewma")), KERNEL_LANES);
    CU_ASSERT_EQUAL(volatility_n_lanes(volatility_find("garch")), 1);
    CU_ASSERT(volatility_find("garch2") == NULL);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"every_model_is_finite_and_positive_after_the_warm_up",
         every_model_is_finite_and_positive_after_the_warm_up},
        {"no_model_looks_ahead", no_model_looks_ahead},
        {"garch_is_fitted_to_the_bars_before_and_forecasts_the_horizon",
         garch_is_fitted_to_the_bars_before_and_forecasts_the_horizon},
        {"har_forecasts_from_rows_whose_horizon_has_ended",
         har_forecasts_from_rows_whose_horizon_has_ended},
        {"windows_are_those_of_rangevol_and_hold_through_gaps",
         windows_are_those_of_rangevol_and_hold_through_gaps},
        {"a_model_without_any_estimate_says_why",
         a_model_without_any_estimate_says_why},
        {"before_the_first_estimate_the_mean_square_stands_in",
         before_the_first_estimate_the_mean_square_stands_in},
        {"a_window_path_is_one_lane_and_ewma_many",
         a_window_path_is_one_lane_and_ewma_many},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"volatility", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
