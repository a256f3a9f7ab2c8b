/* margin.h -- the figures of the margin study, from a tally to a number
 *
 * Definitions: worker/README.md, "Figures of one point over one range". */
#ifndef WORKER_MARGIN_H
#define WORKER_MARGIN_H

#include "worker/margin_backtests.h"
#include "worker/metric.h"
#include "worker/tally.h"
#include "worker/walk.h"

#include <stddef.h>

/* The table's rows take a `const struct tally *`; their needs are enum sweep_need.  Of
 * judged points alone are the textbook's tests (margin_backtests.h), and the comparison
 * with the same point without buffer and steadying. */
enum {
    MARGIN_WEIGHED = 22, /* the sum that the job's preferences make (preference.h) */
    MARGIN_TALLIED = 23,
    MARGIN_BACKTESTED = MARGIN_TALLIED, /* [MARGIN_BACKTESTS] */
    MARGIN_PEAK_BEFORE = MARGIN_BACKTESTED + MARGIN_BACKTESTS,
    MARGIN_RISE_BEFORE, /* [TALLY_RISES] */
    MARGIN_COST = MARGIN_RISE_BEFORE + TALLY_RISES,
    MARGIN_METRICS
};
extern const struct metric margin_metrics[MARGIN_METRICS];

/* After the axes of the path: the policy on top of it. */
enum policy_axis { AXIS_Q, AXIS_FLOOR, AXIS_BUFFER, AXIS_RELEASE, POLICY_AXES };

static inline struct policy margin_policy(const double on_top[POLICY_AXES])
{
    return (struct policy){.q = on_top[AXIS_Q],
                           .floor = on_top[AXIS_FLOOR],
                           .buffer = on_top[AXIS_BUFFER],
                           .release = on_top[AXIS_RELEASE] == 1.0};
}

#endif /* WORKER_MARGIN_H */
