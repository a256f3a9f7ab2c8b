/* garch_fit.h -- which parameters make the returns most likely, and how sure is that?
 *
 * The maximum of garch_likelihood under
 *
 *     omega > 0,  alpha >= 0,  alpha + gamma >= 0,  beta >= 0,
 *     alpha + gamma/2 + beta <= 1 - 2^-20,  2.02 <= nu <= 500
 *
 * The returns are scaled by a power of two near their root mean square, several starts
 * are run with a quasi-Newton method (GSL's bfgs2) in coordinates that have no bounds,
 * and the best is polished by Newton steps in coordinates whose bounds are a box.  The
 * bits are the same on every machine of an architecture. */
#ifndef WORKER_GARCH_FIT_H
#define WORKER_GARCH_FIT_H

#include "core/err.h"
#include "worker/garch.h"

#include <stddef.h>

enum garch_status {
    GARCH_CONVERGED,
    GARCH_AT_BOUND,      /* the maximum lies on a bound above; no standard errors   */
    GARCH_NOT_CONVERGED, /* parameters are where it stopped: not an estimate        */
    GARCH_TOO_FEW,       /* fewer than GARCH_FEWEST returns; no parameters          */
    GARCH_CONSTANT,      /* all returns are alike; no parameters                    */
    GARCH_STATUSES
};

enum { GARCH_FEWEST = 100 };

/* Did it converge when the maximum is this far away, in standard errors? */
#define GARCH_TOLERANCE 1e-6

enum garch_errors { GARCH_HESSIAN, GARCH_OPG, GARCH_QMLE, GARCH_ERRORS };

struct garch_fit {
    enum garch_status status;
    size_t n_there; /* returns that count                                          */
    double parameter[GARCH_PARAMETERS]; /* in units of the returns; NaN: no estimate */
    double start;                       /* b */
    double log_likelihood;
    double gradient[GARCH_PARAMETERS]; /* of ln L; 0 for those that are not free   */
    double gradient_norm;              /* root of its sum of squares */
    double distance; /* to the maximum of the quadratic through here, standard errors */
    double persistence;
    /* Standard errors: inverse of the negative Hessian H, of the outer products B,
     * and H^-1 B H^-1 (Bollerslev and Wooldridge 1992).  NaN where there are none:
     * for those that are not free, and at a bound.  With targeting they take the
     * variance as known. */
    double error[GARCH_ERRORS][GARCH_PARAMETERS];
    size_t n_evaluations, n_iterations;
    unsigned bounds; /* that it lies at: garch_bounds_text */
};

/* Fit n returns, NaN where missing.  `near`, if not NULL, is a start to try besides;
 * then only the best start is run.  Never fails but for memory: the status tells. */
int garch_fit(const struct garch_spec *spec, size_t n, const double r[],
              const double near[GARCH_PARAMETERS], struct garch_fit *fit,
              struct err *err);

/* Which bounds it lies at, a bit each, in words: "alpha 0, persistence 1"; "" for none.
 */
enum { GARCH_BOUNDS_TEXT_MAX = 128 };
const char *garch_bounds_text(const struct garch_fit *fit,
                              char text[GARCH_BOUNDS_TEXT_MAX]);

/* "converged", "at a bound", ... and whether the parameters are an estimate. */
const char *garch_status_name(enum garch_status status);
static inline bool garch_is_estimate(const struct garch_fit *fit)
{
    return fit->status == GARCH_CONVERGED || fit->status == GARCH_AT_BOUND;
}

#endif /* WORKER_GARCH_FIT_H */
