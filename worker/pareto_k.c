#include "worker/pareto_k.h"
#include "core/arith.h"

#include <gsl/gsl_sort_double.h>
#include <math.h>

enum { PRIOR = 3, GRID_FEWEST = 30, GRID_MAX = 512, WEAK = 10 };

/* mean of ln(1 - theta x) */
static double mean_log(double theta, size_t n, const double x[])
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += arith_log1p(-theta * x[i]);
    return sum / (double)n;
}

/* With k(theta) = mean of ln(1 - theta x):
 *
 *     l(theta) = n (ln(-theta / k) - k - 1)              profile likelihood
 *     theta_j = 1/x_n + (1 - sqrt(m / (j - 1/2))) / (3 x_{n/4}),   j = 1 ... m
 *     theta = sum theta_j e^l(theta_j) / sum e^l(theta_j),   k = k(theta) */
static double shape_of(size_t n, const double x[])
{
    const size_t m = GRID_FEWEST + (size_t)sqrt((double)n);
    const double quarter = x[(size_t)((double)n / 4.0 + 0.5) - 1];
    double theta[GRID_MAX], l[GRID_MAX], top = -INFINITY, sum = 0.0, mean = 0.0;

    for (size_t j = 0; j < m; j++) {
        theta[j] = 1.0 / x[n - 1] +
                   (1.0 - sqrt((double)m / ((double)j + 0.5))) / PRIOR / quarter;
        const double k = mean_log(theta[j], n, x);
        l[j] = (double)n * (arith_log(-theta[j] / k) - k - 1.0);
        top = fmax(top, l[j]);
    }
    for (size_t j = 0; j < m; j++) {
        const double w = l[j] - top > -700.0 ? arith_exp(l[j] - top) : 0.0;

        sum += w;
        mean += w * theta[j];
    }
    const double k = mean_log(mean / sum, n, x);
    return (k * (double)n + WEAK * 0.5) / ((double)n + WEAK);
}

double pareto_k(size_t n, double weight[])
{
    gsl_sort(weight, 1, n);
    if (n < PARETO_K_FEWEST)
        return INFINITY;
    const size_t m =
        (size_t)ceil(fmin(0.2 * (double)n, 3.0 * sqrt((double)n))); /* < n */
    double *x = weight + (n - m);
    const double cut = x[-1];
    if (!(x[m - 1] > x[0]))
        return -INFINITY;
    for (size_t i = 0; i < m; i++)
        x[i] -= cut;
    size_t n_equal = 0; /* excesses of 0 are no excesses */
    while (!(x[n_equal] > 0.0))
        n_equal++;
    const double k = m - n_equal >= 5 ? shape_of(m - n_equal, x + n_equal) : INFINITY;
    for (size_t i = 0; i < m; i++)
        x[i] += cut;
    return k;
}

double pareto_k_limit(size_t n)
{
    return fmin(0.7, 1.0 - 1.0 / log10((double)n));
}
