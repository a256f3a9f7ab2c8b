/* pot_interval.h -- which values of xi, VaR and ES are still likely?
 *
 * Profile likelihood: the interval of a quantity at level a is its range over
 *
 *     R = { (xi, beta) : 2 (max ln L - ln L(xi, beta)) <= chi2_1(a) },
 *
 * which is the same as where the likelihood, maximised with the quantity held fixed,
 * has fallen by chi2_1(a)/2.  VaR and ES are u plus beta times a function of xi,
 *
 *     K_VaR = Q = (q^-xi - 1)/xi,   K_ES = (Q + 1)/(1 - xi),   q = (n/N_u)(1 - c);
 *
 * for fixed xi, R is an interval of beta around the most likely, and on its upper end
 * ln beta + ln K is largest where the gradient of ln L is along that of ln(beta K)
 * (D. J. Venzon, S. H. Moolgavkar -- A method for computing profile-likelihood-based
 * confidence intervals, Applied Statistics 37 (1988), 87-94):
 *
 *     d lnL/dxi = beta d lnL/dbeta  d lnK/dxi,
 *
 * whose two sides change order between the ends of R; likewise smallest on the lower.
 * N_u/n counts as known, as is usual. */
#ifndef WORKER_POT_INTERVAL_H
#define WORKER_POT_INTERVAL_H

#include "worker/pot.h"

struct pot_interval {
    double low, high;
};

/* excess: the pot->n_exceed that pot_fit left.  Level a in (0, 1).  NaN, NaN where the
 * fit did not converge; xi >= -1 always, so an interval may end there; where R reaches
 * xi >= 1 the upper end of ES is infinite. */
struct pot_interval pot_interval_xi(const struct pot *pot, const double excess[],
                                    double level);
struct pot_interval pot_interval_var(const struct pot *pot, const double excess[],
                                     double confidence, double level);
struct pot_interval pot_interval_es(const struct pot *pot, const double excess[],
                                    double confidence, double level);

#endif /* WORKER_POT_INTERVAL_H */
