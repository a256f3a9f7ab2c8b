/* bootstrap.h -- how sure is a choice that was made on these bars?
 *
 * Time is cut into blocks, long enough that what is in one says little about the next;
 * a replicate draws as many of them with replacement, puts every point's figures
 * together from its blocks as those of the whole are, and chooses again.  A parameter's
 * interval is between percentiles of what the replicates chose.
 *
 * E. Carlstein, "The use of subseries values for estimating the variance of a general
 * statistic from a stationary sequence", Annals of Statistics 14 (1986), 1171-1179;
 * B. Efron, R. Tibshirani, "An introduction to the bootstrap" (1993), 13.3. */
#ifndef WORKER_BOOTSTRAP_H
#define WORKER_BOOTSTRAP_H

#include "worker/ranking.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOOTSTRAP_PARTS_MAX = 8, BOOTSTRAP_BLOCKS_MAX = 256 };

/* What each point did in each block: n_parts figures that are added over the blocks, or
 * of which the largest counts.  Points from n_choices on are looked at, never chosen.
 */
struct bootstrap_problem {
    size_t n_blocks, n_points, n_choices, n_parts;
    const double *part; /* [n_blocks][n_parts][n_points] */
    bool is_most[BOOTSTRAP_PARTS_MAX];
    size_t n_common;      /* figures of a block that all points have in common */
    const double *common; /* [n_blocks][n_common], added */
    /* Violation and cost from what came together.  A cost of NaN is none. */
    void (*score)(const void *context, const double common[], const double total[],
                  struct candidate *candidate);
    const void *context;
    /* Where the best of each cell of points is wanted, not only that of all. */
    size_t n_cells;       /* 0: one cell                  */
    const uint32_t *cell; /* [n_choices] of each; or NULL */
    size_t n_watched;     /* points whose score in every replicate is wanted as well */
    const size_t *watched;
    size_t n_replicates;
    uint64_t seed;
};

/* Room: count [(n_replicates) n_blocks]; best [n_replicates][n_cells], cost NaN where
 * no point had one; watched [n_replicates][n_watched]. */
struct bootstrap_room {
    unsigned *count;
    struct candidate *best, *watched;
};

void bootstrap_run(const struct bootstrap_problem *problem,
                   const struct bootstrap_room *room);

/* How often replicate r draws each block. */
void bootstrap_draw(uint64_t seed, size_t r, size_t n_blocks, unsigned count[]);

/* The values between which the middle `level` of n values lies, as the inverse of their
 * empirical distribution at (1 - level)/2 and (1 + level)/2; sorts them. */
struct bootstrap_interval {
    double low, high;
};
struct bootstrap_interval bootstrap_percentiles(size_t n, double value[], double level);

#endif /* WORKER_BOOTSTRAP_H */
