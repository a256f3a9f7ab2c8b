/* peaks_body.h -- the source of the peaks, compiled for one instruction set */
#include "tests/bench/bench.h"
#include "worker/lanes.h"

enum { N = 1024, REPEAT = 4000, AT_ONCE = 8 };

/* Keeps the compiler from seeing through the loop. */
static void touch(void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

static double ewma_peak(void)
{
    static double out[N * LANES];
    lanes v[AT_ONCE], decay = lanes_all(0.94);
    const double start = bench_seconds();

    for (int i = 0; i < AT_ONCE; i++)
        v[i] = lanes_all(1.0 + i);
    for (int r = 0; r < REPEAT; r++) {
        for (size_t t = 0; t < N; t += AT_ONCE)
            for (size_t i = 0; i < AT_ONCE; i++)
                lanes_to(out + (t + i) * LANES, lanes_fma(decay, v[i], decay * v[i]));
        touch(out);
    }
    return (double)REPEAT * N * LANES / (bench_seconds() - start);
}

static double scale_peak(void)
{
    static double in[N], out[N];
    const double start = bench_seconds();

    for (int r = 0; r < REPEAT; r++) {
        touch(in);
        for (size_t t = 0; t < N; t += LANES)
            lanes_to(out + t, lanes_sqrt(lanes_all(8.0) * lanes_from(in + t)));
        touch(out);
    }
    return (double)REPEAT * N / (bench_seconds() - start);
}

extern const struct peaks PEAKS;
const struct peaks PEAKS = {ewma_peak, scale_peak};
