/* liquidity.h -- how deep is a market, how fast does it refill, and what does size
 * cost?
 *
 * Of samples at even steps of a book and its trades. Notionals are in the quote, rates
 * shares of the mid; per day of 86,400 s.
 *
 *     spread          mean of (ask - bid) / mid
 *     depth_Xbp       mean notional of a side within X of 1/10,000 of the mid
 *     slope           g of depth(x) ~ x^g, least squares of the logarithms of the means
 *     halflife_s      ln 1/2 / ln a steps, a of  D_{t+1} - m = a (D_t - m) + e, D the
 *                     depth within 10 bp: how fast a book that was eaten refills
 *     book_delta, _y  of the mean cost beyond half the spread of walking the book,
 *                     cost(Q) = Y sigma (Q/ADV)^delta / (1 + delta): the mean of
 *                     I(v) = Y sigma v^delta from 0 to Q (impact.h)
 *     flow_delta, _y  of r_t = Y sigma sign(N_t) (|N_t|/ADV)^delta + e, N the net
 *                     notional that takers bought in a step: nonlinear least squares
 *
 * The book's are what a sale costs at once, without anybody coming back; the flow's
 * what the market did with those who sold: below the book's where it refills.  R. Cont,
 * A. Kukanov, S. Stoikov -- The price impact of order book events, 2014; Toth et al.
 * 2011 (impact.h).
 *
 * Intervals: percentiles of the stationary bootstrap of the samples (spa.h). */
#ifndef WORKER_LIQUIDITY_H
#define WORKER_LIQUIDITY_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { LIQUIDITY_RUNGS = 5, LIQUIDITY_SIZES = 16, LIQUIDITY_FEWEST = 50 };
extern const double liquidity_rung[LIQUIDITY_RUNGS]; /* 5, 10, 25, 50, 100 bp */

struct liquidity_sample {
    double mid, spread;
    double depth[LIQUIDITY_RUNGS]; /* of a side: mean of both                   */
    double cost[LIQUIDITY_SIZES];  /* of a side, of size[i]; NaN: not so deep    */
    double flow, volume;           /* net and gross notional since the last one */
};

struct liquidity_series {
    size_t n;
    const struct liquidity_sample *sample; /* [n] */
    double step_s;
    double size[LIQUIDITY_SIZES]; /* rising */
    double adv, sigma;            /* of a day; NaN: extrapolated from the samples */
};

enum liquidity_figure {
    LIQUIDITY_ADV,
    LIQUIDITY_SIGMA,
    LIQUIDITY_SPREAD,
    LIQUIDITY_DEPTH, /* and the next LIQUIDITY_RUNGS - 1 */
    LIQUIDITY_SLOPE = LIQUIDITY_DEPTH + LIQUIDITY_RUNGS,
    LIQUIDITY_HALFLIFE,
    LIQUIDITY_BOOK_DELTA,
    LIQUIDITY_BOOK_Y,
    LIQUIDITY_FLOW_DELTA,
    LIQUIDITY_FLOW_Y,
    LIQUIDITY_FIGURES
};

struct liquidity_estimate {
    double value, low, high; /* 95 %; NaN: undefined */
    size_t n_replicates;     /* in which it was defined */
};

/* "book_y", and its unit in words. */
const char *liquidity_name(enum liquidity_figure figure);
const char *liquidity_unit(enum liquidity_figure figure);

/* ERR_INPUT of fewer than LIQUIDITY_FEWEST samples. */
int liquidity_estimate(const struct liquidity_series *series, uint64_t seed,
                       size_t n_replicates,
                       struct liquidity_estimate estimate[LIQUIDITY_FIGURES],
                       struct err *err);

#endif /* WORKER_LIQUIDITY_H */
