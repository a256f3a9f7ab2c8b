#include "worker/rolling.h"

#include <math.h>

struct moments moments_add(struct moments of, double x)
{
    const double d = x - of.mean, n = of.n + 1.0;

    return (struct moments){n, of.mean + d / n, of.m2 + d * d * (of.n / n)};
}

struct moments moments_merge(struct moments a, struct moments b)
{
    if (a.n == 0.0)
        return b;
    if (b.n == 0.0)
        return a;
    const double d = b.mean - a.mean, n = a.n + b.n, share = b.n / n;

    return (struct moments){n, a.mean + d * share, a.m2 + b.m2 + d * d * (a.n * share)};
}

void rolling_start(struct rolling *rolling, size_t window, struct moments back[],
                   double value[])
{
    *rolling = (struct rolling){.window = window, .back = back, .value = value};
    for (size_t i = 0; i <= window; i++)
        back[i] = (struct moments){0};
}

/* The block is full: its moments from the back. */
static void turn_over(struct rolling *rolling)
{
    struct moments behind = {0};

    for (size_t i = rolling->window; i-- > 0;) {
        if (!isnan(rolling->value[i]))
            behind = moments_add(behind, rolling->value[i]);
        rolling->back[i] = behind;
    }
    rolling->place = 0;
    rolling->now = (struct moments){0};
}

struct moments rolling_push(struct rolling *rolling, double x)
{
    rolling->value[rolling->place++] = x;
    if (!isnan(x))
        rolling->now = moments_add(rolling->now, x);
    const struct moments last =
        moments_merge(rolling->back[rolling->place], rolling->now);
    if (rolling->place == rolling->window)
        turn_over(rolling);
    return last;
}
