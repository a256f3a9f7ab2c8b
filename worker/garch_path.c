#include "worker/garch_fit.h"
#include "worker/refit.h"
#include "worker/returns.h"
#include "worker/volatility_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const garch_parameter_names[] = {"mu",   "omega", "alpha", "gamma",
                                             "beta", "nu",    NULL};

_Static_assert((int)GARCH_PARAMETERS <= (int)FITS_PARAMETERS_MAX,
               "a report holds them");

const char *garch_path_status(int64_t status)
{
    return garch_status_name((enum garch_status)status);
}

/* The estimate in force, and its filter from the first bar it was fitted to. */
struct garch_work {
    struct garch_spec spec;
    double *r, *h; /* [n], [n + 1] */
    size_t first;
    bool is_there;
    double parameter[GARCH_PARAMETERS], start;
    double horizon[2];
    size_t horizon_bars;
};

/* From the last estimate, which is near; where that ends nowhere, from the table of
 * starts. */
static int fit_from_near(const struct garch_work *work, struct range past,
                         struct garch_fit *fit, struct err *err)
{
    const size_t n = past.end - past.first;
    const double *r = work->r + past.first;

    if (work->is_there) {
        if (garch_fit(&work->spec, n, r, work->parameter, fit, err) != 0)
            return -1;
        if (garch_is_estimate(fit))
            return 0;
    }
    return garch_fit(&work->spec, n, r, NULL, fit, err);
}

static bool is_of_model(const struct garch_spec *spec, enum garch_parameter i)
{
    return i == GARCH_MU      ? spec->mean
           : i == GARCH_GAMMA ? spec->gjr
           : i == GARCH_NU    ? spec->student
                              : true;
}

static void tell(const struct garch_spec *spec, const struct garch_fit *fit,
                 struct fits_report *report)
{
    report->gradient_norm = fit->gradient_norm;
    report->distance = fit->distance;
    report->log_likelihood = fit->log_likelihood;
    for (int i = 0; i < GARCH_PARAMETERS; i++) {
        const bool is_there = is_of_model(spec, (enum garch_parameter)i);

        report->parameter[i] = is_there ? fit->parameter[i] : (double)NAN;
        report->error[i] = is_there ? fit->error[GARCH_QMLE][i] : (double)NAN;
    }
}

static int fit(void *state, struct range past, bool *is_estimate,
               struct fits_report *report, struct err *err)
{
    struct garch_work *work = state;
    struct garch_fit fit;

    if (fit_from_near(work, past, &fit, err) != 0)
        return -1;
    report->status = fit.status;
    *is_estimate = garch_is_estimate(&fit);
    if (!*is_estimate)
        return 0;
    work->is_there = true;
    work->first = past.first;
    work->start = fit.start;
    memcpy(work->parameter, fit.parameter, sizeof work->parameter);
    garch_horizon(work->parameter, work->horizon_bars, work->horizon);
    tell(&work->spec, &fit, report);
    return 0;
}

/* v[t] = c[0] + c[1] h[t+1], h from the first bar of the estimate's window on */
static void forecast(void *state, struct range bars, double *variance)
{
    struct garch_work *work = state;
    const size_t first = work->first;

    garch_filter(work->parameter, work->start, bars.end - first, work->r + first,
                 work->h);
    for (size_t t = bars.first; t < bars.end; t++)
        variance[t] = fma(work->horizon[1], work->h[t + 1 - first], work->horizon[0]);
}

static struct garch_spec spec_of(const struct volatility *of, const double *values)
{
    return (struct garch_spec){
        .gjr = strcmp(of->model->name, "gjr") == 0,
        .student = values[GARCH_STUDENT] == 1.0,
        .targeting = values[GARCH_TARGETING] == 1.0,
        .start = (enum garch_start)values[GARCH_FIT_START],
        .start_window = of->series->rules.warmup_bars,
    };
}

int garch_path(const struct volatility *of, const double *values, double *variance,
               struct fits_report *report, struct err *err)
{
    const size_t n = of->series->n;
    double *room = malloc((2 * n + 1) * sizeof *room);
    struct garch_work work = {.spec = spec_of(of, values),
                              .r = room,
                              .h = room + n,
                              .horizon_bars = of->series->rules.horizon_bars};
    const struct refit refit = {.window = (size_t)values[GARCH_FIT_WINDOW],
                                .every = (size_t)values[GARCH_REFIT],
                                .state = &work,
                                .fit = fit,
                                .forecast = forecast};

    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    returns_of_bars(of->series->bars, work.r);
    const int status = refit_along(of, &refit, variance, report, err);
    free(room);
    return status;
}
