/* rolling.h -- mean and variance of the last so many values, without drift
 *
 * Values are gathered in blocks of one window.  The window that ends within a block is
 * the end of the block before (moments kept from the back) and the start of this one
 * (moments so far): nothing is ever taken away again, so a value that has left the
 * window has left no trace of rounding, and each result is of at most `window`
 * additions. Three additions a value on average (van Herk 1992, for maxima; the merging
 * of moments is Chan, Golub, LeVeque, The American Statistician 37, 1983). */
#ifndef WORKER_ROLLING_H
#define WORKER_ROLLING_H

#include <stddef.h>

/* n values, their mean, and the sum of squares of the differences from it. */
struct moments {
    double n, mean, m2;
};

struct moments moments_add(struct moments of, double x);
struct moments moments_merge(struct moments a, struct moments b);

struct rolling {
    size_t window, place; /* values of this block so far            */
    struct moments now;   /* theirs                                 */
    struct moments *back; /* [window + 1], of the block before: from i to its end */
    double *value;        /* [window], of this block                */
};

/* The caller lends back and value. */
void rolling_start(struct rolling *rolling, size_t window,
                   struct moments back[/* window + 1 */], double value[/* window */]);

/* The moments of the last `window` values, x the last of them; NaN has its place in the
 * window and is left out.  Before so many came: of those there are. */
struct moments rolling_push(struct rolling *rolling, double x);

#endif /* WORKER_ROLLING_H */
