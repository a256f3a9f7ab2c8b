/* What holds for every row of the table of models, as a job uses it. */
#include "tests/worker/paths.h"
#include "worker/rangevol.h"

#include <gsl/gsl_errno.h>

/* Quantiles of losses (worker/tail_path.c), which are no logarithms. */
static void each_row_is_found_by_its_name_and_has_one_way_to_a_path(void)
{
    static const char *const names[] = {
        "ewma",         "garch",           "gjr",        "garch_grid",
        "har",          "rolling",         "atr",        "parkinson",
        "garman_klass", "rogers_satchell", "yang_zhang", "constant"};
    const size_t n = sizeof names / sizeof *names;

    for (size_t i = 0; i < n; i++) {
        const struct volatility_model *model = volatility_find(names[i]);

        CU_ASSERT_FATAL(model != NULL);
        CU_ASSERT((model->advance == NULL) != (model->path == NULL));
        CU_ASSERT_EQUAL(volatility_n_lanes(model),
                        model->parameter == NULL && model->n_axes > 0 ? KERNEL_LANES
                                                                      : 1);
        CU_ASSERT((model->parameter == NULL) == (model->status_name == NULL));
    }
    CU_ASSERT(volatility_row(n) == NULL && volatility_find("garch2") == NULL);
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

/* Bars from 900 on are others; up to 899 nothing may change, at 900 something must, or
 * of a quantile, which a single loss may not move, soon after. */
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
        CU_ASSERT(memcmp(before + 900, after + 900, sizeof *before) != 0);
        free(before);
        free(after);
        tear_down();
    }
    bars_free(&other);
}

static void windows_are_those_of_rangevol_and_hold_through_gaps(void)
{
    static const enum range_model ranges[] = {RANGE_ROLLING,         RANGE_ATR,
                                              RANGE_PARKINSON,       RANGE_GARMAN_KLASS,
                                              RANGE_ROGERS_SATCHELL, RANGE_YANG_ZHANG};
    double want[600];

    set_up(600, 0.0);
    for (size_t t = 300; t < 600; t++)
        bars.time[t] += (int64_t)t * bars.interval_ns; /* no step is whole */
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        double *v = path_of(range_model_name(ranges[i]), NULL);

        CU_ASSERT_FATAL(range_variances(ranges[i], RANGE_WINDOW, &bars, want, NULL) ==
                        0);
        for (size_t t = W; t < 600; t++)
            CU_ASSERT(v[t] == (isnan(want[t]) ? v[t - 1] : want[t]));
        CU_ASSERT(v[599] > 0.0);
        if (ranges[i] == RANGE_ROLLING)
            CU_ASSERT(isnan(want[500]));
        free(v);
    }
    tear_down();
}

static void constant_prices_have_no_variance_and_nothing_to_fit(void)
{
    double value[AXES_MAX], v[900];
    struct err err;

    CU_ASSERT_FATAL(sample_bars(747, 900, 0.01, 0.0, &bars) == 0);
    frozen_bars(0, 900);
    prepare();
    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        const struct volatility_model *model = volatility_row(i);
        char reason[128];

        usual_values(model, value);
        err = (struct err){0};
        if (model->parameter == NULL) {
            CU_ASSERT_FATAL(follow(model->name, value, v, NULL, &err) == 0);
            for (size_t t = 0; t < 900; t++)
                CU_ASSERT(v[t] == 0.0);
            continue;
        }
        CU_ASSERT(follow(model->name, value, v, NULL, &err) == -1);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
        snprintf(reason, sizeof reason,
                 "%s: none of 6 fits gave an estimate (the last: %s)", model->name,
                 strcmp(model->name, "har") == 0 ? "no unique estimate"
                                                 : "constant returns");
        CU_ASSERT_STRING_EQUAL(err.text, reason);
    }
    tear_down();
}

