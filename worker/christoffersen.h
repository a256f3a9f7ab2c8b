/* christoffersen.h -- do exceedances come in clusters? */
#ifndef WORKER_CHRISTOFFERSEN_H
#define WORKER_CHRISTOFFERSEN_H

#include <stddef.h>

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

/* Conditional coverage: both at once, the sum of Kupiec's ratio and the one above,
 * asymptotically chi-squared with two degrees of freedom (the same paper, 3.3). */
double christoffersen_conditional_p(double lr_coverage, double lr_independence);

#endif /* WORKER_CHRISTOFFERSEN_H */
