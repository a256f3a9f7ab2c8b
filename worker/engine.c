#include "worker/engine.h"
#include "worker/engine_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int engine_room_new(size_t max_steps, struct engine_room **room, struct err *err)
{
    struct engine_room *new = calloc(1, sizeof *new);

    if (new != NULL)
        new->mark = calloc(max_steps + 1, sizeof *new->mark);
    if (new == NULL || new->mark == NULL) {
        free(new);
        return err_set(err, ERR_MEMORY, "no memory for a path of %zu steps", max_steps);
    }
    *room = new;
    return 0;
}

void engine_room_free(struct engine_room *room)
{
    if (room == NULL)
        return;
    free(room->mark);
    free(room);
}

double account_equity(const struct account *account, double price)
{
    return account->cash + account->side * account->quantity * price;
}

double account_bankruptcy(const struct account *account)
{
    return -account->side * account->cash / account->quantity;
}

static bool is_below(const struct account *account, double seen)
{
    return account_equity(account, seen) < account->rate * account->quantity * seen;
}

/* No account is below maintenance at the extremes of the base path: equity less
 * maintenance is linear in the price, so none is in between. */
bool engine_is_idle(const struct engine_path *path, size_t n,
                    const struct account account[])
{
    for (size_t i = 0; i < n; i++)
        if (is_below(&account[i], path->low) || is_below(&account[i], path->high))
            return false;
    return true;
}

/* The mark that the engine knows of at step s. */
static double seen_at(const struct engine_room *room, size_t s)
{
    const struct engine_rules *rules = room->rules;
    const size_t then = s > rules->latency_steps ? s - rules->latency_steps : 0;

    return room->mark[then - then % rules->feed_steps];
}

/* How much of it goes now. */
static double amount_of(const struct engine_room *room, size_t i, double seen)
{
    const struct account *account = &room->account[i];
    const double q = room->rules->share * account->opened;

    if (account->quantity - q <= ENGINE_DUST * account->opened ||
        account_equity(account, seen) <= ENGINE_DUST * account->opened ||
        account->quantity * seen < room->rules->whole_below)
        return account->quantity;
    return q;
}

/* A bidder bears what the lot would move the market by, at worst. */
static void offer(struct engine_room *room, size_t i, double q, size_t s)
{
    const struct engine_rules *rules = room->rules;
    const struct account *account = &room->account[i];
    struct closing *closing = &room->closing[i];
    const struct auction_lot lot = {
        .start = rules->auction_start,
        .end = account->side * (room->now - account_bankruptcy(account)) / room->now,
        .n_steps = rules->auction_steps,
        .worst = impact_of(&room->impact, q),
        .number = (uint32_t)(i << 8 | (closing->n_fills & 0xff)),
    };

    closing->auction = auction_open(&rules->auction, &room->path->draws, &lot);
    closing->is_on_offer = true;
    closing->began = s;
    closing->lot = q;
}

/* What bidders take now goes at the discount of now; what is left at the end is sold.
 */
static void go_on_with_auction(struct engine_room *room, size_t i, size_t s)
{
    struct closing *closing = &room->closing[i];
    const size_t age = s - closing->began;
    const double discount = auction_discount(&closing->auction, age);
    const double q = auction_take(&room->rules->auction, &room->path->draws,
                                  &closing->auction, age, closing->lot);

    if (q > 0.0)
        engine_fill(room, i, q, room->now * (1.0 - room->account[i].side * discount),
                    s);
    closing->lot -= q;
    if (closing->lot > 0.0 && age < room->rules->auction_steps)
        return;
    closing->is_on_offer = false;
    if (closing->lot > 0.0)
        engine_sell(room, i, closing->lot, s);
}

static void step_account(struct engine_room *room, size_t i, size_t s, double seen)
{
    struct account *account = &room->account[i];
    struct closing *closing = &room->closing[i];

    if (account->quantity == 0.0)
        return;
    if (!closing->is_on_offer) {
        if (s < closing->resume || !is_below(account, seen))
            return;
        const double q = amount_of(room, i, seen);

        closing->is_case = true;
        if (room->rules->auction_steps == 0) {
            engine_sell(room, i, q, s);
            return;
        }
        offer(room, i, q, s);
    }
    go_on_with_auction(room, i, s);
}

