/* kernels_range.h -- the part of kernels_body.h that is of the range estimators
 *
 * A window's sum is the difference of two running sums. Vectors are of bars, so that
 * both are plain loads whatever the window; LANES windows' vectors are turned to stand
 * as [bar][window].  Windows that begin before the first bar, lack some, or whose sums
 * of squares cancel go a slower way to the same formulas. */
#ifndef WORKER_KERNELS_RANGE_H
#define WORKER_KERNELS_RANGE_H

#include "worker/kernels.h"
#include "worker/lanes.h"

#include <stdbool.h>

_Static_assert((int)KERNEL_SLACK >= (int)LANES,
               "a vector may be read behind the last bar");

#define ALWAYS_INLINE inline __attribute__((always_inline))

enum window_kind { WINDOW_MEAN, WINDOW_VARIANCE, WINDOW_YANG_ZHANG };

/* What a window of n values weighs its sums with:  1/n, -1/n, 1/(n - 1), k/(n - 1),
 * (1 - k)/n,  k = 0.34 / (1.34 + (n+1)/(n-1)):  worker/rangevol.h. */
enum window_weight { BY_N, BY_MINUS_N, BY_N_1, BY_CLOSE, BY_REST, WINDOW_WEIGHTS };

static ALWAYS_INLINE void window_weigh(enum window_kind kind, lanes n,
                                       lanes weight[WINDOW_WEIGHTS])
{
    const lanes one = lanes_all(1.0), two = lanes_all(2.0), none = lanes_all(NAN);
    const lanes by_n = lanes_choose(lanes_is_below(n, one), none, one / n);

    weight[BY_N] = by_n;
    if (kind == WINDOW_MEAN)
        return;
    const lanes by_n_1 = lanes_choose(lanes_is_below(n, two), none, one / (n - one));
    weight[BY_MINUS_N] = -by_n;
    weight[BY_N_1] = by_n_1;
    if (kind == WINDOW_VARIANCE)
        return;
    const lanes k = lanes_all(0.34) / lanes_fma(n + one, by_n_1, lanes_all(1.34));
    weight[BY_CLOSE] = k * by_n_1;
    weight[BY_REST] = (one - k) * by_n;
}

/* KERNEL_LANES windows: their bars, and their weights when none is missing. */
struct windows {
    size_t bars[KERNEL_LANES], widest;
    double weight[WINDOW_WEIGHTS][KERNEL_LANES];
};

static ALWAYS_INLINE void windows_fill(enum window_kind kind, const double *window,
                                       struct windows *windows)
{
    windows->widest = 0;
    for (size_t j = 0; j < KERNEL_LANES; j++) {
        const size_t bars = (size_t)(int64_t)window[j];

        windows->bars[j] = bars;
        windows->widest = bars > windows->widest ? bars : windows->widest;
    }
    for (size_t j = 0; j < KERNEL_LANES; j += LANES) {
        lanes weight[WINDOW_WEIGHTS] = {lanes_all(0.0)};

        window_weigh(kind, lanes_from(window + j), weight);
        for (size_t i = 0; i < WINDOW_WEIGHTS; i++)
            lanes_to(windows->weight[i] + j, weight[i]);
    }
}

/* xx - x^2 / n, and whether that is too small a part of xx to have its digits */
static ALWAYS_INLINE lanes about_mean(lanes x, lanes xx, lanes by_minus_n,
                                      lanes_mask *cancelled)
{
    const lanes about = lanes_fma(x * by_minus_n, x, xx);

    *cancelled = lanes_is_below(about, lanes_all(KERNEL_CANCELLED) * xx);
    return about;
}

/* The widest window that is whole at each of LANES bars from t on. */
static inline size_t whole_bars(const struct kernel_sums *of, size_t t)
{
    const size_t run = (size_t)(int64_t)of->run[t + LANES - 1];

    return run >= LANES ? run - (LANES - 1) : 0;
}

/* ---- any window ----------------------------------------------------------------- */

/* Windows of so many bars that end with bar t, t + 1, ... */
struct window_at {
    const struct kernel_sums *of;
    size_t t, bars;
};

/* a[t + 1 - bars], and the same of the bars behind; a[0] before the first */
static ALWAYS_INLINE lanes window_before(const struct window_at *at, const double *a)
{
    const size_t now = at->t + 1;
    double before[LANES];

    if (now >= at->bars)
        return lanes_from(a + (now - at->bars));
    for (size_t i = 0; i < LANES; i++)
        before[i] = a[now + i > at->bars ? now + i - at->bars : 0];
    return lanes_from(before);
}

static ALWAYS_INLINE lanes window_difference(const struct window_at *at,
                                             const double *a)
{
    return lanes_from(a + at->t + 1) - window_before(at, a);
}

static ALWAYS_INLINE lanes window_sum(const struct window_at *at, int i)
{
    return window_difference(at, at->of->high[i]) +
           window_difference(at, at->of->low[i]);
}

