/* dynamic_quantile.h -- can a hit be foretold from the hits before it and from the VaR?
 */
#ifndef WORKER_DYNAMIC_QUANTILE_H
#define WORKER_DYNAMIC_QUANTILE_H

#include "worker/backtest.h"
#include "worker/cholesky.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands in a row x_t of X: [1,] Hit_(t-1) ... Hit_(t-n_lags) [, VaR_t]. */
struct dynamic_quantile_spec {
    double p;
    size_t n_lags;     /* 4 in the paper                                            */
    bool constant;     /* 1: the level of the hits is tested as well                */
    bool var;          /* not where the VaR is constant: it says the same as the 1  */
    size_t n_gradient; /* parameters of the VaR's model; 0: out of sample        */
    double bandwidth;  /* c, in sample                                           */
};

struct dynamic_quantile {
    enum backtest_status status;
    size_t n_bars;       /* rows: bars with all of their regressors */
    size_t n_missing;    /* rows left out                           */
    size_t n_hits;       /* among the rows                          */
    size_t n_regressors; /* q                                       */
    double dq;           /* >= 0                                    */
    double p_value;      /* P(chi2_q > dq)                          */
};

/* Engle and Manganelli's dynamic quantile test.
 *
 *     Hit_t = 1{loss_t > VaR_t} - p
 *
 * has mean 0 given anything known before t, so that it is orthogonal to every x_t.  Out
 * of sample (their theorem 5):
 *
 *     DQ = Hit' X (X'X)^-1 X' Hit / (p (1-p))              -> chi-squared of q degrees
 *
 * In sample, where the k parameters of VaR_t were estimated from the same bars, the
 * part that the estimation has explained away is taken out (theorem 4): with gradient
 * g_t = d VaR_t / d parameters and K_t = 1{|loss_t - VaR_t| < c},
 *
 *     M' = X' - (sum K_t x_t g_t') (sum K_t g_t g_t')^-1 G'
 *     DQ = Hit' X (M' M)^-1 X' Hit / (p (1-p))
 *
 * (the 1/(2 T c) of both sums cancels).  There is no constant in sample: the paper
 * takes the lags alone.  DQ is the same for every basis of the regressors; VaR is taken
 * from its mean (given the constant) and by its spread, so that X'X is as well behaved
 * as its columns are different.  Regressors that are collinear to 2^-40 (no hit at all,
 * a constant VaR beside the constant, hits that never lag) are SINGULAR.
 *
 * The law is asymptotic: at 5 % a right VaR is rejected in 5 % of samples of 1000 bars
 * at 95 %, but in 17 % of those of 500 bars at 99 %
 * (tests/worker/test_backtest_size.c).
 *
 * R. F. Engle, S. Manganelli, "CAViaR: Conditional Autoregressive Value at Risk by
 * Regression Quantiles", Journal of Business & Economic Statistics 22(4) (2004),
 * 367-381.
 *
 *   gradient [n][n_gradient], or NULL out of sample */
struct dynamic_quantile dynamic_quantile_test(const struct dynamic_quantile_spec *spec,
                                              size_t n, const double loss[],
                                              const double var[],
                                              const double gradient[]);

/* The p-value of dq by simulation: independent hits of probability p on the bars that
 * are scored, VaR and everything else as it is.  That is the law of DQ given the VaR's
 * path; since a VaR follows the losses it is an approximation, one that keeps its level
 * where the chi-squared law does not (tests/worker/test_backtest_size.c).  Only for a
 * spec with the constant and out of sample, otherwise NaN.
 *
 *   work [4 n + 8] */
struct backtest_null dynamic_quantile_simulate(const struct dynamic_quantile_spec *spec,
                                               size_t n, const double loss[],
                                               const double var[], size_t n_samples,
                                               uint64_t seed, double work[]);

/* Of n bars in a row with hits at these places, from 1, ascending: DQ of the constant
 * and the lags alone, by sums over the hits; NaN where the regressors are collinear or
 * the spec has more.  work [3 n + 8] */
double dynamic_quantile_of_hits(const struct dynamic_quantile_spec *spec, size_t n,
                                size_t n_hits, const double place[], double work[]);

/* The same of samples of independent hits, which is a law of n and p alone.
 * dq [end - first], work [4 n_bars + 8] */
void dynamic_quantile_samples(const struct dynamic_quantile_spec *spec,
                              const struct null_samples *samples, double dq[],
                              double work[]);

#endif /* WORKER_DYNAMIC_QUANTILE_H */
