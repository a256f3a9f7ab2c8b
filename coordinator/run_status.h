/* run_status.h -- what is a run doing, for whoever looks at it from outside?
 *
 * Rank 0 replaces DIR/status.json and DIR/plimsoll.prom about every second while it
 * runs, and a last time when it ends; `plimsoll status` reads the first, a Prometheus
 * node exporter (textfile collector) the second.  Both come from one struct and one
 * table of its figures. */
#ifndef COORDINATOR_RUN_STATUS_H
#define COORDINATOR_RUN_STATUS_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define RUN_STATUS_NAME     "status.json"
#define RUN_PROMETHEUS_NAME "plimsoll.prom"

enum run_state {
    RUN_RUNNING,
    RUN_STOPPING, /* asked to stop: units under way are waited for            */
    RUN_WRITING,  /* everything is answered, the products are being written   */
    RUN_DONE,
    RUN_INCOMPLETE, /* done, but some instruments have no calibrated value     */
    RUN_STOPPED,
    RUN_FAILED,
    RUN_GONE, /* never in the file: the file says it runs, but nobody is there */
    RUN_STATES
};

const char *run_state_text(enum run_state state);
bool run_state_is_active(enum run_state state);

enum { RUN_NAME_MAX = 128 };

/* Counts are doubles: they are told, never added up. */
struct run_status {
    char job[RUN_NAME_MAX], program[RUN_NAME_MAX], host[RUN_NAME_MAX];
    char slurm_job[RUN_NAME_MAX]; /* empty: none                                */
    int64_t pid, pid_start;       /* ... and when the process began, its ticks  */
    int64_t started_ns, updated_ns;
    enum run_state state;
    int64_t exit_code;                 /* once it has ended                     */
    char error[ERR_TEXT_MAX];          /* of an end that is not done            */
    double n_ranks, elapsed_s, left_s; /* left_s NaN: not known yet     */
    double n_units, n_units_done, n_units_resumed, units_per_s;
    double n_points, points_per_s;
    double share_done; /* of the work, by the cost model                */
    double n_instruments, n_calibrated, n_held, n_failed, n_faults;
    int64_t slowest_rank; /* least work done for as long; -1: not known */
    char slowest_host[RUN_NAME_MAX];
    double slowest_units, slowest_silent_s; /* ... since its last answer */
};

/* The process that calls, its host, program and Slurm job. */
void run_status_sign(struct run_status *status);

int run_status_make(const struct run_status *status, char **bytes, size_t *n_bytes,
                    struct err *err);
int run_status_make_prometheus(const struct run_status *status, char **bytes,
                               size_t *n_bytes, struct err *err);

/* What DIR/status.json says, or the file itself.  One that says a run is active whose
 * process is not there any more becomes RUN_GONE. */
int run_status_read(const char *path, struct run_status *status, struct err *err);

enum { RUN_LINE_MAX = 1024 };

/* One line for a mail's subject or the end of the log.  Returns line. */
char *run_status_line(const struct run_status *status, char line[RUN_LINE_MAX]);
void run_status_print(const struct run_status *status, int64_t now_ns, FILE *out);

#endif /* COORDINATOR_RUN_STATUS_H */
