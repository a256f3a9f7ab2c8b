#include "worker/volatility.h"

#include <math.h>
#include <string.h>

/* v[W] = mean of r_t^2, t = 1..W, those that are there, in order of t */
static double start(const struct series *series)
{
    double sum = 0.0;
    size_t n = 0;

    for (size_t t = 1; t <= series->rules.warmup_bars; t++)
        if (!isnan(series->square[t])) {
            sum += series->square[t];
            n++;
        }
    return sum / (double)n;
}

void ewma_advance(const struct kernels *kernels, const struct series *series,
                  struct range bars, const double *lambda, double *state,
                  double *variance)
{
    const size_t warmup = series->rules.warmup_bars;
    size_t t = bars.first;

    for (; t < bars.end && t < warmup; t++, variance += KERNEL_LANES)
        memset(variance, 0, KERNEL_LANES * sizeof *variance);
    if (t < bars.end && t == warmup) {
        const double v = start(series);

        for (size_t j = 0; j < KERNEL_LANES; j++)
            variance[j] = state[j] = v;
        variance += KERNEL_LANES;
        t++;
    }
    kernels->ewma(bars.end - t, series->square + t, lambda, state, variance);
}
