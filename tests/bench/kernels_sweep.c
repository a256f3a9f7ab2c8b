#include "tests/bench/bench.h"

#include <math.h>

/* Few enough for all that a kernel reads and writes to be 16 to 32 KiB. */
enum {
    BARS = LADDER_RUN,
    TILE = 64,
    ROWS = 16,
    COLUMNS = 256,
    FLOORS = 128,
    REPEAT = 10000
};

/* Cells that 0.01 to 0.05, which the data below are in, fall into. */
static struct ladder_cells some_cells(void)
{
    const struct ladder_cells all = {.shift = 42, .n = INT64_MAX};
    const uint32_t first = ladder_cell(all, 0.01);

    return (struct ladder_cells){.shift = all.shift,
                                 .first = (int64_t)first,
                                 .n = ladder_cell(all, 0.05) - (int64_t)first};
}

static void fill(size_t n, double x[])
{
    for (size_t t = 0; t < n; t++)
        x[t] = 0.011 + 0.0003 * (double)(t * 37 % 127);
}

double bench_turn_rate(const struct kernels *kernels)
{
    enum { STRIDE = TILE + KERNEL_SLACK };
    static _Alignas(64) double tile[TILE * KERNEL_LANES], path[KERNEL_LANES * STRIDE];

    fill(TILE * KERNEL_LANES, tile);
    const double start = bench_seconds();
    for (int r = 0; r < REPEAT; r++)
        kernels->turn(TILE, tile, STRIDE, path);
    return (double)REPEAT * TILE * KERNEL_LANES / (bench_seconds() - start);
}

double bench_cells_rate(const struct kernels *kernels)
{
    static _Alignas(64) double x[BARS];
    static uint32_t cell[BARS];
    const struct ladder_cells of = some_cells();

    fill(BARS, x);
    const double start = bench_seconds();
    for (int r = 0; r < REPEAT; r++)
        kernels->cells(BARS, of, x, cell);
    return (double)REPEAT * BARS / (bench_seconds() - start);
}

/* Of 16 bars one is beyond the margin. */
double bench_pass_rate(const struct kernels *kernels)
{
    static _Alignas(64) double variance[BARS], loss[BARS], scaled[BARS];
    static double found_loss[BARS + KERNEL_SLACK], found_s[BARS + KERNEL_SLACK];
    static uint32_t found_t[BARS + KERNEL_SLACK], cell[BARS];
    struct kernel_pass pass = {.h = 8.0,
                               .f = 0.01,
                               .q = 2.0,
                               .b = 0.1,
                               .variance = variance,
                               .loss = loss,
                               .cells = some_cells(),
                               .scaled = scaled,
                               .found = {found_t, found_loss, found_s, NULL}};

    for (size_t t = 0; t < BARS; t++) {
        variance[t] = 2e-5 + 1e-7 * (double)(t % 127);
        loss[t] = t % 16 == 5 ? 1.0 : 0.0;
    }
    const double start = bench_seconds();
    for (int r = 0; r < REPEAT; r++) {
        pass.n_found = 0;
        pass.least = INFINITY;
        pass.most = 0.0;
        kernels->pass(&pass, 0, BARS, cell);
    }
    return (double)REPEAT * BARS / (bench_seconds() - start);
}

double bench_add_behind_rate(const struct kernels *kernels)
{
    static _Alignas(64) double sum[ROWS * COLUMNS]; /* of zeros: they do not grow */
    const double start = bench_seconds();

    for (int r = 0; r < REPEAT; r++)
        kernels->add_behind(ROWS, COLUMNS, sum);
    return (double)REPEAT * (ROWS - 1) * COLUMNS / (bench_seconds() - start);
}

double bench_worst_rate(const struct kernels *kernels)
{
    static _Alignas(64) double f[FLOORS], c[ROWS * FLOORS], worst[FLOORS];
    double loss[ROWS], scaled[ROWS];

    fill(FLOORS, f);
    fill(ROWS, scaled);
    for (size_t e = 0; e < ROWS; e++)
        loss[e] = 0.1 + 0.01 * (double)e;
    for (size_t i = 0; i < (size_t)ROWS * FLOORS; i++)
        c[i] = 1.0 + 0.01 * (double)(i % 8);
    const double start = bench_seconds();
    for (int r = 0; r < REPEAT; r++)
        kernels->worst(FLOORS, ROWS, f, c, loss, scaled, worst);
    return (double)REPEAT * ROWS * FLOORS / (bench_seconds() - start);
}
