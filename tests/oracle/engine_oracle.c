#include "engine_oracle.h"
#include "market/random.h"
#include "worker/decimal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct decimal money;

enum { N = ACCOUNTS_MAX };

/* ---- short names for arithmetic ---- */

static money D(double a)
{
    return decimal_of_real(a);
}
/* Sizes and money are counted in 2^-20 of a day's volume: 18 places are then 1e-24. */
enum { FINER = 20 };
static money amount(double a)
{
    return D(ldexp(a, FINER));
}
static double back(money a)
{
    return ldexp(decimal_real(a), -FINER);
}
static money plus(money a, money b)
{
    return decimal_add(a, b);
}
static money minus(money a, money b)
{
    return decimal_subtract(a, b);
}
static money times(money a, money b)
{
    return decimal_multiply(a, b);
}
static money over(money a, money b)
{
    return decimal_divide(a, b);
}
static bool less(money a, money b)
{
    return decimal_compare(a, b) < 0;
}
static money least(money a, money b)
{
    return less(b, a) ? b : a;
}
static money most(money a, money b)
{
    return less(a, b) ? b : a;
}
static const money ZERO = {0};

static money signed_by(int side, money a)
{
    return side > 0 ? a : minus(ZERO, a);
}

static long double real_of(money a)
{
    return (long double)a.n / 1e18L;
}

static money of_long(long double a)
{
    return (money){(__int128)nearbyintl(a * 1e18L)};
}

/* ---- what stands ---- */

struct trader {
    int side;
    money opened, quantity, cash, rate;
    bool is_case, is_bankrupt, on_offer;
    size_t fills, free_from, began;
    money lot, first_discount, last_discount, wanted[BIDDERS_MAX], worst;
    bool gone[BIDDERS_MAX], never[BIDDERS_MAX];
    uint32_t number;
};

struct venue {
    const struct engine_rules *rules;
    const struct engine_path *path;
    size_t n, s;
    struct trader trader[N];
    money volume, base, now, *mark;
    money fund, closed, cost, fees, bad_debt, deleveraged, clawed;
    size_t n_fills;
    double least_volume;
};

static money equity(const struct trader *a, money price)
{
    return plus(a->cash, signed_by(a->side, times(a->quantity, price)));
}

/* Less than that is nothing. */
static money dust(const struct trader *a)
{
    return times(D(1e-9), a->opened);
}

static money bankruptcy(const struct trader *a)
{
    return over(signed_by(-a->side, a->cash), a->quantity);
}

/* ---- impact ---- */

static long double law(const struct venue *v, money volume)
{
    const struct impact_rule *rule = &v->rules->impact;

    return (long double)rule->y * (long double)v->path->sigma *
           powl(ldexpl(fabsl(real_of(volume)), -FINER), (long double)rule->delta);
}

static money floored(long double displacement)
{
    return of_long(fmaxl(1.0L - displacement, (long double)IMPACT_FLOOR));
}

static money price_now(const struct venue *v)
{
    return times(v->base, floored(copysignl(law(v, v->volume), real_of(v->volume))));
}

/* Mean of the displacement between the volumes before and after. */
static money price_of(const struct venue *v, money q)
{
    const long double power = 1.0L + (long double)v->rules->impact.delta;
    const money after = plus(v->volume, q);
    const long double a = real_of(v->volume), b = real_of(after);

    if (v->rules->impact.y * v->path->sigma == 0.0 || a == b)
        return price_now(v);
    return times(v->base,
                 floored((law(v, after) * fabsl(b) - law(v, v->volume) * fabsl(a)) /
                         power / (b - a)));
}

/* ---- who pays ---- */

static void settle(struct venue *v, size_t i)
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

static void fill(struct venue *v, size_t i, money q, money price)
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
        settle(v, i);
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
        v->bad_debt =
            plus(v->bad_debt,
                 most(ZERO, times(taken, signed_by(a->side, minus(price, v->now)))));
        q = minus(q, taken);
        if (b->quantity.n == 0)
            settle(v, (size_t)(b - v->trader));
    }
    return q;
}

static void sell(struct venue *v, size_t i, money q)
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
    fill(v, i, q, price);
}

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
    const money worst = of_long(law(v, q));

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
        fill(v, i, taken,
             times(v->now, minus(D(1.0), signed_by(a->side, discount(v, a)))));
    a->lot = minus(a->lot, taken);
    if (less(ZERO, a->lot) && v->s - a->began < v->rules->auction_steps)
        return;
    a->on_offer = false;
    if (less(ZERO, a->lot))
        sell(v, i, a->lot);
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
        sell(v, i, q);
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
        v->now = v->mark[v->s] = price_now(v);
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
        settle(v, i);
    }
}

struct engine_result engine_oracle(const struct engine_rules *rules,
                                   const struct engine_path *path, size_t n,
                                   const struct account account[], double fund,
                                   double *least_volume)
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
