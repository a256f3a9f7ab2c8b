/* tail.h -- how large is the loss that a standardised residual exceeds with probability
 * 1 - c, and how large on average beyond, as each kind of tail has it?
 *
 * z[n] are losses over their own volatility: positive is bad.  VaR_c and ES_c of the
 * kinds, c > 1/2:
 *
 *     normal    N(0, 1):  VaR = x = Phi^-1(c),  ES = phi(x) / (1 - c)
 *     student   t_nu sqrt((nu-2)/nu), of unit variance, nu > 2:  with t the quantile
 * and g the density of t_nu, VaR = sqrt((nu-2)/nu) t ES  = sqrt((nu-2)/nu) g(t)/(1-c)
 * (nu + t^2)/(nu - 1) pot       pot.h with k = floor(share n) losses above the
 * threshold hill      hill.h with k = floor(share n)
 *
 * The first two take no notice of z (McNeil, Frey, Embrechts -- Quantitative Risk
 * Management, 2nd ed. 2015, examples 2.11, 2.14 and 2.15); the others are fitted to it.
 * Quantiles of normal and Student-t are GSL's: ten digits, not the last bit, are
 * promised. */
#ifndef WORKER_TAIL_H
#define WORKER_TAIL_H

#include "core/err.h"

#include <stddef.h>

struct tail_kind;

/* A kind with its parameter: 0 where it has none. */
struct tail {
    const struct tail_kind *kind;
    double parameter;
};

/* z[n] and room for fits; NaN in z is left out. */
struct tail_sample {
    size_t n;
    const double *z;
    double *room; /* [2 n] */
};

struct tail_risk {
    double confidence; /* in */
    double var, es; /* NaN: no estimate, or c below its threshold; ES may be infinite */
};

struct tail_kind {
    const char *name;
    const char *meaning;   /* one line + source */
    const char *parameter; /* its name, NULL where there is none */
    double above, below;   /* the parameter lies strictly between */
    /* Fill var and es; why not, in words, where there is no estimate, else NULL. */
    const char *(*measure)(double parameter, const struct tail_sample *sample,
                           size_t n_levels, struct tail_risk risk[/* n_levels */]);
};

/* NULL where there is none of that name. */
const struct tail_kind *tail_find(const char *name);
/* Row i, NULL after the last: for help texts. */
const struct tail_kind *tail_row(size_t i);

/* VaR and ES at the levels that `risk` holds.  Fails where the parameter or a level is
 * out of its range: 1/2 < c < 1.  A sample without an estimate is not a failure: *why
 * then tells (NULL otherwise), and var and es are NaN. */
int tail_measure(const struct tail *tail, const struct tail_sample *sample,
                 size_t n_levels, struct tail_risk risk[/* n_levels */],
                 const char **why, struct err *err);

/* The closed forms by themselves. */
struct tail_risk tail_normal(double confidence);
struct tail_risk tail_student(double confidence, double nu);

#endif /* WORKER_TAIL_H */
