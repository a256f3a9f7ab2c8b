#include "engine_oracle_inside.h"
#include "market/random.h"

#include <stdlib.h>

/* ---- auction ---- */

static double uniform(const struct venue *v, unsigned purpose, uint32_t index)
{
    struct random random = random_at(v->path->draws.seed, (uint8_t)purpose,
                                     v->path->draws.who, v->path->draws.path);

    random.n_drawn = index;
    return random_uniform(&random);
}

static void offer(struct venue *v, size_t i, money q)
{
    const struct auction_rule *rule = &v->rules->auction;
    struct trader *a = &v->trader[i];
    const long double m =
        ((long double)rule->n_bidders - 1.0L) / (1.0L - (long double)rule->aversion);
    const money worst = of_long(oracle_law(v, q));

    a->on_offer = true;
    a->began = v->s;
    a->lot = q;
    a->worst = worst;
    a->number = (uint32_t)(i * 256 + a->fills % 256);
    a->first_discount = D(v->rules->auction_start);
    a->last_discount =
        most(a->first_discount,
             over(signed_by(a->side, minus(v->now, bankruptcy(a))), v->now));
    const long double w = real_of(minus(worst, a->last_discount));
    for (uint32_t j = 0; j < rule->n_bidders; j++) {
        const money value =
            minus(worst, times(D(uniform(v, 66, a->number * BIDDERS_MAX + j)), worst));
        const long double x = real_of(value), reserve = m > 0 ? fmaxl(w, 0) : w;
        const long double rise = reserve > 0 ? powl(reserve, m + 1) / powl(x, m)
                                 : m > 0     ? 0
                                             : reserve;

        a->gone[j] = false;
        a->never[j] = less(value, minus(worst, a->last_discount));
        a->wanted[j] =
            a->never[j] ? ZERO : minus(worst, of_long((m * x + rise) / (m + 1)));
    }
}

static money discount(const struct venue *v, const struct trader *a)
{
    const size_t age = v->s - a->began, n = v->rules->auction_steps;

    if (age >= n)
        return a->last_discount;
    return plus(a->first_discount,
                over(times(minus(a->last_discount, a->first_discount),
                           decimal_whole((long long)age)),
                     decimal_whole((long long)n)));
}

static bool accepts(const struct venue *v, const struct trader *a, uint32_t j)
{
    const struct auction_rule *rule = &v->rules->auction;
    const uint32_t age = (uint32_t)(v->s - a->began);

    if (a->gone[j])
        return false;
    if (rule->precision == 0.0 || a->worst.n == 0)
        return !a->never[j] && (!less(discount(v, a), a->last_discount) ||
                                !less(discount(v, a), a->wanted[j]));
    const long double beyond =
        a->never[j] ? -INFINITY : real_of(minus(discount(v, a), a->wanted[j]));
    const long double odds = rule->precision * beyond / real_of(a->worst);
    return uniform(v, 96 + j, a->number * 4096 + age % 4096) <
           (double)(1.0L / (1.0L + expl(-fmaxl(-500, fminl(500, odds)))));
}

static void go_on(struct venue *v, size_t i)
{
    struct trader *a = &v->trader[i];
    money taken = ZERO;

    for (uint32_t j = 0; j < v->rules->auction.n_bidders && less(taken, a->lot); j++)
        if (accepts(v, a, j)) {
            a->gone[j] = true;
            taken =
                isinf(v->rules->auction.capacity)
                    ? a->lot
                    : least(a->lot, plus(taken, amount(v->rules->auction.capacity)));
        }
    if (less(ZERO, taken))
        oracle_fill(v, i, taken,
                    times(v->now, minus(D(1.0), signed_by(a->side, discount(v, a)))));
    a->lot = minus(a->lot, taken);
    if (less(ZERO, a->lot) && v->s - a->began < v->rules->auction_steps)
        return;
    a->on_offer = false;
    if (less(ZERO, a->lot))
        oracle_sell(v, i, a->lot);
}

/* ---- along the path ---- */

static bool below(const struct trader *a, money seen)
{
    return less(equity(a, seen), times(times(a->rate, a->quantity), seen));
}

static void turn(struct venue *v, size_t i, money seen)
{
    const struct engine_rules *rules = v->rules;
    struct trader *a = &v->trader[i];

    if (a->quantity.n == 0)
        return;
    if (a->on_offer) {
        go_on(v, i);
        return;
    }
    if (v->s < a->free_from || !below(a, seen))
        return;
    money q = times(D(rules->share), a->opened);
    if (!less(dust(a), minus(a->quantity, q)) || !less(dust(a), equity(a, seen)) ||
        less(times(a->quantity, seen), amount(rules->whole_below)))
        q = a->quantity;
    a->is_case = true;
    if (rules->auction_steps == 0) {
        oracle_sell(v, i, q);
        return;
    }
    offer(v, i, q);
    go_on(v, i);
}

static void walk(struct venue *v)
{
    const struct engine_rules *rules = v->rules;
    const money decay =
        of_long(isinf(rules->impact.halflife_steps)
                    ? 1.0L
                    : exp2l(-1.0L / (long double)rules->impact.halflife_steps));

    v->mark[0] = D(v->path->price[0]);
    for (v->s = 1; v->s <= v->path->n_steps; v->s++) {
        const size_t then =
            v->s > rules->latency_steps ? v->s - rules->latency_steps : 0;

        v->volume = times(v->volume, decay);
        v->base = D(v->path->price[v->s]);
        v->now = v->mark[v->s] = oracle_price_now(v);
        if (v->volume.n != 0)
            v->least_volume = fmin(v->least_volume, fabs(back(v->volume)));
        for (size_t i = 0; i < v->n; i++)
            turn(v, i, v->mark[then / rules->feed_steps * rules->feed_steps]);
    }
    for (size_t i = 0; i < v->n; i++) {
        struct trader *a = &v->trader[i];

        if (a->quantity.n == 0 || !less(equity(a, v->now), minus(ZERO, dust(a))))
            continue;
        a->cash = equity(a, v->now);
        a->quantity = ZERO;
        a->is_case = true;
        oracle_settle(v, i);
    }
}

struct engine_result engine_oracle(const struct engine_rules *rules,
                                   const struct engine_path *path, size_t n,
                                   const struct account account[], double fund,
                                   double debt[], double *least_volume)
{
    struct venue *v = calloc(1, sizeof *v);
    struct engine_result result = {0};

    *v = (struct venue){.rules = rules,
                        .path = path,
                        .n = n,
                        .fund = amount(fund),
                        .least_volume = INFINITY};
    v->mark = calloc(path->n_steps + 1, sizeof *v->mark);
    for (size_t i = 0; i < n; i++)
        v->trader[i] = (struct trader){.side = account[i].side,
                                       .opened = amount(account[i].opened),
                                       .quantity = amount(account[i].quantity),
                                       .cash = amount(account[i].cash),
                                       .rate = D(account[i].rate)};
    walk(v);
    for (size_t i = 0; i < n; i++) {
        result.n_cases += v->trader[i].is_case;
        result.n_bankrupt += v->trader[i].is_bankrupt;
        if (debt != NULL)
            debt[i] = back(v->trader[i].debt);
    }
    result.n_fills = v->n_fills;
    result.closed = back(v->closed);
    result.cost = back(v->cost);
    result.fees = back(v->fees);
    result.bad_debt = back(v->bad_debt);
    result.deleveraged = back(v->deleveraged);
    result.clawed = back(v->clawed);
    result.fund = back(v->fund);
    *least_volume = v->least_volume;
    free(v->mark);
    free(v);
    return result;
}
