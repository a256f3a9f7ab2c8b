/* forecast.h -- what would a model of the job file have said before each bar came?
 *
 * Volatility and tail are rows of the tables that a job chooses from (worker/path.h),
 * along one series: VaR and ES of the loss over the next horizon_bars from the bars up
 * to and including each one. */
#ifndef COORDINATOR_FORECAST_H
#define COORDINATOR_FORECAST_H

#include "coordinator/fit.h"
#include "worker/path.h"
#include "worker/tail_law.h"

struct forecast_setting {
    const char *name; /* of an axis; not NUL-terminated */
    size_t n_chars;
    double value;
};

struct forecast_spec {
    const char *model, *tail;
    size_t n_settings;
    struct forecast_setting setting[AXES_MAX];
    double confidence;
    struct series_rules rules;
};

struct forecast {
    struct path_models models;
    double value[AXES_MAX]; /* of the models' axes */
    struct path_fits fits;
    double unit; /* fits are to returns so many times those of the data */
    size_t n;
    double *loss, *var, *es; /* [n], of the horizon that begins at the close of bar t */
    double *scale;           /* [n] volatility over the horizon, of the tail's unit   */
    double *mean;            /* [n] zeros where the tail is a law; otherwise NULL     */
    struct tail_law law;     /* ... and then loss = mean + scale e                    */
    char no_es[ERR_TEXT_MAX]; /* why es is NULL, or empty */
};

/* The names and bounds of the settings: ERR_USAGE says what there is.  Fills models and
 * value. */
int forecast_settle(const struct forecast_spec *spec, struct forecast *forecast,
                    struct err *err);

/* After forecast_settle.  Bars give losses as the job has them (1 - C[t+h]/C[t] ...);
 * returns alone, in whatever unit, give minus their sum.  ERR_INPUT: why there is no
 * forecast. */
int forecast_make(const struct forecast_spec *spec, const struct fit_data *data,
                  struct forecast *forecast, struct err *err);
void forecast_free(struct forecast *forecast);

/* The model, its axes and how its fits went, to returns of `returns_times` the data's.
 */
void forecast_report(const struct forecast_spec *spec, const struct forecast *forecast,
                     struct fit_report *report);

#endif /* COORDINATOR_FORECAST_H */
