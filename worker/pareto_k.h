/* pareto_k.h -- how heavy is the tail of these importance weights?
 *
 * The M = ceil(min(n/5, 3 sqrt n)) largest weights beyond the next one are taken for a
 * generalised Pareto tail of shape k: moments of the weights exist up to order 1/k, so
 * that above 0.7 (0.5 of few weights, 1 - 1/log10 n) neither the estimate nor its error
 * can be believed.
 *
 * Vehtari, Simpson, Gelman, Yao, Gabry -- Pareto smoothed importance sampling, JMLR 25
 * (2024); the fit is Zhang, Stephens -- A new and efficient estimation method for the
 * generalized Pareto distribution, Technometrics 51 (2009), with the authors' weak
 * prior of ten observations at 1/2. */
#ifndef WORKER_PARETO_K_H
#define WORKER_PARETO_K_H

#include <stddef.h>

enum { PARETO_K_FEWEST = 25 }; /* weights: five of them are a tail */

/* Shape k of n weights >= 0; they come back ascending.  INFINITY of fewer than
 * PARETO_K_FEWEST, -INFINITY where the largest are all equal: no tail at all. */
double pareto_k(size_t n, double weight[]);

/* The largest k of n weights whose estimate may be believed. */
double pareto_k_limit(size_t n);

#endif /* WORKER_PARETO_K_H */
