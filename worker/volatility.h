/* volatility.h -- from squared returns to a path of variances, many parameters at once
 *
 * A model is a row of the table in volatility.c.  Lanes are parameter values: all of
 * them advance together, so that the latency of the recursion is hidden, with the
 * same bits in scalar, AVX2 and AVX-512 code. */
#ifndef WORKER_VOLATILITY_H
#define WORKER_VOLATILITY_H

#include "worker/axis.h"
#include "worker/series.h"

#include <stddef.h>

struct volatility_model {
    const char *name;    /* "ewma"            */
    const char *meaning; /* one line + source */
    size_t n_axes;
    const struct axis_rule *axes; /* [n_axes], first axes of the grid */
    /* v[t * n_lanes + j] for t >= W; before W it is 0.
     *   n_lanes     paths at once
     *   parameter   [n_axes][n_lanes], row-major
     *   variance    out, [n][n_lanes] */
    void (*paths)(const struct series *series, size_t n_lanes, const double *parameter,
                  double *variance);
};

/* NULL where there is none of that name. */
const struct volatility_model *volatility_find(const char *name);
/* Row i, NULL after the last: for help texts. */
const struct volatility_model *volatility_row(size_t i);

/* EWMA:  v[W] = mean of r_t^2, t = 1..W;  v[t] = fma(lambda, v[t-1], (1-lambda) r_t^2);
 * missing returns hold the value. RiskMetrics -- Technical Document, 4th ed.
 * (1996), 5.2. */
void ewma_paths(const struct series *series, size_t n_lanes, const double *lambda,
                double *variance);
double ewma_start(const struct series *series); /* v[W] */

/* s[t] = sqrt(h v[t]) */
void volatility_scale(const struct series *series, const double *variance,
                      double *scaled);

#endif /* WORKER_VOLATILITY_H */
