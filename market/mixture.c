#include "market/mixture.h"
#include "core/arith.h"

#include <math.h>

/* ln Gamma(x) for x > 0: shifted to x >= 15, then Stirling's series, whose first term
 * left out is below 4e-18 there (Abramowitz and Stegun 6.1.40). */
static double ln_gamma(double x)
{
    static const double half_ln_2pi = 0x1.d67f1c864beb5p-1;
    static const double term[] = {1.0 / 12,    -1.0 / 360, 1.0 / 1260,
                                  -1.0 / 1680, 1.0 / 1188, -691.0 / 360360};
    double product = 1.0, series = 0.0;

    while (x < 15.0)
        product *= x++;
    for (int i = 5; i >= 0; i--)
        series = series / (x * x) + term[i];
    return (x - 0.5) * arith_log(x) - x + half_ln_2pi + series / x - arith_log(product);
}

/* The continued fraction of I_x(a, b), evaluated forwards (modified Lentz method;
 * Press et al., Numerical Recipes, 3rd ed., 6.4): I_x = x^a (1-x)^b / (a B(a,b)) / f.
 */
static double beta_fraction(double x, double a, double b)
{
    const double tiny = 1e-300;
    double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);

    d = 1.0 / (fabs(d) < tiny ? tiny : d);
    double f = d;
    for (int m = 1; m < 1000; m++) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        const double before = f;

        d = 1.0 + even * d;
        c = 1.0 + even / c;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        f *= (fabs(c) < tiny ? tiny : c) * d;
        d = 1.0 + odd * d;
        c = 1.0 + odd / c;
        d = 1.0 / (fabs(d) < tiny ? tiny : d);
        f *= (fabs(c) < tiny ? tiny : c) * d;
        if (fabs(f - before) <= 1e-16 * fabs(f))
            break;
    }
    return f;
}

/* Q(x; nu) = I_z(nu/2, 1/2) / 2 with z = nu/(nu + x^2); the fraction converges fast
 * for z below (a + 1)/(a + b + 2), else 1 - I_(1-z)(1/2, nu/2) is taken. */
double mixture_student_tail(double nu, double x)
{
    const double a = 0.5 * nu, b = 0.5;
    const double z = nu / (nu + x * x), rest = x * x / (nu + x * x);

    if (x == 0.0)
        return 0.5;
    const double front = arith_exp(a * arith_log(z) + b * arith_log(rest) +
                                   ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b));
    if (z < (a + 1.0) / (a + b + 2.0))
        return 0.5 * front * beta_fraction(z, a, b) / a;
    return 0.5 - 0.5 * front * beta_fraction(rest, b, a) / b;
}

double mixture_scale(const struct mixture *mixture)
{
    const double jumps =
        1.0 - mixture->pi + mixture->pi * (mixture->kappa * mixture->kappa);

    return sqrt((mixture->nu - 2.0) / (mixture->nu * jumps));
}

double mixture_tail(const struct mixture *mixture, double x)
{
    const double t = x / mixture_scale(mixture);

    return (1.0 - mixture->pi) * mixture_student_tail(mixture->nu, t) +
           mixture->pi * mixture_student_tail(mixture->nu, t / mixture->kappa);
}

/* Bisection: the tail falls in x, and 200 halvings end at neighbouring doubles. */
double mixture_quantile(const struct mixture *mixture, double tail)
{
    double low = 0.0, high = 1.0;

    while (mixture_tail(mixture, high) > tail)
        high *= 2.0;
    for (int i = 0; i < 200; i++) {
        const double x = 0.5 * (low + high);

        if (mixture_tail(mixture, x) > tail)
            low = x;
        else
            high = x;
    }
    return high;
}
