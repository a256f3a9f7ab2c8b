/* probe.h -- what would the study say of any point of an instrument, on the grid or off
 * it? */
#ifndef COORDINATOR_PROBE_H
#define COORDINATOR_PROBE_H

#include "coordinator/job.h"
#include "core/err.h"
#include "market/history.h"
#include "worker/study.h"

struct probe;

/* The instrument's bars between the job's `from` and `to`, prepared.  The job must
 * outlive the probe. */
int probe_new(const struct job *job, const struct history *history,
              const struct history_entry *entry, struct probe **probe, struct err *err);
void probe_free(struct probe *probe);

/* Judge the point with these values, one for each axis of the job's grid in its order.
 * Neighbours that share the path's values share its cost when they follow each other.
 */
int probe_judge(struct probe *probe, const double value[], struct verdict *verdict,
                struct err *err);

#endif /* COORDINATOR_PROBE_H */
