/* sample.h -- bars for tests and benchmarks, the same on every machine
 *
 * Arithmetic only, so that a seed gives the same bytes everywhere. */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "market/bars.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

struct sample {
    uint64_t state;
};

/* splitmix64: Steele, Lea and Flood, OOPSLA 2014. */
static inline uint64_t sample_bits(struct sample *sample)
{
    uint64_t z = (sample->state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* [0, 1) */
static inline double sample_unit(struct sample *sample)
{
    return (double)(sample_bits(sample) >> 11) * 0x1p-53;
}

static inline size_t sample_below(struct sample *sample, size_t n)
{
    return (size_t)(sample_bits(sample) % n);
}

/* Near a Student t: twelve uniforms over the root of the mean of four squares. */
static inline double sample_return(struct sample *sample)
{
    double sum = -6.0, square = 0.0;

    for (int i = 0; i < 12; i++)
        sum += sample_unit(sample);
    for (int i = 0; i < 4; i++) {
        const double u = 2.0 * sample_unit(sample) - 1.0;

        square += u * u;
    }
    return sum / sqrt(0.75 * square + 0.1);
}

/* n bars of an hour; `gap` of them are followed by a gap of a few hours.  The scale
 * of the returns follows them (a GARCH(1,1)); its mean is about `scale`. */
static inline int sample_bars(uint64_t seed, size_t n, double scale, double gap,
                              struct bars *bars)
{
    struct sample sample = {seed};
    double close = 100.0, variance = scale * scale;
    int64_t time = 0;

    *bars = (struct bars){.interval_ns = INT64_C(3600000000000)};
    for (size_t t = 0; t < n; t++) {
        const double r = sqrt(variance) * sample_return(&sample);
        const double wick = sqrt(variance) * 0.7 * sample_unit(&sample);
        const double open = close;

        close = close * (1.0 + (r > 0.5 ? 0.5 : r < -0.3 ? -0.3 : r));
        const struct bar bar = {time,
                                open,
                                (open > close ? open : close) * (1.0 + wick),
                                (open > close ? close : open) * (1.0 - wick / 2),
                                close,
                                1.0};
        if (bars_append(bars, &bar, NULL) != 0)
            return -1;
        variance =
            0.03 * scale * scale + 0.90 * variance + 0.05 * fmin(r * r, 36 * variance);
        time += bars->interval_ns;
        if (sample_unit(&sample) < gap)
            time += bars->interval_ns * (int64_t)(1 + sample_below(&sample, 5));
    }
    return 0;
}

#endif /* TESTS_SAMPLE_H */
