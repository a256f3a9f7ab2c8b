/* origin.h -- which job made this calibration, and what is that job again?
 *
 * calibration.h5 holds the job file and every value that was in force, so the job can
 * be read anew: as it was, or with one point for its grid. */
#ifndef COORDINATOR_ORIGIN_H
#define COORDINATOR_ORIGIN_H

#include "coordinator/job.h"
#include "core/err.h"
#include "core/h5.h"
#include "market/history.h"

#include <stddef.h>

/* What a calibration file says about the job that made it. */
struct origin {
    char *job_file, *in_force, *axes, *history, *history_sha256;
};

int origin_read(const struct h5 *file, struct origin *origin, struct err *err);
void origin_free(struct origin *origin);

/* The job as it was, but for these settings "key=value". */
int origin_job(const struct h5 *file, const struct origin *origin, size_t n_settings,
               const char *const settings[], struct job *job, struct err *err);

/* The job with one point: point "q=3.1,lambda=0.97", axes that it does not name at the
 * instrument's winner.  NULL: the winner. */
int origin_job_at(const struct h5 *file, const struct origin *origin,
                  const char *instrument, const char *point, struct job *job,
                  struct err *err);

/* Only the history that made the calibration gives its figures: ERR_INPUT for another.
 * path: its name for the refusal. */
int origin_check_history(const struct origin *origin, const struct job *job,
                         const struct history *history, const char *path,
                         struct err *err);

#endif /* COORDINATOR_ORIGIN_H */
