/* Models that are fitted again and again along a series. */
#include "tests/worker/paths.h"
#include "worker/garch_fit.h"
#include "worker/har.h"
#include "worker/returns.h"

#include <gsl/gsl_errno.h>

/* A fit like the path's: from the estimate before, else from the table of starts. */
static void fit_again(const struct garch_spec *spec, const double *r, size_t now,
                      const struct garch_fit *last, struct garch_fit *fit)
{
    const size_t first = now >= WINDOW ? now - WINDOW + 1 : 1, n = now + 1 - first;

    CU_ASSERT_FATAL(garch_fit(spec, n, r + first,
                              garch_is_estimate(last) ? last->parameter : NULL, fit,
                              NULL) == 0);
    if (!garch_is_estimate(fit))
        CU_ASSERT_FATAL(garch_fit(spec, n, r + first, NULL, fit, NULL) == 0);
}

/* The page's words: filter and forecast one step after another.  The path has the
 * forecast as c0 + c1 h, here it is a sum of 8 terms of one sign, each of at most 8
 * fused steps: 1e-13 is 450 ulp. */
static void check_segment(const struct garch_fit *fit, const double *r, size_t now,
                          const double *v)
{
    const double *p = fit->parameter;
    const size_t first = now >= WINDOW ? now - WINDOW + 1 : 1;
    double h = fit->start * fit->persistence + p[GARCH_OMEGA];

    for (size_t t = first; t < now + REFIT && t < series.n; t++) {
        const double shock = isnan(r[t]) ? (p[GARCH_ALPHA] + p[GARCH_GAMMA] / 2) * h
                             : r[t] < 0.0
                                 ? (p[GARCH_ALPHA] + p[GARCH_GAMMA]) * r[t] * r[t]
                                 : p[GARCH_ALPHA] * r[t] * r[t];
        double ahead, mean = 0.0;

        ahead = h = p[GARCH_OMEGA] + shock + p[GARCH_BETA] * h;
        for (int j = 0; j < H; j++) {
            mean += ahead / H;
            ahead = p[GARCH_OMEGA] + fit->persistence * ahead;
        }
        if (t >= now)
            CHECK_REL(v[t], mean, 1e-13);
    }
}

static void check_refits(const char *name, const struct garch_spec *spec)
{
    struct fits_report report;
    struct garch_fit last = {.status = GARCH_TOO_FEW}, fit;
    size_t n_fits = 0;

    set_up(1500, 0.01);
    double *v = path_of(name, &report);
    double *r = malloc(series.n * sizeof *r);
    returns_of_bars(&bars, r);
    for (size_t now = W; now < series.n; now += REFIT, n_fits++) {
        fit_again(spec, r, now, &last, &fit);
        CU_ASSERT_FATAL(garch_is_estimate(&fit));
        check_segment(&fit, r, now, v);
        last = fit;
    }
    CU_ASSERT_EQUAL(report.n_fits, n_fits);
    CU_ASSERT_EQUAL(report.n_estimates, n_fits);
    CU_ASSERT_EQUAL(report.n_fallback_bars, 0);
    CU_ASSERT_EQUAL(report.status, last.status);
    CU_ASSERT(report.log_likelihood == last.log_likelihood);
    CU_ASSERT(report.gradient_norm == last.gradient_norm);
    for (int i = GARCH_OMEGA; i < GARCH_PARAMETERS; i++)
        if (i != GARCH_GAMMA || spec->gjr)
            CU_ASSERT(report.parameter[i] == last.parameter[i]);
    CU_ASSERT(isnan(report.parameter[GARCH_MU]));
    CU_ASSERT(spec->gjr || isnan(report.parameter[GARCH_GAMMA]));
    free(r);
    free(v);
    tear_down();
}

/* The same where a fit falls on the last bar before the change: a fit that saw one bar
 * more than it may would be found here. */
static void a_fit_sees_nothing_behind_its_bar(void)
{
    static const char *const names[] = {"garch", "gjr", "har"};
    const size_t last = W + 6 * REFIT;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        set_up(last + H + 2, 0.0);
        double *before = path_of(names[i], NULL);
        bars.close[last + 1] *= 1.2;
        bars.high[last + 1] *= 1.3;
        series_free(&series);
        prepare();
        double *after = path_of(names[i], NULL);
        CU_ASSERT(memcmp(before, after, (last + 1) * sizeof *before) == 0);
        CU_ASSERT(before[last + 1] != after[last + 1]);
        free(before);
        free(after);
        tear_down();
    }
}

static void garch_is_fitted_to_the_bars_before_and_forecasts_the_horizon(void)
{
    check_refits("garch", &(struct garch_spec){.student = true, .start_window = W});
    check_refits("gjr",
                 &(struct garch_spec){.gjr = true, .student = true, .start_window = W});
}

