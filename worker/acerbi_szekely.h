/* acerbi_szekely.h -- is the ES too small, by the three tests of Acerbi and Szekely? */
#ifndef WORKER_ACERBI_SZEKELY_H
#define WORKER_ACERBI_SZEKELY_H

#include "worker/backtest.h"
#include "worker/tail_law.h"

#include <stddef.h>
#include <stdint.h>

enum acerbi_szekely_test { ACERBI_Z1, ACERBI_Z2, ACERBI_Z3, ACERBI_TESTS };

struct acerbi_szekely {
    enum backtest_status status[ACERBI_TESTS];
    size_t n_bars; /* scored */
    size_t n_missing;
    size_t n_hits;
    double z[ACERBI_TESTS];
};

/* The law that was forecast: loss_t = mean_t + scale_t e, e of this law; p as in
 * worker/backtest.h. */
struct acerbi_szekely_law {
    struct tail_law law;
    double p;
};

/* The statistics, of T bars with N hits.  In the paper X = -loss, alpha = p.
 *
 *     Z1 = 1 - (1/N) sum over hits of loss_t / ES_t          E(Z1 | N > 0) = 0
 *     Z2 = 1 - (1/(T p)) sum over hits of loss_t / ES_t      E(Z2) = 0
 *     Z3 = 1 - (1/T) sum over t of (mean_t + scale_t e*) / (mean_t + scale_t E e*)
 *
 * all negative, in expectation, where ES is too small.  e* is the mean of the k =
 * floor(T p) largest of e_t = (loss_t - mean_t) / scale_t: U_t = P_t(X_t) is put
 * through the law of each bar in turn, and that of location and scale turns e_s into
 * mean_t + scale_t e_s.  E e* is that of independent draws (tail_law_mean_of_largest).
 *
 * Z1 looks at the hits' size alone (it needs a hit: NO_HIT), Z2 at their number as well
 * (1 where there is no hit), Z3 at the law.  Z3 needs T p >= 1 (TOO_FEW), mean and
 * scale (NULL: NO_DATA) and mean_t + scale_t E e* > 0; Z1 and Z2 need ES > 0
 * (BAD_INPUT).
 *
 * C. Acerbi, B. Szekely, "Backtesting Expected Shortfall", MSCI (2014); Risk, December
 * 2014: their tests 1, 2 and 3.
 *
 *   largest [floor(n p) + 1] workspace */
struct acerbi_szekely acerbi_szekely_of(const struct acerbi_szekely_law *law,
                                        const struct backtest_series *series,
                                        double largest[]);

struct acerbi_szekely_null {
    size_t n_samples;
    uint64_t seed;
};

/* The statistics of n_samples sets of losses drawn from the forecast law at the bars
 * that are scored, against the VaR and ES of the series: z[test][sample], NaN
 * where a sample has none (Z1 without a hit).
 * Then each z[test] is sorted, NaN behind.  n_there[test] counts those that are not.
 *
 *   work [series->n + floor(n p) + 1], z each [n_samples]
 *
 * BACKTEST_BAD_INPUT where there is no mean or scale, or nu <= 2: nothing written. */
enum backtest_status acerbi_szekely_simulate(const struct acerbi_szekely_law *law,
                                             const struct backtest_series *series,
                                             const struct acerbi_szekely_null *null,
                                             double work[],
                                             double *const z[ACERBI_TESTS],
                                             size_t n_there[ACERBI_TESTS]);

/* (1 + #{z* <= z}) / (1 + n) of n sorted simulated values; NaN for a NaN. */
double acerbi_szekely_p_value(size_t n, const double sorted[], double z);

/* The level-quantile of n > 0 sorted values: the one of rank ceil(n level). */
double acerbi_szekely_critical(size_t n, const double sorted[], double level);

#endif /* WORKER_ACERBI_SZEKELY_H */
