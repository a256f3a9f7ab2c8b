/* naive.h -- the sweep as one would write it first: every point through every bar
 *
 * The yardstick of the reference sweep; horizon of one bar, no gaps. */
#ifndef BENCH_NAIVE_H
#define BENCH_NAIVE_H

#include <stddef.h>
#include <stdint.h>

struct naive {
    size_t n;             /* bars, all of them scored, from the end of the warm-up */
    double start;         /* variance of the first */
    const double *square; /* [n] */
    const double *loss;   /* [n]; the last may be NaN: no horizon left */
    size_t n_lambda, n_q, n_floor, n_buffer;
    const double *lambda, *q, *floor, *buffer;
};

struct naive_score {
    double sum_margin, max_margin, min_margin, sum_shortfall, worst_shortfall;
    uint32_t x, both;
};

/* path [n], workspace; score [n_lambda][n_q][n_floor][n_buffer] */
void naive_sweep(const struct naive *naive, double *path, struct naive_score *score);

#endif /* BENCH_NAIVE_H */
