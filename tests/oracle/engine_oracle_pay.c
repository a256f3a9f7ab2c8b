#include "engine_oracle_inside.h"

/* ---- impact ---- */

long double oracle_law(const struct venue *v, money volume)
{
    const struct impact_rule *rule = &v->rules->impact;

    return (long double)rule->y * (long double)v->path->sigma *
           powl(ldexpl(fabsl(real_of(volume)), -FINER), (long double)rule->delta);
}

static money floored(long double displacement)
{
    return of_long(fmaxl(1.0L - displacement, (long double)IMPACT_FLOOR));
}

money oracle_price_now(const struct venue *v)
{
    return times(v->base,
                 floored(copysignl(oracle_law(v, v->volume), real_of(v->volume))));
}

/* Mean of the displacement between the volumes before and after. */
static money price_of(const struct venue *v, money q)
{
    const long double power = 1.0L + (long double)v->rules->impact.delta;
    const money after = plus(v->volume, q);
    const long double a = real_of(v->volume), b = real_of(after);

    if (v->rules->impact.y * v->path->sigma == 0.0 || a == b)
        return oracle_price_now(v);
    return times(v->base, floored((oracle_law(v, after) * fabsl(b) -
                                   oracle_law(v, v->volume) * fabsl(a)) /
                                  power / (b - a)));
}

/* ---- who pays ---- */

void oracle_settle(struct venue *v, size_t i)
{
    struct trader *a = &v->trader[i];
    money all = ZERO;

    if (!less(a->cash, ZERO))
        return;
    const money debt = minus(ZERO, a->cash);
    const money paid = least(debt, v->fund), rest = minus(debt, paid);
    a->cash = ZERO;
    if (!less(dust(a), debt))
        return;
    a->is_bankrupt = true;
    v->bad_debt = plus(v->bad_debt, debt);
    a->debt = plus(a->debt, debt);
    v->fund = minus(v->fund, paid);
    if (!less(ZERO, rest))
        return;
    v->clawed = plus(v->clawed, rest);
    for (size_t j = 0; j < v->n; j++)
        if (j != i)
            all = plus(all, most(ZERO, equity(&v->trader[j], v->now)));
    if (!less(ZERO, all))
        return;
    const money part = least(over(rest, all), D(1.0));
    for (size_t j = 0; j < v->n; j++)
        if (j != i)
            v->trader[j].cash =
                minus(v->trader[j].cash,
                      times(part, most(ZERO, equity(&v->trader[j], v->now))));
}

void oracle_fill(struct venue *v, size_t i, money q, money price)
{
    struct trader *a = &v->trader[i];
    const money rate = times(
        D(v->rules->fee),
        plus(D(1.0), times(D(v->rules->fee_ramp), decimal_whole((long long)a->fills))));

    a->cash = plus(a->cash, signed_by(a->side, times(q, price)));
    a->quantity = most(ZERO, minus(a->quantity, q));
    a->fills++;
    a->free_from = v->s + 1 + v->rules->cooldown_steps;
    const money fee =
        most(ZERO, least(times(rate, times(q, price)), equity(a, v->now)));
    a->cash = minus(a->cash, fee);
    v->fund = plus(v->fund, fee);
    v->fees = plus(v->fees, fee);
    v->cost =
        plus(v->cost, plus(fee, signed_by(a->side, times(q, minus(v->now, price)))));
    v->closed = plus(v->closed, times(q, v->now));
    v->n_fills++;
    if (a->quantity.n == 0)
        oracle_settle(v, i);
}

/* Gain over entry (1) times leverage; 0: not in the rank. */
static money rank(const struct venue *v, const struct trader *a)
{
    const money gain = signed_by(a->side, minus(v->now, D(1.0)));
    const money own = equity(a, v->now);

    if (a->quantity.n == 0 || a->on_offer || !less(ZERO, gain) || !less(dust(a), own))
        return ZERO;
    return over(times(times(gain, a->quantity), v->now), own);
}

static money deleverage(struct venue *v, size_t i, money q)
{
    struct trader *a = &v->trader[i];
    const money price = bankruptcy(a);

    while (less(ZERO, q)) {
        struct trader *b = NULL;

        for (size_t j = 0; j < v->n; j++)
            if (v->trader[j].side != a->side && less(ZERO, rank(v, &v->trader[j])) &&
                (b == NULL || less(rank(v, b), rank(v, &v->trader[j]))))
                b = &v->trader[j];
        if (b == NULL)
            break;
        const money taken = least(q, b->quantity);
        b->cash = plus(b->cash, signed_by(b->side, times(taken, price)));
        b->quantity = minus(b->quantity, taken);
        a->cash = plus(a->cash, signed_by(a->side, times(taken, price)));
        a->quantity = most(ZERO, minus(a->quantity, taken));
        a->is_bankrupt = true;
        v->deleveraged = plus(v->deleveraged, times(taken, v->now));
        const money lost =
            most(ZERO, times(taken, signed_by(a->side, minus(price, v->now))));
        v->bad_debt = plus(v->bad_debt, lost);
        a->debt = plus(a->debt, lost);
        q = minus(q, taken);
        if (b->quantity.n == 0)
            oracle_settle(v, (size_t)(b - v->trader));
    }
    return q;
}

void oracle_sell(struct venue *v, size_t i, money q)
{
    struct trader *a = &v->trader[i];
    money price = price_of(v, signed_by(a->side, q));
    const money short_of = signed_by(a->side, times(q, minus(bankruptcy(a), price)));

    if (less(v->fund, short_of)) {
        q = deleverage(v, i, q);
        a->free_from = v->s + 1 + v->rules->cooldown_steps;
        if (!less(ZERO, q))
            return;
        price = price_of(v, signed_by(a->side, q));
    }
    v->volume = plus(v->volume, signed_by(a->side, q));
    oracle_fill(v, i, q, price);
}
