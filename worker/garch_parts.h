/* garch_parts.h -- the parts of garch_fit: the problem, its coordinates, its polish
 *
 * Box coordinates u, whose bounds do not depend on each other:
 *
 *     mu, omega,  p = alpha + gamma/2 + beta,  s = (alpha + gamma/2) / p,
 *     a = alpha / 2ps  (1/2 without gamma),    eta = 1 / nu
 *
 *     alpha = 2 a p s,  gamma = 2 (1 - 2a) p s,  beta = p (1 - s)
 *
 * Open coordinates x, which have no bounds: mu, ln omega, and the logits of the others'
 * places in their boxes. */
#ifndef WORKER_GARCH_PARTS_H
#define WORKER_GARCH_PARTS_H

#include "worker/garch_fit.h"

enum box_coordinate { BOX_MU, BOX_OMEGA, BOX_P, BOX_S, BOX_A, BOX_ETA, BOX_N };

struct problem {
    const struct garch_spec *spec;
    struct garch_sample sample; /* scaled returns */
    bool is_free[BOX_N];
    double low[BOX_N], high[BOX_N];
    size_t n_evaluations;
};

/* Natural parameters; with targeting omega follows from the others. */
void problem_natural(const struct problem *problem, const double u[BOX_N],
                     double parameter[GARCH_PARAMETERS]);

/* Is the natural parameter estimated? */
bool problem_estimates(const struct problem *problem, enum garch_parameter i);

/* Set omega where it is targeted, and evaluate: ln L, its gradient and outer products
 * (may be NULL) in the natural parameters, omega's dependence on them included. */
double problem_natural_value(struct problem *problem,
                             double parameter[GARCH_PARAMETERS], double *gradient,
                             double *outer);

/* ln L and its gradient at u, 0 for coordinates that are not free. */
double problem_value(struct problem *problem, const double u[BOX_N],
                     double gradient[BOX_N]);

/* Where a fit stopped. */
struct stop {
    double u[BOX_N], value;
    double distance; /* to the maximum, standard errors */
    bool converged, at_bound;
    size_t n_iterations;
};

/* Newton's method within the box from stop->u on. */
void problem_polish(struct problem *problem, struct stop *stop);

/* Standard errors in natural parameters of the scaled returns; NaN: none. */
void problem_errors(struct problem *problem, const double parameter[GARCH_PARAMETERS],
                    double error[GARCH_ERRORS][GARCH_PARAMETERS]);

#endif /* WORKER_GARCH_PARTS_H */
