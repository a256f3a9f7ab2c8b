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
    size_t horizon_bars; /* at most HORIZON_MAX; above 1 horizons overlap            */
    struct tail_law law; /* loss = mean + scale e, where there are mean and scale    */
    size_t n_samples;    /* of each simulated law                                    */
    uint64_t seed;
};

/* Report them all.  series->es, mean and scale may be NULL: what needs them says so.
 *
 * Where horizons overlap, every test that takes bars for independent is made on the
 * horizon_bars phases of bars that do not; the report has the p-values together, min(1,
 * 2 median), and each phase by itself (worker/README.md, "Backtests of VaR and ES"). */
int backtest_report(const struct backtest_plan *plan,
                    const struct backtest_series *series, struct fit_report *report,
                    struct err *err);

#endif /* COORDINATOR_BACKTEST_H */
