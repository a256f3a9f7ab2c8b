/* job_bars.h -- what does a job see of an instrument?
 *
 * Its bars between `from` and `to`, and where its study follows paths inside them
 * (study->finer_ns) the shorter bars that the history has of the same instrument: of
 * the series whose interval divides the job's the longest that is short enough, or else
 * the shortest. */
#ifndef COORDINATOR_JOB_BARS_H
#define COORDINATOR_JOB_BARS_H

#include "coordinator/job.h"
#include "core/err.h"
#include "market/history.h"

int job_bars_read(const struct job *job, const struct history *history,
                  const struct history_entry *entry, struct bars *bars,
                  struct err *err);

/* The same for bars that are there already: whose they are, and shorter ones. */
int job_bars_complete(const struct job *job, const struct history *history,
                      const struct history_entry *entry, struct bars *bars,
                      struct err *err);

/* The series of shorter bars; NULL: the study wants none, or there are none. */
const struct history_entry *job_bars_finer(const struct job *job,
                                           const struct history *history,
                                           const struct history_entry *entry);

#endif /* COORDINATOR_JOB_BARS_H */
