/* job_goals.h -- what is to be least, what has to hold, and what is kept of each point?
 */
#ifndef COORDINATOR_JOB_GOALS_H
#define COORDINATOR_JOB_GOALS_H

#include "coordinator/job.h"
#include "core/err.h"

/* Fill objective, constraints, gates and surfaces of job->plan, whose study and grid
 * are there. */
int job_goals_make(struct job *job, struct err *err);

#endif /* COORDINATOR_JOB_GOALS_H */
