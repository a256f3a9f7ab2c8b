/* tuff.h -- does the first exceedance come when a VaR of this level lets it come? */
#ifndef WORKER_TUFF_H
#define WORKER_TUFF_H

#include "worker/backtest.h"

#include <stddef.h>

struct tuff {
    enum backtest_status status; /* NO_HIT: see p_at_most                          */
    size_t n_bars;               /* scored                                         */
    size_t n_missing;
    size_t first;     /* which scored bar exceeds first, from 1; 0 where none does */
    double lr;        /* likelihood ratio, >= 0                                    */
    double p_value;   /* P(chi2_1 > lr)                                            */
    double p_at_most; /* of NO_HIT with n_bars + 1 > 1/p: however late the first one
                       * will be, its p-value is not above this; otherwise NaN     */
};

/* Kupiec's time until first failure.
 *
 * The first hit of a VaR that is hit with probability p comes at bar T with probability
 * p (1-p)^(T-1), whose likelihood is greatest at p = 1/T:
 *
 *     LR = -2 ln [ p (1-p)^(T-1) / ( (1/T) (1 - 1/T)^(T-1) ) ]
 *        = 2 [ D(1, T p) + D(T-1, T (1-p)) ]
 *
 * with the deviance D of worker/deviance.h: that of one hit in T bars.  Asymptotically
 * chi-squared with one degree of freedom, but T is one geometric draw, so the law is
 * rough: at 5 % and p = 0.01 a right VaR is rejected in 7.1 % of samples
 * (tests/worker/test_backtest_size.c adds up the law).  Kupiec says himself that it has
 * little power.
 *
 * P. H. Kupiec, "Techniques for Verifying the Accuracy of Risk Measurement Models",
 * Journal of Derivatives 3(2) (1995), 73-84. */
struct tuff tuff_test(size_t n, const double loss[], const double var[], double p);

/* The ratio alone, of a first hit at bar first >= 1. */
double tuff_ratio(size_t first, double p);

/* P(LR of T >= LR of first), T geometric: without the chi-squared law.  The ratio falls
 * to 1/p and rises from there, so that T is as far out early or late:
 *
 *     1 - (1-p)^a + (1-p)^(b-1) */
double tuff_exact_p(size_t first, double p);

#endif /* WORKER_TUFF_H */
