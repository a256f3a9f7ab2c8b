/* pot.h -- which loss is exceeded with probability 1 - c, far out where data are few?
 *
 * Peaks over threshold: of n losses, N_u exceed the threshold u; their excesses x - u
 * follow a generalised Pareto distribution (gpd.h), and the tail beyond u is
 *
 *     P(X > x) = (N_u / n) (1 + xi (x - u)/beta)^(-1/xi)
 *     VaR_c = u + beta/xi [ ((n/N_u)(1 - c))^-xi - 1 ]
 *     ES_c  = (VaR_c + beta - xi u) / (1 - xi),   xi < 1
 *
 * for 1 - c <= N_u/n.  A. J. McNeil, R. Frey -- Estimation of tail-related risk
 * measures for heteroscedastic financial time series, J. Empirical Finance 7 (2000),
 * 271-300: applied to standardised residuals, u one of the order statistics. */
#ifndef WORKER_POT_H
#define WORKER_POT_H

#include "worker/gpd_fit.h"

#include <stddef.h>

struct pot {
    size_t n, n_exceed; /* losses, and those > u */
    double threshold;   /* u */
    struct gpd_fit fit; /* of the excesses       */
};

/* The losses that are there (not NaN), ascending; how many. */
size_t pot_sort(size_t n, const double loss[/* n */], double sorted[/* n */]);

/* With k losses above it: the (k+1)-th largest, so fewer exceed it where it is tied.
 * NaN unless k < n. */
double pot_threshold(size_t n, const double sorted[/* n */], size_t k);

/* Likelihood fit of what exceeds u; `excess` is room for it, [n], and holds the
 * n_exceed excesses, ascending, afterwards. */
struct pot pot_fit(size_t n, const double sorted[/* n */], double threshold,
                   double excess[/* n */]);

/* NaN where the fit is no estimate or c lies below the threshold; ES is infinite for
 * xi >= 1. */
double pot_var(const struct pot *pot, double confidence);
double pot_es(const struct pot *pot, double confidence);

/* A row of the threshold scan. */
struct pot_row {
    size_t k; /* in: losses above the threshold, as pot_threshold has it */
    struct pot pot;
    double mean_excess; /* mean of x - u over x > u; NaN without any */
    double var;
};

/* xi, beta, VaR_c and the mean excess against the number of exceedances: flat
 * stretches, and a straight mean excess, show thresholds that are high enough (Davison,
 * Smith -- Models for exceedances over high thresholds, J. Royal Statistical Society B
 * 52, 1990; McNeil, ASTIN Bulletin 27, 1997). */
void pot_scan(size_t n, const double sorted[/* n */], double confidence,
              double excess[/* n */], size_t n_rows, struct pot_row row[/* n_rows */]);

#endif /* WORKER_POT_H */
