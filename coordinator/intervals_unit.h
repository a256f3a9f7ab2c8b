/* intervals_unit.h -- what is a rank asked in a bootstrap, and what does it answer?
 *
 *     (instrument)  ->  what the job chose on its training bars, between which values
 *                       the replicates' choices lie, and what the chosen point and the
 *                       incumbent cost beyond each replicate's best
 *
 * Where axes are shared, only rank 0 can tell what a replicate chooses: behind the
 * answer stand, of each replicate, the best point of every cell (worker/scope.h) and
 * the watched ones, and intervals_shared.h puts them together.
 *
 * An answer travels as the bytes of the struct: every rank is the same program. */
#ifndef COORDINATOR_INTERVALS_UNIT_H
#define COORDINATOR_INTERVALS_UNIT_H

#include "coordinator/subject.h"
#include "core/buffer.h"
#include "core/err.h"
#include "worker/axis.h"
#include "worker/bootstrap.h"

#include <stddef.h>
#include <stdint.h>

#define INTERVALS_LEVEL 0.95

/* Of one axis: chosen, and of the replicates' choices. */
struct interval_axis {
    double chosen;
    struct bootstrap_interval interval;
    double share; /* of the replicates that chose this value */
};

/* What a point costs beyond each replicate's best. */
struct interval_regret {
    uint32_t is_there;
    uint32_t unused;
    double value[AXES_MAX];
    double cost;   /* on all blocks once each */
    double regret; /* ... beyond the chosen point's */
    struct bootstrap_interval interval;
    double share_broken; /* of the replicates in which it breaks a constraint: it may
                            cost less than the best there */
};

struct interval_answer {
    char reason[ERR_TEXT_MAX]; /* why there is nothing; empty: there is */
    uint64_t n_blocks, block_bars;
    uint64_t n_points;       /* of the grid, or that the search tried on all bars */
    uint64_t n_undecided;    /* replicates in which no point has a cost */
    double share_infeasible; /* ... in which no point satisfies the constraints */
    struct interval_axis axis[AXES_MAX];
    double cost;                             /* of the chosen point on all blocks */
    struct bootstrap_interval cost_interval; /* of the replicates' best */
    struct interval_regret chosen, incumbent;
};

/* A rank's side. */
struct interval_shared;
struct interval_worker {
    const struct subject *subject;
    size_t n_replicates, n_blocks;
    uint64_t seed;
    struct interval_shared *shared; /* starts as NULL; intervals_shared_free */
};

enum { INTERVAL_BLOCKS_MIN = 8 };

/* schedule_worker.work; context is the interval_worker, a request the place of an
 * instrument. */
int intervals_work(void *context, struct reader request, struct buffer *answer,
                   struct err *err);

/* What the blocks' figures cannot be put together to is refused: ERR_INPUT. */
int intervals_check(const struct plan *plan, struct err *err);

#endif /* COORDINATOR_INTERVALS_UNIT_H */
