/* Does any forecast of `plimsoll backtest` know what comes after it?  Made from the
 * table of `plimsoll fit`: a row that backtest takes must not move with the future, and
 * one that it refuses is refused for a reason. */
#include "coordinator/fit.h"
#include "tests/check.h"
#include "tests/sample.h"
#include "worker/returns.h"

#include <gsl/gsl_errno.h>

enum { BARS = 600, WINDOW = 30 };

static const size_t cuts[] = {WINDOW, WINDOW + 1, 100, 345, BARS - 2};
enum { CUTS = sizeof cuts / sizeof *cuts };

static double variance[BARS + 1];

/* The usual bars up to and including the cut, ten times as wide after it; with
 * `shorter`, there are none after it. */
static void set_up(size_t cut, bool shorter, struct fit_data *data)
{
    struct bars other;

    *data = (struct fit_data){.has_bars = true};
    CU_ASSERT_FATAL(sample_bars(747, BARS, 0.01, 0.02, &data->bars) == 0);
    CU_ASSERT_FATAL(sample_bars(13, BARS, 0.03, 0.0, &other) == 0);
    for (size_t t = cut + 1; t < BARS; t++) {
        const double level = data->bars.close[cut] / other.open[cut + 1];

        data->bars.open[t] = level * other.open[t];
        data->bars.high[t] = level * other.high[t];
        data->bars.low[t] = level * other.low[t];
        data->bars.close[t] = level * other.close[t];
    }
    bars_free(&other);
    if (shorter)
        data->bars.n = cut + 1;
    data->n = data->bars.n;
    data->value = malloc(data->n * sizeof *data->value);
    CU_ASSERT_FATAL(data->value != NULL);
    returns_of_bars(&data->bars, data->value);
}

/* variance[t] of bar t from the bars before it; false: there is no estimate. */
static bool run(const struct fit_model *model, size_t cut, bool shorter)
{
    const struct fit_request request = {
        .model = model->name,
        .garch.start_window = 100,
        .har = {.day = 1, .week = 7, .month = 30, .horizon = 1, .lags = 10},
        .window = WINDOW,
        .lambda = 0.94};
    struct fit_paths paths = {.variance = variance};
    struct fit_report unread;
    const char *reason = NULL;
    struct fit_data data;

    set_up(cut, shorter, &data);
    for (size_t t = 0; t <= BARS; t++)
        variance[t] = NAN;
    fit_report_start(&unread, true, stdout);
    CU_ASSERT_FATAL(model->run(&request, &data, &unread, &paths, &reason, NULL) == 0);
    json_abandon(&unread.json);
    fit_data_free(&data);
    return reason == NULL;
}

/* Forecasts of bars 0 .. cut + 1: those that bars up to the cut may make. */
static bool moves(const struct fit_model *model, size_t cut, bool shorter)
{
    double before[BARS + 1];

    CU_ASSERT_FATAL(run(model, BARS - 1, false));
    memcpy(before, variance, sizeof before);
    CU_ASSERT_FATAL(run(model, cut, shorter));
    return memcmp(before, variance, (cut + 2) * sizeof *before) != 0;
}

static void no_forecast_that_is_backtested_looks_ahead(void)
{
    size_t n_rows = 0;

    for (size_t i = 0; fit_model_row(i) != NULL; i++) {
        const struct fit_model *model = fit_model_row(i);

        n_rows += !model->sees_all;
        for (size_t c = 0; c < CUTS && !model->sees_all; c++) {
            CU_ASSERT_FALSE(moves(model, cuts[c], false));
            CU_ASSERT_FALSE(moves(model, cuts[c], true));
            CU_ASSERT(!isnan(variance[cuts[c] + 1]));
        }
    }
    CU_ASSERT(n_rows >= 7);
}

/* And the same test does find one that looks: parameters of the whole series. */
static void what_is_fitted_to_all_of_the_series_does_look_ahead(void)
{
    size_t n_rows = 0;

    for (size_t i = 0; fit_model_row(i) != NULL; i++)
        if (fit_model_row(i)->sees_all && !fit_model_row(i)->is_tail) {
            CU_ASSERT(moves(fit_model_row(i), 345, false));
            n_rows++;
        }
    CU_ASSERT(n_rows >= 3);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"no_forecast_that_is_backtested_looks_ahead",
         no_forecast_that_is_backtested_looks_ahead},
        {"what_is_fitted_to_all_of_the_series_does_look_ahead",
         what_is_fitted_to_all_of_the_series_does_look_ahead},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"fit", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
