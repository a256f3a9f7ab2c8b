/* engine_inside.h -- what stands between the steps of a path */
#ifndef WORKER_ENGINE_INSIDE_H
#define WORKER_ENGINE_INSIDE_H

#include "worker/engine.h"

#include <stdbool.h>

/* How far an account is in being liquidated. */
struct closing {
    bool is_case, is_bankrupt;
    size_t n_fills;
    size_t resume; /* step from which it may go on                  */
    bool is_on_offer;
    size_t began; /* the auction                                    */
    double lot;   /* what is left on offer                          */
    struct auction auction;
};

struct engine_room {
    double *mark; /* [max_steps + 1] */
    const struct engine_rules *rules;
    const struct engine_path *path;
    size_t n;
    struct account *account;
    struct closing closing[ACCOUNTS_MAX];
    struct impact impact;
    double low_trip, high_trip; /* no account is below maintenance between them */
    double base, now;           /* price of the step, without and with displacement */
    struct engine_result result;
};

double account_equity(const struct account *account, double price);
/* Where its equity is nothing; quantity > 0. */
double account_bankruptcy(const struct account *account);

/* Close q of account i at this price; fees, counts. */
void engine_fill(struct engine_room *room, size_t i, double q, double price, size_t s);
/* Sell q of account i at market, or where neither it nor the fund can bear the price
 * have others take it (engine_close.c). */
void engine_sell(struct engine_room *room, size_t i, double q, size_t s);
/* An account without position that is below zero. */
void engine_settle(struct engine_room *room, size_t i);

#endif /* WORKER_ENGINE_INSIDE_H */
