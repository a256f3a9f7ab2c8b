/* rangevol.h -- how volatile were the last so many bars, seen from their prices?
 *
 * Estimators of the variance of a bar's log return from the last `window` bars, today's
 * included. o = ln O/C', c = ln C/O, u = ln H/O, d = ln L/O, r = ln C/C', C' the close
 * before; H and L are widened to hold O and C. Where the step to a bar is not whole C'
 * is not known: r and o are missing.
 *
 *     rolling           sample variance of r
 *     parkinson         mean of (u - d)^2 / (4 ln 2)                 Parkinson 1980
 *     garman_klass      mean of (u - d)^2 / 2 - (2 ln 2 - 1) c^2      Garman, Klass
 * 1980 rogers_satchell   mean of u (u - c) + d (d - c)        Rogers, Satchell 1991
 *     yang_zhang        V_o + k V_c + (1 - k) V_rs, sample variances of o and of c,
 *                       mean of Rogers-Satchell's over bars with an o,
 *                       k = 0.34 / (1.34 + (n+1)/(n-1)), n such bars  Yang, Zhang 2000
 *     atr               pi/8 A^2:  A' = A + (TR - A) / window, TR = ln of the largest
 * of H and C' over the least of L and C' (without C' where it is not known); while A is
 * of fewer than `window` ranges, their mean Wilder 1978, in logarithms; the range of a
 * Brownian path has the mean sigma sqrt(8/pi) (Feller 1951)
 *
 * Values that are missing are left out; NaN where too few are left: two for rolling and
 * yang_zhang, one for the others. */
#ifndef WORKER_RANGEVOL_H
#define WORKER_RANGEVOL_H

#include "core/err.h"
#include "market/bars.h"
#include "worker/rolling.h"

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

/* Doubles that range_path wants to work in. */
size_t range_room(enum range_model model, size_t window);

/* variance[t], t < n, of the window that ends with bar t. */
void range_path(enum range_model model, size_t window, size_t n,
                double *const term[RANGE_TERMS], double *room, double variance[]);

/* All of it: variance[bars->n] of one window. */
int range_variances(enum range_model model, size_t window, const struct bars *bars,
                    double variance[], struct err *err);

#endif /* WORKER_RANGEVOL_H */
