#include "worker/tail_law.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

bool tail_law_is_meant(const struct tail_law *law)
{
    return law->nu > 2.0;
}

double tail_law_quantile(const struct tail_law *law, double p)
{
    return isinf(law->nu) ? gsl_cdf_ugaussian_Qinv(p) : gsl_cdf_tdist_Qinv(p, law->nu);
}

double tail_law_shortfall(const struct tail_law *law, double p)
{
    const double z = tail_law_quantile(law, p), nu = law->nu;

    if (isinf(nu))
        return gsl_ran_ugaussian_pdf(z) / p;
    return gsl_ran_tdist_pdf(z, nu) * (nu + z * z) / ((nu - 1.0) * p);
}

/* z f(z) P(Beta(k, n - k) > P(e > z)), or z f(z) where k = n. */
static double weighed(const struct tail_law *law, double n, double k, double z)
{
    const bool normal = isinf(law->nu);
    const double f = normal ? gsl_ran_ugaussian_pdf(z) : gsl_ran_tdist_pdf(z, law->nu);
    const double beyond = normal ? gsl_cdf_ugaussian_Q(z) : gsl_cdf_tdist_Q(z, law->nu);

    return z * f * (n == k ? 1.0 : gsl_cdf_beta_Q(beyond, k, n - k));
}

/* z = sinh(pi/2 sinh x) makes any power's tail fall double-exponentially (Takahasi and
 * Mori, Double exponential formulas for numerical integration, 1974).  At x = 4, z is
 * 2e18, and what lies beyond, of the order of z^(1 - nu) with nu > 2, is below 1e-18.
 */
double tail_law_mean_of_largest(const struct tail_law *law, size_t n, size_t k)
{
    const double step = 1.0 / 64.0, half_pi = 1.57079632679489661923;
    double sum = 0.0;

    for (int i = 1; i <= 256; i++) {
        const double x = i * step, y = half_pi * sinh(x);
        const double z = sinh(y), slope = half_pi * cosh(x) * cosh(y);

        /* both signs at once: what they have in common cancels before it is added */
        sum += slope * (weighed(law, (double)n, (double)k, z) +
                        weighed(law, (double)n, (double)k, -z));
    }
    return (double)n / (double)k * sum * step;
}

double tail_law_draw(const struct tail_law *law, struct random *random)
{
    const double e = random_normal(random);

    if (isinf(law->nu))
        return e;
    return e / sqrt(2.0 * random_gamma(random, 0.5 * law->nu) / law->nu);
}