static void har_forecasts_from_rows_whose_horizon_has_ended(void)
{
    struct fits_report report;
    const struct har_spec spec = {
        .day = 4, .week = 20, .month = 60, .horizon = H, .lags = 2 * H};

    set_up(1000, 0.02);
    double *v = path_of("har", &report);
    double(*regressor)[HAR_COEFFICIENTS] = malloc(series.n * sizeof *regressor);
    CU_ASSERT_FATAL(har_regressors(&spec, series.n, series.square, regressor, NULL) ==
                    0);
    struct har_fit fit;
    size_t n_fits = 0;
    for (size_t now = W; now < series.n; now += REFIT, n_fits++) {
        const size_t first = now >= WINDOW ? now - WINDOW + 1 : 1;

        CU_ASSERT_FATAL(
            har_fit(&spec, first, now + 1, series.square, regressor, &fit, NULL) == 0);
        CU_ASSERT_FATAL(fit.status == HAR_ESTIMATED);
        for (size_t t = now; t < now + REFIT && t < series.n; t++)
            CU_ASSERT(v[t] == har_forecast(&fit, regressor[t]));
    }
    CU_ASSERT_EQUAL(report.n_estimates, n_fits);
    for (int i = 0; i < HAR_COEFFICIENTS; i++) {
        CU_ASSERT(report.parameter[i] == fit.coefficient[i]);
        CU_ASSERT(report.error[i] == fit.error_hac[i]);
    }
    free(regressor);
    free(v);
    tear_down();
}

static void har_refuses_means_that_do_not_ascend(void)
{
    double value[] = {30, 20, 60, WINDOW, REFIT}, v[900];
    struct err err = {0};

    set_up(900, 0.0);
    CU_ASSERT(follow("har", value, v, NULL, &err) == -1);
    CU_ASSERT_STRING_EQUAL(err.text,
                           "har: day, week and month must ascend: 30, 20 and 60 bars");
    tear_down();
}

/* Frozen at first, then trading: the mean square stands in until the first estimate. */
static void before_the_first_estimate_the_mean_square_stands_in(void)
{
    struct fits_report report;
    const struct garch_spec spec = {.student = true, .start_window = W};
    const struct garch_fit none = {.status = GARCH_TOO_FEW};
    struct garch_fit fit;
    double sum = 0.0;

    CU_ASSERT_FATAL(sample_bars(747, 1400, 0.01, 0.0, &bars) == 0);
    frozen_bars(0, 200);
    const double scale = 1.0 / bars.open[200]; /* the walk goes on from 1 */
    for (size_t t = 200; t < 1400; t++) {
        bars.open[t] *= scale;
        bars.high[t] *= scale;
        bars.low[t] *= scale;
        bars.close[t] *= scale;
    }
    prepare();
    double *v = path_of("garch", &report);
    double *r = malloc(series.n * sizeof *r);
    returns_of_bars(&bars, r);
    /* the fit at W sees constant returns; those that follow may fail as well */
    size_t end = W;
    while (fit_again(&spec, r, end, &none, &fit), !garch_is_estimate(&fit))
        end += REFIT;
    CU_ASSERT(end >= W + REFIT && end < 1400);
    CU_ASSERT_EQUAL(report.n_fallback_bars, end - W);
    CU_ASSERT(report.n_fits - report.n_estimates >= (end - W) / REFIT);
    for (size_t t = 1; t < end; t++) {
        sum += series.square[t];
        if (t >= W)
            CU_ASSERT(v[t] == sum / (double)t);
    }
    CU_ASSERT(v[end] != (sum + series.square[end]) / (double)end);
    CU_ASSERT(v[end - 1] > 0.0);
    free(r);
    free(v);
    tear_down();
}

/* Trading, then frozen for longer than the window: the fits in between fail. */
static void a_fit_that_fails_leaves_the_last_estimate_in_force(void)
{
    struct fits_report report;
    const struct garch_spec spec = {.student = true, .start_window = W};
    struct garch_fit last = {.status = GARCH_TOO_FEW}, fit;

    CU_ASSERT_FATAL(sample_bars(747, 2000, 0.01, 0.0, &bars) == 0);
    for (size_t t = 700; t < 2000; t++)
        bars.open[t] = bars.high[t] = bars.low[t] = bars.close[t] = bars.close[699];
    prepare();
    double *v = path_of("garch", &report);
    double *r = malloc(series.n * sizeof *r);
    size_t n_failed = 0;
    returns_of_bars(&bars, r);
    for (size_t now = W; now < series.n; now += REFIT) {
        fit_again(&spec, r, now, &last, &fit);
        if (garch_is_estimate(&fit))
            last = fit;
        else
            n_failed++;
    }
    CU_ASSERT(n_failed >= 4);
    CU_ASSERT_EQUAL(report.n_fits - report.n_estimates, n_failed);
    CU_ASSERT_EQUAL(report.status, GARCH_CONSTANT);
    CU_ASSERT(report.parameter[GARCH_BETA] == last.parameter[GARCH_BETA]);
    CU_ASSERT(report.log_likelihood == last.log_likelihood);
    /* without returns h falls to omega / (1 - beta); 1300 bars are enough for 1e-9 */
    double c[2];
    garch_horizon(last.parameter, H, c);
    const double h = last.parameter[GARCH_OMEGA] / (1.0 - last.parameter[GARCH_BETA]);
    CHECK_REL(v[1999], c[0] + c[1] * h, 1e-9);
    free(r);
    free(v);
    tear_down();
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_fit_sees_nothing_behind_its_bar),
        TEST(garch_is_fitted_to_the_bars_before_and_forecasts_the_horizon),
        TEST(har_forecasts_from_rows_whose_horizon_has_ended),
        TEST(har_refuses_means_that_do_not_ascend),
        TEST(before_the_first_estimate_the_mean_square_stands_in),
        TEST(a_fit_that_fails_leaves_the_last_estimate_in_force),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"refit", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
