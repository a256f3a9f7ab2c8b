#include "worker/tiers.h"

#include <math.h>

static double rate_at(const struct tiers_rule *rule, double base,
                      const struct impact *impact, double notional)
{
    double rate = base;

    if (rule->law == TIERS_ROOT)
        rate = base * sqrt(notional / rule->first);
    else if (rule->law == TIERS_IMPACT)
        rate = base + (impact_of(impact, notional) - impact_of(impact, rule->first));
    return rate < 1.0 ? rate : 1.0;
}

struct tiers tiers_of(const struct tiers_rule *rule, double base,
                      const struct impact *impact)
{
    struct tiers tiers = {.n = rule->law == TIERS_ONE ? 1 : TIERS_MAX};
    double end = rule->first;

    for (size_t k = 0; k < tiers.n; k++, end *= TIERS_STEP) {
        tiers.cap[k] = k + 1 < tiers.n ? end : (double)INFINITY;
        tiers.initial[k] = rate_at(rule, base, impact, end);
        tiers.maintenance[k] = rule->maintenance * tiers.initial[k];
    }
    return tiers;
}

size_t tiers_find(const struct tiers *tiers, double notional)
{
    size_t k = 0;

    while (k + 1 < tiers->n && notional > tiers->cap[k])
        k++;
    return k;
}
