/* simulate.h -- a market whose true conditional quantiles are known
 *
 * Bar t+1 of instrument i has the log return
 *
 *     r_{t+1} = mu + sigma_{t+1} eps_{t+1},   sigma_{t+1} = m(S_{t+1}) sqrt(g_{t+1})
 *     g_{t+1} = omega + alpha g_t u_t^2 + beta g_t,   omega = (1 - alpha - beta) v
 *     eps_t   = X of market/mixture.h = (Student-t of variance 1) x jump, scaled
 *
 * v is the variance of a calm bar, u_t the Student-t part of eps_t at variance 1: the
 * GARCH recursion (Bollerslev 1986) is driven by the return without its regime and its
 * jump, so E g = v whatever they are, and a jump is over when its bar is.  S is calm or
 * stressed, one Markov chain for the whole market; S_{t+1} is drawn at bar t, so that
 * it belongs to what is known there.  One chi-square a bar is shared by all
 * instruments: the Student parts are jointly multivariate t, with correlation market +
 * group (same group) or market (different groups).  A jump strikes the whole market, or
 * one alone.
 *
 * What stands in a bar: open is the close before; close is open e^r; high and low are
 * the exact extremes, each by itself, of a Brownian bridge from open to close with the
 * variance of the bar.  Prices have 8 significant digits and the next bar starts from
 * the rounded close, so a quantile is exact to one rounding: 5e-8 of the price.
 *
 * Every number is drawn for (seed, purpose, instrument, bar): the same bytes on every
 * machine, and an instrument does not change when another is added after it. */
#ifndef MARKET_SIMULATE_H
#define MARKET_SIMULATE_H

#include "core/conf.h"
#include "core/err.h"
#include "market/bars.h"

#include <stddef.h>
#include <stdint.h>

enum {
    SIMULATE_N_LEVELS = 2,                          /* 0.99 and 0.999         */
    SIMULATE_N_COLUMNS = 2 * SIMULATE_N_LEVELS + 1, /* long, short, volatility */
    SIMULATE_NAME_MAX = 64,
};

/* The confidence of each level and the names of the columns: true_long_99,
 * true_short_99, true_long_999, true_short_999, true_volatility.  At bar t they hold
 * the quantile of 1 - C_{t+1}/C_t, of C_{t+1}/C_t - 1, and sigma_{t+1}; bar t+1 is the
 * next interval, whether an outage hides it or not. */
extern const double simulate_levels[SIMULATE_N_LEVELS];
extern const char *const simulate_columns[SIMULATE_N_COLUMNS];

/* An instrument; what is 0 or NULL in the list is as in the plan's preset. */
struct simulate_instrument {
    char *name;
    char *group;        /* NULL: none                                        */
    double price;       /* at its first bar                                  */
    double volatility;  /* of a calm year, as a fraction                     */
    double alpha, beta; /* GARCH                                            */
    double jump_scale;  /* how many times wider a bar with a jump is         */
    int64_t listed_ns;  /* start of its first bar; 0: the market's           */
};

struct simulate_outage {
    char *instruments; /* glob */
    int64_t from_ns, to_ns;
};

/* The market file, as its table fills it. */
struct simulate_plan {
    int64_t seed, start_ns, interval_ns, n_bars, n_generated;
    struct simulate_instrument preset; /* its name and group are unused */
    double drift, nu;                  /* log price a year; degrees of freedom */
    double market_jumps, own_jumps;    /* probabilities a bar */
    double stressed_scale;
    int64_t calm_ns, stressed_ns; /* mean stay in each regime */
    double market_correlation, group_correlation;
    struct conf_list instruments; /* struct simulate_instrument */
    struct conf_list outages;     /* struct simulate_outage     */
};

const struct conf_table *simulate_table(void);

/* Read a market file and the settings, and check what one row cannot see: names given
 * twice, alpha + beta >= 1, a listing after the end ...  conf_free(conf, plan) after
 * use; the market borrows the plan. */
int simulate_read(const char *path, size_t n_settings, const char *const settings[],
                  struct simulate_plan *plan, struct conf **conf, struct err *err);

/* What all instruments share: regimes, factors, chi-squares, market jumps. */
struct simulate_market;

/* Instrument i: the listed ones first, then the n_generated; all fields in force.
 * `name` has room for a generated name, which instrument->name then points to. */
void simulate_instrument(const struct simulate_plan *plan, size_t i,
                         char name[SIMULATE_NAME_MAX],
                         struct simulate_instrument *instrument);

int simulate_market_new(const struct simulate_plan *plan,
                        struct simulate_market **market, struct err *err);
void simulate_market_free(struct simulate_market *market);
size_t simulate_market_size(const struct simulate_market *market);

struct simulate_series {
    char name[SIMULATE_NAME_MAX];
    struct bars bars;
    double *column[SIMULATE_N_COLUMNS]; /* [bars.n] each */
};

/* The bars and truths of instrument i.  ERR_INPUT if its price leaves [1e-9, 1e12]. */
int simulate_run(const struct simulate_market *market, size_t i,
                 struct simulate_series *series, struct err *err);
void simulate_series_free(struct simulate_series *series);

#endif /* MARKET_SIMULATE_H */
