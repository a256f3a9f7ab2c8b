#include "likelihood_oracle.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* k ln(k/m), with 0 ln 0 = 0. */
static long double k_log_ratio(long double k, long double m)
{
    return k == 0.0L ? 0.0L : k * logl(k / m);
}

/* D(k, m) = k ln(k/m) - k + m */
static long double distance(long double k, long double m)
{
    return k_log_ratio(k, m) - k + m;
}

/* A likelihood ratio is not negative but for rounding. */
static double not_negative(long double lr)
{
    return lr > 0.0L ? (double)lr : 0.0;
}

double oracle_kupiec_lr(size_t n, size_t x, double p)
{
    if (n == 0)
        return NAN;
    const double expected = (double)n * p;
    const double expected_others = (double)n * (1.0 - p);

    return not_negative(2.0L * (distance((long double)x, expected) +
                                distance((long double)(n - x), expected_others)));
}

double oracle_kupiec_p(size_t n, size_t x, double p)
{
    return n == 0 ? NAN : gsl_cdf_chisq_Q(oracle_kupiec_lr(n, x, p), 1.0);
}

double oracle_kupiec_p_upper(size_t n, size_t x, double p)
{
    if (n == 0)
        return NAN;
    const double root = sqrt(oracle_kupiec_lr(n, x, p));
    const double excess = (double)x - (double)n * p;

    return gsl_cdf_ugaussian_Q(excess < 0.0 ? -root : root);
}

/* ln L(pi01, pi11) = n00 ln(1 - pi01) + n01 ln pi01 + n10 ln(1 - pi11) + n11 ln pi11,
 * ln L(pi) = (n00 + n10) ln(1 - pi) + (n01 + n11) ln pi; each probability is a count
 * over a count, so every term is k ln(k/m).  After no exceedance at all (n10 = n11 = 0)
 * the terms of pi11 are 0 ln(0/0) = 0. */
double oracle_independence_p(size_t n00, size_t n01, size_t n10, size_t n11)
{
    const long double from_0 = (long double)(n00 + n01);
    const long double from_1 = (long double)(n10 + n11);
    const long double to_0 = (long double)(n00 + n10);
    const long double to_1 = (long double)(n01 + n11);
    const long double all = from_0 + from_1;

    if (all == 0.0L)
        return NAN;
    const long double with_memory = k_log_ratio(n00, from_0) +
                                    k_log_ratio(n01, from_0) +
                                    k_log_ratio(n10, from_1) + k_log_ratio(n11, from_1);
    const long double without = k_log_ratio(to_0, all) + k_log_ratio(to_1, all);
    const double lr = not_negative(2.0L * (with_memory - without));

    return gsl_cdf_chisq_Q(lr, 1.0);
}

static int ascending(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;

    return a < b ? -1 : a > b;
}

double oracle_combine(size_t n, double p[])
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            p[kept++] = p[i];
    if (kept == 0)
        return NAN;
    if (n == 1)
        return p[0];
    qsort(p, kept, sizeof p[0], ascending);
    const double median =
        kept % 2 == 1 ? p[kept / 2] : (p[kept / 2 - 1] + p[kept / 2]) / 2.0;

    return fmin(1.0, 2.0 * median);
}
