#include "worker/venue.h"

static struct decimal plus(struct decimal a, struct decimal b)
{
    return decimal_add(a, b);
}
static struct decimal minus(struct decimal a, struct decimal b)
{
    return decimal_subtract(a, b);
}
static struct decimal times(struct decimal a, struct decimal b)
{
    return decimal_multiply(a, b);
}
static struct decimal over(struct decimal a, struct decimal b)
{
    return decimal_divide(a, b);
}

void venue_amounts(size_t n, const struct decimal floor[], const struct decimal rate[],
                   struct decimal amount[])
{
    amount[0] = decimal_whole(0);
    for (size_t k = 1; k < n; k++)
        amount[k] = plus(times(floor[k], minus(rate[k], rate[k - 1])), amount[k - 1]);
}

size_t venue_bracket(size_t n, const struct decimal floor[], struct decimal notional)
{
    size_t k = 0;

    while (k + 1 < n && decimal_compare(notional, floor[k + 1]) > 0)
        k++;
    return k;
}

struct decimal venue_liquidation(const struct venue_position *position,
                                 struct decimal rate, struct decimal amount)
{
    const struct decimal side = decimal_whole(position->side);
    const struct decimal paid = times(times(side, position->quantity), position->entry);

    return over(minus(plus(position->wallet, amount), paid),
                times(position->quantity, minus(rate, side)));
}

struct decimal venue_liquidation_at_entry(const struct venue_position *position,
                                          struct decimal rate, struct decimal amount)
{
    const struct decimal value = times(position->quantity, position->entry);
    const struct decimal left =
        minus(position->wallet, minus(times(value, rate), amount));

    return minus(position->entry,
                 times(decimal_whole(position->side), over(left, position->quantity)));
}

struct decimal venue_bankruptcy(const struct venue_position *position)
{
    return venue_liquidation(position, decimal_whole(0), decimal_whole(0));
}

/* Where the balance and the value at entry are worth the position and a share of it:
 *     quantity / entry + balance = (1 + share) quantity / price */
static struct decimal inverse_price(const struct venue_inverse *position,
                                    struct decimal share)
{
    const struct decimal value = over(position->quantity, position->entry);

    return over(times(plus(decimal_whole(1), share), position->quantity),
                plus(value, position->balance));
}

struct decimal venue_inverse_bankruptcy(const struct venue_inverse *position)
{
    return inverse_price(position, position->fee);
}

struct decimal venue_inverse_liquidation_at_mark(const struct venue_inverse *position)
{
    return inverse_price(position, position->rate);
}

/* quantity (1/entry - 1/price) = -(balance - value rate - fee quantity / bankruptcy) */
struct decimal venue_inverse_liquidation(const struct venue_inverse *position)
{
    const struct decimal value = over(position->quantity, position->entry);
    const struct decimal fee = over(times(position->fee, position->quantity),
                                    venue_inverse_bankruptcy(position));
    const struct decimal left =
        minus(minus(position->balance, times(value, position->rate)), fee);

    return over(position->quantity, plus(value, left));
}

static struct decimal within(struct decimal a, struct decimal least,
                             struct decimal most)
{
    return decimal_compare(a, least) < 0  ? least
           : decimal_compare(a, most) > 0 ? most
                                          : a;
}

struct decimal venue_fillable(const struct venue_subaccount *account,
                              struct decimal adjustment, struct decimal spread)
{
    const struct decimal one = decimal_whole(1);
    const struct decimal rating =
        within(times(adjustment, minus(one, over(account->net, account->required))),
               decimal_whole(0), one);
    const struct decimal off =
        over(times(times(rating, spread), account->maintenance), account->quantity);

    return minus(account->price, times(decimal_whole(account->side), off));
}

struct decimal venue_fund_delta(const struct venue_subaccount *account,
                                struct decimal bankruptcy, struct decimal price,
                                struct decimal max_fee)
{
    const struct decimal left =
        times(decimal_whole(account->side),
              times(account->quantity, minus(price, bankruptcy)));
    const struct decimal fee = times(times(account->quantity, price), max_fee);

    return decimal_compare(left, fee) < 0 ? left : fee;
}

struct decimal venue_partial(struct decimal shortage, struct decimal price,
                             struct decimal ratio, struct decimal fee,
                             struct decimal fund_fee)
{
    return over(shortage, times(price, minus(minus(ratio, fee), fund_fee)));
}

struct decimal venue_rising(struct decimal base, struct decimal slope,
                            struct decimal size, struct decimal price)
{
    return times(times(size, plus(base, times(slope, size))), price);
}
