#include "worker/backtest.h"

const char *backtest_status_text(enum backtest_status status)
{
    static const char *const text[BACKTEST_N_STATUSES] = {
        [BACKTEST_OK] = "ok",
        [BACKTEST_NO_DATA] = "no bar is scored",
        [BACKTEST_NO_HIT] = "no bar exceeds",
        [BACKTEST_ALL_HIT] = "every bar exceeds",
        [BACKTEST_TOO_FEW] = "too few bars or exceedances",
        [BACKTEST_SINGULAR] = "regressors are collinear",
        [BACKTEST_NO_MAXIMUM] = "the likelihood has no maximum",
        [BACKTEST_NO_SPREAD] = "the residuals are all alike",
        [BACKTEST_BAD_INPUT] = "an input is out of its range",
    };

    return (unsigned)status < BACKTEST_N_STATUSES ? text[status] : "unknown";
}
