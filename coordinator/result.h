/* result.h -- everything that a finished job knows, for whoever writes it down */
#ifndef COORDINATOR_RESULT_H
#define COORDINATOR_RESULT_H

#include "coordinator/crew.h"
#include "coordinator/environment.h"
#include "coordinator/job.h"
#include "coordinator/outcome.h"
#include "coordinator/pool.h"
#include "coordinator/stress_joint.h"
#include "coordinator/universe.h"
#include "coordinator/walk_result.h"
#include "mpi/schedule.h"
#include "mpi/team.h"

#include <stddef.h>
#include <stdint.h>

struct result {
    const struct job *job;
    const struct universe *universe;
    const char *history_path;
    struct outcome *outcome; /* [universe->n]            */
    const struct pools *pools;
    const struct walk_result *walk; /* NULL: folds are no gate */
    struct stress_joint joint;      /* all instruments under stress */

    int n_ranks;
    struct environment_place *place; /* [n_ranks]          */
    struct schedule_share *share;    /* [n_ranks]          */
    struct schedule_figures figures;
    struct crew_times *times; /* [n_ranks]          */
    double write_s;           /* for the evidence and the set  */
    double journal_s;         /* while the ranks were at work  */
    int64_t start_ns, end_ns; /* of the search      */
};

size_t result_count(const struct result *result, enum status status);

/* How the work was spread over the ranks. */
struct result_balance {
    uint64_t n_units;
    double utilisation;      /* time at work of all the ranks' time       */
    double imbalance;        /* the busiest above the mean, of the mean   */
    double coordinator_load; /* of rank 0's time, that went into messages */
};
struct result_balance result_balance(const struct result *result);

/* The start of the last bar that decided the outcome; where nothing could be judged,
 * of the last one that the job might have used. */
int64_t result_as_of(const struct job *job, const struct outcome *outcome);

/* The version that every product names: "plimsoll 0.1.0". */
const char *result_program(void);

#endif /* COORDINATOR_RESULT_H */
