#include "worker/scores.h"
#include "core/arith.h"

struct scores scores_of(size_t n, const double loss[], const double var[],
                        const double es[], double p)
{
    struct scores scores = {.tick = NAN, .fz = NAN};
    double tick = 0.0, fz = 0.0;

    scores.fz_status = es != NULL ? BACKTEST_OK : BACKTEST_NO_DATA;
    for (size_t t = 0; t < n; t++) {
        const enum backtest_hit hit = backtest_hit(loss[t], var[t]);

        if (hit == BACKTEST_MISSING || (es != NULL && isnan(es[t]))) {
            scores.n_missing++;
            continue;
        }
        const double beyond = loss[t] - var[t];

        scores.n_bars++;
        tick += ((double)hit - p) * beyond;
        if (scores.fz_status != BACKTEST_OK)
            continue;
        if (es[t] > 0.0 && es[t] < INFINITY)
            fz += (double)hit * beyond / (p * es[t]) + var[t] / es[t] +
                  arith_log(es[t]) - 1.0;
        else
            scores.fz_status = BACKTEST_BAD_INPUT;
    }
    scores.status = !(p > 0.0 && p < 1.0) ? BACKTEST_BAD_INPUT
                    : scores.n_bars == 0  ? BACKTEST_NO_DATA
                                          : BACKTEST_OK;
    if (scores.status != BACKTEST_OK) {
        scores.fz_status = scores.status;
        return scores;
    }
    scores.tick = tick / (double)scores.n_bars;
    if (scores.fz_status == BACKTEST_OK)
        scores.fz = fz / (double)scores.n_bars;
    return scores;
}
