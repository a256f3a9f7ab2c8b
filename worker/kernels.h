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

enum { KERNEL_SLACK = 8 }; /* how far past the last one a kernel may write */

/* Bars found beyond a margin, [n + KERNEL_SLACK] each; g only where it is not 1
 * everywhere. */
struct kernel_beyond {
    uint32_t *t;
    double *loss, *s, *g;
};

/* One pass over the bars of a path: their volatility, where it stands on a ladder, its
 * extremes, and the bars with loss > max(f, q s) (1 + b g) in ascending order. */
struct kernel_pass {
    double h, f, q, b;
    const double *variance, *loss; /* a NaN loss is beyond nothing  */
    const double *in_use;          /* NULL: g = 1                   */
    struct ladder_cells cells;     /* of the ladder                 */
    double *scaled;                /* out: s[t] = sqrt(h variance[t])              */
    struct kernel_beyond found;
    size_t n_found;     /* in and out, from 0                       */
    double least, most; /* in and out, from infinity and 0          */
};

/* Running sums of what a range estimator takes of each bar: over the bars before bar
 * t, those that are missing left out, in two parts whose sum they are (high + low). */
enum { KERNEL_SUMS = 5 };
struct kernel_sums {
    const double *there; /* [T + 1 + KERNEL_SLACK]: bars that are not missing */
    const double
        *run; /* [T + KERNEL_SLACK]: those up to bar t without a break, t too */
    const double *high[KERNEL_SUMS], *low[KERNEL_SUMS]; /* [T + 1 + KERNEL_SLACK] */
};

/* A sum of squares about the mean is found with more digits when it is less than this
 * part of that about 0. */
#define KERNEL_CANCELLED 0x1p-4

#define KERNEL_ATR_SCALE 0x1.40d931ff62706p-1 /* sqrt(pi/8): of a range, sigma */

struct kernels {
    /* v = fma(lambda, v, (1 - lambda) square[t]) for n bars; v stays where square[t]
     * is NaN. state: v before the first bar in, after the last out.
     *   square [n], lambda [KERNEL_LANES], state [KERNEL_LANES],
     *   variance out [n][KERNEL_LANES] */
    void (*ewma)(size_t n, const double *square, const double *lambda, double *state,
                 double *variance);
    /* GARCH(1,1) and GJR, the filter of garch.h, for n bars; h stays in expectation
     * where r[t] is NaN. state: h before the first bar in, after the last out.
     *   r [n], parameter [5][KERNEL_LANES] (mu, omega, alpha, gamma, beta: the order
     *   of enum garch_parameter), state [KERNEL_LANES],
     *   variance out [n][KERNEL_LANES]: given r[0 .. t], garch_filter's h[t + 1] */
    void (*garch)(size_t n, const double *r, const double *parameter, double *state,
                  double *variance);
    /* variance[t - first] of the windows of bars that end with bar t, t in
     * [first, end), as rangevol.h says: the mean, the sample variance, Yang-Zhang's.
     *   sums  of x;  of x and x^2;  of Rogers-Satchell's term, o, o^2, c, c^2
     *   window [KERNEL_LANES], whole numbers >= 1
     *   variance out [end - first][KERNEL_LANES] */
    void (*window_mean)(const struct kernel_sums *sums, size_t first, size_t end,
                        const double *window, double *variance);
    void (*window_variance)(const struct kernel_sums *sums, size_t first, size_t end,
                            const double *window, double *variance);
    void (*yang_zhang)(const struct kernel_sums *sums, size_t first, size_t end,
                       const double *window, double *variance);
    /* Wilder's average of n ranges.  A NaN is left out; NaN before the first range.
     *   range [n], window [KERNEL_LANES],
     *   state [2][KERNEL_LANES], from 0: A sqrt(pi/8), and of how many ranges,
     *   variance out [n][KERNEL_LANES] */
    void (*atr)(size_t n, const double *range, const double *window, double *state,
                double *variance);
    /* path[j * stride + t] = tile[t][j],  t < n, j < KERNEL_LANES */
    void (*turn)(size_t n, const double *tile, size_t stride, double *path);
    /* scaled[t] = sqrt(h variance[t]) */
    void (*scale)(size_t n, double h, const double *variance, double *scaled);
    /* cell[t] = ladder_cell(of, x[t]) */
    void (*cells)(size_t n, struct ladder_cells of, const double *x, uint32_t *cell);
    /* Go on with bars [first, end): cell[t - first] = ladder_cell(cells, s[t]). */
    void (*pass)(struct kernel_pass *pass, size_t first, size_t end, uint32_t *cell);
    /* a[j][i] += a[j + 1][i] + a[j + 2][i] + ..., a [n_rows][n] */
    void (*add_behind)(size_t n_rows, size_t n, double *a);
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
