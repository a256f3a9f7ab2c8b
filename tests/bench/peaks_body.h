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
    static _Alignas(64) double out[N * LANES];
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
    static _Alignas(64) double in[N], out[N];

    for (size_t t = 0; t < N; t++)
        in[t] = 1e-4; /* the root of 0 takes less */
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
    static _Alignas(64) double out[N * LANES];
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

/* multiply, fused multiply-add, multiply, store */
static double atr_peak(void)
{
    static _Alignas(64) double out[N * LANES];
    lanes a[AT_ONCE], decay = lanes_all(0.94), weight = lanes_all(0.06);
    const double start = bench_seconds();

    for (int i = 0; i < AT_ONCE; i++)
        a[i] = lanes_all(1.0 + i);
    for (int r = 0; r < REPEAT; r++) {
        for (size_t t = 0; t < N; t += AT_ONCE)
            for (size_t i = 0; i < AT_ONCE; i++) {
                touch_lanes(&weight);
                const lanes b = lanes_fma(decay, a[i], weight * a[i]);

                lanes_to(out + (t + i) * LANES, b * b);
            }
        touch(out);
    }
    return (double)REPEAT * N * LANES / (bench_seconds() - start);
}

/* Of each window: two loads at any alignment, two subtractions and an addition for a
 * sum, and of LANES vectors one turn and the stores. */
enum { WINDOW_BARS = 64, WINDOW_SUMS = 5 };
static _Alignas(
    64) double window_in[2 * WINDOW_SUMS][WINDOW_BARS + KERNEL_LANES + LANES];
static _Alignas(64) double window_out[WINDOW_BARS][KERNEL_LANES];

static inline __attribute__((always_inline)) double window_peak(
    size_t n_sums, lanes (*value)(const lanes *sum))
{
    const double start = bench_seconds();

    for (int r = 0; r < REPEAT / 4; r++) {
        for (size_t t = 0; t < WINDOW_BARS; t += LANES)
            for (size_t j = 0; j < KERNEL_LANES; j += LANES) {
                lanes row[LANES], sum[WINDOW_SUMS];

                for (size_t l = 0; l < LANES; l++) {
                    for (size_t i = 0; i < n_sums; i++) {
                        const double *high = window_in[2 * i] + t;
                        const double *low = window_in[2 * i + 1] + t;

                        sum[i] = (lanes_from(high) - lanes_from(high + 1 + j + l)) +
                                 (lanes_from(low) - lanes_from(low + 1 + j + l));
                    }
                    row[l] = value(sum);
                }
                lanes_turn(row);
                for (size_t l = 0; l < LANES; l++)
                    lanes_to(window_out[t + l] + j, row[l]);
            }
        touch(window_in);
        touch(window_out);
    }
    return (double)(REPEAT / 4) * WINDOW_BARS * KERNEL_LANES /
           (bench_seconds() - start);
}

/* multiply */
static inline lanes mean_mix(const lanes *sum)
{
    return sum[0] * lanes_all(0.02);
}

static double window_mean_peak(void)
{
    return window_peak(1, mean_mix);
}

/* multiply, fused multiply-add, largest; multiply, compare */
static inline lanes scatter_mix(const lanes *sum)
{
    const lanes about = lanes_fma(sum[0] * lanes_all(-0.02), sum[0], sum[1]);
    const lanes_mask below = lanes_is_below(about, lanes_all(0x1p-4) * sum[1]);

    return lanes_choose(below, lanes_all(0.0), about);
}

static inline lanes variance_mix(const lanes *sum)
{
    return scatter_mix(sum) * lanes_all(0.02);
}

static double window_variance_peak(void)
{
    return window_peak(2, variance_mix);
}

/* twice that, multiply, two fused multiply-adds */
static inline lanes yang_zhang_mix(const lanes *sum)
{
    return lanes_fma(
        scatter_mix(sum + 1), lanes_all(0.02),
        lanes_fma(scatter_mix(sum + 3), lanes_all(0.01), sum[0] * lanes_all(0.03)));
}

static double yang_zhang_peak(void)
{
    return window_peak(5, yang_zhang_mix);
}

#include "tests/bench/peaks_sweep.h"

extern const struct peaks PEAKS;
const struct peaks PEAKS = {{
    [BENCH_EWMA] = ewma_peak,
    [BENCH_SCALE] = scale_peak,
    [BENCH_GARCH] = garch_peak,
    [BENCH_ATR] = atr_peak,
    [BENCH_WINDOW_MEAN] = window_mean_peak,
    [BENCH_WINDOW_VARIANCE] = window_variance_peak,
    [BENCH_YANG_ZHANG] = yang_zhang_peak,
    [BENCH_TURN] = turn_peak,
    [BENCH_CELLS] = cells_peak,
    [BENCH_PASS] = pass_peak,
    [BENCH_ADD_BEHIND] = add_behind_peak,
    [BENCH_WORST] = worst_peak,
}};
