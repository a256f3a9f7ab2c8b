#include "worker/auction.h"
#include "core/arith.h"
#include "market/random.h"

#include <math.h>

/* x^p, x >= 0, with the same bits everywhere. */
static double power(double x, double p)
{
    return x > 0.0 ? arith_exp(p * arith_log(x)) : p > 0.0 ? 0.0 : 1.0;
}

/* b(v) with the reserve w; w^(m+1) / v^m = w (w/v)^m. */
static double bid(double m, double v, double w)
{
    const double floor = m > 0.0 && w < 0.0 ? 0.0 : w;
    const double more = floor > 0.0 ? floor * power(floor / v, m)
                        : m > 0.0   ? 0.0
                                    : floor;

    return m / (m + 1.0) * v + more / (m + 1.0);
}

struct auction auction_open(const struct auction_rule *rule, const struct draws *draws,
                            const struct auction_lot *lot)
{
    const double m = ((double)rule->n_bidders - 1.0) / (1.0 - rule->aversion);
    struct auction auction = {.lot = *lot};

    auction.lot.end = lot->end > lot->start ? lot->end : lot->start;
    const double reserve = lot->worst - auction.lot.end;
    for (uint32_t j = 0; j < rule->n_bidders; j++) {
        struct random random =
            draws_at(draws, DRAW_BIDDER, lot->number * BIDDERS_MAX + j);
        const double value = lot->worst - random_uniform(&random) * lot->worst;

        auction.wanted[j] =
            value < reserve ? (double)INFINITY : lot->worst - bid(m, value, reserve);
    }
    return auction;
}

double auction_discount(const struct auction *auction, size_t age)
{
    if (age >= auction->lot.n_steps)
        return auction->lot.end;
    return auction->lot.start + (auction->lot.end - auction->lot.start) * (double)age /
                                    (double)auction->lot.n_steps;
}

static bool accepts(const struct auction_rule *rule, const struct draws *draws,
                    const struct auction *auction, size_t age, uint32_t j)
{
    const double discount = auction_discount(auction, age);
    const double beyond = discount - auction->wanted[j];

    if (rule->precision == 0.0 || !(auction->lot.worst > 0.0))
        return beyond >= 0.0 ||
               (discount >= auction->lot.end && auction->wanted[j] < INFINITY);
    struct random random =
        draws_at(draws, (uint8_t)(DRAW_PATIENCE + j),
                 auction->lot.number << 12 | ((uint32_t)age & 0xfff));
    const double odds = rule->precision * beyond / auction->lot.worst;
    const double limited = odds > 500.0 ? 500.0 : odds < -500.0 ? -500.0 : odds;

    return random_uniform(&random) < 1.0 / (1.0 + arith_exp(-limited));
}

double auction_take(const struct auction_rule *rule, const struct draws *draws,
                    struct auction *auction, size_t age, double q)
{
    double taken = 0.0;

    for (uint32_t j = 0; j < rule->n_bidders && taken < q; j++) {
        if (auction->is_gone[j] || !accepts(rule, draws, auction, age, j))
            continue;
        auction->is_gone[j] = true;
        taken = taken + rule->capacity < q ? taken + rule->capacity : q;
    }
    return taken;
}
