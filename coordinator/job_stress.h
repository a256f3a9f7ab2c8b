/* job_stress.h -- which bad days does the job try a set on, and what may they cost? */
#ifndef COORDINATOR_JOB_STRESS_H
#define COORDINATOR_JOB_STRESS_H

#include "coordinator/job.h"
#include "core/conf.h"
#include "core/err.h"

/* Where the job names a library, read its own text anew with the library's windows
 * beside the job's: from then on they are the job's, in its digest and its evidence. */
int job_stress_join_library(const struct conf_source *source, struct job *job,
                            struct err *err);

/* Fill plan.stress, and the periods of plan.path.steady; the study is known. */
int job_stress_set(struct job *job, struct err *err);

#endif /* COORDINATOR_JOB_STRESS_H */
