/* likelihood_oracle.h -- how likely are these exceedances, by the formulas as they
 * stand?
 *
 * Likelihood ratios are summed in long double as sums of D(k, m), in which nothing
 * cancels; each is right to a few eps, also where x = np and the ratio is 0. */
#ifndef TESTS_LIKELIHOOD_ORACLE_H
#define TESTS_LIKELIHOOD_ORACLE_H

#include <stddef.h>

/* Kupiec (1995), proportion of failures: 2 [D(x, np) + D(n - x, n(1 - p))] with
 * D(k, m) = k ln(k/m) - k + m.  NaN where n = 0. */
double oracle_kupiec_lr(size_t n, size_t x, double p);

/* Both sides: P(chi2_1 > LR). */
double oracle_kupiec_p(size_t n, size_t x, double p);

/* One-sided against too many: the normal tail beyond sign(x - np) sqrt(LR). */
double oracle_kupiec_p_upper(size_t n, size_t x, double p);

/* Christoffersen (1998), independence: the p-value of the pairs; NaN where none. */
double oracle_independence_p(size_t n00, size_t n01, size_t n10, size_t n11);

/* min(1, 2 median) of the values that are not NaN; where one is left, that value
 * itself; NaN where none is.  Sorts p[n]. */
double oracle_combine(size_t n, double p[]);

#endif /* TESTS_LIKELIHOOD_ORACLE_H */
