/* preference.h -- what is a unit of another figure worth in margin?
 *
 *     cost = mean_margin + sum of weight_i metric_i,      coverage as 1 - coverage
 *
 * so that whoever trades margin against shortfall or procyclicality says how. */
#ifndef WORKER_PREFERENCE_H
#define WORKER_PREFERENCE_H

#include "worker/metric.h"

#include <stddef.h>

enum { PREFERENCES_MAX = 8 };

struct preferences {
    size_t n;
    const struct metric *metric[PREFERENCES_MAX]; /* of every point */
    double weight[PREFERENCES_MAX];               /* at least 0     */
};

#endif /* WORKER_PREFERENCE_H */
