/* engine_oracle_inside.h -- what the two halves of the engine's oracle share */
#ifndef TESTS_ENGINE_ORACLE_INSIDE_H
#define TESTS_ENGINE_ORACLE_INSIDE_H

#include "engine_oracle.h"
#include "worker/decimal.h"

#include <math.h>
#include <stdbool.h>

typedef struct decimal money;

enum { N = ACCOUNTS_MAX };

/* ---- short names for arithmetic ---- */

static inline money D(double a)
{
    return decimal_of_real(a);
}
/* Sizes and money are counted in 2^-20 of a day's volume: 18 places are then 1e-24. */
enum { FINER = 20 };
static inline money amount(double a)
{
    return D(ldexp(a, FINER));
}
static inline double back(money a)
{
    return ldexp(decimal_real(a), -FINER);
}
static inline money plus(money a, money b)
{
    return decimal_add(a, b);
}
static inline money minus(money a, money b)
{
    return decimal_subtract(a, b);
}
static inline money times(money a, money b)
{
    return decimal_multiply(a, b);
}
static inline money over(money a, money b)
{
    return decimal_divide(a, b);
}
static inline bool less(money a, money b)
{
    return decimal_compare(a, b) < 0;
}
static inline money least(money a, money b)
{
    return less(b, a) ? b : a;
}
static inline money most(money a, money b)
{
    return less(a, b) ? b : a;
}
static const money ZERO = {0};

static inline money signed_by(int side, money a)
{
    return side > 0 ? a : minus(ZERO, a);
}

static inline long double real_of(money a)
{
    return (long double)a.n / 1e18L;
}

static inline money of_long(long double a)
{
    return (money){(__int128)nearbyintl(a * 1e18L)};
}

/* ---- what stands ---- */

struct trader {
    int side;
    money opened, quantity, cash, rate, debt;
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

static inline money equity(const struct trader *a, money price)
{
    return plus(a->cash, signed_by(a->side, times(a->quantity, price)));
}

/* Less than that is nothing. */
static inline money dust(const struct trader *a)
{
    return times(D(1e-9), a->opened);
}

static inline money bankruptcy(const struct trader *a)
{
    return over(signed_by(-a->side, a->cash), a->quantity);
}

/* engine_oracle_pay.c: prices with impact, and who pays. */
long double oracle_law(const struct venue *v, money volume);
money oracle_price_now(const struct venue *v);
void oracle_settle(struct venue *v, size_t i);
void oracle_fill(struct venue *v, size_t i, money q, money price);
void oracle_sell(struct venue *v, size_t i, money q);

#endif /* TESTS_ENGINE_ORACLE_INSIDE_H */
