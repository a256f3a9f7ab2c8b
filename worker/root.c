#include "worker/root.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

struct bracket {
    double a, b, f_a, f_b;
};

static bool has_change(const struct bracket *of)
{
    return (of->f_a <= 0.0 && of->f_b >= 0.0) || (of->f_a >= 0.0 && of->f_b <= 0.0);
}

/* Keep the part of [a, b] beside x whose ends differ in sign. */
static void narrow(struct bracket *of, double x, double f_x)
{
    if ((f_x < 0.0) == (of->f_a < 0.0)) {
        of->a = x;
        of->f_a = f_x;
    } else {
        of->b = x;
        of->f_b = f_x;
    }
}

/* Scaled, so that f_m^2 - f_a f_b neither underflows nor leaves the doubles; the middle
 * where an end is infinite. */
static double next_of(const struct bracket *of, double m, double f_m)
{
    const double scale = fmax(fmax(fabs(of->f_a), fabs(of->f_b)), fabs(f_m));
    const double a = of->f_a / scale, b = of->f_b / scale, f = f_m / scale;

    if (!(scale < INFINITY))
        return m;
    const double x = m + copysign(m - of->a, a) * f / sqrt(f * f - a * b);

    return fmin(fmax(x, of->a), of->b);
}

/* Is the root within `enough` of x, an end of the bracket?  The bracket's other end may
 * be far away still: look at the sign that far inwards. */
static bool is_close(root_fn f, const void *context, struct bracket *of, double x,
                     double enough)
{
    const double probe = x == of->a ? fmin(x + enough, of->b) : fmax(x - enough, of->a);

    narrow(of, probe, f(probe, context));
    return of->b - of->a <= enough;
}

double root_find(root_fn f, const void *context, double a, double b, double tolerance)
{
    struct bracket of = {a, b, f(a, context), f(b, context)};
    double last = NAN;

    if (!has_change(&of))
        return NAN;
    if (of.f_a == 0.0)
        return a;
    if (of.f_b == 0.0)
        return b;
    for (int step = 0; step < ROOT_STEPS; step++) {
        const double m = 0.5 * (of.a + of.b), f_m = f(m, context);
        const double x = next_of(&of, m, f_m), f_x = f(x, context);
        const double enough = fmax(tolerance, 2.0 * DBL_EPSILON * fabs(x));

        if (isnan(f_m) || isnan(f_x))
            return NAN;
        if (f_x == 0.0 || of.b - of.a <= enough)
            return x;
        narrow(&of, m, f_m);
        if (x > of.a && x < of.b)
            narrow(&of, x, f_x);
        if (fabs(x - last) <= enough && is_close(f, context, &of, x, enough))
            return x;
        last = x;
    }
    return last;
}
