/* rangevol.h -- how volatile were the last so many bars, seen from their prices?
 *
 * Estimators of the variance of a bar's log return from the last `window` bars, today's
 * included. o = ln O/C', c = ln C/O, u = ln H/O, d = ln L/O, r = ln C/C', C' the close
 * before; H and L are widened to hold O and C. Where the step to a bar is not whole C'
 * is not known: r and o are missing.
 *
 *   rolling          sample variance of r
 *   parkinson        mean of (u - d)^2 / (4 ln 2); Parkinson 1980
 *   garman_klass     mean of (u - d)^2 / 2 - (2 ln 2 - 1) c^2; Garman, Klass 1980
 *   rogers_satchell  mean of u (u - c) + d (d - c); Rogers, Satchell 1991
 *   yang_zhang       V_o + k V_c + (1 - k) V_rs, sample variances of o and of c, mean
 *                    of Rogers-Satchell's over bars with an o; Yang, Zhang 2000;
 *                    k = 0.34 / (1.34 + (n+1)/(n-1)), n such bars
 *   atr              pi/8 A^2, A' = A + (TR - A) / window, TR = ln of the largest of
 *                    H and C' over the least of L and C' (without C' where it is not
 *                    known); while A is of fewer than `window` ranges, their mean;
 *                    Wilder 1978, in logarithms; the range of a Brownian path has the
 *                    mean sigma sqrt(8/pi) (Feller 1951)
 *
 * Values that are missing are left out; NaN where too few are left: two for rolling and
 * yang_zhang, one for the others.
 *
 * A window's sum is the difference of two running sums, double-double numbers: one pass
 * over the series serves every window.  With eps = 2^-52 and the sums on the right
 * since the first bar,
 *
 *     |mean - exact|     <= 2 eps mean + eps^2 (sum of |x|)
 *     |variance - exact| <= 2^-44 variance + 6 eps^2 (sum of x^2 + |mean| sum of |x|)
 *
 * and the eps^2 terms are all that a value leaves behind when it has left the window:
 * an addition errs by 2^-105 of the sum (Joldes, Muller, Popescu, ACM Trans. Math.
 * Softw. 44, 2017, algorithm 4) and only those within the window count.  High parts
 * differ without rounding (Sterbenz) unless one is over twice the other, and then by no
 * less than half of the larger: what is lost is eps/2 of the difference, no more. */
#ifndef WORKER_RANGEVOL_H
#define WORKER_RANGEVOL_H

#include "core/err.h"
#include "market/bars.h"
#include "worker/kernels.h"
#include "worker/series.h"

#include <stddef.h>

enum range_model {
    RANGE_ROLLING,
    RANGE_ATR,
    RANGE_PARKINSON,
    RANGE_GARMAN_KLASS,
    RANGE_ROGERS_SATCHELL,
    RANGE_YANG_ZHANG,
    RANGE_MODELS
};

enum { RANGE_TERMS = 3 };

const char *range_model_name(enum range_model model); /* "garman_klass" */
size_t range_n_terms(enum range_model model);

/* What a model takes of each bar, term[i][t], i < range_n_terms; NaN where missing. */
void range_terms(enum range_model model, const struct bars *bars,
                 double *const term[RANGE_TERMS]);

/* What the estimates of every window are made of; borrows the terms and the room. */
struct range_sums {
    enum range_model model;
    size_t n;
    const double *range; /* [n], atr's term */
    struct kernel_sums of;
};

/* Doubles of room that the sums of n bars take. */
size_t range_sums_room(enum range_model model, size_t n);

/* Sum the terms. One that is not finite, nor its square where that is summed, counts as
 * missing; a bar is missing to yang_zhang when any of its terms is. */
struct range_sums range_sum(enum range_model model, size_t n,
                            double *const term[RANGE_TERMS], double *room);

/* variance[t], t < n, of the window that ends with bar t: the scalar definition. */
void range_path(const struct range_sums *sums, size_t window, double variance[]);

/* KERNEL_LANES windows at once, the same bits; bars from 0 on follow on each other.
 *   window [KERNEL_LANES], state [2][KERNEL_LANES], zeros at first,
 *   variance out [bars.end - bars.first][KERNEL_LANES] */
void range_advance(const struct kernels *kernels, const struct range_sums *sums,
                   struct range bars, const double *window, double *state,
                   double *variance);

/* All of it: variance[bars->n] of one window. */
int range_variances(enum range_model model, size_t window, const struct bars *bars,
                    double variance[], struct err *err);

#endif /* WORKER_RANGEVOL_H */
