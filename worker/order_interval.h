/* order_interval.h -- between which of the sorted values does a quantile lie? */
#ifndef WORKER_ORDER_INTERVAL_H
#define WORKER_ORDER_INTERVAL_H

#include <stddef.h>

/* Ranks, from 1; low 0 and high n + 1 where so few values have no such end. */
struct order_interval {
    size_t low, high;
};

/* The c-quantile q of independent values lies between the low-th and the high-th
 * smallest of n with probability `level` at least, whatever their law: the values up to
 * q are Binomial(n, c), and
 *
 *     low   the largest l with  P(X < l) <= (1 - level) / 2
 *     high  the least u with    P(X >= u) <= (1 - level) / 2
 *
 * n >= 1; c and level in (0, 1).
 * W. J. Conover, Practical Nonparametric Statistics, 3rd ed. (1999), 3.2. */
struct order_interval order_interval_of(size_t n, double c, double level);

#endif /* WORKER_ORDER_INTERVAL_H */
