/* tiers.h -- what does a position of this size have to post?
 *
 * Tier k holds for notionals up to cap[k] (a share of ADV; the last has no end) and
 * asks its rate of the whole position.  The first asks the base rate, b; the next caps
 * are four times the one before:
 *
 *     TIERS_ROOT     rate[k] = b sqrt(N_k / N_0)
 *     TIERS_IMPACT   rate[k] = b + I(N_k) - I(N_0)        I: impact.h
 *
 * N_k is the upper end of the tier, that of the last four times the cap before; no rate
 * is above 1.  Maintenance is a share below 1 of it.  So rates never fall from tier to
 * tier, and maintenance is below initial, by construction. */
#ifndef WORKER_TIERS_H
#define WORKER_TIERS_H

#include "worker/impact.h"

#include <stddef.h>

enum { TIERS_MAX = 6, TIERS_STEP = 4 };

enum tiers_law { TIERS_ONE, TIERS_ROOT, TIERS_IMPACT, TIERS_LAWS };

struct tiers {
    size_t n;
    double cap[TIERS_MAX]; /* share of ADV; INFINITY in the last */
    double initial[TIERS_MAX], maintenance[TIERS_MAX];
};

struct tiers_rule {
    enum tiers_law law;
    double first;       /* N_0, > 0       */
    double maintenance; /* share, in (0, 1) */
};

/* Of the base rate b; impact at the volatility of the day (TIERS_IMPACT). */
struct tiers tiers_of(const struct tiers_rule *rule, double base,
                      const struct impact *impact);

/* The tier of a notional >= 0. */
size_t tiers_find(const struct tiers *tiers, double notional);

#endif /* WORKER_TIERS_H */
