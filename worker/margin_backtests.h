/* margin_backtests.h -- what do the textbook's tests say of a point's margins?
 *
 * Tests that need the losses and margins bar by bar, so of judged points alone.  The
 * margin of bar t is taken for the VaR of the loss over its horizon.  Losses of
 * neighbouring bars overlap where h > 1, so each test is made on each of the h phases
 * of bars that do not (worker/README.md, "Figures"). */
#ifndef WORKER_MARGIN_BACKTESTS_H
#define WORKER_MARGIN_BACKTESTS_H

#include "worker/series.h"

#include <stddef.h>

enum margin_backtest {
    BACKTEST_BINOMIAL_P,
    BACKTEST_TUFF_P,
    BACKTEST_DURATION_P,
    BACKTEST_DYNAMIC_QUANTILE_P,
    BACKTEST_TRAFFIC_LIGHT,
    BACKTEST_TICK_LOSS,
    MARGIN_BACKTESTS
};

/* margin [n] of the series; room [4 n + 4] of it; figures as the table of metrics has
 * them, NaN where undefined. */
void margin_backtests(const struct series *series, struct range range,
                      const double *margin, double confidence, double *room,
                      double figure[MARGIN_BACKTESTS]);

#endif /* WORKER_MARGIN_BACKTESTS_H */
