/* sobol_indices.h -- what share of an output's variance is each input's doing?
 *
 * With inputs X_1 ... X_k independent and uniform on [0, 1) and V = Var Y,
 *
 *     S_i  = Var(E[Y | X_i]) / V            first order: by itself
 *     ST_i = E[Var(Y | X_-i)] / V           total: with everything it takes part in
 *
 * from n rows of two samples A and B and of A with column i taken from B (AB^i), in
 * n (k + 2) evaluations, by Jansen's estimators
 *
 *     S_i  = 1 - (1/2n) sum_j (f(B)_j - f(AB^i)_j)^2 / V
 *     ST_i =     (1/2n) sum_j (f(A)_j - f(AB^i)_j)^2 / V,    V of f(A) and f(B)
 * together
 *
 * M. J. W. Jansen, "Analysis of variance designs for model output", Computer Physics
 * Communications 117 (1999), 35-43.  A. Saltelli, P. Annoni, I. Azzini, F. Campolongo,
 * M. Ratto, S. Tarantola, "Variance based sensitivity analysis of model output. Design
 * and estimator for the total sensitivity index", ibid. 181 (2010), 259-270, table 2.
 */
#ifndef WORKER_SOBOL_INDICES_H
#define WORKER_SOBOL_INDICES_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { SOBOL_INPUTS_MAX = 20 }; /* half the dimensions of GSL's Sobol' sequence */

struct sobol_index {
    double first, total; /* NaN: the output is constant, or undefined */
    double first_low, first_high, total_low, total_high; /* bootstrap */
};

/* Outputs at the design; a row with a NaN anywhere is left out. */
struct sobol_outputs {
    size_t n, k;
    const double *a, *b; /* [n]     */
    const double *ab;    /* [k][n]  */
};

/* Rows of A and B [n][k] each: the two halves of a Sobol' sequence in 2k dimensions
 * (GSL's: Antonov and Saleev, from its second point on).  Powers of 2 are good n. */
int sobol_indices_design(size_t n, size_t k, double a[], double b[], struct err *err);

/* Percentile intervals from rows drawn with replacement; n_replicates 0: none.  With a
 * Sobol' sequence the rows are not independent, and the estimate is closer than its
 * interval says. */
struct sobol_bootstrap {
    size_t n_replicates;
    double level; /* 0.95 */
    uint64_t seed;
};

struct sobol_room {
    size_t *row, *drawn; /* [n] each                */
    double *replicate;   /* [k][2][n_replicates]    */
};

/* index [k].  Returns how many rows were used; below 2 all is NaN. */
size_t sobol_indices(const struct sobol_outputs *f,
                     const struct sobol_bootstrap *bootstrap,
                     const struct sobol_room *room, struct sobol_index index[]);

#endif /* WORKER_SOBOL_INDICES_H */
