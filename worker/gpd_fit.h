/* gpd_fit.h -- which generalised Pareto distribution do these excesses follow?
 *
 * The excesses x[n] are ascending, all above 0 and finite. */
#ifndef WORKER_GPD_FIT_H
#define WORKER_GPD_FIT_H

#include "worker/gpd.h"

#include <stdbool.h>
#include <stddef.h>

enum gpd_status {
    GPD_CONVERGED,
    GPD_AT_BOUND,      /* most likely at xi = -1, beta = x[n-1]; no standard errors  */
    GPD_OUTSIDE,       /* moments: xi <= -1, or x[n-1] beyond the estimate's end     */
    GPD_NOT_CONVERGED, /* parameters are where it stopped: not an estimate           */
    GPD_TOO_FEW,       /* fewer than GPD_FEWEST excesses; no parameters              */
    GPD_NOT_EXCESSES,  /* not ascending, not above 0 or not finite; no parameters    */
    GPD_STATUSES
};

enum { GPD_FEWEST = 10 };

/* Did it converge when the maximum is this far away, in standard errors? */
#define GPD_TOLERANCE 1e-6

struct gpd_fit {
    enum gpd_status status;
    size_t n;
    struct gpd gpd; /* NaN: no parameters */
    double log_likelihood;
    /* Covariance of (xi, beta) and the roots of its diagonal; NaN where the usual
     * theory gives none: likelihood for xi <= -1/2 (Smith 1985), moments for xi >= 1/2.
     */
    double covariance[GPD_PARAMETERS][GPD_PARAMETERS];
    double error[GPD_PARAMETERS];
    double distance; /* to the maximum of the quadratic through here, standard errors */
    size_t n_evaluations; /* of the profile */
};

/* The maximum of the likelihood over xi >= -1 (below, it has none), its covariance the
 * inverse of the observed information.
 *
 * With theta = xi / beta fixed, the most likely xi is a mean; what is left is a
 * function of theta alone:
 *
 *     xi(theta) = mean of ln(1 + theta x),   beta(theta) = xi(theta) / theta
 *     ln L(theta) = -n (ln beta(theta) + 1 + xi(theta)),   theta > -1 / x[n-1]
 *
 * S. D. Grimshaw -- Computing maximum likelihood estimates for the generalized Pareto
 * distribution, Technometrics 35 (1993), 185-191: all maxima of it lie below
 * theta = 2 (mean - x[0]) / x[0]^2.  In s = ln(1 + theta x[n-1]) it changes on the
 * scale of 1: the slope's sign is looked up at steps of 1/2, every maximum found
 * between two is taken to the last digits, and the highest wins, also over the end xi =
 * -1, ln L = -n ln x[n-1]. */
struct gpd_fit gpd_fit_likelihood(size_t n, const double x[/* n */]);

/* Probability-weighted moments:
 *
 *     a0 = mean of x,   a1 = mean of (1 - p[j]) x[j],   p[j] = (j - 0.35) / n, j = 1..n
 *     xi = 2 - a0 / (a0 - 2 a1),   beta = 2 a0 a1 / (a0 - 2 a1)
 *
 * with their asymptotic covariance for xi < 1/2 at the estimate.  J. R. M. Hosking,
 * J. R. Wallis -- Parameter and quantile estimation for the generalized Pareto
 * distribution, Technometrics 29 (1987), 339-349; their k is -xi, their alpha beta. */
struct gpd_fit gpd_fit_moments(size_t n, const double x[/* n */]);

/* "converged", "at the bound xi = -1", ...; and whether the parameters are an estimate.
 */
const char *gpd_status_name(enum gpd_status status);
static inline bool gpd_is_estimate(const struct gpd_fit *fit)
{
    return fit->status == GPD_CONVERGED || fit->status == GPD_AT_BOUND;
}

#endif /* WORKER_GPD_FIT_H */
