/* margin_backtests.h -- what do the textbook's tests say of a point's margins?
 *
 * Tests that need the losses and margins bar by bar, so of judged points alone.  The
 * margin of bar t is taken for the VaR of the loss over its horizon.  Losses of
 * neighbouring bars overlap where h > 1, so each test is made on each of the h phases
 * of bars that do not (worker/README.md, "Figures").
 *
 * The p-values hold their level in samples of any size: they are exact, or simulated
 * where no law is known (null_law.h).  The chi-squared laws would reject a right margin
 * of 99 % up to four times as often as they say (tests/worker/test_null_law.c). */
#ifndef WORKER_MARGIN_BACKTESTS_H
#define WORKER_MARGIN_BACKTESTS_H

#include "worker/null_law.h"
#include "worker/series.h"

#include <stddef.h>

enum margin_backtest {
    BACKTEST_BINOMIAL_P,
    BACKTEST_KUPIEC_EXACT_P,
    BACKTEST_INDEPENDENCE_EXACT_P,
    BACKTEST_TUFF_P,
    BACKTEST_DURATION_P,
    BACKTEST_DYNAMIC_QUANTILE_P,
    BACKTEST_TRAFFIC_LIGHT,
    BACKTEST_TICK_LOSS,
    MARGIN_BACKTESTS
};

/* What a judge of one confidence needs. */
struct margin_backtests_room {
    double confidence;
    struct null_laws *laws;
    double *real; /* [6 n + 8], n of the series */
};

/* margin [n] of the series; figures as the table of metrics has them, NaN where
 * undefined. */
int margin_backtests(const struct series *series, struct range range,
                     const double *margin, const struct margin_backtests_room *room,
                     double figure[MARGIN_BACKTESTS], struct err *err);

#endif /* WORKER_MARGIN_BACKTESTS_H */
