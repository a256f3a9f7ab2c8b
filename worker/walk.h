/* walk.h -- the backtest of one point, bar by bar: the definition made executable
 *
 * Every published figure comes from here; the sweep only ranks.  Sums run in the
 * order of t, so the figures are the oracle's to the last bit. */
#ifndef WORKER_WALK_H
#define WORKER_WALK_H

#include "worker/series.h"
#include "worker/tally.h"

#include <stdbool.h>

/* The release rule of the buffer (worker/README.md, "Margin"). */
struct release_rule {
    double from, full;    /* 1 <= from < full              */
    double halflife_bars; /* of the reference volatility   */
};

/* Policy of one point on top of its volatility path. */
struct policy {
    double q, floor, buffer;
    bool release;
};

/* The margin of every bar from W on:  m[t] = max(f, q s[t]) (1 + b g[t]).
 *   scaled  s, volatility over the horizon   [n], from W on
 *   in_use  g, NULL: 1 everywhere            [n], from W on
 *   margin  out                              [n], from W on; before W it is 0   */
void walk_margin(const struct series *series, const struct policy *policy,
                 const double *scaled, const double *in_use, double *margin);

/* Tally the margins over a range. tally->phase must hold horizon_bars phases. */
void walk_tally(const struct series *series, struct range range, const double *margin,
                struct tally *tally);

/* The same, but without what nobody needs (enum sweep_need): that stays 0 or NaN. */
void walk_tally_needed(const struct series *series, struct range range,
                       const double *margin, unsigned needs, struct tally *tally);

#endif /* WORKER_WALK_H */
