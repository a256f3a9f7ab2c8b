/* kupiec.h -- does the margin fail as often as it promises to? */
#ifndef WORKER_KUPIEC_H
#define WORKER_KUPIEC_H

#include <stddef.h>

struct kupiec {
    double lr;      /* likelihood ratio, >= 0                                 */
    double p_value; /* P(chi2_1 > lr); small: too many or too few             */
    double p_upper; /* one-sided: small only where there are too many         */
};

/* Kupiec's proportion-of-failures test of x exceedances in n bars.
 *
 * A margin of confidence 1 - p fails on each bar with probability p, so x is
 * Binomial(n, p).  Against the observed rate x/n the likelihood ratio is
 *
 *     LR = -2 ln [ (1-p)^(n-x) p^x / ((1-x/n)^(n-x) (x/n)^x) ]
 *        =  2 [ D(x, n p) + D(n-x, n (1-p)) ],   D(k, m) = k ln(k/m) - k + m
 *
 * asymptotically chi-squared with one degree of freedom.  The second form is
 * the one computed: the -k + m cancel in the sum, but they make each D a
 * deviance, >= 0 and, by ln(1 + x) - x, accurate when k is close to m (Loader, 2000).
 * The signed root z = sign(x - n p) sqrt(LR) is asymptotically normal: p_upper = 1 -
 * Phi(z).
 *
 *   n_bars     n > 0
 *   n_exceed   x, at most n
 *   p          probability of failure per bar, 0 < p < 1 (0.01 at 99 %)
 *
 * P. H. Kupiec, "Techniques for Verifying the Accuracy of Risk Measurement
 * Models", Journal of Derivatives 3(2) (1995), 73-84.
 * C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000).
 */
struct kupiec kupiec_test(size_t n_bars, size_t n_exceed, double p);

/* P(LR of X >= LR of n_exceed), X binomial(n_bars, p): the two-sided p-value without
 * the chi-squared law, which at 250 bars and p = 0.01 rejects 9.5 % of right margins at
 * 5 %. LR falls to n p and rises from it, so the counts as far out are the two ends.
 * (The exact one-sided one is traffic_light_of's at_least.) */
double kupiec_exact_p(size_t n_bars, size_t n_exceed, double p);

#endif /* WORKER_KUPIEC_H */
