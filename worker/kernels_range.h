/* kernels_range.h -- the part of kernels_body.h that is of the range estimators
 *
 * A window's sum is the difference of two running sums. Vectors are of bars, so that
 * both are plain loads whatever the window; LANES windows' vectors are turned to stand
 * as [bar][window]. */

enum window_kind { WINDOW_MEAN, WINDOW_VARIANCE, WINDOW_YANG_ZHANG };

#define ALWAYS_INLINE inline __attribute__((always_inline))

/* What a window of n values makes of its sums; see worker/rangevol.h. */
struct window_weights {
    lanes mean, minus; /* 1/n, -1/n  */
    lanes spread;      /* 1/(n - 1)  */
    lanes close, rest; /* k/(n - 1), (1 - k)/n,  k = 0.34 / (1.34 + (n+1)/(n-1)) */
};

static ALWAYS_INLINE struct window_weights window_weights(lanes n)
{
    const lanes one = lanes_all(1.0), none = lanes_all(NAN);
    const lanes mean = lanes_choose(lanes_is_below(n, one), none, one / n);
    const lanes spread =
        lanes_choose(lanes_is_below(n, lanes_all(2.0)), none, one / (n - one));
    const lanes k = lanes_all(0.34) / lanes_fma(n + one, spread, lanes_all(1.34));

    return (struct window_weights){mean, -mean, spread, k * spread, (one - k) * mean};
}

/* KERNEL_LANES windows: their bars, and their weights when none is missing. */
struct windows {
    size_t bars[KERNEL_LANES], widest;
    double mean[KERNEL_LANES], minus[KERNEL_LANES], spread[KERNEL_LANES];
    double close[KERNEL_LANES], rest[KERNEL_LANES];
};

static struct windows windows_of(const double *window)
{
    struct windows of = {.widest = 0};

    for (size_t j = 0; j < KERNEL_LANES; j++) {
        of.bars[j] = (size_t)window[j];
        of.widest = of.bars[j] > of.widest ? of.bars[j] : of.widest;
    }
    for (size_t j = 0; j < KERNEL_LANES; j += LANES) {
        const struct window_weights weights = window_weights(lanes_from(window + j));

        lanes_to(of.mean + j, weights.mean);
        lanes_to(of.minus + j, weights.minus);
        lanes_to(of.spread + j, weights.spread);
        lanes_to(of.close + j, weights.close);
        lanes_to(of.rest + j, weights.rest);
    }
    return of;
}

static ALWAYS_INLINE struct window_weights windows_weights(const struct windows *of,
                                                           size_t j)
{
    return (struct window_weights){
        lanes_all(of->mean[j]),  lanes_all(of->minus[j]), lanes_all(of->spread[j]),
        lanes_all(of->close[j]), lanes_all(of->rest[j]),
    };
}

static ALWAYS_INLINE size_t window_n_sums(enum window_kind kind)
{
    return kind == WINDOW_MEAN ? 1 : kind == WINDOW_VARIANCE ? 2 : 5;
}

/* a[t + 1 - bars], and the same of the bars behind; a[0] before the first */
static ALWAYS_INLINE lanes before_window(const double *a, size_t t, size_t bars)
{
    double before[LANES];

    if (t + 1 >= bars)
        return lanes_from(a + t + 1 - bars);
    for (size_t i = 0; i < LANES; i++)
        before[i] = a[t + 1 + i > bars ? t + 1 + i - bars : 0];
    return lanes_from(before);
}

