/* venue.h -- what do venues' own rules ask, to the cent?
 *
 * In decimals (decimal.h), since they publish worked examples
 * (tests/worker/test_venue*.c) and the brackets that an exporter writes must add up.
 *
 * Brackets: of a notional in bracket k a margin of  notional rate[k] - amount[k]  is
 * asked, with amounts such that it does not jump from bracket to bracket:
 *
 *     amount[0] = 0,     amount[k] = floor[k] (rate[k] - rate[k-1]) + amount[k-1]
 *
 * Binance: "Maintenance Amount", `cum`; Hyperliquid: maintenance_deduction; Bybit:
 * maintenance margin deduction. */
#ifndef WORKER_VENUE_H
#define WORKER_VENUE_H

#include "worker/decimal.h"

#include <stddef.h>

/* floor[0] = 0 and floors rise; fills amount[n]. */
void venue_amounts(size_t n, const struct decimal floor[], const struct decimal rate[],
                   struct decimal amount[]);

/* The bracket of a notional: the last whose floor is below it (one that is equal is
 * still in the bracket before). */
size_t venue_bracket(size_t n, const struct decimal floor[], struct decimal notional);

/* Linear contracts: a position of one account, or a pool of margin of its own. */
struct venue_position {
    int side; /* 1 long, -1 short */
    struct decimal quantity, entry, wallet;
};

/* Where wallet + side quantity (price - entry) = quantity price rate - amount:
 *     (wallet + amount - side quantity entry) / (quantity (rate - side)).
 * What other positions of the account ask is a negative amount (dYdX: MMR_o). */
struct decimal venue_liquidation(const struct venue_position *position,
                                 struct decimal rate, struct decimal amount);
/* The same with maintenance margin as of the entry price, as isolated margin at Bybit
 * and KuCoin asks:
 *     entry - side (wallet - (quantity entry rate - amount)) / quantity. */
struct decimal venue_liquidation_at_entry(const struct venue_position *position,
                                          struct decimal rate, struct decimal amount);
/* Where nothing is left of the wallet. */
struct decimal venue_bankruptcy(const struct venue_position *position);

/* Inverse contracts (of 1 quote unit, settled in the base), long, all of the balance
 * behind them; fee of the closing taker. */
struct venue_inverse {
    struct decimal quantity, entry, balance, rate, fee;
};
struct decimal venue_inverse_bankruptcy(const struct venue_inverse *position);
struct decimal venue_inverse_liquidation(const struct venue_inverse *position);
/* The same with maintenance margin of what the position is worth there and no fee, as
 * Kraken asks: (1 + rate) quantity / (quantity / entry + balance). */
struct decimal venue_inverse_liquidation_at_mark(const struct venue_inverse *position);

/* ---- dYdX v4 ---- */

/* One position of a subaccount whose maintenance margins add up to `required`. */
struct venue_subaccount {
    int side;
    struct decimal quantity, price; /* of the oracle */
    struct decimal maintenance;     /* of this position */
    struct decimal net, required;   /* collateral and maintenance of all */
};
/* The worst price that a liquidation order may have:
 *     price - side rating spread maintenance / quantity,
 *     rating = adjustment (1 - net / required), within [0, 1]. */
struct decimal venue_fillable(const struct venue_subaccount *account,
                              struct decimal adjustment, struct decimal spread);
/* Into the fund where it is filled at this price: what is left above the bankruptcy
 * price, max_fee of the notional at most; below it what the fund pays (negative). */
struct decimal venue_fund_delta(const struct venue_subaccount *account,
                                struct decimal bankruptcy, struct decimal price,
                                struct decimal max_fee);

/* ---- Drift v2 ---- */

/* How much has to go so that a shortage of margin is covered, fees included:
 *     shortage / (price (ratio - fee - fund_fee)). */
struct decimal venue_partial(struct decimal shortage, struct decimal price,
                             struct decimal ratio, struct decimal fee,
                             struct decimal fund_fee);

/* A rate that rises with the position: base + slope size, of size, at a price. */
struct decimal venue_rising(struct decimal base, struct decimal slope,
                            struct decimal size, struct decimal price);

#endif /* WORKER_VENUE_H */
