#include "coordinator/forecast.h"

#include "coordinator/forecast_bars.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- settings ---------------------------------------------------------------------
 */

static const struct axis_rule *axis_of(const struct path_models *models, size_t a)
{
    const size_t n = models->volatility->n_axes;

    return a < n ? &models->volatility->axes[a] : &models->tail->axes[a - n];
}

/* "alpha, beta, nu" */
static void list_axes(const struct path_models *models, size_t n_chars, char *text)
{
    text[0] = '\0';
    for (size_t a = 0, at = 0; a < path_n_axes(models); a++) {
        const int n = snprintf(text + at, n_chars - at, "%s%s", a > 0 ? ", " : "",
                               axis_of(models, a)->name);

        at += (size_t)n < n_chars - at ? (size_t)n : n_chars - at - 1;
    }
}

static int set_value(const struct forecast_setting *setting, struct forecast *forecast,
                     struct err *err)
{
    const size_t n_axes = path_n_axes(&forecast->models);
    char names[256];

    for (size_t a = 0; a < n_axes; a++) {
        const struct axis_rule *rule = axis_of(&forecast->models, a);

        if (strlen(rule->name) != setting->n_chars ||
            strncmp(rule->name, setting->name, setting->n_chars) != 0)
            continue;
        if (!axis_allows(rule, setting->value))
            return err_set(err, ERR_USAGE, "%s: %g is not %sin %c%g, %g%c (%s; %s)",
                           rule->name, setting->value,
                           rule->whole ? "a whole number " : "",
                           rule->open_min ? '(' : '[', rule->min, rule->max,
                           rule->open_max ? ')' : ']', rule->unit, rule->meaning);
        forecast->value[a] = setting->value;
        return 0;
    }
    list_axes(&forecast->models, sizeof names, names);
    return err_set(err, ERR_USAGE, "'%.*s' is no axis of %s and %s, which have: %s",
                   (int)setting->n_chars, setting->name,
                   forecast->models.volatility->name, forecast->models.tail->name,
                   names);
}

static int check_ascent(const struct forecast *forecast, struct err *err)
{
    for (size_t a = 1; a < forecast->models.volatility->n_ascending; a++)
        if (!(forecast->value[a] > forecast->value[a - 1]))
            return err_set(err, ERR_USAGE, "%s must be above %s",
                           axis_of(&forecast->models, a)->name,
                           axis_of(&forecast->models, a - 1)->name);
    return 0;
}

int forecast_settle(const struct forecast_spec *spec, struct forecast *forecast,
                    struct err *err)
{
    *forecast = (struct forecast){.models = {.volatility = volatility_find(spec->model),
                                             .tail = tail_model_find(spec->tail),
                                             .measure = TAIL_VAR}};
    if (forecast->models.volatility == NULL)
        return err_set(err, ERR_USAGE,
                       "--model: '%s' is not one (plimsoll backtest --help lists them)",
                       spec->model);
    if (forecast->models.tail == NULL || forecast->models.tail->n_axes == 0)
        return err_set(err, ERR_USAGE,
                       "--tail: '%s' is not one (plimsoll backtest --help lists them)",
                       spec->tail);
    const size_t n_axes = path_n_axes(&forecast->models);

    for (size_t a = 0; a < n_axes; a++) /* the first of "[0.94, 0.97]" */
        forecast->value[a] = strtod(axis_of(&forecast->models, a)->preset + 1, NULL);
    forecast->value[n_axes - 1] =
        spec->confidence; /* of a tail the last is the level */
    for (size_t i = 0; i < spec->n_settings; i++)
        if (set_value(&spec->setting[i], forecast, err) != 0)
            return err_add(err, "--set");
    return check_ascent(forecast, err) == 0 ? 0 : err_add(err, "--set");
}

/* ---- paths ------------------------------------------------------------------------
 */

/* ES of the same volatility; what there is none of is told and goes without. */
static int follow_es(const struct series *series, const double *volatility,
                     double *variance, struct forecast *forecast, struct err *err)
{
    struct tail_path tail = {.model = forecast->models.tail,
                             .measure = TAIL_ES,
                             .series = series,
                             .variance = volatility};
    struct fits_report unread = fits_report_none();
    struct err reason = {0};

    if (tail_room_new(series->n, &tail.room, err) != 0)
        return -1;
    if (tail_paths(&tail, 1, forecast->value + forecast->models.volatility->n_axes,
                   variance, &unread, &reason) != 0) {
        snprintf(forecast->no_es, sizeof forecast->no_es, "%s", reason.text);
        free(forecast->es);
        forecast->es = NULL;
    }
    tail_room_free(tail.room);
    return 0;
}

/* In the unit of the series' data: rates from W on, NaN before. */
static void rates_of(const struct series *series, double unit, const double *variance,
                     double *rate)
{
    const double h = (double)series->rules.horizon_bars;

    for (size_t t = 0; t < series->n; t++)
        rate[t] =
            t < series->rules.warmup_bars ? (double)NAN : sqrt(h * variance[t]) / unit;
}

