#include "worker/rangevol.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* ---- running sums -------------------------------------------------------------- */

static size_t n_sums(enum range_model model)
{
    return model == RANGE_ATR          ? 0
           : model == RANGE_ROLLING    ? 2
           : model == RANGE_YANG_ZHANG ? 5
                                       : 1;
}

/* Of one array; a kernel may read so far past its end. */
static size_t padded(size_t n)
{
    return n + 1 + KERNEL_SLACK;
}

size_t range_sums_room(enum range_model model, size_t n)
{
    return model == RANGE_ATR ? 0 : (2 + 2 * n_sums(model)) * padded(n);
}

struct pair {
    double sum, rest;
};

/* a + b exactly:  Knuth, TAOCP 2, 4.2.2, theorem B. */
static struct pair two_sum(double a, double b)
{
    const double s = a + b, shadow = s - a;

    return (struct pair){s, (a - (s - shadow)) + (b - shadow)};
}

/* (high, low) + x:  Joldes, Muller, Popescu 2017, algorithm 4 (DWPlusFP). */
static void add(double *high, double *low, double x)
{
    const struct pair s = two_sum(*high, x);
    const double v = *low + s.rest;

    *high = s.sum + v;
    *low = v - (*high - s.sum);
}

/* Squares are summed with what their rounding leaves. */
static void add_square(double *high, double *low, double x)
{
    const double square = x * x;

    add(high, low, square);
    add(high, low, fma(x, x, -square));
}

static bool is_there(enum range_model model, double *const term[RANGE_TERMS], size_t t)
{
    const bool squares = model == RANGE_ROLLING || model == RANGE_YANG_ZHANG;

    for (size_t i = 0; i < range_n_terms(model); i++)
        if (!isfinite(squares ? term[i][t] * term[i][t] : term[i][t]))
            return false;
    return true;
}

static void add_terms(enum range_model model, double *const term[RANGE_TERMS], size_t t,
                      double high[KERNEL_SUMS], double low[KERNEL_SUMS])
{
    add(&high[0], &low[0], term[0][t]);
    if (model == RANGE_ROLLING)
        add_square(&high[1], &low[1], term[0][t]);
    for (size_t i = 1; i < range_n_terms(model); i++) {
        add(&high[2 * i - 1], &low[2 * i - 1], term[i][t]);
        add_square(&high[2 * i], &low[2 * i], term[i][t]);
    }
}

static void fill(const struct range_sums *sums, double *const term[RANGE_TERMS],
                 double *room)
{
    const size_t n = n_sums(sums->model), stride = padded(sums->n);
    double *there = room, *run = room + stride, *sum = room + 2 * stride;
    double high[KERNEL_SUMS] = {0}, low[KERNEL_SUMS] = {0};
    double so_far = 0.0, unbroken = 0.0;

    memset(room, 0, range_sums_room(sums->model, sums->n) * sizeof *room);
    for (size_t t = 0; t < sums->n; t++) {
        if (is_there(sums->model, term, t)) {
            so_far += 1.0;
            unbroken += 1.0;
            add_terms(sums->model, term, t, high, low);
        } else {
            unbroken = 0.0;
        }
        there[t + 1] = so_far;
        run[t] = unbroken;
        for (size_t i = 0; i < n; i++) {
            sum[2 * i * stride + t + 1] = high[i];
            sum[(2 * i + 1) * stride + t + 1] = low[i];
        }
    }
}

struct range_sums range_sum(enum range_model model, size_t n,
                            double *const term[RANGE_TERMS], double *room)
{
    struct range_sums sums = {.model = model, .n = n, .range = term[0]};

    if (model == RANGE_ATR)
        return sums;
    fill(&sums, term, room);
    sums.of.there = room;
    sums.of.run = room + padded(n);
    for (size_t i = 0; i < n_sums(model); i++) {
        sums.of.high[i] = room + (2 + 2 * i) * padded(n);
        sums.of.low[i] = room + (3 + 2 * i) * padded(n);
    }
    return sums;
}

/* ---- one window ---------------------------------------------------------------- */

