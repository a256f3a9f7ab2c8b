/* backtest.h -- could a backtest be made at all, and does this bar exceed?
 *
 * Losses are positive, and so are VaR and ES.  A bar exceeds (is a hit) where its loss
 * is greater than its VaR.  A bar with a NaN among what a test needs of it is left out
 * and counted as missing.  p is the probability of a hit that the VaR promises, 0.01
 * for a VaR of 99 %.  Every statistic and p-value of a test whose status is not
 * BACKTEST_OK is NaN. */
#ifndef WORKER_BACKTEST_H
#define WORKER_BACKTEST_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What was forecast for n bars and what came; borrowed, each [n]. */
struct backtest_series {
    size_t n;
    const double *loss, *var, *es;
    const double *mean,
        *scale; /* of the law that was forecast: loss = mean + scale e */
};

enum backtest_status {
    BACKTEST_OK,
    BACKTEST_NO_DATA,    /* every bar is missing                                  */
    BACKTEST_NO_HIT,     /* no bar exceeds                                        */
    BACKTEST_ALL_HIT,    /* every bar exceeds                                     */
    BACKTEST_TOO_FEW,    /* bars or hits: fewer than the statistic needs          */
    BACKTEST_SINGULAR,   /* regressors that say the same                          */
    BACKTEST_NO_MAXIMUM, /* the likelihood rises for ever                         */
    BACKTEST_NO_SPREAD,  /* residuals all alike: nothing to divide by             */
    BACKTEST_BAD_INPUT,  /* a p, ES, scale ... for which the test has no meaning  */
    BACKTEST_N_STATUSES
};

/* The status in words. */
const char *backtest_status_text(enum backtest_status status);

enum backtest_hit { BACKTEST_MISSING = -1, BACKTEST_INSIDE = 0, BACKTEST_EXCEEDS = 1 };

static inline enum backtest_hit backtest_hit(double loss, double var)
{
    if (isnan(loss) || isnan(var))
        return BACKTEST_MISSING;
    return loss > var ? BACKTEST_EXCEEDS : BACKTEST_INSIDE;
}

/* A p-value by simulation: (1 + as extreme) / (1 + simulated), which is valid whatever
 * the number simulated (Davison and Hinkley, Bootstrap Methods, 1997, 4.2.3). */
static inline double backtest_simulated_p(double n_as_extreme, double n_simulated)
{
    return (1.0 + n_as_extreme) / (1.0 + n_simulated);
}

/* Samples first ... end - 1 of n_bars bars in a row under the null: each is a function
 * of its number and the seed alone. */
struct null_samples {
    size_t n_bars;
    uint64_t seed;
    size_t first, end;
};

/* How a statistic stands among those of samples that were simulated under the null: the
 * larger, the more it speaks against it (J.-M. Dufour, "Monte Carlo tests with nuisance
 * parameters", Journal of Econometrics 133(2) (2006), 443-477).  Statistics of counts
 * come in steps: with n_tied counted as above, p_value errs on the side of the null; if
 * the observed one is given a place among its equals by lot, the level is exact. */
struct backtest_null {
    size_t n_simulated;     /* samples with a statistic               */
    size_t n_left_out;      /* samples without: too few hits          */
    size_t n_above, n_tied; /* of n_simulated                         */
    double p_value;         /* (1 + n_above + n_tied) / (1 + n_simulated), or NaN */
};

/* Sums in another order are equal but for 2^-40 of them.  NaN: left out. */
static inline void backtest_null_count(struct backtest_null *null, double sample,
                                       double observed)
{
    const bool tied = fabs(sample - observed) <= 0x1p-40 * fabs(observed);

    null->n_left_out += isnan(sample);
    null->n_simulated += !isnan(sample);
    null->n_tied += tied;
    null->n_above += !tied && sample > observed;
}

static inline void backtest_null_finish(struct backtest_null *null, double observed)
{
    null->p_value = isnan(observed)
                        ? (double)NAN
                        : backtest_simulated_p((double)(null->n_above + null->n_tied),
                                               (double)null->n_simulated);
}

#endif /* WORKER_BACKTEST_H */