static void a_series_not_longer_than_the_window_gives_a_reason(void)
{
    double value[AXES_MAX], v[WINDOW + 1];
    char reason[128];

    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        const struct volatility_model *model = volatility_row(i);
        struct err err = {0};

        usual_values(model, value);
        for (size_t a = 0; a < model->n_axes; a++)
            if (strcmp(model->axes[a].name, "window") == 0)
                value[a] = WINDOW;
        if (model->advance != NULL || model->n_axes == 0)
            continue; /* has no window */
        set_up(WINDOW, 0.0);
        CU_ASSERT(follow(model->name, value, v, NULL, &err) == -1);
        CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
        snprintf(reason, sizeof reason,
                 "%s: a %s of 700 bars is not shorter than the series of 700",
                 model->name, model->parameter != NULL ? "fit_window" : "window");
        CU_ASSERT_STRING_EQUAL(err.text, reason);
        tear_down();
        set_up(WINDOW + 1, 0.0);
        CU_ASSERT(follow(model->name, value, v, NULL, &err) == 0);
        tear_down();
    }
}

/* Prices squared: every logarithm of a ratio is twice what it was, but for the
 * rounding of the prices, 1e-14 of a return.  Fits stop within 1e-6 standard errors of
 * the maximum, and v moves by less than one standard error a standard error. */
static void twice_the_returns_give_four_times_the_variance(void)
{
    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        const struct volatility_model *model = volatility_row(i);
        const double tolerance = model->parameter == NULL ? 1e-11 : 1e-6;

        set_up(1200, 0.0);
        double *once = path_of(model->name, NULL);
        for (size_t t = 0; t < bars.n; t++) {
            bars.open[t] *= bars.open[t];
            bars.high[t] *= bars.high[t];
            bars.low[t] *= bars.low[t];
            bars.close[t] *= bars.close[t];
        }
        series_free(&series);
        prepare();
        double *twice = path_of(model->name, NULL);
        for (size_t t = W; t < series.n; t++)
            CHECK_REL(twice[t], 4.0 * once[t], tolerance);
        free(once);
        free(twice);
        tear_down();
    }
}

static void another_unit_of_the_price_changes_no_bit(void)
{
    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        set_up(1200, 0.0);
        double *before = path_of(volatility_row(i)->name, NULL);
        for (size_t t = 0; t < bars.n; t++) {
            bars.open[t] *= 0.125;
            bars.high[t] *= 0.125;
            bars.low[t] *= 0.125;
            bars.close[t] *= 0.125;
        }
        series_free(&series);
        prepare();
        double *after = path_of(volatility_row(i)->name, NULL);
        CU_ASSERT(memcmp(before, after, series.n * sizeof *before) == 0);
        free(before);
        free(after);
        tear_down();
    }
}

static void a_path_comes_out_the_same_from_both_doors_and_again(void)
{
    for (size_t i = 0; volatility_row(i) != NULL; i++) {
        const struct volatility of = {volatility_row(i), kernels_of(ISA_SCALAR),
                                      &series};
        const size_t n_lanes = volatility_n_lanes(of.model);
        double value[AXES_MAX], parameter[AXES_MAX * KERNEL_LANES];

        set_up(1200, 0.02);
        double *one = path_of(of.model->name, NULL);
        double *many = malloc(n_lanes * series.n * sizeof *many);
        usual_values(of.model, value);
        for (size_t a = 0; a < of.model->n_axes; a++)
            for (size_t lane = 0; lane < n_lanes; lane++)
                parameter[a * n_lanes + lane] = value[a];
        CU_ASSERT_FATAL(volatility_paths(&of, parameter, many, NULL) == 0);
        for (size_t lane = 0; lane < n_lanes; lane++)
            CU_ASSERT(memcmp(one, many + lane * series.n, series.n * sizeof *one) == 0);
        free(one);
        free(many);
        tear_down();
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(each_row_is_found_by_its_name_and_has_one_way_to_a_path),
        TEST(every_model_is_finite_and_positive_after_the_warm_up),
        TEST(no_model_looks_ahead),
        TEST(windows_are_those_of_rangevol_and_hold_through_gaps),
        TEST(constant_prices_have_no_variance_and_nothing_to_fit),
        TEST(a_series_not_longer_than_the_window_gives_a_reason),
        TEST(twice_the_returns_give_four_times_the_variance),
        TEST(another_unit_of_the_price_changes_no_bit),
        TEST(a_path_comes_out_the_same_from_both_doors_and_again),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"volatility", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
