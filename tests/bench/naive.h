/* naive.h -- the sweep as one would write it first: every point through every bar
 *
 * The yardstick of the reference sweep, compiled with -O3 -march=native.  The horizon
 * is one bar and there are no gaps. */
#ifndef BENCH_NAIVE_H
#define BENCH_NAIVE_H

#include <stddef.h>
#include <stdint.h>

struct naive {
    size_t n;             /* bars from the end of the warm-up                */
    double start;         /* variance of the first                           */
    const double *square; /* [n]                                             */
    const double *loss;   /* [n]; the last is NaN: no horizon is left        */
    size_t n_lambda, n_q, n_floor, n_buffer;
    const double *lambda, *q, *floor, *buffer;
};

struct naive_score {
    double sum_margin, max_margin, min_margin, sum_shortfall, worst_shortfall;
    uint32_t x, both; /* exceedances; those followed by another */
};

/* path [n], workspace; score [n_lambda][n_q][n_floor][n_buffer] */
void naive_sweep(const struct naive *naive, double *path, struct naive_score *score);

#endif /* BENCH_NAIVE_H */
