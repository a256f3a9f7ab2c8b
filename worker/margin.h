/* margin.h -- the figures of the margin study, from a tally to a number
 *
 * Definitions: worker/README.md, "Figures of one point over one range". */
#ifndef WORKER_MARGIN_H
#define WORKER_MARGIN_H

#include "worker/margin_backtests.h"
#include "worker/metric.h"
#include "worker/tally.h"

#include <stddef.h>

/* The table's rows take a `const struct tally *`; their needs are enum sweep_need.  Of
 * judged points alone are the textbook's tests (margin_backtests.h), and the comparison
 * with the same point without buffer and steadying. */
enum {
    MARGIN_TALLIED = 22,
    MARGIN_BACKTESTED = MARGIN_TALLIED, /* [MARGIN_BACKTESTS] */
    MARGIN_PEAK_BEFORE = MARGIN_BACKTESTED + MARGIN_BACKTESTS,
    MARGIN_RISE_BEFORE, /* [TALLY_RISES] */
    MARGIN_COST = MARGIN_RISE_BEFORE + TALLY_RISES,
    MARGIN_METRICS
};
extern const struct metric margin_metrics[MARGIN_METRICS];

#endif /* WORKER_MARGIN_H */
