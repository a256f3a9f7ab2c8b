/* duration.h -- do exceedances forget how long ago the last one was? */
#ifndef WORKER_DURATION_H
#define WORKER_DURATION_H

#include "worker/backtest.h"

#include <stddef.h>
#include <stdint.h>

struct duration {
    enum backtest_status status;
    size_t n_bars; /* scored */
    size_t n_missing;
    size_t n_hits;
    double b;                  /* Weibull exponent; < 1: hits come in clusters      */
    double log_likelihood;     /* of the Weibull law, at its maximum                */
    double log_likelihood_one; /* of the exponential law, b = 1                     */
    double lr;                 /* >= 0                                              */
    double p_value;            /* P(chi2_1 > lr)                                    */
};

/* Christoffersen and Pelletier's Weibull test of independent hits.
 *
 * D_i are the bars from one hit to the next.  Before the first hit, unless that is at
 * the first bar, D_1 is its place and is censored; after the last, unless that is at
 * the last bar, the bars behind it are D_N, censored.  Under independence D is (nearly)
 * exponential, the one law without memory, and b = 1 in
 *
 *     f(D) = a^b b D^(b-1) exp(-(a D)^b),   S(D) = exp(-(a D)^b)
 *     ln L = sum of ln f over the m uncensored + sum of ln S over the censored
 *     a^b  = m / sum of D^b over all                          maximises at given b
 *
 *     l(b)  = m ln(m / sum D^b) + m ln b + (b-1) U - m,   U = sum of ln D, uncensored
 *     l'(b) = m/b + U - m (sum D^b ln D) / (sum D^b)
 *     l''(b) = -m/b^2 - m Var(ln D, weights D^b) < 0
 *
 * so l' falls from infinity to U - m ln max D.  That is negative, and b unique, unless
 * every uncensored D equals the longest D of all: then the likelihood rises for ever
 * (NO_MAXIMUM: hits at exactly regular distances).  The root of l' is bracketed by
 * doubling and found by Newton's steps kept in the bracket.  LR = 2 [l(b) - l(1)].
 * Fewer than two hits: TOO_FEW.  Missing bars have no part in the clock.
 *
 * The chi-squared law is poor twice over.  In samples as short as a year at 99 % it
 * rejects too often, and the paper does not use it.  And durations are whole bars: the
 * geometric law has b a little above 1 (p = 0.05: 500 hits are enough to reject
 * a right VaR half of the time).  duration_simulated_p knows both.
 *
 * P. Christoffersen, D. Pelletier, "Backtesting Value-at-Risk: A Duration-Based
 * Approach", Journal of Financial Econometrics 2(1) (2004), 84-108.
 *
 *   work [n + 1] */
struct duration duration_test(size_t n, const double loss[], const double var[],
                              double work[]);

/* The p-value of a ratio lr by simulation (Dufour's Monte Carlo test, as the paper
 * does): samples of n_bars independent hits of probability p.  work [n_bars + 1]. */
struct backtest_null duration_simulated_p(size_t n_bars, double p, double lr,
                                          size_t n_samples, uint64_t seed,
                                          double work[]);

/* The ratios of its samples, 0 < p < 1; NaN where one has none (fewer than two hits).
 * lr [end - first], work [n_bars + 1] */
void duration_samples(double p, const struct null_samples *samples, double lr[],
                      double work[]);

#endif /* WORKER_DURATION_H */
