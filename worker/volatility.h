/* volatility.h -- from the bars up to each one to a path of variances
 *
 * A model is a row of the table in volatility.c.  Some advance many parameters at once
 * (lanes), so that the latency of the recursion is hidden, with the same bits in
 * scalar, AVX2 and AVX-512 code; the others compute one path at a time. Definitions:
 * worker/README.md, "Volatility: EWMA" and "Volatility models". */
#ifndef WORKER_VOLATILITY_H
#define WORKER_VOLATILITY_H

#include "core/err.h"
#include "worker/axis.h"
#include "worker/fits_report.h"
#include "worker/kernels.h"
#include "worker/series.h"

#include <stddef.h>
#include <stdint.h>

enum {
    VOLATILITY_STATE_MAX = 4 /* numbers that a lane carries from bar to bar */
};

struct volatility_model;

/* A model at work on an instrument. */
struct volatility {
    const struct volatility_model *model;
    const struct kernels *kernels;
    const struct series *series;
};

struct volatility_model {
    const char *name;    /* "ewma"            */
    const char *meaning; /* one line + source */
    double step_ns;      /* a bar of one path with the axes' presets, about (cost.h) */
    size_t n_axes;
    const struct axis_rule *axes; /* [n_axes], first axes of the grid */
    size_t n_ascending; /* so many of the first axes: each value above the one before */
    /* Advance KERNEL_LANES paths over the bars; bars.first = 0 starts them, and
     * ranges follow on each other.  NULL: path.
     *   parameter   [n_axes][KERNEL_LANES]
     *   state       [VOLATILITY_STATE_MAX][KERNEL_LANES], the model's own, in and out
     *   variance    v, out, [bars.end - bars.first][KERNEL_LANES]; 0 before W */
    void (*advance)(const struct kernels *kernels, const struct series *series,
                    struct range bars, const double *parameter, double *state,
                    double *variance);
    /* KERNEL_LANES whole paths: parameter [n_axes][KERNEL_LANES], variance out
     * [KERNEL_LANES][n]; the same bits as `path` of each.  May be NULL. */
    int (*paths)(const struct volatility *of, const double *parameter, double *variance,
                 struct err *err);
    /* One path from W on (before it: 0) for values[n_axes]. NULL: advance. */
    int (*path)(const struct volatility *of, const double *values, double *variance,
                struct fits_report *report, struct err *err);
    /* What is fitted, by place in the report; NULL where nothing is. */
    const char *const *parameter; /* ends in NULL */
    const char *(*status_name)(int64_t status);
};

/* NULL where there is none of that name. */
const struct volatility_model *volatility_find(const char *name);
/* Row i, NULL after the last: for help texts. */
const struct volatility_model *volatility_row(size_t i);

/* Paths that are computed together: KERNEL_LANES or 1. */
size_t volatility_n_lanes(const struct volatility_model *model);

/* n_lanes paths: variance[j * n + t] of the parameters parameter[a * n_lanes + j].
 * ERR_INPUT: this instrument has no such path, and why. */
int volatility_paths(const struct volatility *of, const double *parameter,
                     double *variance, struct err *err);

/* One path: variance[t], with the same bits as any lane of many. */
int volatility_path(const struct volatility *of, const double *values, double *variance,
                    struct fits_report *report, struct err *err);

/* Mean of r_s^2, s = 1..t, those that are there, in order of s: bar after bar from {0},
 * t >= W. */
struct mean_square {
    size_t t;
    double sum, n;
};
double mean_square_until(const struct series *series, size_t t,
                         struct mean_square *so_far);

/* The same at W, the first bar with a forecast. */
double volatility_start(const struct series *series);

#endif /* WORKER_VOLATILITY_H */
