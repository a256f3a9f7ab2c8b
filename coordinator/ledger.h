/* ledger.h -- which units are given and answered, and what the answers add up to
 *
 * The coordinator's book.  An instrument's grid is searched box by box, the dearest
 * instruments first; when its last box is answered its best points are judged; then
 * its outcome stands, unless the job's folds are to say that it holds.  Where
 * instruments share axes, the judging waits for the search of all of a pool, and the
 * outcome for its judging (pool.h).  Nothing in an outcome depends on which rank
 * answered when. Giving a unit takes the same time however many instruments and boxes
 * there are. */
#ifndef COORDINATOR_LEDGER_H
#define COORDINATOR_LEDGER_H

#include "coordinator/job.h"
#include "coordinator/outcome.h"
#include "coordinator/pool.h"
#include "coordinator/universe.h"
#include "coordinator/walk_result.h"
#include "core/err.h"
#include "mpi/schedule.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger;

int ledger_new(const struct job *job, const struct universe *universe, int n_ranks,
               struct ledger **ledger, struct err *err);
void ledger_free(struct ledger *ledger);

/* The callbacks of a schedule_source; context is the ledger. */
enum schedule_next ledger_next(void *context, int rank, uint64_t *unit,
                               struct buffer *request);
int ledger_take(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err);
uint64_t ledger_n_left(void *context);

/* Is the answer worth keeping, or a fault that another run may not see? */
bool ledger_keeps(struct reader answer);

/* Give no more units; what is under way is still taken. */
void ledger_stop(struct ledger *ledger);
/* Does every instrument have its outcome? */
bool ledger_is_complete(const struct ledger *ledger);

struct ledger_progress {
    uint64_t n_units, n_done;   /* searching and judging                */
    uint64_t n_points;          /* scored so far, all instruments       */
    size_t n_failed;            /* instruments given up                 */
    double work_s, work_done_s; /* by the cost model (worker/cost.h)  */
    size_t n_instruments, n_status[STATUS_COUNT]; /* all, and with an outcome */
    size_t n_faults;                              /* units that went wrong    */
};
/* Takes time that grows with the instruments. */
struct ledger_progress ledger_progress(const struct ledger *ledger);
/* Of this unit, by the cost model. */
double ledger_unit_s(const struct ledger *ledger, uint64_t unit);

/* After the schedule: one outcome an instrument, in the universe's order. */
struct outcome *ledger_outcomes(struct ledger *ledger);
/* ... and what they share. */
const struct pools *ledger_pools(const struct ledger *ledger);
/* ... and what the folds say that are its gate; NULL: they are none. */
const struct walk_result *ledger_walked(const struct ledger *ledger);

#endif /* COORDINATOR_LEDGER_H */
