/* tail_law.h -- what are VaR and ES of a normal or Student-t loss, and how is it drawn?
 */
#ifndef WORKER_TAIL_LAW_H
#define WORKER_TAIL_LAW_H

#include "market/random.h"

#include <stdbool.h>
#include <stddef.h>

/* e of loss = mean + scale e: standard normal, or t with nu degrees of freedom as it
 * stands (its variance is nu / (nu - 2), not 1). */
struct tail_law {
    double nu; /* > 2; INFINITY: normal */
};

bool tail_law_is_meant(const struct tail_law *law);

/* z with P(e > z) = p, 0 < p < 1. */
double tail_law_quantile(const struct tail_law *law, double p);

/* E(e | e > z) at that z:
 *
 *     normal     phi(z) / p
 *     Student t  f(z) (nu + z^2) / ((nu - 1) p)
 *
 * A. J. McNeil, R. Frey, P. Embrechts, Quantitative Risk Management (2005), chapter 2.
 */
double tail_law_shortfall(const struct tail_law *law, double p);

/* The mean of the k largest of n independent draws, 0 < k <= n:
 *
 *     (n/k) int z f(z) P(Beta(k, n-k) > P(e > z)) dz
 *
 * (k = n: the mean of the law), by the double exponential rule to some 1e-12.
 * C. Acerbi, B. Szekely, "Backtesting Expected Shortfall" (2014), of their test 3. */
double tail_law_mean_of_largest(const struct tail_law *law, size_t n, size_t k);

double tail_law_draw(const struct tail_law *law, struct random *random);

#endif /* WORKER_TAIL_LAW_H */
