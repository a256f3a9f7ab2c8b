/* peaks_body.h -- the source of the peaks, compiled for one instruction set */
#include "tests/bench/bench.h"
#include "worker/lanes.h"

enum { N = 256, REPEAT = 16000, AT_ONCE = 8 }; /* N vectors are 16 KiB */

/* Keeps the compiler from seeing through the loop. */
static void touch(void *p)
{
    __asm__ volatile("" : : "r"(p) : "memory");
}

/* The same, for a value in a register. */
static void touch_lanes(lanes *x)
{
#if defined(__AVX512F__) || defined(__AVX2__)
    __asm__ volatile("" : "+v"(*x));
#elif defined(__x86_64__)
    __asm__ volatile("" : "+x"(*x));
#else
    touch(x);
#endif
}

/* multiply, fused multiply-add, store */
static double ewma_peak(void)
{
    static double out[N * LANES];
    lanes v[AT_ONCE], decay = lanes_all(0.94);
    const double start = bench_seconds();

    for (int i = 0; i < AT_ONCE; i++)
        v[i] = lanes_all(1.0 + i);
    for (int r = 0; r < REPEAT; r++) {
        for (size_t t = 0; t < N; t += AT_ONCE) {
            touch_lanes(&decay);
            for (size_t i = 0; i < AT_ONCE; i++)
                lanes_to(out + (t + i) * LANES, lanes_fma(decay, v[i], decay * v[i]));
        }
        touch(out);
    }
    return (double)REPEAT * N * LANES / (bench_seconds() - start);
}

/* load, multiply, root, store */
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

/* subtract, compare, choose, multiply, two fused multiply-adds, store */
static double garch_peak(void)
{
    static double out[N * LANES];
    lanes mu[AT_ONCE], h = lanes_all(1e-4), down = lanes_all(0.15);
    const lanes up = lanes_all(0.05), beta = lanes_all(0.88), omega = lanes_all(1e-6);
    const double start = bench_seconds();

    for (int i = 0; i < AT_ONCE; i++)
        mu[i] = lanes_all(0.01 * (i - 4));
    for (int r = 0; r < REPEAT; r++) {
        for (size_t t = 0; t < N; t += AT_ONCE) {
            lanes x = lanes_all(0.001);

            touch_lanes(&x);
            for (size_t i = 0; i < AT_ONCE; i++) {
                const lanes e = x - mu[i];
                const lanes_mask below = lanes_is_below(e, lanes_all(0.0));
                const lanes a = lanes_choose(below, down, up);

                lanes_to(out + (t + i) * LANES,
                         lanes_fma(beta, h, lanes_fma(a, e * e, omega)));
            }
        }
        touch(out);
    }
    return (double)REPEAT * N * LANES / (bench_seconds() - start);
}

extern const struct peaks PEAKS;
const struct peaks PEAKS = {{
    [BENCH_EWMA] = ewma_peak,
    [BENCH_SCALE] = scale_peak,
    [BENCH_GARCH] = garch_peak,
}};
