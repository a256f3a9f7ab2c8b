#include "coordinator/fit.h"
#include "coordinator/fit_tails.h"
#include "worker/garch_fit.h"
#include "worker/rangevol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- GARCH and GJR ------------------------------------------------------------- */

static const char *const parameter_names[GARCH_PARAMETERS] = {"mu",    "omega", "alpha",
                                                              "gamma", "beta",  "nu"};

static void report_parameters(struct fit_report *report, const char *name,
                              const struct garch_spec *spec,
                              const double value[GARCH_PARAMETERS])
{
    fit_report_open(report, name);
    for (int i = 0; i < GARCH_PARAMETERS; i++)
        if ((i != GARCH_MU || spec->mean) && (i != GARCH_GAMMA || spec->gjr) &&
            (i != GARCH_NU || spec->student))
            fit_report_real(report, parameter_names[i], value[i]);
    fit_report_close(report);
}

static void report_estimate(struct fit_report *report, const struct garch_spec *spec,
                            const struct garch_fit *fit)
{
    const double rest = 1.0 - fit->persistence, n = (double)fit->n_there;
    const double k = 2.0 + spec->gjr + spec->student + spec->mean + !spec->targeting;

    report_parameters(report, "parameters", spec, fit->parameter);
    fit_report_open(report, "standard_errors");
    report_parameters(report, "hessian", spec, fit->error[GARCH_HESSIAN]);
    report_parameters(report, "opg", spec, fit->error[GARCH_OPG]);
    report_parameters(report, "qmle", spec, fit->error[GARCH_QMLE]);
    fit_report_close(report);
    fit_report_real(report, "persistence", fit->persistence);
    fit_report_real(report, "half_life_bars", log(0.5) / log(fit->persistence));
    fit_report_real(report, "unconditional_variance",
                    fit->parameter[GARCH_OMEGA] / rest);
    fit_report_real(report, "start_variance", fit->start);
    fit_report_real(report, "aic", 2.0 * k - 2.0 * fit->log_likelihood);
    fit_report_real(report, "bic", k * log(n) - 2.0 * fit->log_likelihood);
}

static int run_garch(const struct fit_request *request, const struct fit_data *data,
                     struct fit_report *report, struct fit_paths *paths,
                     const char **reason, struct err *err)
{
    static const char *const starts[GARCH_N_STARTS] = {"mean", "first", "unconditional",
                                                       "backcast"};
    struct garch_spec spec = request->garch;
    char bounds[GARCH_BOUNDS_TEXT_MAX];
    struct garch_fit fit;

    spec.gjr = strcmp(request->model, "gjr") == 0;
    if (garch_fit(&spec, data->n, data->value, NULL, &fit, err) != 0)
        return -1;
    fit_report_text(report, "innovations", spec.student ? "student" : "normal");
    fit_report_flag(report, "mean", spec.mean);
    fit_report_flag(report, "targeting", spec.targeting);
    fit_report_text(report, "start", starts[spec.start]);
    fit_report_text(report, "status", garch_status_name(fit.status));
    if (fit.status == GARCH_AT_BOUND)
        fit_report_text(report, "bounds", garch_bounds_text(&fit, bounds));
    fit_report_real(report, "log_likelihood",
                    garch_is_estimate(&fit) ? fit.log_likelihood : NAN);
    fit_report_real(report, "gradient_norm", fit.gradient_norm);
    fit_report_real(report, "distance", fit.distance);
    fit_report_count(report, "evaluations", fit.n_evaluations);
    fit_report_count(report, "iterations", fit.n_iterations);
    if (!garch_is_estimate(&fit)) {
        report_parameters(report, "stopped_at", &spec, fit.parameter);
        *reason = garch_status_name(fit.status);
        return 0;
    }
    report_estimate(report, &spec, &fit);
    report_parameters(report, "gradient", &spec, fit.gradient);
    paths->mean = fit.parameter[GARCH_MU];
    garch_filter(fit.parameter, fit.start, data->n, data->value, paths->variance);
    return 0;
}

/* ---- EWMA ---------------------------------------------------------------------- */

/* v from the mean square of the first `window` returns on, as the job's EWMA. */
static int run_ewma(const struct fit_request *request, const struct fit_data *data,
                    struct fit_report *report, struct fit_paths *paths,
                    const char **reason, struct err *err)
{
    const double lambda = request->lambda;
    double sum = 0.0, n = 0.0, v = NAN;

    (void)err;
    for (size_t t = 0; t < data->n; t++) {
        const double r = data->value[t];

        paths->variance[t] = n >= (double)request->window ? v : NAN;
        if (isnan(r))
            continue;
        if (n++ < (double)request->window) {
            sum += r * r;
            v = sum / n;
        } else {
            v = fma(lambda, v, (1.0 - lambda) * (r * r));
        }
    }
    paths->variance[data->n] = n >= (double)request->window ? v : NAN;
    if (isnan(paths->variance[data->n]))
        *reason = "fewer returns than the window of the start";
    fit_report_real(report, "lambda", lambda);
    fit_report_count(report, "start_window", request->window);
    fit_report_text(report, "status", *reason == NULL ? "computed" : *reason);
    return 0;
}

/* ---- windows -------------------------------------------------------------------- */

static enum range_model range_named(const char *name)
{
    int model = 0;

    while (strcmp(range_model_name((enum range_model)model), name) != 0)
        model++;
    return (enum range_model)model;
}

/* Returns alone are enough for the rolling deviation. */
static int estimate_windows(const struct fit_request *request,
                            const struct fit_data *data, double *variance,
                            struct err *err)
{
    const enum range_model model = range_named(request->model);

