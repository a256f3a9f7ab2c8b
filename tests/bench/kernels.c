#include "tests/bench/bench.h"
#include "worker/garch.h"
#include "worker/rangevol.h"

#include <stdlib.h>

extern const struct peaks peaks_scalar;
#if defined(__x86_64__)
extern const struct peaks peaks_avx2, peaks_avx512;
#endif

const struct peaks *bench_peaks(enum isa isa)
{
#if defined(__x86_64__)
    if (isa == ISA_AVX512)
        return &peaks_avx512;
    if (isa == ISA_AVX2)
        return &peaks_avx2;
#endif
    (void)isa;
    return &peaks_scalar;
}

enum { TILE = 128, REPEAT = 10000, TRIALS = 7 }; /* 16 KiB: volatility.c's tile */

static double ewma_rate(const struct kernels *kernels)
{
    static _Alignas(64) double variance[TILE * KERNEL_LANES];
    static double square[TILE];
    double lambda[KERNEL_LANES], state[KERNEL_LANES];
    const double start = bench_seconds();

    for (size_t j = 0; j < KERNEL_LANES; j++) {
        lambda[j] = 0.9 + 0.006 * (double)j;
        state[j] = 1e-4;
    }
    for (size_t t = 0; t < TILE; t++)
        square[t] = 1e-4 * (double)(t % 7);
    for (int r = 0; r < REPEAT; r++)
        kernels->ewma(TILE, square, lambda, state, variance);
    return (double)REPEAT * TILE * KERNEL_LANES / (bench_seconds() - start);
}

static double garch_rate(const struct kernels *kernels)
{
    static _Alignas(64) double variance[TILE * KERNEL_LANES];
    static double r[TILE];
    double parameter[5][KERNEL_LANES], state[KERNEL_LANES];
    const double start = bench_seconds();

    for (size_t j = 0; j < KERNEL_LANES; j++) {
        parameter[GARCH_MU][j] = 1e-4 * (double)j;
        parameter[GARCH_OMEGA][j] = 1e-6;
        parameter[GARCH_ALPHA][j] = 0.03 + 0.001 * (double)j;
        parameter[GARCH_GAMMA][j] = 0.04;
        parameter[GARCH_BETA][j] = 0.9;
        state[j] = 1e-4;
    }
    for (size_t t = 0; t < TILE; t++)
        r[t] = 0.01 * ((double)(t * 5 % 7) - 3.0);
    for (int i = 0; i < REPEAT; i++)
        kernels->garch(TILE, r, parameter[0], state, variance);
    return (double)REPEAT * TILE * KERNEL_LANES / (bench_seconds() - start);
}

static double scale_rate(const struct kernels *kernels)
{
    enum { N = TILE * KERNEL_LANES };
    static _Alignas(64) double variance[N], scaled[N];
    const double start = bench_seconds();

    for (size_t t = 0; t < N; t++)
        variance[t] = 1e-4 + 1e-6 * (double)t;
    for (int r = 0; r < REPEAT; r++)
        kernels->scale(N, 8.0, variance, scaled);
    return (double)REPEAT * N / (bench_seconds() - start);
}

/* A tile of a series without gaps; windows of 12 to 177 bars. */
static double range_rate(const struct kernels *kernels, enum range_model model)
{
    enum { BARS = 192 + TILE };
    static _Alignas(64) double variance[BARS * KERNEL_LANES];
    static double x[RANGE_TERMS][BARS];
    static double room[2 * (1 + KERNEL_SUMS) * (BARS + 1 + KERNEL_SLACK)];
    double *const term[RANGE_TERMS] = {x[0], x[1], x[2]};
    double window[KERNEL_LANES], state[2 * KERNEL_LANES] = {0};

    for (size_t j = 0; j < KERNEL_LANES; j++)
        window[j] = 12.0 + 11.0 * (double)j;
    for (size_t t = 0; t < BARS; t++)
        for (size_t i = 0; i < RANGE_TERMS; i++)
            x[i][t] = 0.01 * ((double)(t * 5 % 7) - 2.9);
    const struct range_sums sums = range_sum(model, BARS, term, room);
    range_advance(kernels, &sums, (struct range){0, BARS - TILE}, window, state,
                  variance);
    const double start = bench_seconds();
    for (int i = 0; i < REPEAT; i++)
        range_advance(kernels, &sums, (struct range){BARS - TILE, BARS}, window, state,
                      variance);
    return (double)REPEAT * TILE * KERNEL_LANES / (bench_seconds() - start);
}

static double atr_rate(const struct kernels *kernels)
{
    return range_rate(kernels, RANGE_ATR);
}

static double window_mean_rate(const struct kernels *kernels)
{
    return range_rate(kernels, RANGE_PARKINSON);
}

static double window_variance_rate(const struct kernels *kernels)
{
    return range_rate(kernels, RANGE_ROLLING);
}

static double yang_zhang_rate(const struct kernels *kernels)
{
    return range_rate(kernels, RANGE_YANG_ZHANG);
}

static const struct row {
    const char *name;
    double (*rate)(const struct kernels *kernels); /* a lane-step a second */
} rows[BENCH_KERNELS] = {
    [BENCH_EWMA] = {"ewma", ewma_rate},
    [BENCH_SCALE] = {"scale", scale_rate},
    [BENCH_GARCH] = {"garch", garch_rate},
    [BENCH_ATR] = {"atr", atr_rate},
    [BENCH_WINDOW_MEAN] = {"window_mean", window_mean_rate},
    [BENCH_WINDOW_VARIANCE] = {"window_variance", window_variance_rate},
    [BENCH_YANG_ZHANG] = {"yang_zhang", yang_zhang_rate},
    [BENCH_TURN] = {"turn", bench_turn_rate},
    [BENCH_CELLS] = {"cells", bench_cells_rate},
    [BENCH_PASS] = {"pass", bench_pass_rate},
    [BENCH_ADD_BEHIND] = {"add_behind", bench_add_behind_rate},
    [BENCH_WORST] = {"worst", bench_worst_rate},
};

_Static_assert(sizeof(struct kernels) == BENCH_KERNELS * sizeof(void (*)(void)),
               "a row for each kernel");

static void measure(struct json *json, enum bench_kernel kernel, enum isa isa)
{
    double rate[TRIALS], peak[TRIALS];

    for (size_t i = 0; i < TRIALS; i++) {
        rate[i] = rows[kernel].rate(kernels_of(isa));
        peak[i] = bench_peaks(isa)->of[kernel]();
    }
    const double median = bench_median(TRIALS, rate);
    json_put_object(json, NULL);
    json_put_text(json, "name", rows[kernel].name);
    json_put_text(json, "isa", isa_name(isa));
    json_put_real(json, "rate", median);
    json_put_real(json, "bound_share", median / bench_median(TRIALS, peak));
    json_end(json);
}

int bench_kernels(struct json *json, struct err *err)
{
    (void)err;
    json_put_array(json, "kernels");
    for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++)
        for (int kernel = 0; kernel < BENCH_KERNELS; kernel++)
            measure(json, (enum bench_kernel)kernel, isa);
    json_end(json);
    return 0;
}
