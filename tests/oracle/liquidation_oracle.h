/* liquidation_oracle.h -- what are the figures of one point of the liquidation study,
 * computed the slow and obvious way?
 *
 * Written from worker/LIQUIDATION.md alone; margins by margin_oracle.h, the engine in
 * decimals by engine_oracle.h.  It shares with the program what those share and the
 * table of random numbers.  Counts are exact unless a comparison of two numbers hangs
 * on the last bits; amounts are right to 1e-9 of themselves and 1e-12. */
#ifndef TESTS_LIQUIDATION_ORACLE_H
#define TESTS_LIQUIDATION_ORACLE_H

#include "core/err.h"
#include "margin_oracle.h"
#include "market/bars.h"

#include <stddef.h>

/* Everything is a number, by name (liquidation_keys). */
struct liquidation_request {
    double horizon_bars, warmup_bars, holdout, embargo_bars, confidence;
    double finer_s; /* of shorter bars, bars->finer; 0: none */
    double steps_a_bar, start_every_bars, latency_steps, feed_steps, accounts, bidders;
    double seed, size_spread, slack, open_interest_days, whole_below, fee_ramp;
    double impact, impact_delta, impact_halflife_steps;
    double aversion, capacity, precision, capital_rate;
    double lambda, q, floor, maintenance, tier_law, tier_first, step_share, cooldown;
    double liquidation_fee, auction_start, auction_length, oi_cap, fund;
};

struct liquidation_key {
    const char *name;
    size_t offset; /* of the double */
};
extern const struct liquidation_key oracle_liquidation_keys[];
extern const size_t oracle_n_liquidation_keys;

struct liquidation_figures {
    double observations, left_out, finer, bad_debt_probability, bad_debt, bad_debt_es;
    double bad_debt_max, fund_solvency, fund_needed, before_bankruptcy, liquidated;
    double closed, liquidation_cost, deleveraged, clawed;
    double mean_margin, mean_initial, mean_maintenance, fund_size, refused, cost;
};
extern const struct liquidation_key oracle_liquidation_names[];
extern const size_t oracle_n_liquidation_names;

int oracle_liquidation(const struct liquidation_request *request,
                       const struct bars *bars, enum oracle_range range,
                       struct liquidation_figures *figures, struct err *err);

#endif /* TESTS_LIQUIDATION_ORACLE_H */
