/* spa.h -- is a benchmark beaten by the best of many, more than luck would have it?
 *
 * Hansen's test of superior predictive ability.  With losses of a benchmark and of m
 * alternatives at n times, d_kt = loss of the benchmark - loss of k, and the null that
 * E d_k <= 0 for all k (nothing beats the benchmark),
 *
 *     T = max(0, max_k sqrt(n) dbar_k / omega_k)
 *
 * is compared with its law under the stationary bootstrap, centred by g(dbar_k):
 *
 *     lower       max(0, dbar_k)       the alternatives below 0 are taken to be there
 *     consistent  dbar_k where dbar_k >= -sqrt(omega_k^2 / n 2 ln ln n), else 0
 *     upper       dbar_k               all are taken to be at 0 (White's reality check)
 *
 * The p-value is the share of replicates whose statistic is not below T: where T is 0
 * nothing speaks against the benchmark, and it is 1.
 *
 * P. R. Hansen, "A test for superior predictive ability", Journal of Business &
 * Economic Statistics 23(4) (2005), 365-380.  D. N. Politis, J. P. Romano, "The
 * stationary bootstrap", Journal of the American Statistical Association 89 (1994),
 * 1303-1313. */
#ifndef WORKER_SPA_H
#define WORKER_SPA_H

#include <stddef.h>
#include <stdint.h>

struct spa_problem {
    size_t n, m;
    const double *d;   /* [m][n], without NaN */
    double mean_block; /* of the bootstrap: 1/q, at least 1 */
    size_t n_replicates;
    uint64_t seed;
};

struct spa {
    double statistic; /* NaN: n below 3, or no alternative differs from the benchmark */
    double p_lower, p_consistent, p_upper;
    size_t best;       /* the alternative that makes the statistic */
    size_t n_constant; /* alternatives whose d do not vary: left out */
};

/* Room: mean, omega [m] each; draw [n]. */
struct spa_room {
    double *mean, *omega;
    size_t *draw;
};

struct spa spa_of(const struct spa_problem *problem, const struct spa_room *room);

/* omega_k^2, the variance of sqrt(n) dbar_k under the stationary bootstrap, in closed
 * form (Hansen 2005, p. 372):
 *
 *     gamma_0 + 2 sum_{i=1}^{n-1} kappa(n, i) gamma_i,
 *     kappa(n, i) = (n - i)/n (1 - q)^i + i/n (1 - q)^(n - i) */
double spa_variance(size_t n, const double d[], double mean_block);

/* A stationary bootstrap's draw: places of n, in runs whose lengths are geometric with
 * this mean, around the end to the start. */
void spa_draw(uint64_t seed, size_t replicate, size_t n, double mean_block,
              size_t draw[]);

#endif /* WORKER_SPA_H */
