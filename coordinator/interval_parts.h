/* interval_parts.h -- which figures of a block make a metric of a resample?
 *
 *     coverage         1 - sum x / sum n          x exceedances, n scored bars
 *     mean_margin      sum N m / sum N            N bars
 *     mean_shortfall   sum x s / sum x, 0 without an exceedance
 *     max_margin, worst_shortfall                 the largest of the blocks'
 *     peak_to_trough   the largest of the blocks' margins over the least of them
 *
 * which are the definitions of worker/README.md over the blocks that were drawn. */
#ifndef COORDINATOR_INTERVAL_PARTS_H
#define COORDINATOR_INTERVAL_PARTS_H

#include "core/err.h"
#include "worker/bootstrap.h"
#include "worker/plan.h"

#include <stdbool.h>
#include <stddef.h>

enum interval_part {
    PART_EXCEEDANCES,
    PART_MARGIN,
    PART_SHORTFALL,
    PART_MAX_MARGIN,
    PART_MIN_MARGIN, /* negative: the largest is the least */
    PART_WORST,
    INTERVAL_PARTS
};

/* plan: the job's, with the surfaces that the parts are made from. */
struct interval_parts {
    struct plan plan;
    size_t n;
    enum interval_part part[INTERVAL_PARTS];
    size_t objective, constraint[CONSTRAINTS_MAX]; /* rows of the table above */
    size_t place[INTERVAL_PARTS];                  /* of each part among the n */
    double common[BOOTSTRAP_BLOCKS_MAX][2];        /* of each block: n, N */
};

/* ERR_INPUT: objective or a constraint is none of the metrics above. */
int interval_parts_make(const struct plan *plan, struct interval_parts *parts,
                        struct err *err);
/* From surface [plan.n_surfaces][n_points] of a block to part [n][stride] of it. */
struct interval_block {
    size_t number, n_bars, stride;
};
void interval_parts_fill(struct interval_parts *parts, const struct interval_block *at,
                         size_t n_points, const double surface[], double part[]);
/* bootstrap_problem.score; context is the parts, common those of the blocks. */
void interval_parts_score(const void *context, const double common[],
                          const double total[], struct candidate *candidate);

#endif /* COORDINATOR_INTERVAL_PARTS_H */
