/* christoffersen.h -- do exceedances come in clusters? */
#ifndef WORKER_CHRISTOFFERSEN_H
#define WORKER_CHRISTOFFERSEN_H

#include "worker/backtest.h"

#include <stddef.h>
#include <stdint.h>

/* Pairs of consecutive trials: n01 had no exceedance and then one. */
struct transitions {
    size_t n00, n01, n10, n11;
};

struct independence {
    double lr;      /* likelihood ratio, >= 0   */
    double p_value; /* P(chi2_1 > lr)           */
};

/* Is an exceedance as likely after an exceedance as after none?
 *
 *     pi01 = n01 / (n00 + n01),  pi11 = n11 / (n10 + n11),  pi = (n01 + n11) / all
 *     LR = 2 [ n00 ln(1-pi01) + n01 ln pi01 + n10 ln(1-pi11) + n11 ln pi11
 *            - (n00 + n10) ln(1-pi) - (n01 + n11) ln pi ],      0 ln 0 = 0
 *
 *        = 2 sum over i, j of D(nij, row_i column_j / all)
 *
 * with the deviance D of worker/deviance.h: the second form is the one computed, since
 * it neither cancels nor turns negative.  Asymptotically chi-squared with one degree of
 * freedom.  Where there is no exceedance,
 * or nothing else, nothing speaks against independence: LR = 0, p = 1.
 *
 * P. F. Christoffersen, "Evaluating Interval Forecasts", International Economic
 * Review 39(4) (1998), 841-862. */
struct independence christoffersen_independence(const struct transitions *pairs);

/* P(LR >= lr) of n_bars bars in a row of which n_hits are hit, every set of places as
 * likely as any other: the p-value without the chi-squared law.  A row with r runs of
 * hits and s of others, of y = n_bars - n_hits, is one of
 *
 *     C(n_hits - 1, r - 1) C(y - 1, s - 1)   of   C(n_bars, n_hits)
 *
 * and s is r - 1, r or r + 1 by what it begins and ends with (A. Wald, J. Wolfowitz,
 * "On a Test Whether Two Samples are from the Same Population", Annals of Mathematical
 * Statistics 11(2) (1940), 147-162); these say n00 ... n11.  1 where there is no hit,
 * or nothing else. */
double christoffersen_exact_p(size_t n_bars, size_t n_hits, double lr);

/* Conditional coverage: both at once, the sum of Kupiec's ratio and the one above,
 * asymptotically chi-squared with two degrees of freedom (the same paper, 3.3). */
double christoffersen_conditional_p(double lr_coverage, double lr_independence);

struct christoffersen_null {
    struct backtest_null independence, conditional;
};

/* Both ratios beside those of simulated hits on the same bars, since with few of them
 * the chi-squared laws are poor: pairs with a missing bar in between are none here
 * either.  Independence is asked given the number of hits, whatever their probability:
 * every set of places as likely as any other.  Conditional coverage is asked of
 * independent hits of probability p.
 *
 *   loss, var [n];  work [4 n + 4] */
struct christoffersen_null christoffersen_simulate(size_t n, const double loss[],
                                                   const double var[], double p,
                                                   size_t n_samples, uint64_t seed,
                                                   double work[]);

/* The pairs of bars that follow on each other, and what there is of bars and hits. */
struct transitions christoffersen_pairs(size_t n, const double loss[],
                                        const double var[], size_t *n_bars,
                                        size_t *n_hits);

#endif /* WORKER_CHRISTOFFERSEN_H */
