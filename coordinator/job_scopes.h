/* job_scopes.h -- what does the job file say about axes that instruments share? */
#ifndef COORDINATOR_JOB_SCOPES_H
#define COORDINATOR_JOB_SCOPES_H

#include "coordinator/job.h"
#include "core/err.h"

/* Set the scopes of job->plan.grid, whose axes are there, and check `groups` and
 * `weights` as far as that goes without instruments. */
int job_scopes_set(struct job *job, struct err *err);

/* The weight at place i of `weights`. */
double job_scopes_weight(const struct job *job, size_t i);

#endif /* COORDINATOR_JOB_SCOPES_H */
