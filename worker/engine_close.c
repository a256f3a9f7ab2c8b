#include "worker/engine_inside.h"

#include <math.h>

void engine_fill(struct engine_room *room, size_t i, double q, double price, size_t s)
{
    const struct engine_rules *rules = room->rules;
    struct account *account = &room->account[i];
    struct closing *closing = &room->closing[i];
    const double rate = rules->fee * (1.0 + rules->fee_ramp * (double)closing->n_fills);

    account->cash += account->side * q * price;
    account->quantity = q < account->quantity ? account->quantity - q : 0.0;
    closing->n_fills++;
    closing->resume = s + 1 + rules->cooldown_steps;
    /* a fee is taken of what is there, never lent */
    const double left = account_equity(account, room->now);
    const double asked = rate * q * price;
    const double fee = asked < left ? asked : left > 0.0 ? left : 0.0;
    account->cash -= fee;
    room->result.fund += fee;
    room->result.fees += fee;
    room->result.cost += fee + account->side * q * (room->now - price);
    room->result.closed += q * room->now;
    room->result.n_fills++;
    if (account->quantity == 0.0)
        engine_settle(room, i);
}

/* ---- below zero ---- */

/* What neither fund nor deleveraging met is taken from all others, by their equity. */
static void claw(struct engine_room *room, size_t i, double debt)
{
    double equity = 0.0;

    room->result.clawed += debt;
    for (size_t j = 0; j < room->n; j++)
        if (j != i)
            equity += fmax(0.0, account_equity(&room->account[j], room->now));
    for (size_t j = 0; j < room->n && equity > 0.0; j++)
        if (j != i)
            room->account[j].cash -=
                fmin(debt / equity, 1.0) *
                fmax(0.0, account_equity(&room->account[j], room->now));
}

void engine_settle(struct engine_room *room, size_t i)
{
    struct account *account = &room->account[i];
    const double debt = -account->cash;

    if (!(debt > 0.0))
        return;
    account->cash = 0.0;
    if (debt <= ENGINE_DUST * account->opened)
        return;
    room->closing[i].is_bankrupt = true;
    room->result.bad_debt += debt;
    account->debt += debt;
    const double paid = debt < room->result.fund ? debt : room->result.fund;
    room->result.fund -= paid;
    if (debt > paid)
        claw(room, i, debt - paid);
}

/* ---- auto-deleveraging ---- */

/* Profit per unit posted: gain over entry times leverage, as venues rank it.  The entry
 * price is 1. */
static double rank_of(const struct engine_room *room, size_t j)
{
    const struct account *account = &room->account[j];
    const double gain = account->side * (room->now - 1.0);
    const double equity = account_equity(account, room->now);

    if (account->quantity == 0.0 || !(gain > 0.0) ||
        !(equity > ENGINE_DUST * account->opened))
        return 0.0;
    return gain * account->quantity * room->now / equity;
}

/* The first in rank of those on the other side; n where nobody has a gain. */
static size_t first_in_rank(const struct engine_room *room, int side)
{
    size_t first = room->n;
    double best = 0.0;

    for (size_t j = 0; j < room->n; j++) {
        if (room->account[j].side == side || room->closing[j].is_on_offer)
            continue;
        const double rank = rank_of(room, j);

        if (rank > best) {
            best = rank;
            first = j;
        }
    }
    return first;
}

/* Others take q at the bankruptcy price, in rank; returns what nobody took. */
static double deleverage(struct engine_room *room, size_t i, double q)
{
    struct account *account = &room->account[i];
    const double price = account_bankruptcy(account);
    const double worse = account->side * (price - room->now);

    while (q > 0.0) {
        const size_t j = first_in_rank(room, account->side);

        if (j == room->n)
            break;
        struct account *other = &room->account[j];
        const double taken = q < other->quantity ? q : other->quantity;

        other->cash += other->side * taken * price;
        other->quantity = taken < other->quantity ? other->quantity - taken : 0.0;
        account->cash += account->side * taken * price;
        account->quantity = taken < account->quantity ? account->quantity - taken : 0.0;
        room->result.deleveraged += taken * room->now;
        room->result.bad_debt += worse > 0.0 ? taken * worse : 0.0;
        account->debt += worse > 0.0 ? taken * worse : 0.0;
        room->closing[i].is_bankrupt = true;
        q -= taken;
        if (other->quantity == 0.0)
            engine_settle(room, j);
    }
    return q;
}

void engine_sell(struct engine_room *room, size_t i, double q, size_t s)
{
    struct account *account = &room->account[i];
    const double sold = account->side * q;
    double price = room->base * impact_fill(&room->impact, sold);
    const double short_of = account->side * q * (account_bankruptcy(account) - price);

    if (short_of > room->result.fund) {
        const double left = deleverage(room, i, q);

        room->closing[i].resume = s + 1 + room->rules->cooldown_steps;
        if (!(left > 0.0))
            return;
        q = left;
        price = room->base * impact_fill(&room->impact, account->side * q);
    }
    impact_add(&room->impact, account->side * q);
    engine_fill(room, i, q, price, s);
}