/* Sum i over bars [first, end). */
static double sum_of(const struct kernel_sums *of, int i, size_t first, size_t end)
{
    return (of->high[i][end] - of->high[i][first]) +
           (of->low[i][end] - of->low[i][first]);
}

/* The same without rounding: its two parts. */
static struct pair pair_of(const struct kernel_sums *of, int i, size_t first,
                           size_t end)
{
    const struct pair high = two_sum(of->high[i][end], -of->high[i][first]);

    return two_sum(high.sum, high.rest + (of->low[i][end] - of->low[i][first]));
}

/* n xx - x^2 from both parts of each, over n */
static double scatter_of_pairs(const struct kernel_sums *of, int i, double n,
                               size_t first, size_t end)
{
    const struct pair x = pair_of(of, i, first, end);
    const struct pair xx = pair_of(of, i + 1, first, end);
    const double left = n * xx.sum, right = x.sum * x.sum;
    const double left_rest = fma(n, xx.rest, fma(n, xx.sum, -left));
    const double right_rest = fma(2.0 * x.sum, x.rest, fma(x.sum, x.sum, -right));

    return ((left - right) + (left_rest - right_rest)) / n;
}

/* sum of (x - mean)^2 = xx - x^2 / n,  x and xx sums i and i + 1; where that takes
 * away most of xx, from both parts of each. */
static double scatter(const struct kernel_sums *of, int i, double n, size_t first,
                      size_t end)
{
    const double x = sum_of(of, i, first, end), xx = sum_of(of, i + 1, first, end);
    double about = fma(x * -(1.0 / n), x, xx);

    if (about < KERNEL_CANCELLED * xx)
        about = scatter_of_pairs(of, i, n, first, end);
    return about > 0.0 ? about : 0.0;
}

/* Of bars [first, end). */
static double value(enum range_model model, const struct kernel_sums *of, size_t first,
                    size_t end)
{
    const double n = of->there[end] - of->there[first];
    const double per_n = n < 1.0 ? NAN : 1.0 / n;
    const double per_n_1 = n < 2.0 ? NAN : 1.0 / (n - 1.0);

    if (model == RANGE_ROLLING)
        return scatter(of, 0, n, first, end) * per_n_1;
    if (model != RANGE_YANG_ZHANG)
        return sum_of(of, 0, first, end) * per_n;
    const double k = 0.34 / fma(n + 1.0, per_n_1, 1.34);
    const double rs = sum_of(of, 0, first, end) * ((1.0 - k) * per_n);

    return fma(scatter(of, 1, n, first, end), per_n_1,
               fma(scatter(of, 3, n, first, end), k * per_n_1, rs));
}

/* Wilder's recursion, of ranges times sqrt(pi/8). */
static void atr_path(size_t window, size_t n, const double *range, double variance[])
{
    double a = 0.0, n_seen = 0.0;

    for (size_t t = 0; t < n; t++) {
        if (!isnan(range[t])) {
            n_seen = fmin(n_seen + 1.0, (double)window);
            const double weight = 1.0 / n_seen;
            a = fma(1.0 - weight, a, weight * (KERNEL_ATR_SCALE * range[t]));
        }
        variance[t] = n_seen < 1.0 ? NAN : a * a;
    }
}

void range_path(const struct range_sums *sums, size_t window, double variance[])
{
    if (sums->model == RANGE_ATR)
        atr_path(window, sums->n, sums->range, variance);
    else
        for (size_t t = 0; t < sums->n; t++)
            variance[t] = value(sums->model, &sums->of,
                                t + 1 > window ? t + 1 - window : 0, t + 1);
}

void range_advance(const struct kernels *kernels, const struct range_sums *sums,
                   struct range bars, const double *window, double *state,
                   double *variance)
{
    const size_t first = bars.first, end = bars.end;

    if (sums->model == RANGE_ATR)
        kernels->atr(end - first, sums->range + first, window, state, variance);
    else if (sums->model == RANGE_ROLLING)
        kernels->window_variance(&sums->of, first, end, window, variance);
    else if (sums->model == RANGE_YANG_ZHANG)
        kernels->yang_zhang(&sums->of, first, end, window, variance);
    else
        kernels->window_mean(&sums->of, first, end, window, variance);
}
