/* job_plan.h -- which grid, models and search do the keys of a job make? */
#ifndef COORDINATOR_JOB_PLAN_H
#define COORDINATOR_JOB_PLAN_H

#include "coordinator/job.h"
#include "core/err.h"

/* Fill job->plan from job->keys, which borrows from them; what does not go together is
 * ERR_INPUT with file, line and column. */
int job_plan_make(struct job *job, struct err *err);

#endif /* COORDINATOR_JOB_PLAN_H */