struct lanes_pair {
    lanes sum, rest;
};

/* a + b exactly:  Knuth, TAOCP 2, 4.2.2, theorem B. */
static ALWAYS_INLINE struct lanes_pair lanes_two_sum(lanes a, lanes b)
{
    const lanes s = a + b, shadow = s - a;

    return (struct lanes_pair){s, (a - (s - shadow)) + (b - shadow)};
}

static ALWAYS_INLINE struct lanes_pair window_pair(const struct window_at *at, int i)
{
    const double *high = at->of->high[i];
    const struct lanes_pair sum =
        lanes_two_sum(lanes_from(high + at->t + 1), -window_before(at, high));

    return lanes_two_sum(sum.sum, sum.rest + window_difference(at, at->of->low[i]));
}

/* (n xx - x^2) / n from both parts of each, x and xx sums i and i + 1 */
static __attribute__((noinline)) lanes scatter_of_pairs(struct window_at at, int i)
{
    const lanes n = window_difference(&at, at.of->there);
    const struct lanes_pair x = window_pair(&at, i), xx = window_pair(&at, i + 1);
    const lanes left = n * xx.sum, right = x.sum * x.sum;
    const lanes left_rest = lanes_fma(n, xx.rest, lanes_fma(n, xx.sum, -left));
    const lanes right_rest =
        lanes_fma(lanes_all(2.0) * x.sum, x.rest, lanes_fma(x.sum, x.sum, -right));

    return ((left - right) + (left_rest - right_rest)) / n;
}

/* sum of (x - mean)^2 */
static ALWAYS_INLINE lanes scatter(const struct window_at *at, int i, lanes by_minus_n)
{
    lanes_mask cancelled;
    lanes about =
        about_mean(window_sum(at, i), window_sum(at, i + 1), by_minus_n, &cancelled);

    if (lanes_any(cancelled))
        about = lanes_choose(cancelled, scatter_of_pairs(*at, i), about);
    return lanes_max(about, lanes_all(0.0));
}

static ALWAYS_INLINE lanes window_value(enum window_kind kind,
                                        const struct window_at *at,
                                        const lanes weight[WINDOW_WEIGHTS])
{
    if (kind == WINDOW_MEAN)
        return window_sum(at, 0) * weight[BY_N];
    if (kind == WINDOW_VARIANCE)
        return scatter(at, 0, weight[BY_MINUS_N]) * weight[BY_N_1];
    const lanes rest = window_sum(at, 0) * weight[BY_REST];
    const lanes close = scatter(at, 3, weight[BY_MINUS_N]);

    return lanes_fma(scatter(at, 1, weight[BY_MINUS_N]), weight[BY_N_1],
                     lanes_fma(close, weight[BY_CLOSE], rest));
}

/* Windows from j on at bars t, t + 1, ... to where they stand. */
static ALWAYS_INLINE void windows_put(lanes row[LANES], size_t j, double *variance)
{
    lanes_turn(row);
    for (size_t i = 0; i < LANES; i++)
        lanes_to(variance + i * KERNEL_LANES + j, row[i]);
}

/* LANES windows from window j on, of which those of `whole` bars lack none.  Not
 * inline: the whole windows' registers are not kept for it. */
static __attribute__((noinline)) void windows_any(enum window_kind kind,
                                                  const struct kernel_sums *of,
                                                  size_t t,
                                                  const struct windows *windows,
                                                  size_t j, double *variance)
{
    const size_t whole = whole_bars(of, t);
    lanes row[LANES];

    for (size_t l = 0; l < LANES; l++) {
        const struct window_at at = {of, t, windows->bars[j + l]};
        lanes weight[WINDOW_WEIGHTS] = {lanes_all(0.0)};

        if (at.bars <= whole)
            for (size_t i = 0; i < WINDOW_WEIGHTS; i++)
                weight[i] = lanes_all(windows->weight[i][j + l]);
        else
            window_weigh(kind, window_difference(&at, of->there), weight);
        row[l] = window_value(kind, &at, weight);
    }
    windows_put(row, j, variance);
}

/* ---- whole windows -------------------------------------------------------------- */

/* A running sum behind bar t, t + 1, ... */
struct sum_now {
    const double *high, *low;
    lanes high_now, low_now;
};

static ALWAYS_INLINE struct sum_now sum_now(const struct kernel_sums *of, int i,
                                            size_t t)
{
    const double *high = of->high[i] + t + 1, *low = of->low[i] + t + 1;

    return (struct sum_now){high, low, lanes_from(high), lanes_from(low)};
}

static ALWAYS_INLINE lanes sum_since(const struct sum_now *sum, size_t bars)
{
    return (sum->high_now - lanes_from(sum->high - bars)) +
           (sum->low_now - lanes_from(sum->low - bars));
}

