/* backtest.h -- every backtest of one series of losses and forecasts, figure by figure
 */
#ifndef COORDINATOR_BACKTEST_H
#define COORDINATOR_BACKTEST_H

#include "coordinator/fit_report.h"
#include "worker/backtest.h"
#include "worker/tail_law.h"

#include <stddef.h>
#include <stdint.h>

struct backtest_plan {
    double p;            /* of an exceedance: 1 - confidence                         */
    size_t horizon_bars; /* horizons that overlap: tests run on the phases          */
    struct tail_law law; /* loss = mean + scale e, where there are mean and scale   */
    size_t n_samples;    /* of each simulated law                                    */
    uint64_t seed;
};

/* Report them all.  series->es, mean and scale may be NULL: what needs them says so. */
int backtest_report(const struct backtest_plan *plan,
                    const struct backtest_series *series, struct fit_report *report,
                    struct err *err);

#endif /* COORDINATOR_BACKTEST_H */
