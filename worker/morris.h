/* morris.h -- which inputs matter at all, by one-at-a-time steps from random places?
 *
 * Morris screening: r trajectories of k + 1 points in the unit cube of k inputs, each
 * step of one input alone.  The elementary effect of input i at x,
 *
 *     d_i(x) = (y(x + Delta e_i) - y(x)) / Delta,
 *
 * has mean mu, mean of its size mu*, and standard deviation sigma over the r places.
 * mu* near 0: the input does nothing; sigma as large as mu*: what it does depends on
 * where the others stand, or bends.
 *
 * M. D. Morris, "Factorial sampling plans for preliminary computational experiments",
 * Technometrics 33(2) (1991), 161-174.  F. Campolongo, J. Cariboni, A. Saltelli, "An
 * effective screening design for sensitivity analysis of large models", Environmental
 * Modelling & Software 22 (2007), 1509-1518 (mu*). */
#ifndef WORKER_MORRIS_H
#define WORKER_MORRIS_H

#include <stddef.h>
#include <stdint.h>

struct morris_effect {
    size_t n; /* steps that moved the input and whose outputs were defined        */
    double mu, mu_star, sigma;
    double mu_star_error; /* standard error of mu*: over trajectories              */
};

/* Trajectory number t of a seed: its points x [k + 1][k], each coordinate on one of p
 * levels (even, at least 2) 0, 1/(p-1), ..., 1; step s moves input order[s] [k] by
 * Delta = p / (2 (p - 1)), up or down. */
void morris_trajectory(uint64_t seed, size_t t, size_t p, size_t k, double x[],
                       size_t order[]);

/* The effects of k inputs from r trajectories: x [r][k + 1][k], order [r][k], outputs
 * y [r][k + 1].  The x are those that y was computed at: where an input takes only some
 * values they may be moved to those, and a step that then goes nowhere has no effect
 * to offer.  NaN outputs leave their steps out; without any step all is NaN (sigma and
 * the error below two). */
void morris_effects(size_t r, size_t k, const double x[], const size_t order[],
                    const double y[], struct morris_effect effect[]);

#endif /* WORKER_MORRIS_H */
