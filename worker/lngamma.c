#include "worker/lngamma.h"

#include "core/arith.h"

#include <stddef.h>

/* Beyond SHIFT the first term that the series below leave out is under 1e-16. */
static const double SHIFT = 12.0;

/* x >= SHIFT, Abramowitz and Stegun 6.1.41:
 *
 *     ln Gamma(x) = (x - 1/2) ln x - x + ln(2 pi)/2 + 1/12x - 1/360x^3 + 1/1260x^5
 *                   - 1/1680x^7 + 1/1188x^9 - 691/360360x^11 + 1/156x^13
 *
 * below it by ln Gamma(x) = ln Gamma(x + k) - ln(x (x+1) ... (x+k-1)). */
double lngamma(double x)
{
    static const double term[] = {1.0 / 156,  -691.0 / 360360, 1.0 / 1188, -1.0 / 1680,
                                  1.0 / 1260, -1.0 / 360,      1.0 / 12};
    const double half_ln_2pi = 0x1.d67f1c864beb5p-1;
    double below = 1.0, series = 0.0;

    for (; x < SHIFT; x += 1.0)
        below *= x;
    for (size_t i = 0; i < sizeof term / sizeof *term; i++)
        series = series / (x * x) + term[i];
    return (x - 0.5) * arith_log(x) - x + half_ln_2pi + series / x - arith_log(below);
}

/* x >= SHIFT, 6.3.18:
 *
 *     psi(x) = ln x - 1/2x - 1/12x^2 + 1/120x^4 - 1/252x^6 + 1/240x^8 - 1/132x^10
 *              + 691/32760x^12 - 1/12x^14
 *
 * below it by psi(x) = psi(x + 1) - 1/x. */
double digamma(double x)
{
    static const double term[] = {1.0 / 12,  -691.0 / 32760, 1.0 / 132, -1.0 / 240,
                                  1.0 / 252, -1.0 / 120,     1.0 / 12};
    double below = 0.0, series = 0.0;

    for (; x < SHIFT; x += 1.0)
        below += 1.0 / x;
    for (size_t i = 0; i < sizeof term / sizeof *term; i++)
        series = (series + term[i]) / (x * x);
    return arith_log(x) - 0.5 / x - series - below;
}
