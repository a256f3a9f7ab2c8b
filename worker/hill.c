#include "worker/hill.h"

#include "core/arith.h"

#include <math.h>

static const char *const status_names[HILL_STATUSES] = {
    [HILL_ESTIMATED] = "estimated",
    [HILL_TOO_FEW] = "too few losses",
    [HILL_NOT_ABOVE] = "a threshold that is not above 0",
    [HILL_NOT_FINITE] = "losses that are not finite",
    [HILL_NO_SPREAD] = "the largest losses are all equal",
};

const char *hill_status_name(enum hill_status status)
{
    return status_names[status];
}

/* ln(a / b) for a >= b > 0, without loss where they are close. */
static double log_ratio(double a, double b)
{
    const double excess = (a - b) / b;

    return excess < 1.0 ? arith_log1p(excess) : arith_log(a) - arith_log(b);
}

/* k xi_k; what k - 1 have come to is handed on. */
static struct hill step_to(size_t n, const double sorted[], size_t k, double *sum)
{
    struct hill hill = {.n = n, .k = k, .threshold = NAN, .xi = NAN, .error = NAN};

    if (k == 0 || k >= n) {
        hill.status = HILL_TOO_FEW;
        return hill;
    }
    hill.threshold = sorted[n - 1 - k];
    if (!(sorted[n - 1] < INFINITY)) {
        hill.status = HILL_NOT_FINITE;
        return hill;
    }
    if (!(hill.threshold > 0.0)) {
        hill.status = HILL_NOT_ABOVE;
        return hill;
    }
    *sum += (double)k * log_ratio(sorted[n - k], hill.threshold);
    hill.status = *sum > 0.0 ? HILL_ESTIMATED : HILL_NO_SPREAD;
    if (hill.status == HILL_ESTIMATED) {
        hill.xi = *sum / (double)k;
        hill.error = hill.xi / sqrt((double)k);
    }
    return hill;
}

struct hill hill_fit(size_t n, const double sorted[], size_t k)
{
    double sum = 0.0;

    if (k < n)
        for (size_t j = 1; j < k; j++)
            step_to(n, sorted, j, &sum);
    return step_to(n, sorted, k, &sum);
}

void hill_scan(size_t n, const double sorted[], size_t k, struct hill hill[])
{
    double sum = 0.0;

    for (size_t j = 1; j <= k; j++)
        hill[j - 1] = step_to(n, sorted, j, &sum);
}

double hill_var(const struct hill *hill, double confidence)
{
    const double rounding = 1e-12; /* of c */
    const double q = (double)hill->n / (double)hill->k * (1.0 - confidence);

    if (hill->status != HILL_ESTIMATED || !(confidence < 1.0) || !(q <= 1.0 + rounding))
        return NAN;
    const double power = -hill->xi * arith_log(fmin(q, 1.0));
    return power < 700.0 ? hill->threshold * arith_exp(power) : INFINITY;
}

double hill_es(const struct hill *hill, double confidence)
{
    const double var = hill_var(hill, confidence);

    if (isnan(var))
        return NAN;
    return hill->xi < 1.0 ? var / (1.0 - hill->xi) : INFINITY;
}
