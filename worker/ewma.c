#include "worker/volatility_rows.h"

#include <string.h>

void ewma_advance(const struct kernels *kernels, const struct series *series,
                  struct range bars, const double *lambda, double *state,
                  double *variance)
{
    const size_t warmup = series->rules.warmup_bars;
    size_t t = bars.first;

    for (; t < bars.end && t < warmup; t++, variance += KERNEL_LANES)
        memset(variance, 0, KERNEL_LANES * sizeof *variance);
    if (t < bars.end && t == warmup) {
        const double v = volatility_start(series);

        for (size_t j = 0; j < KERNEL_LANES; j++)
            variance[j] = state[j] = v;
        variance += KERNEL_LANES;
        t++;
    }
    kernels->ewma(bars.end - t, series->square + t, lambda, state, variance);
}
