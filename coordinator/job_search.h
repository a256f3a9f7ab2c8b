/* job_search.h -- what does the job file say about searching? */
#ifndef COORDINATOR_JOB_SEARCH_H
#define COORDINATOR_JOB_SEARCH_H

#include "coordinator/job.h"
#include "core/err.h"

/* The keys `search` and `surfaces` against the axes of job->plan.grid, which are there.
 */
int job_search_check(const struct job *job, struct err *err);

/* The rules of the keys. */
struct search_rules job_search_rules(const struct job_keys *keys);

#endif /* COORDINATOR_JOB_SEARCH_H */
