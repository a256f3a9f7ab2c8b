/* crew.h -- a rank's side of a job: from a unit's bytes to its answer
 *
 * An instrument's bars are read once a node, by the first of its ranks that gets a unit
 * of it, into memory that they share (mpi/shelf.h), while the job's memory.shared_mib
 * lasts; beyond it each rank reads its own.  A rank keeps an instrument prepared until
 * a unit of another one comes. */
#ifndef COORDINATOR_CREW_H
#define COORDINATOR_CREW_H

#include "coordinator/job.h"
#include "coordinator/unit.h"
#include "coordinator/universe.h"
#include "core/buffer.h"
#include "core/err.h"
#include "market/history.h"
#include "mpi/shelf.h"
#include "worker/study.h"

#include <stdint.h>

/* Where a rank's time went, how much of it the processor was its own, the most memory
 * that it had at once, what its node holds in common, and how many series it read. */
struct crew_times {
    double read_s, prepare_s, search_s, judge_s;
    double cpu_s, memory_bytes, shared_bytes;
    uint64_t n_read;
};

struct crew {
    const struct job *job;
    struct history *history;
    const struct universe *universe;
    struct shelf *shelf; /* the history that the node's ranks have in common */

    size_t instrument; /* prepared now; SIZE_MAX: none     */
    struct bars bars;
    bool borrowed;             /* the columns of bars are the shelf's */
    void *work;                /* the study's; NULL: there is none    */
    enum unit_outcome outcome; /* of preparing it                     */
    struct err fault;          /* ... and why                         */
    struct found found;
    struct verdict *verdict; /* of one point */
    struct crew_walk *walk;  /* NULL until a fold is asked for */
    struct crew_times times;
};

/* Collective over the team, which shares the history of each node.  Also after a
 * failure every rank calls crew_free, which is collective too. */
int crew_new(const struct team *team, const struct job *job, struct history *history,
             const struct universe *universe, struct crew *crew, struct err *err);
void crew_free(struct crew *crew);

/* Every figure of the point with these values, of the prepared instrument; and of the
 * incumbent's points. */
int crew_judge_values(struct crew *crew, const double value[], struct buffer *answer,
                      struct err *err);
int crew_judge_incumbent(struct crew *crew, struct buffer *answer, struct err *err);

/* A schedule_worker's work(): context is the crew. */
int crew_work(void *context, struct reader request, struct buffer *answer,
              struct err *err);
/* Its report(): the crew's times. */
void crew_report(void *context, struct buffer *report);

#endif /* COORDINATOR_CREW_H */
