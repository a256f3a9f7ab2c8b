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

/* The metrics of these names, at most n_max; of no name the objective and those of the
 * constraints.  ERR_USAGE: "--metric: X is not a metric of the margin study". */
int probe_find_metrics(const struct plan *plan, size_t n, const char *const name[],
                       size_t n_max, const struct metric *metric[], size_t *n_found,
                       struct err *err);

/* Figures of the training bars at a point. */
struct probe_figures {
    size_t n;
    const struct metric *const *metric; /* [n]                       */
    size_t stride;                      /* metric m goes to out[m * stride] */
    double *out;
};

/* A point that the bars do not allow (a fit without an estimate) has NaN, *refusal says
 * why (its kind is ERR_NONE where there is no refusal); all else is -1. */
int probe_figures_at(struct probe *probe, const double value[], struct verdict *verdict,
                     const struct probe_figures *figures, struct err *refusal,
                     struct err *err);

#endif /* COORDINATOR_PROBE_H */
