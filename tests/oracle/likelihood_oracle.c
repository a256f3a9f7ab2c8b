#include "likelihood_oracle.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* D(k, m) = k ln(k/m) - k + m, D(0, m) = m.  Near k = m the formula cancels; with
 * u = (k - m)/m it is there
 *
 *     D = m [(1 + u) ln(1 + u) - u] = m [u^2/2 - u^3/6 + u^4/12 - ...]
 *
 * whose term of u^j has 1/(j (j - 1)); for |u| <= 0.1 the 20th is below 1e-22. */
static long double distance(long double k, long double m)
{
    if (k == 0.0L)
        return m;
    const long double u = (k - m) / m;
    long double sum = 0.0L;
    long double power = u;

    if (fabsl(u) > 0.1L)
        return k * logl(k / m) - k + m;
    for (int j = 2; j <= 20; j++) {
        power = power * u;
        sum += (j % 2 == 0 ? power : -power) / (long double)(j * (j - 1));
    }
    return m * sum;
}

double oracle_kupiec_lr(size_t n, size_t x, double p)
{
    if (n == 0)
        return NAN;
    const double expected = (double)n * p;
    const double expected_others = (double)n * (1.0 - p);

    return (double)(2.0L * (distance((long double)x, expected) +
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

/* LR = 2 [ln L(pi01, pi11) - ln L(pi)] is the likelihood ratio of independence in the
 * table of n_ij: each of its terms is n_ij ln(n_ij / m_ij), where m_ij = (row i)(column
 * j)/all is what independence expects.  As the n_ij and the m_ij have the same sum,
 * that is 2 sum D(n_ij, m_ij), in which nothing cancels.  A row or column of zeros
 * expects zeros and adds nothing, as 0 ln 0 = 0 does. */
double oracle_independence_p(size_t n00, size_t n01, size_t n10, size_t n11)
{
    const long double n[2][2] = {{n00, n01}, {n10, n11}};
    const long double all = n[0][0] + n[0][1] + n[1][0] + n[1][1];
    long double sum = 0.0L;

    if (all == 0.0L)
        return NAN;
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            const long double row = n[i][0] + n[i][1];
            const long double column = n[0][j] + n[1][j];

            sum += distance(n[i][j], row * column / all);
        }
    return gsl_cdf_chisq_Q((double)(2.0L * sum), 1.0);
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
    if (kept == 1)
        return p[0];
    qsort(p, kept, sizeof p[0], ascending);
    const double median =
        kept % 2 == 1 ? p[kept / 2] : (p[kept / 2 - 1] + p[kept / 2]) / 2.0;

    return fmin(1.0, 2.0 * median);
}
