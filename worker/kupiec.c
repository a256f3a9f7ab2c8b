#include "worker/kupiec.h"
#include "worker/deviance.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

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
