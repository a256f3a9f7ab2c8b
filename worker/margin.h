/* margin.h -- the figures of the margin study, from a tally to a number
 *
 * Definitions: worker/README.md, "Figures of one point over one range". */
#ifndef WORKER_MARGIN_H
#define WORKER_MARGIN_H

#include "worker/metric.h"

#include <stddef.h>

/* The table's rows take a `const struct tally *`; their needs are enum sweep_need. */
enum { MARGIN_METRICS = 22 };
extern const struct metric margin_metrics[MARGIN_METRICS];

#endif /* WORKER_MARGIN_H */
