#include "worker/order_interval.h"

#include <gsl/gsl_cdf.h>

/* P(X < k) */
static double below(size_t k, double c, size_t n)
{
    return k == 0 ? 0.0 : gsl_cdf_binomial_P((unsigned)(k - 1), c, (unsigned)n);
}

/* P(X >= k) */
static double from(size_t k, double c, size_t n)
{
    return k == 0 ? 1.0 : gsl_cdf_binomial_Q((unsigned)(k - 1), c, (unsigned)n);
}

struct order_interval order_interval_of(size_t n, double c, double level)
{
    const double tail = (1.0 - level) / 2.0;
    size_t low = 0, high = n + 1; /* low holds, high does not */

    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;

        if (below(middle, c, n) <= tail)
            low = middle;
        else
            high = middle;
    }
    struct order_interval interval = {.low = low};

    for (low = 0, high = n + 1; high - low > 1;) { /* high holds, low does not */
        const size_t middle = low + (high - low) / 2;

        if (from(middle, c, n) <= tail)
            high = middle;
        else
            low = middle;
    }
    interval.high = high;
    return interval;
}
