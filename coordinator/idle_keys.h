/* idle_keys.h -- what does a job name that its history has nothing of?
 *
 * No error: one job file serves several histories.  But a slip of the pen looks the
 * same, so rank 0 logs a line for each. */
#ifndef COORDINATOR_IDLE_KEYS_H
#define COORDINATOR_IDLE_KEYS_H

#include "coordinator/job.h"
#include "coordinator/universe.h"

/* Stress periods in which no instrument has a bar between `from` and `to`, weights and
 * groups that take no instrument. */
void idle_keys_tell(const struct job *job, const struct universe *universe);

#endif /* COORDINATOR_IDLE_KEYS_H */
