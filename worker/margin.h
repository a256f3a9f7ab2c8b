/* margin.h -- the figures of the margin study, from a tally to a number
 *
 * Definitions: worker/README.md, "Figures of one point over one range". */
#ifndef WORKER_MARGIN_H
#define WORKER_MARGIN_H

#include "worker/metric.h"
#include "worker/tally.h"

#include <stddef.h>

/* The table's rows take a `const struct tally *`; their needs are enum sweep_need.  The
 * last ones compare with the same point without buffer and steadying, and are known of
 * judged points alone. */
enum {
    MARGIN_TALLIED = 22,
    MARGIN_PEAK_BEFORE = MARGIN_TALLIED,
    MARGIN_RISE_BEFORE, /* [TALLY_RISES] */
    MARGIN_COST = MARGIN_RISE_BEFORE + TALLY_RISES,
    MARGIN_METRICS
};
extern const struct metric margin_metrics[MARGIN_METRICS];

#endif /* WORKER_MARGIN_H */
