#include "worker/impact.h"
#include "core/arith.h"

#include <math.h>

/* x^p, x >= 0, with the same bits everywhere. */
static double power(double x, double p)
{
    if (x == 0.0)
        return 0.0;
    if (p == 0.5)
        return sqrt(x);
    return p == 1.0 ? x : arith_exp(p * arith_log(x));
}

struct impact impact_new(const struct impact_rule *rule, double sigma)
{
    static const double ln2 = 0x1.62e42fefa39efp-1;

    return (struct impact){.scale = rule->y * sigma,
                           .delta = rule->delta,
                           .decay = arith_exp(-ln2 / rule->halflife_steps)};
}

void impact_decay(struct impact *impact)
{
    impact->volume *= impact->decay;
}

double impact_of(const struct impact *impact, double volume)
{
    return impact->scale * power(fabs(volume), impact->delta);
}

static double floored(double share)
{
    return share > IMPACT_FLOOR ? share : IMPACT_FLOOR;
}

double impact_price(const struct impact *impact)
{
    return floored(1.0 - copysign(impact_of(impact, impact->volume), impact->volume));
}

/* The integral of I from 0 to v is scale |v|^(delta+1) / (delta+1), on both sides. */
static double integral(const struct impact *impact, double volume)
{
    const double size = fabs(volume);

    return impact->scale * size * power(size, impact->delta) / (impact->delta + 1.0);
}

double impact_fill(const struct impact *impact, double q)
{
    const double before = impact->volume, after = before + q;

    if (impact->scale == 0.0 || after == before)
        return impact_price(impact);
    return floored(1.0 - (integral(impact, after) - integral(impact, before)) / q);
}

void impact_add(struct impact *impact, double q)
{
    impact->volume += q;
}
