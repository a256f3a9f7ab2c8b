#include "worker/elasticity.h"

#include <math.h>
#include <stdbool.h>

static const double STEP = 0.05; /* of x */

static bool is_allowed(const struct axis_rule *rule, double x)
{
    return (rule->open_min ? x > rule->min : x >= rule->min) &&
           (rule->open_max ? x < rule->max : x <= rule->max);
}

void elasticity_neighbours(const struct axis_rule *rule, double x, double *below,
                           double *above)
{
    const double d = rule->whole ? 1.0 : STEP * fabs(x);

    *below = is_allowed(rule, x - d) ? x - d : x;
    *above = is_allowed(rule, x + d) ? x + d : x;
}

double elasticity_at(double x, double f, double below, double above, double f_below,
                     double f_above)
{
    const double over = above - below;

    if (x == 0.0 || f == 0.0 || over == 0.0)
        return NAN;
    return (f_above - f_below) / over * x / f;
}
