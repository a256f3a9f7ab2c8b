/* schedule.h -- how units of work reach the ranks, and how their answers come back
 *
 * Two levels (wire.h draws the conversation): rank 0 hands chunks of units to the
 * leader of each node, which shares them out among the node's ranks; answers come back
 * the same way, many in a message.  So rank 0's load grows with nodes, not with ranks.
 * Chunks shrink as the work runs out (factoring; Hummel, Schonberg, Flynn, CACM 35,
 * 1992), and their size follows the measured time of a unit.  Whoever serves few ranks
 * works too; rank 0 alone does everything.
 *
 * A unit whose answer is late is given to another rank as well: the first answer
 * counts.  What a unit or an answer means is the caller's: here they are bytes. */
#ifndef MPI_SCHEDULE_H
#define MPI_SCHEDULE_H

#include "core/buffer.h"
#include "core/err.h"

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

enum schedule_next {
    SCHEDULE_DONE,        /* there will never be one again                  */
    SCHEDULE_WAIT,        /* none before some answer has come               */
    SCHEDULE_PASS,        /* none for this rank, but for others             */
    SCHEDULE_GIVEN,       /* one; another rank of its group may be quicker  */
    SCHEDULE_GIVEN_ALONE, /* one that no other rank takes over, unless it is late */
};

/* Rank 0's side: where units come from and answers go. */
struct schedule_source {
    void *context;
    /* The next unit, best for this rank, appended to request, and its number. */
    enum schedule_next (*next)(void *context, int rank, uint64_t *unit,
                               struct buffer *request);
    /* The first answer of a unit; -1 ends the job with err. */
    int (*take)(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err);
    /* How many units may still be given, about; NULL: not known. */
    uint64_t (*n_left)(void *context);
    /* At the end: what each rank's worker.report wrote; may be NULL. */
    void (*report)(void *context, int rank, struct reader report);
};

/* Every rank's side: turn a unit into an answer.  -1 ends the job with err: faults
 * of the unit itself belong into its answer. */
struct schedule_worker {
    void *context;
    int (*work)(void *context, struct reader request, struct buffer *answer,
                struct err *err);
    /* A last word for source.report; may be NULL. */
    void (*report)(void *context, struct buffer *report);
};

/* How rank 0 is told from outside, while it serves. */
enum schedule_order {
    SCHEDULE_GO_ON,
    SCHEDULE_HURRY, /* begin nothing new, take what comes in    */
    SCHEDULE_LEAVE  /* and do not wait for who does not answer  */
};

struct schedule {
    struct schedule_source source;              /* read on rank 0 only            */
    struct schedule_worker worker;              /* the same on every rank         */
    enum schedule_order (*tick)(void *context); /* called often on rank 0, or NULL */
    void *tick_context;
    int ranks_a_leader;  /* 0: those of its node; the same on every rank          */
    int64_t late_ns;     /* a unit is not late before; 0: units are given once    */
    int64_t patience_ns; /* so long for an answer, half of it for a last word;
                            0: for ever                                        */
};

/* What a rank did, for run.json. */
struct schedule_share {
    uint64_t n_units;
    double busy_s;    /* inside work()                               */
    double serving_s; /* with the messages of others                 */
    double elapsed_s; /* from the start until it had no more to do   */
    int leader;       /* the rank that hands it units                */
    bool absent;      /* it did not answer at the end                */
};

/* The part of its time that it worked; 0 where it had none. */
static inline double schedule_utilisation(const struct schedule_share *share)
{
    return share->elapsed_s > 0.0 ? share->busy_s / share->elapsed_s : 0.0;
}

/* Of all, on rank 0. */
struct schedule_figures {
    uint64_t n_messages; /* that rank 0 sent and received  */
    uint64_t n_given_again;
    int n_leaders;
    int n_absent; /* > 0: nothing collective may follow, end with MPI_Abort */
};

/* Collective over comm.
 *
 * Returns 0 on all ranks when the source is done and every unit was answered, or the
 * tick said otherwise; -1 on all ranks with the same err where one cannot go on.
 * share[size] and figures are filled on rank 0.  Where figures->n_absent > 0 the
 * absent ranks, and those they lead, have not returned. */
int schedule_run(MPI_Comm comm, const struct schedule *schedule,
                 struct schedule_share share[], struct schedule_figures *figures,
                 struct err *err);

#endif /* MPI_SCHEDULE_H */
