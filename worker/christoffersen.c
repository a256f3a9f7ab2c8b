#include "worker/christoffersen.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Log-likelihood of k successes in n trials at their own rate: k ln(k/n) + ... */
static double fitted(double k, double n)
{
    const double hits = k > 0.0 ? k * log(k / n) : 0.0;
    const double misses = n - k > 0.0 ? (n - k) * log1p(-k / n) : 0.0;

    return hits + misses;
}

struct independence christoffersen_independence(const struct transitions *pairs)
{
    const double after_none = (double)(pairs->n00 + pairs->n01);
    const double after_one = (double)(pairs->n10 + pairs->n11);
    const double n01 = (double)pairs->n01, n11 = (double)pairs->n11;
    const double lr = 2.0 * (fitted(n01, after_none) + fitted(n11, after_one) -
                             fitted(n01 + n11, after_none + after_one));

    if (!(lr > 0.0)) /* below 0 by rounding only: the fit is nested */
        return (struct independence){.lr = 0.0, .p_value = 1.0};
    return (struct independence){.lr = lr, .p_value = gsl_cdf_chisq_Q(lr, 1.0)};
}
