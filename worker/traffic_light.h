/* traffic_light.h -- is this many exceedances still green, already yellow, or red? */
#ifndef WORKER_TRAFFIC_LIGHT_H
#define WORKER_TRAFFIC_LIGHT_H

#include "worker/backtest.h"

#include <stddef.h>
#include <stdint.h>

enum traffic_light_zone {
    TRAFFIC_LIGHT_GREEN,
    TRAFFIC_LIGHT_YELLOW,
    TRAFFIC_LIGHT_RED
};

/* The least counts that are yellow and red; n_bars + 1 where none is. */
struct traffic_light_bounds {
    size_t yellow, red;
};

struct traffic_light {
    enum backtest_status status; /* NO_DATA, BAD_INPUT: red, and the rest NaN or 0   */
    enum traffic_light_zone zone;
    double at_most;  /* P(X <= x): the Committee's cumulative probability           */
    double at_least; /* P(X >= x): type I error of rejecting from x exceedances on  */
    struct traffic_light_bounds bounds;
};

/* The zones of the Basel Committee: X, the hits of n_bars independent bars, is
 * Binomial(n_bars, p), and x is
 *
 *     green where P(X <= x) < 0.95,   red where P(X <= x) >= 0.9999,   else yellow.
 *
 * At 250 bars and p = 0.01: yellow from 5, red from 10.  BAD_INPUT unless 0 < p < 1 and
 * x <= n_bars.
 *
 * Basel Committee on Banking Supervision, "Supervisory Framework for the Use of
 * 'Backtesting' in Conjunction with the Internal Models Approach to Market Risk Capital
 * Requirements" (January 1996), tables 1 and 2. */
struct traffic_light traffic_light_of(size_t n_bars, size_t x, double p);

/* The Committee's increase of the multiplication factor at 250 bars and p = 0.01 for x
 * exceedances: 0 up to 4, 0.40, 0.50, 0.65, 0.75, 0.85, and 1 from 10 on. */
double traffic_light_increase(size_t x);

enum traffic_light_zone traffic_light_zone_of(const struct traffic_light_bounds *bounds,
                                              size_t x);

/* Losses over horizons that overlap are dependent: their count has the same mean, n p,
 * and a far wider law. */
struct traffic_light_overlap {
    size_t n_bars;       /* horizons scored, one from each bar                    */
    size_t horizon_bars; /* h; 1: binomial                                        */
    double p;
    size_t n_samples;
    uint64_t seed;
};

/* The law of the count by simulation: r_t independent normals, a horizon's loss the sum
 * of h successive ones, and its VaR the quantile of that sum, sqrt(h) z_(1-p):
 *
 *     X = #{t < n_bars : r_t + ... + r_(t+h-1) > sqrt(h) z_(1-p)}
 *
 * count[x] of the n_samples samples have X = x.  The error of a bound is that of an
 * empirical quantile: the red one rests on n_samples / 10000 samples.
 *
 *   window [horizon_bars]
 *   count  [n_bars + 1]
 *
 * BACKTEST_OK or BACKTEST_BAD_INPUT (n_bars, horizon_bars or n_samples 0, p outside
 * (0, 1)); then count is as it was. */
enum backtest_status traffic_light_simulate(const struct traffic_light_overlap *overlap,
                                            double window[], size_t count[]);

/* The bounds of an empirical law, by the same 0.95 and 0.9999. */
struct traffic_light_bounds traffic_light_bounds_of(size_t n_bars,
                                                    const size_t count[]);

#endif /* WORKER_TRAFFIC_LIGHT_H */
