#include "worker/combine.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double combine_p_values(size_t n, double p[])
{
    if (n <= 1)
        return n == 1 ? p[0] : NAN;
    qsort(p, n, sizeof *p, ascending);
    return fmin(1.0, 2.0 * (0.5 * (p[(n - 1) / 2] + p[n / 2])));
}
