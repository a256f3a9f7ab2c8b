/* sizing.h -- how long will a job take, and how much memory, on so many ranks?
 *
 * The work of a job by the cost model (worker/cost.h), whose constants are corrected by
 * what a few units take here and now: boxes spread over the grid of the largest, the
 * middle and the smallest instrument, read, searched and judged as a rank does it.
 *
 *     seconds on N ranks = (reading + search + judging) / ranks that work  +  tail
 *
 * The tail is what the last instrument's judging, and half a unit, cost while the other
 * ranks have nothing left.  Not modelled: a file system that is
 * slow for many at once. */
#ifndef COORDINATOR_SIZING_H
#define COORDINATOR_SIZING_H

#include "coordinator/job.h"
#include "coordinator/universe.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What MPI keeps a rank: Open MPI 4.1's libraries and shared segments. */
#define SIZING_MPI_BYTES (32.0 * 1024 * 1024)

/* Of the work of all instruments, on one core of its own. */
struct sizing_work {
    double read_s, search_s, judge_s; /* preparing an instrument is reading */
    double longest_box_s, longest_judge_s;
};

struct sizing {
    size_t n_instruments;
    uint64_t n_bars, most_bars, n_points, n_boxes, n_units;
    struct sizing_work model; /* the constants of worker/cost.c; reads nothing */
    struct sizing_work work;  /* measured; without a measurement the model's   */
    double slowdown; /* by the other load of this machine, >= 1; NaN: not measured */
    size_t n_boxes_measured;
    double rank_bytes, first_rank_bytes; /* the second: what rank 0 has besides */
    double shared_bytes;                 /* of a node: the history in common    */
};

/* The counts and what the model says. */
void sizing_count(const struct job *job, const struct universe *universe,
                  struct sizing *sizing);
/* Work on some units for about budget_s, while n_beside processes do the same, so that
 * what the ranks of a node share is shared.  What an instrument's bars do not allow is
 * no fault: it is left out. */
int sizing_measure(const struct job *job, const struct universe *universe,
                   double budget_s, size_t n_beside, struct sizing *sizing,
                   struct err *err);

/* Ranks that do not only serve others, of n on nodes of n_a_node (mpi/foreman.h). */
size_t sizing_workers(const struct job *job, size_t n_ranks, size_t n_a_node);
/* With a core for each rank. */
double sizing_seconds(const struct sizing *sizing, const struct job *job,
                      size_t n_ranks, size_t n_a_node);
double sizing_node_bytes(const struct sizing *sizing, size_t n_a_node);

#endif /* COORDINATOR_SIZING_H */
