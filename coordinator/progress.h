/* progress.h -- telling a waiting person how far a job is
 *
 * On a terminal one line that is rewritten several times a second, elsewhere a log
 * line every half minute; and for everybody else the status file and the Prometheus
 * file, about every second (run_status.h).  That one of these cannot be written is
 * said once in the log and is no fault of the run. */
#ifndef COORDINATOR_PROGRESS_H
#define COORDINATOR_PROGRESS_H

#include "coordinator/environment.h"
#include "coordinator/ledger.h"
#include "coordinator/run_status.h"
#include "core/file.h"

#include <stdbool.h>
#include <stdint.h>

/* What rank 0 has heard of a rank. */
struct progress_rank {
    bool works; /* it was given something */
    uint64_t n_units;
    double work_s; /* by the cost model      */
    int64_t last_ns;
};

struct progress {
    const struct ledger *ledger;
    const struct environment_place *place; /* [n_ranks], borrowed */
    int n_ranks;
    struct progress_rank *rank; /* [n_ranks] */
    bool on_terminal, cannot_write;
    int64_t start_ns, last_ns, written_ns; /* monotonic */
    struct ledger_progress before;         /* what earlier runs had answered */
    char file[FILE_PATH_MAX], prometheus[FILE_PATH_MAX];
    struct run_status status;
};

/* prometheus NULL: DIRECTORY/plimsoll.prom.  free with progress_free, also one that is
 * all zero. */
int progress_new(const struct ledger *ledger, const char *job, const char *directory,
                 const char *prometheus, int n_ranks, struct progress *progress,
                 struct err *err);
void progress_free(struct progress *progress);

/* The search begins; place[n_ranks] must live as long. */
void progress_start(struct progress *progress, const struct environment_place place[]);
void progress_gave(struct progress *progress, int rank);
void progress_heard(struct progress *progress, int rank, uint64_t unit);
/* Show the state if it is time to. */
void progress_tick(struct progress *progress, bool stopping);
/* The search is over. */
void progress_end(struct progress *progress);
/* The run is over, with this: the last word in the files and in the log. */
void progress_close(struct progress *progress, int status, const struct err *err);

#endif /* COORDINATOR_PROGRESS_H */