/* Between which prices is no account below maintenance?  A long one is below
 * -cash / (q (1 - rate)), a short one above cash / (q (1 + rate)); what is on offer or
 * pauses is not between anything.  A little closer, so that no rounding hides one. */
static void find_trips(struct engine_room *room)
{
    static const double closer = 1e-9;

    room->low_trip = 0.0;
    room->high_trip = INFINITY;
    for (size_t i = 0; i < room->n; i++) {
        const struct account *account = &room->account[i];
        const double q = account->quantity;

        if (q == 0.0)
            continue;
        if (room->closing[i].is_on_offer || !(account->rate < 1.0)) {
            room->low_trip = INFINITY;
            return;
        }
        if (account->side > 0)
            room->low_trip =
                fmax(room->low_trip,
                     -account->cash / (q * (1.0 - account->rate)) * (1.0 + closer));
        else
            room->high_trip =
                fmin(room->high_trip,
                     account->cash / (q * (1.0 + account->rate)) * (1.0 - closer));
    }
}

static bool is_between_trips(const struct engine_room *room, double price)
{
    return price > room->low_trip && price < room->high_trip;
}

/* True where something was done. */
static bool step(struct engine_room *room, size_t s)
{
    impact_decay(&room->impact);
    room->base = room->path->price[s];
    room->now = room->base * impact_price(&room->impact);
    room->mark[s] = room->now;
    const double seen = seen_at(room, s);
    if (is_between_trips(room, seen))
        return false;
    for (size_t i = 0; i < room->n; i++)
        step_account(room, i, s, seen);
    find_trips(room);
    return true;
}

/* Nothing was sold before the first mark that is beyond a trip, so that until then the
 * mark is the base price: the step at which one is, or behind the last. */
static size_t go_to_first_trip(struct engine_room *room)
{
    const struct engine_path *path = room->path;
    size_t s = 1;

    while (s <= path->n_steps && is_between_trips(room, path->price[s]))
        s++;
    memcpy(room->mark, path->price, s * sizeof *room->mark);
    room->base = room->now = path->price[s - 1];
    return s;
}

/* Can nothing happen any more behind step s?  What was sold is forgotten from here on,
 * so that marks to come are between the base prices with all of its displacement and
 * with none; and those that the engine has not seen yet are known.  A little wider, so
 * that no rounding hides one. */
static bool is_over(const struct engine_room *room, size_t s)
{
    static const double wider = 1e-12;
    const struct engine_rules *rules = room->rules;
    const double displaced = impact_price(&room->impact);
    const size_t late = rules->latency_steps + rules->feed_steps;

    if (!is_between_trips(room,
                          room->path->low * fmin(displaced, 1.0) * (1.0 - wider)) ||
        !is_between_trips(room,
                          room->path->high * fmax(displaced, 1.0) * (1.0 + wider)))
        return false;
    for (size_t then = s > late ? s - late : 0; then <= s; then++)
        if (!is_between_trips(room, room->mark[then]))
            return false;
    return true;
}

/* Who is below zero at the end and has not been noticed is bankrupt all the same:
 * closed at the last mark. */
static void end(struct engine_room *room)
{
    for (size_t i = 0; i < room->n; i++) {
        struct account *account = &room->account[i];

        if (account->quantity > 0.0 &&
            account_equity(account, room->now) < -ENGINE_DUST * account->opened) {
            account->cash = account_equity(account, room->now);
            account->quantity = 0.0;
            room->closing[i].is_case = true;
            engine_settle(room, i);
        }
        room->result.n_cases += room->closing[i].is_case;
        room->result.n_bankrupt += room->closing[i].is_bankrupt;
    }
}

struct engine_result engine_run(const struct engine_rules *rules,
                                const struct engine_path *path, size_t n,
                                struct account account[], double fund,
                                struct engine_room *room)
{
    room->result = (struct engine_result){.fund = fund};
    if (engine_is_idle(path, n, account))
        return room->result;
    room->rules = rules;
    room->path = path;
    room->n = n;
    room->account = account;
    room->impact = impact_new(&rules->impact, path->sigma);
    memset(room->closing, 0, n * sizeof *room->closing);
    find_trips(room);
    for (size_t s = go_to_first_trip(room); s <= path->n_steps; s++)
        if (step(room, s) && is_over(room, s))
            break;
    end(room);
    return room->result;
}
