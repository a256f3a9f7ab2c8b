/* mcneil_frey.h -- are losses beyond the VaR larger, on average, than the ES says? */
#ifndef WORKER_MCNEIL_FREY_H
#define WORKER_MCNEIL_FREY_H

#include "worker/backtest.h"

#include <stddef.h>
#include <stdint.h>

struct mcneil_frey_spec {
    size_t n_bootstrap; /* 0: no bootstrap p-value */
    uint64_t seed;
};

struct mcneil_frey {
    enum backtest_status status;
    size_t n_bars; /* scored */
    size_t n_missing;
    size_t n_hits;
    double mean;        /* of the residuals; > 0: the ES is too small               */
    double t;           /* mean / (s / sqrt(n_hits))                                 */
    double p_student;   /* P(t_(n_hits-1) > t): of normal residuals                  */
    double p_bootstrap; /* one-sided against a positive mean, as is p_student        */
};

/* McNeil and Frey's test of exceedance residuals.
 *
 *     r_t = (loss_t - ES_t) / sigma_t    of the bars with loss_t > VaR_t
 *
 * have mean 0 where VaR and ES are right, and are independent and alike where sigma
 * is.  Their law is skew, so the statistic t = mean(r) / (s / sqrt(N)) is compared with
 * that of B samples of N drawn with replacement from r - mean(r) (Efron and Tibshirani,
 * An Introduction to the Bootstrap, 1993, page 224):
 *
 *     p = (1 + #{t* >= t}) / (1 + B)
 *
 * where t* >= t is asked as mean* s >= mean s*, which has an answer even where a sample
 * is one residual N times (s* = 0).  s is the standard deviation with N - 1.  At 25
 * normal exceedances and 5 % the bootstrap rejects a right ES in 4 % of samples,
 * Student's t in 2 % (tests/worker/test_shortfall_size.c); N = 2 has only 4 samples.
 * One hit is TOO_FEW; residuals all alike are NO_SPREAD.
 *
 * A. J. McNeil, R. Frey, "Estimation of tail-related risk measures for heteroscedastic
 * financial time series: an extreme value approach", Journal of Empirical Finance
 * 7(3-4) (2000), 271-300.
 *
 *   series    loss, var, es; scale is sigma > 0 (NULL: 1 everywhere); mean unused
 *   residual  [n] workspace; the first n_hits hold r on return */
struct mcneil_frey mcneil_frey_test(const struct mcneil_frey_spec *spec,
                                    const struct backtest_series *series,
                                    double residual[]);

#endif /* WORKER_MCNEIL_FREY_H */
