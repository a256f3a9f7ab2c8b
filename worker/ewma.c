#include "worker/volatility.h"

#include <math.h>
#include <string.h>

/* v[W] = mean of r_t^2, t = 1..W, those that are there, in order of t */
double ewma_start(const struct series *series)
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

void ewma_paths(const struct series *series, size_t n_lanes, const double *lambda,
                double *variance)
{
    const size_t warmup = series->rules.warmup_bars;
    const double start = ewma_start(series);

    memset(variance, 0, warmup * n_lanes * sizeof *variance);
    for (size_t j = 0; j < n_lanes; j++)
        variance[warmup * n_lanes + j] = start;
    for (size_t t = warmup + 1; t < series->n; t++) {
        const double *before = variance + (t - 1) * n_lanes;
        double *now = variance + t * n_lanes;

        if (isnan(series->square[t]))
            memcpy(now, before, n_lanes * sizeof *now);
        else
            for (size_t j = 0; j < n_lanes; j++)
                now[j] =
                    fma(lambda[j], before[j], (1.0 - lambda[j]) * series->square[t]);
    }
}
