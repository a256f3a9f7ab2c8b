/* schedule.h -- how units of work reach the ranks, and how their answers come back
 *
 * Rank 0 hands units out one by one as ranks ask (wire.h draws the conversation), two
 * ahead a rank so that nobody waits while rank 0 is busy.  With few ranks rank 0 works
 * too, between messages; alone it does everything.  What a unit or an answer means is
 * the caller's: here they are bytes. */
#ifndef MPI_SCHEDULE_H
#define MPI_SCHEDULE_H

#include "core/buffer.h"
#include "core/err.h"

#include <mpi.h>
#include <stdint.h>

enum schedule_next { SCHEDULE_DONE, SCHEDULE_GIVEN, SCHEDULE_WAIT };

/* Rank 0's side: where units come from and answers go. */
struct schedule_source {
    void *context;
    /* The next unit for this rank into the (empty) buffer, and its number:
     * SCHEDULE_WAIT: none before some answer has come; SCHEDULE_DONE: never again. */
    enum schedule_next (*next)(void *context, int rank, uint64_t *unit,
                               struct buffer *request);
    /* An answer; -1 ends the job with err. */
    int (*take)(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err);
};

/* Every rank's side: turn a unit into an answer.  -1 ends the job with err: faults
 * of the unit itself belong into its answer. */
struct schedule_worker {
    void *context;
    int (*work)(void *context, struct reader request, struct buffer *answer,
                struct err *err);
};

struct schedule {
    struct schedule_source source; /* read on rank 0 only            */
    struct schedule_worker worker; /* the same on every rank         */
    void (*tick)(void *context);   /* called often on rank 0, or NULL */
    void *tick_context;
};

/* What a rank did, for run.json. */
struct schedule_share {
    uint64_t n_units;
    double busy_s; /* inside work() */
};

/* Collective over comm.
 *
 * Returns 0 on all ranks when the source is done and every answer was taken; otherwise
 * -1 on all ranks with the same err.  share[size] is filled on rank 0. */
int schedule_run(MPI_Comm comm, const struct schedule *schedule,
                 struct schedule_share share[], struct err *err);

#endif /* MPI_SCHEDULE_H */
