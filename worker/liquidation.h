/* liquidation.h -- the figures of the liquidation study, from many paths to a number
 *
 * Definitions: worker/LIQUIDATION.md. */
#ifndef WORKER_LIQUIDATION_H
#define WORKER_LIQUIDATION_H

#include "core/conf.h"
#include "worker/metric.h"
#include "worker/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The study's own keys of the job file, liquidation.*, as core/conf.h fills them. */
struct liquidation_settings {
    int64_t steps_a_bar, start_every_bars, latency_steps, feed_steps;
    int64_t accounts, bidders, seed;
    double size_spread, slack, open_interest_days, whole_below, fee_ramp;
    double impact_y, impact_delta, impact_halflife_steps;
    double aversion, capacity, precision, capital_rate;
    int64_t rare_paths;
    double rare_nu;
    bool own_numbers, finer, elasticities;
    char *estimates; /* a file's name; NULL: none */
    int impact_from; /* enum measured_of of these  */
    int volume;      /* enum liquidation_volume */
};

/* Steps within a bar of this length, as the job says or one every 20 s. */
enum { LIQ_STEPS_MAX = 3600, LIQ_STEP_S = 20 };
size_t liquidation_steps_a_bar(const struct liquidation_settings *settings,
                               int64_t interval_ns);

/* What a vendor's volume counts; only the caps of tiers depend on it. */
enum liquidation_volume { VOLUME_BASE, VOLUME_QUOTE };

/* The axes, after those of the path: initial margin as in the margin study, then the
 * other half. */
enum liquidation_axis {
    LIQ_Q,
    LIQ_FLOOR,
    LIQ_MAINTENANCE,
    LIQ_TIER_LAW,
    LIQ_TIER_FIRST,
    LIQ_SHARE,
    LIQ_COOLDOWN,
    LIQ_FEE,
    LIQ_AUCTION_START,
    LIQ_AUCTION_LENGTH,
    LIQ_CAP,
    LIQ_FUND,
    LIQ_AXES
};
/* The square-root law on the volume alone, half of it forgotten after half an hour. */
#define LIQ_DEFAULT_Y              1.0
#define LIQ_DEFAULT_DELTA          0.5
#define LIQ_DEFAULT_HALFLIFE_STEPS 90.0
#define LIQ_NO_CAP                 1e6 /* days of volume: the largest oi_cap stands for none */
extern const struct axis_rule liquidation_axes[LIQ_AXES];

enum { LIQ_KEYS = 27 };
extern const struct conf_key liquidation_keys[LIQ_KEYS];

/* Sums over the paths of a range, in their order; amounts as shares of the open
 * interest (of one side). */
struct liquidation_tally {
    uint64_t n, left_out;         /* paths; starts whose horizon has a gap      */
    uint64_t n_finer;             /* of n, in shorter bars                      */
    uint64_t n_accounts;          /* of all paths                               */
    uint64_t n_cases, n_bankrupt; /* engine.h                                   */
    uint64_t n_bad, n_unmet;      /* paths with bad debt; beyond the fund       */
    double cost, closed;          /* of liquidated accounts                     */
    double bad_debt, deleveraged, clawed;
    double initial, maintenance; /* posted at least, with tiers                */
    double base;                 /* mean initial rate of the first tier, bars  */
    double last;                 /* ... of the last bar                        */
    double fund, refused;        /* the point's; demand beyond the cap         */
    double years;                /* of a path                                  */
    double capital_rate;         /* of money that is locked up, a year         */
    double *debt, *need; /* [n] bad debt and what it asks of a fund, ascending */
};

enum {
    LIQ_TALLIED = 21, /* known of every point */
    LIQ_BAD_LOW = LIQ_TALLIED,
    LIQ_BAD_HIGH,
    LIQ_RARE_P, /* of judged points, where the job asks for it */
    LIQ_RARE_ERROR,
    LIQ_RARE_EFFECTIVE,
    LIQ_RARE_PARETO_K,
    LIQ_RARE_STATUS,
    LIQ_ELASTIC, /* of bad debt and of cost to each axis, where the job asks for it */
    LIQ_METRICS = LIQ_ELASTIC + 2 * LIQ_AXES
};
extern const struct metric liquidation_metrics[LIQ_METRICS];

/* The interval of x of n, at this confidence, of Clopper and Pearson (1934): it holds
 * the probability at least so often.  To ten digits; [0, 1] for n = 0. */
void liquidation_interval(uint64_t x, uint64_t n, double confidence, double *low,
                          double *high);

#endif /* WORKER_LIQUIDATION_H */
