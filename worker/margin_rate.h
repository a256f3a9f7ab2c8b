/* margin_rate.h -- how do scattered points of an instrument compare, on all of its
 * training bars or on a share that stands for them (thin.h)?
 *
 * A grid is swept (sweep.h); points that share nothing are walked, but for what neither
 * objective nor constraints need.  Figures are the walk's to the last bit, so a point's
 * rating depends on nothing but its values and the share of the history. */
#ifndef WORKER_MARGIN_RATE_H
#define WORKER_MARGIN_RATE_H

#include "core/err.h"
#include "worker/plan.h"
#include "worker/series.h"
#include "worker/tried.h"

#include <stddef.h>

struct rater; /* workspace for one series */

/* All must outlive the rater; range: the training bars, needs: enum sweep_need. */
struct rater_rules {
    const struct plan *plan;
    const struct series *series;
    struct range range;
    unsigned needs;
};

int rater_new(const struct rater_rules *rules, struct rater **rater, struct err *err);
void rater_free(struct rater *rater); /* takes NULL */

/* rating[n] of the points value[n][grid.n_axes] on a share of the range.  A point that
 * the bars do not allow (a window that is longer than they are) has an undefined
 * rating; the first such reason goes to refusal where that is empty. */
int rater_rate(struct rater *rater, size_t n, const double value[], double share,
               struct rating rating[], char refusal[ERR_TEXT_MAX], struct err *err);

#endif /* WORKER_MARGIN_RATE_H */
