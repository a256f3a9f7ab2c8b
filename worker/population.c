#include "worker/population.h"
#include "core/arith.h"

static void normalise(size_t n, size_t first, double share[])
{
    double sum = 0.0;

    for (size_t i = first; i < n; i += 2)
        sum += share[i];
    for (size_t i = first; i < n; i += 2)
        share[i] /= sum;
}

void population_draw(const struct population_rule *rule, const struct draws *draws,
                     double share[], double slack[])
{
    for (uint32_t i = 0; i < rule->n; i++) {
        struct random size = draws_at(draws, DRAW_SIZE, i << 16);
        struct random more = draws_at(draws, DRAW_SLACK, i);

        share[i] = arith_exp(rule->spread * random_normal(&size));
        slack[i] = -rule->slack * arith_log(random_uniform(&more));
    }
    normalise(rule->n, 0, share);
    normalise(rule->n, 1, share);
}

void population_open(size_t n, const double share[], const double slack[],
                     double open_interest, const struct tiers *tiers,
                     struct account account[])
{
    for (size_t i = 0; i < n; i++) {
        const double notional = share[i] * open_interest;
        const size_t k = tiers_find(tiers, notional);
        const double posted = tiers->initial[k] * (1.0 + slack[i]) * notional;
        const int side = i % 2 == 0 ? 1 : -1;

        account[i] = (struct account){.side = side,
                                      .opened = notional,
                                      .quantity = notional,
                                      .cash = posted - side * notional,
                                      .rate = tiers->maintenance[k]};
    }
}
