#include "core/arith.h"

#include <stdint.h>
#include <string.h>

/* ln 2 in two parts: the high one has 32 significant bits, so k LN2_HI is exact for
 * the exponents of a double. */
static const double LN2_HI = 0x1.62e42feep-1;
static const double LN2_LO = 0x1.a39ef35793c76p-33;

static uint64_t bits_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x = 2^k (1 + f), sqrt(1/2) < 1 + f < sqrt(2);  s = f / (2 + f);
 *
 *     ln(1 + f) = 2 atanh(s) = 2s + 2s^3/3 + 2s^5/5 + ...,   |s| < 0.1716,
 *
 * cut after s^21, whose remainder is below 2^-58 of the sum.  Written as
 * f - (f^2/2 - s (f^2/2 + R)), it keeps full accuracy near 1 (the form of
 * FreeBSD's e_log.c by Sun Microsystems, 1993). */
double arith_log(double x)
{
    int k = 0;

    if (x < 0x1p-1022) { /* subnormal */
        x *= 0x1p54;
        k = -54;
    }
    uint64_t bits = bits_of(x);
    k += (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
    double m = double_of(bits);
    if (m > 0x1.6a09e667f3bcdp+0) {
        m *= 0.5;
        k++;
    }

    const double f = m - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double series = 2.0 / 21.0;
    for (int odd = 19; odd >= 3; odd -= 2)
        series = series * z + 2.0 / odd;
    const double rest = series * z;
    const double half_square = 0.5 * f * f;

    return k * LN2_HI - ((half_square - (s * (half_square + rest) + k * LN2_LO)) - f);
}

/* x = k ln2 + r, |r| <= ln2/2;  e^r by its Taylor series to r^13, whose remainder is
 * below 2^-57. */
double arith_exp(double x)
{
    const double scaled = x * 0x1.71547652b82fep+0;
    const int k = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    const double r_hi = x - k * LN2_HI;
    const double r_lo = k * LN2_LO;
    const double r = r_hi - r_lo;
    double tail = 1.0; /* (e^r - 1) / r, from the last term inwards */

    for (int n = 13; n >= 2; n--)
        tail = 1.0 + tail * r / n;

    const int half = k / 2; /* in two steps: 2^k itself may not be a double */
    const double power = double_of((uint64_t)(half + 1023) << 52);
    return (1.0 + r * tail) * power * double_of((uint64_t)(k - half + 1023) << 52);
}

/* With u = 1 + x rounded, ln u / (u - 1) is ln(1 + x) / x but for what the rounding of
 * u changes in a function that is flat there (HP-15C Advanced Functions Handbook, 1982,
 * appendix; Goldberg, ACM Computing Surveys 23, 1991, theorem 4). */
double arith_log1p(double x)
{
    const double u = 1.0 + x;

    return u == 1.0 ? x : arith_log(u) * (x / (u - 1.0));
}

/* Likewise with u = e^x rounded: (u - 1) / ln u (Kahan; Higham -- Accuracy and
 * Stability of Numerical Algorithms, 2nd ed. 2002, 1.14.1). */
double arith_expm1(double x)
{
    const double beyond = -40.0; /* e^x is below half an ulp of 1 */

    if (x < beyond)
        return -1.0;
    const double u = arith_exp(x);
    return u == 1.0 ? x : (u - 1.0) * (x / arith_log(u));
}
