/* kernels.h -- the inner loops of the sweep, once for each instruction set
 *
 * kernels_body.h is their one source; kernels_scalar.c, kernels_avx2.c and
 * kernels_avx512.c compile it. They give the same bits: no sum is reordered, fused
 * operations are written as such, the rest is exact. */
#ifndef WORKER_KERNELS_H
#define WORKER_KERNELS_H

#include "worker/isa.h"
#include "worker/ladder.h"

#include <stddef.h>
#include <stdint.h>

enum { KERNEL_LANES = 16 }; /* paths that advance together */

/* Bars to look through, [n] each; in_use NULL: g = 1. A NaN loss is beyond nothing. */
struct kernel_bars {
    size_t n;
    const double *loss, *scaled, *in_use;
};

enum { KERNEL_SLACK = 8 }; /* how far past the last one a kernel may write */

/* Those found, [n + KERNEL_SLACK] each. */
struct kernel_beyond {
    uint32_t *t;
    double *loss, *s, *g;
};

struct kernels {
    /* v = fma(lambda, v, (1 - lambda) square[t]) for n bars; v stays where square[t]
     * is NaN. state: v before the first bar in, after the last out.
     *   square [n], lambda [KERNEL_LANES], state [KERNEL_LANES],
     *   variance out [n][KERNEL_LANES] */
    void (*ewma)(size_t n, const double *square, const double *lambda, double *state,
                 double *variance);
    /* path[j * stride + t] = tile[t][j],  t < n, j < KERNEL_LANES */
    void (*turn)(size_t n, const double *tile, size_t stride, double *path);
    /* scaled[t] = sqrt(h variance[t]) */
    void (*scale)(size_t n, double h, const double *variance, double *scaled);
    /* cell[t] = ladder_cell(ladder, x[t]) */
    void (*cells)(size_t n, const struct ladder *ladder, const double *x,
                  uint32_t *cell);
    /* The bars with loss > max(f, q s) (1 + b g), ascending; how many. */
    size_t (*beyond)(const struct kernel_bars *bars, const double fqb[3],
                     struct kernel_beyond *out);
    /* a[i][w] += sum of a[i'][w] over i' >= i in both of the first dimensions of
     * a[n_rows][n_columns][width] */
    void (*dominate_counts)(size_t n_rows, size_t n_columns, size_t width, uint32_t *a);
    void (*dominate_sums)(size_t n_rows, size_t n_columns, size_t width, double *a);
    /* The least and the largest of n numbers. */
    void (*extremes)(size_t n, const double *x, double least_most[2]);
    /* worst[i] = max(worst[i], max over e of loss[e] - max(f[i], scaled[e]) c[e][i])
     *   f, worst [n];  loss, scaled [n_bars];  c [n_bars][n] */
    void (*worst)(size_t n, size_t n_bars, const double *f, const double *c,
                  const double *loss, const double *scaled, double *worst);
};

/* NULL where this build has no such kernels. */
const struct kernels *kernels_of(enum isa isa);
/* Those of isa_choose, with its errors. */
int kernels_choose(const struct kernels **kernels, struct err *err);

#endif /* WORKER_KERNELS_H */
