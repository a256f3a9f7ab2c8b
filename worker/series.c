#include "worker/series.h"

#include "core/arith.h"
#include "core/clock.h"

#include <math.h>
#include <stdlib.h>

static bool is_whole(const struct series *series, size_t from, size_t n_steps)
{
    return series->time[from + n_steps] - series->time[from] ==
           (int64_t)n_steps * series->interval_ns;
}

/* r[t] = ln C_t / C_{t-1} where the step to t is whole, else NaN; square[t] = r[t]^2.
 */
static void fill_squares(const struct bars *bars, struct series *series)
{
    series->r[0] = series->square[0] = NAN;
    for (size_t t = 1; t < series->n; t++) {
        const double r = is_whole(series, t - 1, 1)
                             ? arith_log(bars->close[t] / bars->close[t - 1])
                             : NAN;

        series->r[t] = r;
        series->square[t] = r * r;
    }
}

/* out[t] = min or max of price[t+1 .. t+h],  t + h < n:
 *
 *     w_1[t] = price[t+1],   w_2k[t] = min(w_k[t], w_k[t+k]),
 *     w_h[t] = min(w_p[t], w_p[t+h-p]),   p the largest power of two <= h
 *
 * in place, since w[t] is overwritten only when nothing before t is left to do. */
static void fill_window(size_t n, size_t h, const double *price, bool largest,
                        double *out)
{
    for (size_t t = 0; t + 1 < n; t++)
        out[t] = price[t + 1];
    for (size_t k = 1; k < h;) {
        const size_t more = 2 * k <= h ? k : h - k;

        for (size_t t = 0; t + k + more < n; t++)
            if (largest ? out[t + more] > out[t] : out[t + more] < out[t])
                out[t] = out[t + more];
        k += more;
    }
}

static void fill_losses(const struct bars *bars, struct series *series)
{
    const size_t n = series->n, h = series->rules.horizon_bars;
    const bool path = series->rules.loss == LOSS_PATH;

    fill_window(n, h, bars->low, false, series->loss_long);
    fill_window(n, h, bars->high, true, series->loss_short);
    for (size_t t = 0; t < n; t++) {
        double *down = &series->loss_long[t], *up = &series->loss_short[t];

        if (t + h >= n || !is_whole(series, t, h)) {
            *down = *up = series->loss[t] = NAN;
            continue;
        }
        *down = 1.0 - (path ? *down : bars->close[t + h]) / bars->close[t];
        *up = (path ? *up : bars->close[t + h]) / bars->close[t] - 1.0;
        series->loss[t] = series->rules.sides == SIDES_LONG    ? *down
                          : series->rules.sides == SIDES_SHORT ? *up
                          : *down > *up                        ? *down
                                                               : *up;
    }
}

static int check_warm_up(const struct series *series, struct err *err)
{
    const size_t warmup = series->rules.warmup_bars;

    for (size_t t = 1; t <= warmup; t++)
        if (!isnan(series->square[t]))
            return 0;
    return err_set(err, ERR_INPUT,
                   "no return in the %zu bars of the warm-up: each one follows a gap",
                   warmup);
}

int series_new(const struct bars *bars, const struct series_rules *rules,
               struct series *series, struct err *err)
{
    struct series made = {.rules = *rules,
                          .n = bars->n,
                          .interval_ns = bars->interval_ns,
                          .bars = bars,
                          .time = bars->time};

    if (bars->n <= rules->warmup_bars + rules->horizon_bars)
        return err_set(err, ERR_INPUT,
                       "%zu bars are not more than a warm-up of %zu and a horizon of "
                       "%zu",
                       bars->n, rules->warmup_bars, rules->horizon_bars);
    double *columns = malloc(5 * bars->n * sizeof(double));
    if (columns == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", bars->n);
    made.square = columns;
    made.loss_long = columns + bars->n;
    made.loss_short = columns + 2 * bars->n;
    made.loss = columns + 3 * bars->n;
    made.r = columns + 4 * bars->n;
    fill_squares(bars, &made);
    if (check_warm_up(&made, err) != 0) {
        free(columns);
        return -1;
    }
    fill_losses(bars, &made);
    *series = made;
    return 0;
}

void series_free(struct series *series)
{
    if (series == NULL)
        return;
    free(series->square);
    *series = (struct series){0};
}

size_t series_n_scored(const struct series *series, struct range range)
{
    size_t n = 0;

    for (size_t t = range.first; t < range.end; t++)
        n += series_is_scored(series, range, t);
    return n;
}

size_t series_n_left_out(const struct series *series, struct range range)
{
    const size_t h = series->rules.horizon_bars;
    size_t n = 0;

    for (size_t t = range.first; t + h < range.end; t++)
        n += isnan(series->loss[t]);
    return n;
}

size_t series_bars_in_days(const struct series *series, size_t days)
{
    const int64_t length = (int64_t)days * CLOCK_DAY;

    return length % series->interval_ns == 0 ? (size_t)(length / series->interval_ns)
                                             : 0;
}
