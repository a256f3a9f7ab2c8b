/* deviance.h -- how far is a count from its expectation, in likelihood? */
#ifndef WORKER_DEVIANCE_H
#define WORKER_DEVIANCE_H

/* D(k, m) = k ln(k/m) - k + m >= 0, for k >= 0 and m > 0;  D(0, m) = m.
 *
 * Likelihood ratios of counts are sums of it.  Near k = m it is computed by
 * ln(1 + x) - x, which does not cancel there (and does where k is far above m).
 *
 * C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000). */
double deviance(double k, double m);

#endif /* WORKER_DEVIANCE_H */
