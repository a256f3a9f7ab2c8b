/* engine.h -- what does the liquidation engine do with these accounts along this path?
 *
 * Step by step, s = 1 ... n (worker/LIQUIDATION.md has every rule in words):
 *
 *     mark       base price with the displacement that earlier sales left (impact.h)
 *     seen       the mark of latency_steps ago, as of the feed's last update
 *     trigger    equity(seen) < maintenance rate * quantity * seen
 *     close      a share of the position at a time, at market or by auction (auction.h)
 *     settle     below zero: insurance fund, then auto-deleveraging, then all others
 *
 * Accounts in their order, one after the other at each step.  No randomness but the
 * bidders'. */
#ifndef WORKER_ENGINE_H
#define WORKER_ENGINE_H

#include "core/err.h"
#include "worker/auction.h"
#include "worker/draws.h"
#include "worker/impact.h"
#include "worker/population.h"

#include <stdbool.h>
#include <stddef.h>

/* The settings, and what a point says of them. */
struct engine_rules {
    size_t latency_steps;  /* the engine sees marks of so long ago              */
    size_t feed_steps;     /* ... that are renewed every so many steps, >= 1    */
    double share;          /* of the opened quantity, a step of liquidation     */
    size_t cooldown_steps; /* after a step                                     */
    double whole_below;    /* notional (ADV) below which all of it goes at once */
    double fee, fee_ramp;  /* of what is closed: fee (1 + ramp k), k-th step    */
    size_t auction_steps;  /* 0: at market                                      */
    double auction_start;  /* discount                                          */
    struct impact_rule impact;
    struct auction_rule auction;
};

/* Less than this share of what was opened is nothing: no rounding makes a debt, or a
 * step for what is left over. */
#define ENGINE_DUST 1e-9

struct engine_path {
    size_t n_steps;
    const double *price; /* [n_steps + 1] over the price at which positions were opened:
                            price[0] = 1 */
    double low, high;    /* of all of them */
    double sigma;        /* volatility of a day, for impact */
    struct draws draws;
};

/* Sizes and money in ADV. */
struct engine_result {
    size_t n_cases;     /* accounts that were liquidated, or should have been        */
    size_t n_bankrupt;  /* ... and ended below zero, or deleveraged others            */
    size_t n_fills;     /* steps of liquidation                                      */
    double closed;      /* notional closed by the engine                             */
    double cost;        /* to them: fees, and fills worse than the mark before        */
    double fees;        /* into the fund                                             */
    double bad_debt;    /* beyond their collateral                                   */
    double deleveraged; /* notional that others had to close                         */
    double clawed;      /* bad debt that neither fund nor deleveraging met           */
    double fund;        /* what is left of it                                        */
};

/* Room for one path's state. */
struct engine_room;
int engine_room_new(size_t max_steps, struct engine_room **room, struct err *err);
void engine_room_free(struct engine_room *room); /* takes NULL */

/* Does nothing happen along this path?  Asks for its extremes alone. */
bool engine_is_idle(const struct engine_path *path, size_t n,
                    const struct account account[]);

/* Run it; the accounts end as they stand at the last step.  path->n_steps and n within
 * what the room was made for (n <= ACCOUNTS_MAX). */
struct engine_result engine_run(const struct engine_rules *rules,
                                const struct engine_path *path, size_t n,
                                struct account account[], double fund,
                                struct engine_room *room);

#endif /* WORKER_ENGINE_H */
