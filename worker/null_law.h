/* null_law.h -- how often would a margin that is right have a statistic as large?
 *
 * Of tests whose law under independent hits of probability p is known by simulation
 * alone.  The law is one of n bars and p, whatever instrument and margin is asked
 * about, so samples are drawn once and kept: sample k of (test, n, p) is the same
 * whoever asks, and in whatever order. */
#ifndef WORKER_NULL_LAW_H
#define WORKER_NULL_LAW_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum null_test {
    NULL_DURATION,         /* Weibull durations (duration.h)                      */
    NULL_DYNAMIC_QUANTILE, /* a constant and NULL_LAGS lags (dynamic_quantile.h)  */
    NULL_TESTS
};

enum {
    NULL_LAGS = 4,
    NULL_AS_LARGE = 100, /* samples as large as the statistic end the drawing */
    NULL_DRAWN_MAX = 9999,
    NULL_LAWS_MAX = 128
};

/* Which law. */
struct null_law {
    enum null_test test;
    size_t n_bars;
    double p; /* of a hit, 0 < p < 1 */
};

struct null_laws;

/* No law yet.  At most NULL_LAWS_MAX are kept, 80 KB each at most; the oldest gives way
 * and is drawn again when it is asked for. */
int null_laws_new(struct null_laws **out, struct err *err);
void null_laws_free(struct null_laws *laws);

/* The p-value of a statistic by sequential simulation: samples are drawn
 * until NULL_AS_LARGE = l of them are as large, after m that have a statistic at all,
 * or NULL_DRAWN_MAX are drawn with g as large:
 *
 *     p = l / m,  or  (1 + g) / (1 + m)
 *
 * Either way P(p <= a) <= a under the null; equals count as larger.  Its standard error
 * is a tenth of it or less, a margin that is well costs a few hundred samples, and one
 * that is not is told down to 1 in 10,000.
 *
 * J. Besag, P. Clifford, "Sequential Monte Carlo p-values", Biometrika 78(2) (1991),
 * 301-304. */
int null_laws_p(struct null_laws *laws, const struct null_law *law, double statistic,
                double *p_value, struct err *err);

/* The seed of a law's samples. */
uint64_t null_law_seed(const struct null_law *law);

#endif /* WORKER_NULL_LAW_H */
