/* hill.h -- how heavy is a Pareto tail, from the k largest losses alone?
 *
 * With X_1 >= X_2 >= ... the losses in descending order, X_(k+1) > 0:
 *
 *     xi_k = (1/k) sum over i = 1..k of ln X_i - ln X_(k+1)
 *          = (1/k) sum over i = 1..k of i (ln X_i - ln X_(i+1)),   error xi_k / sqrt(k)
 *     VaR_c = X_(k+1) (k / (n (1 - c)))^xi_k,      1 - c <= k/n
 *     ES_c  = VaR_c / (1 - xi_k),                  xi_k < 1
 *
 * B. M. Hill -- A simple general approach to inference about the tail of a
 * distribution, Annals of Statistics 3 (1975), 1163-1174; I. Weissman -- Estimation of
 * parameters and large quantiles based on the k largest observations, J. American
 * Statistical Association 73 (1978), 812-815; ES is that of the Pareto tail.  The
 * second sum, of terms >= 0, is the one computed: every k in one pass.  It is no
 * estimate of a tail that is not a power: normal losses have xi_k > 0 for every k. */
#ifndef WORKER_HILL_H
#define WORKER_HILL_H

#include <stddef.h>

enum hill_status {
    HILL_ESTIMATED,
    HILL_TOO_FEW,   /* k = 0, or not k + 1 losses            */
    HILL_NOT_ABOVE, /* X_(k+1) is not above 0: no logarithm  */
    HILL_NOT_FINITE,
    HILL_NO_SPREAD, /* the k + 1 largest are equal           */
    HILL_STATUSES
};

struct hill {
    enum hill_status status;
    size_t n, k;
    double threshold; /* X_(k+1) */
    double xi, error; /* NaN: no estimate */
};

/* Losses ascending, as pot_sort leaves them. */
struct hill hill_fit(size_t n, const double sorted[/* n */], size_t k);

/* The Hill plot: hill[j - 1] is hill_fit's for k = j, j = 1..k. */
void hill_scan(size_t n, const double sorted[/* n */], size_t k,
               struct hill hill[/* k */]);

/* NaN where there is no estimate or c lies below the threshold; ES is infinite for
 * xi >= 1. */
double hill_var(const struct hill *hill, double confidence);
double hill_es(const struct hill *hill, double confidence);

const char *hill_status_name(enum hill_status status);

#endif /* WORKER_HILL_H */
