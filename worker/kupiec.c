#include "worker/kupiec.h"
#include "worker/deviance.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

struct kupiec kupiec_test(size_t n_bars, size_t n_exceed, double p)
{
    const double n = (double)n_bars;
    const double x = (double)n_exceed;
    const double lr = 2.0 * (deviance(x, n * p) + deviance(n - x, n * (1.0 - p)));
    const double z = x < n * p ? -sqrt(lr) : sqrt(lr);

    return (struct kupiec){.lr = lr,
                           .p_value = gsl_cdf_chisq_Q(lr, 1.0),
                           .p_upper = gsl_cdf_ugaussian_Q(z)};
}

/* As far out as lr, but for roundings. */
static bool is_as_far(size_t n, size_t x, double p, double lr)
{
    return kupiec_test(n, x, p).lr >= lr * (1.0 - 0x1p-40);
}

/* The largest count from 0 to `near` that is as far out, plus 1; 0: none. */
static size_t end_below(size_t n, size_t near, double p, double lr)
{
    size_t low = 0,
           high = near + 1; /* all below low are as far out, from high on none */

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (is_as_far(n, middle, p, lr))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The least count from `near` to n that is as far out; n + 1: none. */
static size_t end_above(size_t n, size_t near, double p, double lr)
{
    size_t low = near, high = n + 1;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (is_as_far(n, middle, p, lr))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

double kupiec_exact_p(size_t n_bars, size_t n_exceed, double p)
{
    const double lr = kupiec_test(n_bars, n_exceed, p).lr;
    const size_t mode = (size_t)((double)n_bars * p); /* LR falls up to it */
    const size_t below = end_below(n_bars, mode, p, lr);
    const size_t above = end_above(n_bars, mode + 1, p, lr);
    const unsigned n = (unsigned)n_bars;
    double sum = 0.0;

    if (below > 0)
        sum += gsl_cdf_binomial_P((unsigned)below - 1, p, n);
    if (above <= n_bars)
        sum += gsl_cdf_binomial_Q((unsigned)above - 1, p, n);
    return fmin(1.0, sum);
}
