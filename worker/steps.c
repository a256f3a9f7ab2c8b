#include "worker/steps.h"

static void turns_of(const struct bar *bar, double turn[STEPS_LEGS + 1])
{
    const int low_first = bar->open - bar->low <= bar->high - bar->open;

    turn[0] = bar->open;
    turn[1] = low_first ? bar->low : bar->high;
    turn[2] = low_first ? bar->high : bar->low;
    turn[3] = bar->close;
}

/* n prices behind `from`, the last of them at `to`; an int counts, which lanes can turn
 * into doubles. */
static void fill_leg(double from, double to, double scale, int n, double price[n])
{
    const double way = to - from, n_steps = (double)n;

    for (int s = 1; s < n; s++)
        price[s - 1] = (from + way * (double)s / n_steps) / scale;
    price[n - 1] = to / scale;
}

/* a prices: the first step is still on its way from the open. */
static void fill_bar(const struct bar *bar, double scale, size_t a, double *price)
{
    double turn[STEPS_LEGS + 1];

    turns_of(bar, turn);
    for (size_t leg = 0; leg < STEPS_LEGS; leg++) {
        const size_t from = a * leg / STEPS_LEGS, end = a * (leg + 1) / STEPS_LEGS;

        fill_leg(turn[leg], turn[leg + 1], scale, (int)(end - from), price + from);
    }
}

void steps_of(const struct bars *bars, size_t t, size_t h, size_t a_bar, double price[])
{
    const double scale = bars->close[t];

    price[0] = 1.0;
    for (size_t j = 1; j <= h; j++) {
        const struct bar bar = bars_at(bars, t + j);

        fill_bar(&bar, scale, a_bar, price + 1 + (j - 1) * a_bar);
    }
}

/* ---- shorter bars ---- */

size_t steps_merged(size_t n_parts, size_t a_bar)
{
    for (size_t k = 1; k < n_parts; k++)
        if (n_parts % k == 0 && a_bar % (n_parts / k) == 0 &&
            a_bar / (n_parts / k) >= STEPS_LEGS)
            return k;
    return n_parts;
}

static bool covers(const struct bars *bars, size_t i, size_t n, int64_t start)
{
    if (i + n > bars->n)
        return false;
    for (size_t j = 0; j < n; j++)
        if (bars->time[i + j] != start + (int64_t)j * bars->interval_ns)
            return false;
    return true;
}

static struct bar merge(const struct bars *bars, size_t i, size_t n)
{
    struct bar all = bars_at(bars, i);

    for (size_t j = 1; j < n; j++) {
        const struct bar bar = bars_at(bars, i + j);

        all.high = bar.high > all.high ? bar.high : all.high;
        all.low = bar.low < all.low ? bar.low : all.low;
        all.close = bar.close;
        all.volume += bar.volume;
    }
    return all;
}

bool steps_of_finer(const struct bars *bars, size_t t, size_t h, size_t a_bar,
                    double price[])
{
    const struct bars *finer = bars->finer;

    if (finer == NULL || bars->interval_ns % finer->interval_ns != 0)
        return false;
    const size_t n_parts = (size_t)(bars->interval_ns / finer->interval_ns);
    const size_t k = steps_merged(n_parts, a_bar), n = n_parts / k * h;
    const int64_t start = bars->time[t] + bars->interval_ns;
    const size_t first = bars_first_from(finer->n, finer->time, start),
                 a = a_bar / (n_parts / k);

    if (k == n_parts || !covers(finer, first, n_parts * h, start))
        return false;
    price[0] = 1.0;
    for (size_t j = 0; j < n; j++) {
        const struct bar bar = merge(finer, first + j * k, k);

        fill_bar(&bar, bars->close[t], a, price + 1 + j * a);
    }
    return true;
}
