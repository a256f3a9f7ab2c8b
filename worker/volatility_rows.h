/* volatility_rows.h -- the rows of the volatility table, for volatility.c alone
 *
 * `path`, `paths` and `advance` are those of struct volatility_model. */
#ifndef WORKER_VOLATILITY_ROWS_H
#define WORKER_VOLATILITY_ROWS_H

#include "worker/volatility.h"

/* EWMA:  v[W] = mean of r_t^2, t = 1..W;  v[t] = fma(lambda, v[t-1], (1-lambda) r_t^2);
 * missing returns hold the value. RiskMetrics -- Technical Document, 4th ed.
 * (1996), 5.2. */
void ewma_advance(const struct kernels *kernels, const struct series *series,
                  struct range bars, const double *lambda, double *state,
                  double *variance);

/* A window of bars (worker/rangevol.h); the model's name says which. */
enum { WINDOW_AXES = 1 };
int window_path(const struct volatility *of, const double *values, double *variance,
                struct fits_report *report, struct err *err);
int window_paths(const struct volatility *of, const double *parameter, double *variance,
                 struct err *err);

/* The mean square of all returns up to the bar. */
int constant_path(const struct volatility *of, const double *values, double *variance,
                  struct fits_report *report, struct err *err);

/* GARCH(1,1) and GJR of given parameters, many at once: no fits. */
enum garch_grid_axis { GRID_ALPHA, GRID_GAMMA, GRID_BETA, GRID_LONG_RUN, GRID_AXES };
void garch_grid_advance(const struct kernels *kernels, const struct series *series,
                        struct range bars, const double *axis, double *state,
                        double *variance);

/* GARCH(1,1), or GJR where that is the model's name (worker/garch_fit.h). */
enum garch_axis {
    GARCH_FIT_WINDOW,
    GARCH_REFIT,
    GARCH_STUDENT,
    GARCH_TARGETING,
    GARCH_FIT_START,
    GARCH_AXES
};
int garch_path(const struct volatility *of, const double *values, double *variance,
               struct fits_report *report, struct err *err);
extern const char *const garch_parameter_names[];
const char *garch_path_status(int64_t status);

/* HAR (worker/har.h). */
enum har_axis {
    HAR_AXIS_DAY,
    HAR_AXIS_WEEK,
    HAR_AXIS_MONTH,
    HAR_FIT_WINDOW,
    HAR_REFIT,
    HAR_AXES
};
int har_path(const struct volatility *of, const double *values, double *variance,
             struct fits_report *report, struct err *err);
extern const char *const har_parameter_names[];
const char *har_path_status(int64_t status);

#endif /* WORKER_VOLATILITY_ROWS_H */