/* loss = mean + scale e of the tails that are laws. */
static void take_law(struct forecast *forecast)
{
    const struct tail_model *tail = forecast->models.tail;
    const bool student = strcmp(tail->name, "student") == 0;
    const double nu = forecast->value[forecast->models.volatility->n_axes];

    forecast->law.nu = student ? nu : INFINITY;
    for (size_t t = 0; student && t < forecast->n; t++)
        forecast->scale[t] *= sqrt((nu - 2.0) / nu); /* its variance is 1 */
    if (student || strcmp(tail->name, "normal") == 0)
        return;
    free(forecast->mean);
    forecast->mean = NULL;
}

static int follow(const struct series *series, double unit, struct forecast *forecast,
                  struct err *err)
{
    const size_t n = series->n;
    double *room = malloc(3 * n * sizeof *room);
    const struct path_stages out = {room, room + n, room + 2 * n};
    int status = -1;

    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    if (path_follow(&forecast->models, kernels_of(isa_best()), series, forecast->value,
                    &out, &forecast->fits, err) != 0)
        err_add(err, "--set gives axes other values");
    else if (follow_es(series, out.volatility, out.steadied, forecast, err) == 0) {
        rates_of(series, unit, out.volatility, forecast->scale);
        rates_of(series, unit, out.tail, forecast->var);
        if (forecast->es != NULL)
            rates_of(series, unit, out.steadied, forecast->es);
        for (size_t t = 0; t < n; t++)
            forecast->loss[t] = series->loss[t] / unit;
        take_law(forecast);
        status = 0;
    }
    free(room);
    return status;
}

static int make_columns(size_t n, struct forecast *forecast, struct err *err)
{
    double **const column[] = {&forecast->loss, &forecast->var, &forecast->es,
                               &forecast->mean, &forecast->scale};

    forecast->n = n;
    for (size_t i = 0; i < sizeof column / sizeof *column; i++)
        if ((*column[i] = calloc(n, sizeof(double))) == NULL) {
            forecast_free(forecast);
            return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
        }
    return 0;
}

void forecast_free(struct forecast *forecast)
{
    if (forecast == NULL)
        return;
    free(forecast->loss);
    free(forecast->var);
    free(forecast->es);
    free(forecast->mean);
    free(forecast->scale);
    forecast->loss = forecast->var = forecast->es = NULL;
    forecast->mean = forecast->scale = NULL;
}

int forecast_make(const struct forecast_spec *spec, const struct fit_data *data,
                  struct forecast *forecast, struct err *err)
{
    struct forecast_bars bars;
    int status = -1;

    if (forecast_bars_new(data, &spec->rules, &bars, err) != 0)
        return -1;
    if (make_columns(bars.series.n, forecast, err) == 0) {
        forecast->unit = bars.unit;
        status = follow(&bars.series, bars.unit, forecast, err);
        if (status != 0)
            forecast_free(forecast);
    }
    forecast_bars_free(&bars);
    return status;
}

/* ---- the report -------------------------------------------------------------------
 */

struct fitted {
    const char *name;
    const char *const *parameter;
    const char *(*status_name)(int64_t status);
    const struct fits_report *fits;
};

static void report_parameters(const struct fitted *of, const char *name,
                              const double value[], struct fit_report *report)
{
    fit_report_open(report, name);
    for (size_t i = 0; of->parameter[i] != NULL; i++)
        if (!isnan(of->fits->parameter[i]))
            fit_report_real(report, of->parameter[i], value[i]);
    fit_report_close(report);
}

static void report_fits(const struct fitted *of, struct fit_report *report)
{
    const struct fits_report *fits = of->fits;

    if (of->parameter == NULL)
        return;
    fit_report_open(report, of->name);
    fit_report_text(report, "status", of->status_name(fits->status));
    fit_report_count(report, "n_fits", fits->n_fits);
    fit_report_count(report, "n_failed", fits->n_fits - fits->n_estimates);
    fit_report_count(report, "n_fallback_bars", fits->n_fallback_bars);
    fit_report_real(report, "gradient_norm", fits->gradient_norm);
    fit_report_real(report, "distance", fits->distance);
    fit_report_real(report, "log_likelihood", fits->log_likelihood);
    report_parameters(of, "parameters", fits->parameter, report);
    report_parameters(of, "standard_errors", fits->error, report);
    fit_report_close(report);
}

void forecast_report(const struct forecast_spec *spec, const struct forecast *forecast,
                     struct fit_report *report)
{
    const struct path_models *models = &forecast->models;
    const struct fitted volatility = {"fits", models->volatility->parameter,
                                      models->volatility->status_name,
                                      &forecast->fits.volatility};
    const struct fitted tail = {"tail_fits", models->tail->parameter,
                                models->tail->status_name, &forecast->fits.tail};

    fit_report_open(report, "forecast");
    fit_report_text(report, "model", models->volatility->name);
    fit_report_text(report, "tail", models->tail->name);
    fit_report_open(report, "settings");
    for (size_t a = 0; a < path_n_axes(models); a++)
        fit_report_real(report, axis_of(models, a)->name, forecast->value[a]);
    fit_report_close(report);
    fit_report_count(report, "warmup_bars", spec->rules.warmup_bars);
    fit_report_text(report, "es", forecast->es != NULL ? "forecast" : forecast->no_es);
    fit_report_real(report, "returns_times", forecast->unit);
    report_fits(&volatility, report);
    report_fits(&tail, report);
    fit_report_close(report);
}
