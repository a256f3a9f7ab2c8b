/* sizing.h -- what will a job take: units, seconds, memory?
 *
 * A few instruments are worked on for a moment, here and now: the longest series, the
 * shortest and one in the middle.  Each is read and prepared, some of its boxes are
 * searched and some points judged; what these took a bar and a point (worker/cost.h) is
 * taken for all others. */
#ifndef COORDINATOR_SIZING_H
#define COORDINATOR_SIZING_H

#include "coordinator/job.h"
#include "coordinator/universe.h"
#include "core/err.h"
#include "market/history.h"

#include <stdint.h>

struct sizing {
    uint64_t n_instruments, n_points; /* points of an instrument's grid         */
    uint64_t n_boxes;                 /* of it                                  */
    uint64_t n_units;                 /* boxes and judgings of all              */
    uint64_t most_bars, n_bars;       /* of the longest series, of all          */
    double read_s, search_s, judge_s; /* one rank, all instruments              */
    double unit_s, last_s;            /* a box of the longest series; its judging     */
    double times_model;               /* how much longer a box took than cost.h says  */
    uint64_t rank_bytes;   /* at most, without the history that is shared   */
    uint64_t shared_bytes; /* a node's history, at most memory.shared_mib  */
};

/* Works for about limit_s seconds.  Instruments that cannot be calibrated are passed
 * over; ERR_INPUT where none of those looked at can. */
int sizing_measure(const struct job *job, const struct history *history,
                   const struct universe *universe, double limit_s,
                   struct sizing *sizing, struct err *err);

/* From the first unit to the last answer on so many ranks. */
double sizing_elapsed_s(const struct sizing *sizing, int n_ranks);

#endif /* COORDINATOR_SIZING_H */
