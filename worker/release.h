/* release.h -- how much of the anti-procyclicality buffer is in use at each bar
 *
 *     w[t]  the EWMA variance of half-life `halflife_bars`
 *     y[t]  = sqrt(v[t] / w[t]),   1 where w[t] = 0
 *     g[t]  = 1 where y <= from,  0 where y >= full,  else (full - y) / (full - from)
 *
 * EMIR RTS 153/2013, Art. 28(1)(a); worker/README.md, "Margin". */
#ifndef WORKER_RELEASE_H
#define WORKER_RELEASE_H

#include "worker/kernels.h"
#include "worker/series.h"
#include "worker/walk.h"

/* w, which every path shares: [n], from W on. */
void release_reference(const struct release_rule *rule, const struct kernels *kernels,
                       const struct series *series, double *reference);

/* g of one path: [n], from W on. */
void release_in_use(const struct release_rule *rule, const struct series *series,
                    const double *variance, const double *reference, double *in_use);

#endif /* WORKER_RELEASE_H */