/* row[l] = weight[l] sum */
static ALWAYS_INLINE void take_sums(const struct kernel_sums *of, size_t t,
                                    const size_t *bars, const double *weight,
                                    lanes row[LANES])
{
    const struct sum_now x = sum_now(of, 0, t);

    for (size_t l = 0; l < LANES; l++)
        row[l] = sum_since(&x, bars[l]) * lanes_all(weight[l]);
}

/* row[l] = scatter of sums i and i + 1; false where one is to be had from pairs only */
static ALWAYS_INLINE bool take_scatters(const struct kernel_sums *of, int i, size_t t,
                                        const size_t *bars, const double *by_minus_n,
                                        lanes row[LANES])
{
    const struct sum_now x = sum_now(of, i, t), xx = sum_now(of, i + 1, t);
    lanes_mask cancelled[LANES];

    for (size_t l = 0; l < LANES; l++)
        row[l] = lanes_max(about_mean(sum_since(&x, bars[l]), sum_since(&xx, bars[l]),
                                      lanes_all(by_minus_n[l]), &cancelled[l]),
                           lanes_all(0.0));
    for (size_t l = 1; l < LANES; l++)
        cancelled[0] = lanes_either(cancelled[0], cancelled[l]);
    return !lanes_any(cancelled[0]);
}

/* LANES windows from window j on, all whole, no bar missing: one sum after another, so
 * that few addresses are in use at a time.  False where windows_any is to do it. */
static ALWAYS_INLINE bool windows_whole(enum window_kind kind,
                                        const struct kernel_sums *of, size_t t,
                                        const struct windows *windows, size_t j,
                                        lanes row[LANES])
{
    const size_t *bars = windows->bars + j;
    const double *by_minus_n = windows->weight[BY_MINUS_N] + j;
    const double *by_n_1 = windows->weight[BY_N_1] + j;
    const double *by_close = windows->weight[BY_CLOSE] + j;
    lanes close[LANES], open[LANES];
    bool done = true;

    if (kind == WINDOW_MEAN) {
        take_sums(of, t, bars, windows->weight[BY_N] + j, row);
    } else if (kind == WINDOW_VARIANCE) {
        done = take_scatters(of, 0, t, bars, by_minus_n, row);
        for (size_t l = 0; l < LANES; l++)
            row[l] = row[l] * lanes_all(by_n_1[l]);
    } else {
        take_sums(of, t, bars, windows->weight[BY_REST] + j, row);
        done = take_scatters(of, 3, t, bars, by_minus_n, close);
        for (size_t l = 0; l < LANES; l++)
            row[l] = lanes_fma(close[l], lanes_all(by_close[l]), row[l]);
        done &= take_scatters(of, 1, t, bars, by_minus_n, open);
        for (size_t l = 0; l < LANES; l++)
            row[l] = lanes_fma(open[l], lanes_all(by_n_1[l]), row[l]);
    }
    return done;
}

/* ---- tiles ---------------------------------------------------------------------- */

/* Bars t .. t + LANES - 1 of all windows. */
static ALWAYS_INLINE void windows_block(enum window_kind kind,
                                        const struct kernel_sums *of, size_t t,
                                        const struct windows *windows, double *variance)
{
    if (windows->widest > whole_bars(of, t)) {
        for (size_t j = 0; j < KERNEL_LANES; j += LANES)
            windows_any(kind, of, t, windows, j, variance);
        return;
    }
    for (size_t j = 0; j < KERNEL_LANES; j += LANES) {
        lanes row[LANES];

        if (windows_whole(kind, of, t, windows, j, row))
            windows_put(row, j, variance);
        else
            windows_any(kind, of, t, windows, j, variance);
    }
}

static ALWAYS_INLINE void windows_advance(enum window_kind kind,
                                          const struct kernel_sums *sums, size_t first,
                                          size_t end, const double *window,
                                          double *variance)
{
    const struct kernel_sums of = *sums; /* where no store can reach it */
    double last[LANES * KERNEL_LANES];
    struct windows windows;

    windows_fill(kind, window, &windows);
    for (size_t t = first; t < end; t += LANES, variance += LANES * KERNEL_LANES) {
        const size_t n = end - t < LANES ? end - t : LANES;

        windows_block(kind, &of, t, &windows, n < LANES ? last : variance);
        if (n < LANES)
            memcpy(variance, last, n * KERNEL_LANES * sizeof *last);
    }
}

static void window_mean(const struct kernel_sums *of, size_t first, size_t end,
                        const double *window, double *variance)
{
    windows_advance(WINDOW_MEAN, of, first, end, window, variance);
}

static void window_variance(const struct kernel_sums *of, size_t first, size_t end,
                            const double *window, double *variance)
{
    windows_advance(WINDOW_VARIANCE, of, first, end, window, variance);
}

static void yang_zhang(const struct kernel_sums *of, size_t first, size_t end,
                       const double *window, double *variance)
{
    windows_advance(WINDOW_YANG_ZHANG, of, first, end, window, variance);
}

#endif /* WORKER_KERNELS_RANGE_H */
