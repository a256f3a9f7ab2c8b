/* rolling_quantile.h -- which of the last so many values is the c-quantile, bar by bar?
 *
 * The quantile of m values is the ceil(c m)-th smallest, the inverse of their empirical
 * distribution (Hyndman, Fan, The American Statistician 50, 1996, type 1); c m is taken
 * for a whole number when it is one to 2^-40 of itself, so that 0.57 of 100 is 57.
 *
 * All values are ranked once.  A window is then a set of bits, one for each rank, and a
 * bar sets one and clears one.  Each level keeps a cursor at its value and walks from
 * it, as much as one bar can move it: a few set bits, found 64 ranks at a time.  So a
 * bar costs some nanoseconds a level, whatever the window. */
#ifndef WORKER_ROLLING_QUANTILE_H
#define WORKER_ROLLING_QUANTILE_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { QUANTILE_LEVELS_MAX = 64 };

/* The order of a series: equal values by their place, missing ones (NaN) have none. */
struct ranks {
    size_t n, n_there;
    uint32_t *rank; /* [n]; RANK_MISSING where the value is */
    double *sorted; /* [n_there] by rank                    */
    uint64_t *bits; /* [n / 64 + 2], room for a window, all clear */
    uint64_t *key;  /* [2 n] room to sort in                      */
};

enum { RANK_MISSING = 0xffffffff };

/* Room for series of up to n < 2^32 - 1 values. */
int ranks_new(size_t n, struct ranks *ranks, struct err *err);
void ranks_free(struct ranks *ranks);
/* Rank x[n]. */
void ranks_of(struct ranks *ranks, size_t n, const double x[]);

/* How many of m values are not above their c-quantile at least: ceil(c m), 1 .. m. */
size_t quantile_place(double c, size_t m);

/* quantile[l * n + t] of the last `window` values up to and including t at level[l],
 * l < n_levels, levels in (0, 1); NaN where fewer than `least` (>= 1) of them are
 * there.  Several windows and levels share one ranking. */
void rolling_quantiles(struct ranks *ranks, size_t window, size_t least,
                       size_t n_levels, const double level[], double quantile[]);

/* The same for the expected shortfall: the mean of what lies beyond the quantile, which
 * itself counts for the part of its own probability that does (Acerbi, Tasche, Journal
 * of Banking and Finance 26, 2002, definition 2.6),
 *
 *     ES = (sum of those above the k-th + (k - c m) x_(k)) / (m (1 - c)),
 *
 * added upwards from the k-th.  A bar costs some nanoseconds a value beyond. */
void rolling_shortfalls(struct ranks *ranks, size_t window, size_t least,
                        size_t n_levels, const double level[], double shortfall[]);

#endif /* WORKER_ROLLING_QUANTILE_H */