static ALWAYS_INLINE lanes window_sum(const double *a, size_t t, size_t bars)
{
    return lanes_from(a + t + 1) - before_window(a, t, bars);
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

static ALWAYS_INLINE struct lanes_pair window_pair(const struct kernel_sums *of, int i,
                                                   size_t t, size_t bars)
{
    const struct lanes_pair high = lanes_two_sum(lanes_from(of->high[i] + t + 1),
                                                 -before_window(of->high[i], t, bars));

    return lanes_two_sum(high.sum, high.rest + window_sum(of->low[i], t, bars));
}

/* n xx - x^2 from both parts of each, over n;  x and xx are sums i and i + 1 */
static __attribute__((noinline)) lanes scatter_of_pairs(const struct kernel_sums *of,
                                                        int i, size_t t, size_t bars)
{
    const lanes n = window_sum(of->there, t, bars);
    const struct lanes_pair x = window_pair(of, i, t, bars);
    const struct lanes_pair xx = window_pair(of, i + 1, t, bars);
    const lanes left = n * xx.sum, right = x.sum * x.sum;
    const lanes left_rest = lanes_fma(n, xx.rest, lanes_fma(n, xx.sum, -left));
    const lanes right_rest =
        lanes_fma(lanes_all(2.0) * x.sum, x.rest, lanes_fma(x.sum, x.sum, -right));

    return ((left - right) + (left_rest - right_rest)) / n;
}

/* Windows of so many bars that end with bar t, t + 1, ... */
struct window_place {
    const struct kernel_sums *of;
    size_t t, bars;
    struct window_weights weights;
};

/* sum of (x - mean)^2 = xx - x^2 / n,  x and xx are sums i and i + 1 */
static ALWAYS_INLINE lanes scatter(const struct window_place *at, const lanes *sum,
                                   int i)
{
    const lanes x = sum[i], xx = sum[i + 1];
    const lanes about = lanes_fma(x * at->weights.minus, x, xx);
    const lanes_mask few = lanes_is_below(about, lanes_all(KERNEL_CANCELLED) * xx);

    if (__builtin_expect(lanes_any(few), 0))
        return lanes_max(
            lanes_choose(few, scatter_of_pairs(at->of, i, at->t, at->bars), about),
            lanes_all(0.0));
    return lanes_max(about, lanes_all(0.0));
}

static ALWAYS_INLINE lanes window_value(enum window_kind kind,
                                        const struct window_place *at, const lanes *sum)
{
    const struct window_weights *weights = &at->weights;

    if (kind == WINDOW_MEAN)
        return sum[0] * weights->mean;
    if (kind == WINDOW_VARIANCE)
        return scatter(at, sum, 0) * weights->spread;
    return lanes_fma(
        scatter(at, sum, 1), weights->spread,
        lanes_fma(scatter(at, sum, 3), weights->close, sum[0] * weights->rest));
}

/* All windows are whole and no bar is missing. */
static ALWAYS_INLINE lanes window_whole(enum window_kind kind,
                                        const struct kernel_sums *of, size_t t,
                                        const struct windows *windows, size_t j)
{
    const struct window_place at = {of, t, windows->bars[j],
                                    windows_weights(windows, j)};
    const size_t since = t + 1 - at.bars;
    lanes sum[KERNEL_SUMS];

    for (size_t i = 0; i < window_n_sums(kind); i++) {
        const lanes high =
            lanes_from(of->high[i] + t + 1) - lanes_from(of->high[i] + since);
        const lanes low =
            lanes_from(of->low[i] + t + 1) - lanes_from(of->low[i] + since);

        sum[i] = high + low;
    }
    return window_value(kind, &at, sum);
}

/* Windows that begin before the first bar, or lack some. */
static ALWAYS_INLINE lanes window_broken(enum window_kind kind,
                                         const struct kernel_sums *of, size_t t,
                                         size_t bars)
{
    const struct window_place at = {of, t, bars,
                                    window_weights(window_sum(of->there, t, bars))};
    lanes sum[KERNEL_SUMS];

    for (size_t i = 0; i < window_n_sums(kind); i++)
        sum[i] = window_sum(of->high[i], t, bars) + window_sum(of->low[i], t, bars);
    return window_value(kind, &at, sum);
}

/* The widest window that is whole at each of LANES bars from t on. */
static inline size_t whole_bars(const struct kernel_sums *of, size_t t)
{
    const size_t run = (size_t)of->run[t + LANES - 1];

    return run >= LANES ? run - (LANES - 1) : 0;
}

static ALWAYS_INLINE void windows_advance(enum window_kind kind,
                                          const struct kernel_sums *sums, size_t first,
                                          size_t end, const double *window,
                                          double *variance)
{
    const struct windows windows = windows_of(window);
    const struct kernel_sums of = *sums; /* where no store can reach it */

    for (size_t t = first; t < end; t += LANES, variance += LANES * KERNEL_LANES) {
        const size_t whole = whole_bars(&of, t), n = end - t < LANES ? end - t : LANES;

        for (size_t j = 0; j < KERNEL_LANES; j += LANES) {
            lanes row[LANES];

            if (windows.widest <= whole)
                for (size_t i = 0; i < LANES; i++)
                    row[i] = window_whole(kind, &of, t, &windows, j + i);
            else
                for (size_t i = 0; i < LANES; i++)
                    row[i] = windows.bars[j + i] <= whole
                                 ? window_whole(kind, &of, t, &windows, j + i)
                                 : window_broken(kind, &of, t, windows.bars[j + i]);
            lanes_turn(row);
            for (size_t i = 0; i < n; i++)
                lanes_to(variance + i * KERNEL_LANES + j, row[i]);
        }
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

/* One vector of averages; the weight of one that is of `window` ranges stays. */
struct atr_lanes {
    lanes a, n, window, weight, decay;
};

static inline void atr_weigh(struct atr_lanes *v)
{
    v->weight = lanes_all(1.0) / lanes_max(v->n, lanes_all(1.0));
    v->decay = lanes_all(1.0) - v->weight;
}

static inline void atr_advance(struct atr_lanes *v, lanes x)
{
    v->a = lanes_fma(v->decay, v->a, v->weight * x);
}

/* Bars while not all averages are of their whole window; how many. */
static size_t atr_begin(size_t n, const double *range, struct atr_lanes v[VECTORS],
                        double *variance)
{
    const lanes one = lanes_all(1.0), none = lanes_all(NAN);
    unsigned grows = 1;
    size_t t = 0;

    for (; t < n && grows; t++) {
        const double x = KERNEL_ATR_SCALE * range[t];

        grows = 0;
        for (int i = 0; i < VECTORS; i++, variance += LANES) {
            if (x == x) {
                v[i].n = lanes_min(v[i].n + one, v[i].window);
                atr_weigh(&v[i]);
                atr_advance(&v[i], lanes_all(x));
            }
            grows |= lanes_above(v[i].window, v[i].n);
            lanes_to(variance,
                     lanes_choose(lanes_is_below(v[i].n, one), none, v[i].a * v[i].a));
        }
    }
    return t;
}

/*  A' = A + (TR - A) / n,  n = min(n + 1, window):  Wilder, New Concepts in Technical
 * Trading Systems, 1978. */
static void atr(size_t n, const double *range, const double *window, double *state,
                double *variance)
{
    struct atr_lanes v[VECTORS];

    for (int i = 0; i < VECTORS; i++) {
        v[i].a = lanes_from(state + i * LANES);
        v[i].n = lanes_from(state + KERNEL_LANES + i * LANES);
        v[i].window = lanes_from(window + i * LANES);
        atr_weigh(&v[i]);
    }
    for (size_t t = atr_begin(n, range, v, variance); t < n; t++) {
        const double x = KERNEL_ATR_SCALE * range[t];

        if (x == x)
            for (int i = 0; i < VECTORS; i++)
                atr_advance(&v[i], lanes_all(x));
        for (int i = 0; i < VECTORS; i++)
            lanes_to(variance + t * KERNEL_LANES + i * LANES, v[i].a * v[i].a);
    }
    for (int i = 0; i < VECTORS; i++) {
        lanes_to(state + i * LANES, v[i].a);
        lanes_to(state + KERNEL_LANES + i * LANES, v[i].n);
    }
}
