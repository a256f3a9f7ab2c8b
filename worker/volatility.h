/* volatility.h -- from squared returns to paths of variances, many parameters at once
 *
 * A model is a row of the table in volatility.c.  Lanes are parameter values: all of
 * them advance together, so that the latency of the recursion is hidden, with the
 * same bits in scalar, AVX2 and AVX-512 code. */
#ifndef WORKER_VOLATILITY_H
#define WORKER_VOLATILITY_H

#include "worker/axis.h"
#include "worker/kernels.h"
#include "worker/series.h"

#include <stddef.h>

enum { VOLATILITY_STATE_MAX = 4 }; /* numbers that a lane carries from bar to bar */

struct volatility_model {
    const char *name;    /* "ewma"            */
    const char *meaning; /* one line + source */
    double step_ns;      /* a bar of one path, about (worker/cost.h) */
    size_t n_axes;
    const struct axis_rule *axes; /* [n_axes], first axes of the grid */
    /* Advance KERNEL_LANES paths over the bars; bars.first = 0 starts them, and
     * ranges follow on each other.
     *   parameter   [n_axes][KERNEL_LANES]
     *   state       [VOLATILITY_STATE_MAX][KERNEL_LANES], the model's own, in and out
     *   variance    v, out, [bars.end - bars.first][KERNEL_LANES]; 0 before W */
    void (*advance)(const struct kernels *kernels, const struct series *series,
                    struct range bars, const double *parameter, double *state,
                    double *variance);
};

/* NULL where there is none of that name. */
const struct volatility_model *volatility_find(const char *name);
/* Row i, NULL after the last: for help texts. */
const struct volatility_model *volatility_row(size_t i);

/* KERNEL_LANES paths: variance[j * n + t] of the parameters parameter[a][j]. */
void volatility_paths(const struct volatility_model *model,
                      const struct kernels *kernels, const struct series *series,
                      const double *parameter, double *variance);

/* One path: variance[t], with the same bits as any lane of many. */
void volatility_path(const struct volatility_model *model,
                     const struct kernels *kernels, const struct series *series,
                     const double *values, double *variance);

/* EWMA:  v[W] = mean of r_t^2, t = 1..W;  v[t] = fma(lambda, v[t-1], (1-lambda) r_t^2);
 * missing returns hold the value. RiskMetrics -- Technical Document, 4th ed.
 * (1996), 5.2. */
void ewma_advance(const struct kernels *kernels, const struct series *series,
                  struct range bars, const double *lambda, double *state,
                  double *variance);

#endif /* WORKER_VOLATILITY_H */
