/* peaks_sweep.h -- the part of peaks_body.h that is of the sweep's own kernels */
#ifndef BENCH_PEAKS_SWEEP_H
#define BENCH_PEAKS_SWEEP_H

enum { VALUES = 1024 }; /* 8 KiB */

/* LANES loads, one turn in registers, LANES stores */
static double turn_peak(void)
{
    static _Alignas(64) double in[VALUES], out[VALUES];
    const double start = bench_seconds();

    for (int r = 0; r < REPEAT; r++) {
        touch(in);
        for (size_t t = 0; t < VALUES; t += LANES * LANES) {
            lanes row[LANES];

            for (size_t i = 0; i < LANES; i++)
                row[i] = lanes_from(in + t + i * LANES);
            lanes_turn(row);
            for (size_t i = 0; i < LANES; i++)
                lanes_to(out + t + i * LANES, row[i]);
        }
        touch(out);
    }
    return (double)REPEAT * VALUES / (bench_seconds() - start);
}

/* load, shift, subtract, largest, least, narrow, store */
static double cells_peak(void)
{
    static _Alignas(64) double in[VALUES];
    static _Alignas(64) uint32_t out[VALUES];
    const struct ladder_cells of = {.shift = 42, .n = 100};
    const double start = bench_seconds();

    for (int r = 0; r < REPEAT; r++) {
        touch(in);
        for (size_t t = 0; t < VALUES; t += LANES)
            lanes_cells(out + t, lanes_from(in + t), of);
        touch(out);
    }
    return (double)REPEAT * VALUES / (bench_seconds() - start);
}

/* The same, and: two loads, three multiplications, root, two comparisons, least,
 * largest, store, and of 16 bars one is stored three times, where is known before. */
static double pass_peak(void)
{
    static _Alignas(64) double in[VALUES], loss[VALUES], out[VALUES];
    static double found[2][LANES], *const found_loss = found[0];
    static uint32_t cell[VALUES], found_t[8];
    const lanes f = lanes_all(0.01), q = lanes_all(2.0), c = lanes_all(1.1);
    const struct ladder_cells of = {.shift = 42, .n = 100};
    lanes least[AT_ONCE], most[AT_ONCE];

    for (size_t i = 0; i < AT_ONCE; i++)
        least[i] = most[i] = lanes_all(1.0);
    for (size_t t = 0; t < VALUES; t++) {
        in[t] = 2e-5;
        loss[t] = t % 16 == 5 ? 1.0 : 0.0;
    }
    const double start = bench_seconds();
    for (int r = 0; r < REPEAT; r++) {
        touch(in);
        touch(loss);
        for (size_t t = 0; t < VALUES; t += AT_ONCE * LANES)
            for (size_t i = 0; i < AT_ONCE; i++) {
                const size_t at = t + i * LANES;
                const lanes l = lanes_from(loss + at);
                const lanes s = lanes_sqrt(lanes_all(8.0) * lanes_from(in + at));
                const unsigned mask = lanes_above(l, f * c) & lanes_above(l, q * s * c);

                lanes_to(out + at, s);
                lanes_cells(cell + at, s, of);
                lanes_keep_index(found_t, mask, (uint32_t)at);
                lanes_keep(found_loss, mask, l);
                lanes_keep(found[1], mask, s);
                least[i] = lanes_min(least[i], s);
                most[i] = lanes_max(most[i], s);
            }
        touch(out);
        touch(cell);
        touch(found);
        touch(found_t);
    }
    touch(least);
    touch(most);
    return (double)REPEAT * VALUES / (bench_seconds() - start);
}

/* two loads, add, store */
static double add_behind_peak(void)
{
    static _Alignas(64) double a[VALUES], b[VALUES];
    const double start = bench_seconds();

    for (int r = 0; r < REPEAT; r++) {
        touch(b);
        for (size_t t = 0; t < VALUES; t += LANES)
            lanes_to(a + t, lanes_from(a + t) + lanes_from(b + t));
        touch(a);
    }
    return (double)REPEAT * VALUES / (bench_seconds() - start);
}

/* load, largest, multiply, subtract, largest */
static double worst_peak(void)
{
    static _Alignas(64) double c[VALUES];
    lanes most[AT_ONCE], s = lanes_all(0.02), loss = lanes_all(0.1);
    const double start = bench_seconds();

    for (size_t i = 0; i < AT_ONCE; i++)
        most[i] = lanes_all(0.0);
    for (int r = 0; r < REPEAT; r++) {
        touch(c);
        for (size_t t = 0; t < VALUES; t += AT_ONCE * LANES) {
            touch_lanes(&s);
            for (size_t i = 0; i < AT_ONCE; i++) {
                const lanes base = lanes_max(lanes_all(0.01 * (double)(i + 1)), s);
                const lanes margin = base * lanes_from(c + t + i * LANES);

                most[i] = lanes_max(most[i], loss - margin);
            }
        }
    }
    touch(most);
    return (double)REPEAT * VALUES / (bench_seconds() - start);
}

#endif /* BENCH_PEAKS_SWEEP_H */