    if (model != RANGE_ROLLING)
        return range_variances(model, request->window, &data->bars, variance, err);
    double *room = malloc(range_sums_room(model, data->n) * sizeof *room);
    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the sums of %zu returns",
                       data->n);
    const struct range_sums sums =
        range_sum(model, data->n, (double *[]){data->value, NULL, NULL}, room);
    range_path(&sums, request->window, variance);
    free(room);
    return 0;
}

static int run_window(const struct fit_request *request, const struct fit_data *data,
                      struct fit_report *report, struct fit_paths *paths,
                      const char **reason, struct err *err)
{
    if (estimate_windows(request, data, paths->variance + 1, err) != 0)
        return -1;
    /* a shorter window's values would stand under this one's name */
    for (size_t t = 0; t <= data->n && t < request->window; t++)
        paths->variance[t] = NAN;
    if (data->n < request->window)
        *reason = "fewer bars than the window";
    else if (isnan(paths->variance[data->n]))
        *reason = "too few bars in the last window";
    fit_report_count(report, "window_bars", request->window);
    fit_report_text(report, "status", *reason == NULL ? "computed" : *reason);
    return 0;
}

/* ---- HAR ------------------------------------------------------------------------- */

static void report_coefficients(struct fit_report *report, const char *name,
                                const double value[HAR_COEFFICIENTS])
{
    static const char *const names[HAR_COEFFICIENTS] = {"constant", "day", "week",
                                                        "month"};

    fit_report_open(report, name);
    for (int j = 0; j < HAR_COEFFICIENTS; j++)
        fit_report_real(report, names[j], value[j]);
    fit_report_close(report);
}

static void report_har(const struct har_spec *spec, const struct har_fit *fit,
                       struct fit_report *report)
{
    fit_report_count(report, "day_bars", spec->day);
    fit_report_count(report, "week_bars", spec->week);
    fit_report_count(report, "month_bars", spec->month);
    fit_report_count(report, "horizon_bars", spec->horizon);
    fit_report_count(report, "lags", spec->lags);
    fit_report_text(report, "status", har_status_name(fit->status));
    fit_report_count(report, "rows", fit->n);
    report_coefficients(report, "parameters", fit->coefficient);
    fit_report_open(report, "standard_errors");
    report_coefficients(report, "ols", fit->error);
    report_coefficients(report, "newey_west", fit->error_hac);
    fit_report_close(report);
    fit_report_real(report, "residual_sum_of_squares", fit->rss);
    fit_report_real(report, "r_squared", fit->r_squared);
}

static int run_har(const struct fit_request *request, const struct fit_data *data,
                   struct fit_report *report, struct fit_paths *paths,
                   const char **reason, struct err *err)
{
    const size_t n = data->n;
    double *x = malloc(n * sizeof *x);
    double(*regressor)[HAR_COEFFICIENTS] = malloc(n * sizeof *regressor);
    struct har_fit fit;
    int done = -1;

    if (x == NULL || regressor == NULL) {
        err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
        goto out;
    }
    for (size_t t = 0; t < n; t++)
        x[t] = request->variances ? data->value[t] : data->value[t] * data->value[t];
    if (har_regressors(&request->har, n, x, regressor, err) != 0 ||
        har_fit(&request->har, 0, n, x, regressor, &fit, err) != 0)
        goto out;
    report_har(&request->har, &fit, report);
    if (fit.status != HAR_ESTIMATED)
        *reason = har_status_name(fit.status);
    for (size_t t = 0; *reason == NULL && t < n; t++)
        paths->variance[t + 1] = har_forecast(&fit, regressor[t]);
    done = 0;
out:
    free(x);
    free(regressor);
    return done;
}

static const struct fit_model models[] = {
    {"garch", "GARCH(1,1) by maximum likelihood (Bollerslev 1986)", false, true, false,
     run_garch},
    {"gjr", "the same with a leverage term (Glosten, Jagannathan, Runkle 1993)", false,
     true, false, run_garch},
    {"har", "day, week and month of variances by least squares (Corsi 2009)", false,
     true, false, run_har},
    {"ewma", "exponentially weighted moving average (RiskMetrics 1996)", false, false,
     false, run_ewma},
    {"rolling", "sample variance of the window's returns", false, false, false,
     run_window},
    {"atr", "average true range (Wilder 1978)", true, false, false, run_window},
    {"parkinson", "high and low (Parkinson 1980)", true, false, false, run_window},
    {"garman_klass", "open, high, low, close (Garman, Klass 1980)", true, false, false,
     run_window},
    {"rogers_satchell", "the same, whatever the drift (1991)", true, false, false,
     run_window},
    {"yang_zhang", "the same with jumps between bars (2000)", true, false, false,
     run_window},
    {"pot", "peaks over threshold: generalised Pareto beyond it (McNeil, Frey 2000)",
     false, true, true, fit_run_pot},
    {"hill", "power law beyond a threshold (Hill 1975, Weissman 1978)", false, true,
     true, fit_run_hill},
    {"historical", "quantiles of the losses as they are, and where they may lie", false,
     true, true, fit_run_historical},
    {"student", "Student's t of losses by maximum likelihood (Liu, Rubin 1995)", false,
     true, true, fit_run_law},
    {"normal", "normal law of losses by maximum likelihood", false, true, true,
     fit_run_law},
};

const struct fit_model *fit_model_row(size_t i)
{
    return i < sizeof models / sizeof *models ? &models[i] : NULL;
}

const struct fit_model *fit_model_find(const char *name)
{
    for (size_t i = 0; fit_model_row(i) != NULL; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}
