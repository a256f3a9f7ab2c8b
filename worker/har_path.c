#include "worker/har.h"
#include "worker/refit.h"
#include "worker/volatility_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const har_parameter_names[] = {"constant", "day", "week", "month", NULL};

_Static_assert((int)HAR_COEFFICIENTS <= (int)FITS_PARAMETERS_MAX,
               "a report holds them");

const char *har_path_status(int64_t status)
{
    return har_status_name((enum har_status)status);
}

struct har_work {
    struct har_spec spec;
    const double *square;
    double (*regressor)[HAR_COEFFICIENTS]; /* [n] */
    struct har_fit estimate;               /* in force */
};

static int fit(void *state, struct range past, bool *is_estimate,
               struct fits_report *report, struct err *err)
{
    struct har_work *work = state;
    struct har_fit fit;

    if (har_fit(&work->spec, past.first, past.end, work->square, work->regressor, &fit,
                err) != 0)
        return -1;
    report->status = fit.status;
    *is_estimate = fit.status == HAR_ESTIMATED;
    if (!*is_estimate)
        return 0;
    work->estimate = fit;
    memcpy(report->parameter, fit.coefficient, sizeof fit.coefficient);
    memcpy(report->error, fit.error_hac, sizeof fit.error_hac);
    return 0;
}

static void forecast(void *state, struct range bars, double *variance)
{
    const struct har_work *work = state;

    for (size_t t = bars.first; t < bars.end; t++)
        variance[t] = har_forecast(&work->estimate, work->regressor[t]);
}

/* Losses of neighbouring rows overlap in h - 1 bars; twice as many lags. */
static struct har_spec spec_of(const struct volatility *of, const double *values)
{
    const size_t h = of->series->rules.horizon_bars;

    return (struct har_spec){.day = (size_t)values[HAR_AXIS_DAY],
                             .week = (size_t)values[HAR_AXIS_WEEK],
                             .month = (size_t)values[HAR_AXIS_MONTH],
                             .horizon = h,
                             .lags = 2 * h};
}

static int check(const struct volatility *of, const struct har_spec *spec,
                 struct err *err)
{
    if (!(spec->day < spec->week && spec->week < spec->month))
        return err_set(err, ERR_INPUT,
                       "har: day, week and month must ascend: %zu, %zu and %zu bars",
                       spec->day, spec->week, spec->month);
    return refit_check_window(of, "har_month", spec->month, err);
}

int har_path(const struct volatility *of, const double *values, double *variance,
             struct fits_report *report, struct err *err)
{
    const struct series *series = of->series;
    struct har_work work = {.spec = spec_of(of, values), .square = series->square};
    const struct refit refit = {.window = (size_t)values[HAR_FIT_WINDOW],
                                .every = (size_t)values[HAR_REFIT],
                                .state = &work,
                                .fit = fit,
                                .forecast = forecast};
    int status = -1;

    if (check(of, &work.spec, err) != 0)
        return -1;
    work.regressor = malloc(series->n * sizeof *work.regressor);
    if (work.regressor == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", series->n);
    if (har_regressors(&work.spec, series->n, series->square, work.regressor, err) == 0)
        status = refit_along(of, &refit, variance, report, err);
    free(work.regressor);
    return status;
}
