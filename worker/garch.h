/* garch.h -- what variance do GARCH and GJR give each return, and how likely is that?
 *
 *     e[t]   = r[t] - mu
 *     h[t+1] = omega + (alpha + gamma 1{e[t] < 0}) e[t]^2 + beta h[t]
 *
 * h[t] is the variance of r[t] given the returns before it; gamma = 0 is GARCH(1,1)
 * (Bollerslev 1986), otherwise GJR (Glosten, Jagannathan, Runkle 1993).  r[t] has a
 * normal law or a Student t scaled to that variance (Bollerslev 1987).  A missing
 * return (NaN) counts as its expectation, e^2 = h and the indicator 1/2, and has no
 * part in the likelihood.  The recursion starts from one number b in the place of e^2
 * and h before the first return:  h[0] = omega + (alpha + gamma/2 + beta) b. */
#ifndef WORKER_GARCH_H
#define WORKER_GARCH_H

#include <stdbool.h>
#include <stddef.h>

enum garch_parameter {
    GARCH_MU,
    GARCH_OMEGA,
    GARCH_ALPHA,
    GARCH_GAMMA,
    GARCH_BETA,
    GARCH_NU, /* degrees of freedom > 2; unused by the normal law */
    GARCH_PARAMETERS
};

enum garch_start {
    GARCH_START_MEAN,          /* b = mean of e^2                              */
    GARCH_START_FIRST,         /* ... of the first `start_window` returns      */
    GARCH_START_UNCONDITIONAL, /* b = omega / (1 - alpha - gamma/2 - beta)      */
    GARCH_START_BACKCAST,      /* ... of the first 75, weights 0.94^t (Sheppard) */
    GARCH_N_STARTS
};

/* Which parameters there are; those that are not stand at 0. */
struct garch_spec {
    bool gjr;       /* gamma                                                   */
    bool student;   /* nu                                                      */
    bool mean;      /* mu                                                      */
    bool targeting; /* omega = mean of e^2 (1 - alpha - gamma/2 - beta)         */
    enum garch_start start;
    size_t start_window;
};

/* Weighted means of r and r^2 (NaN left out), so that
 * sum of w e^2 = square - 2 mu mean + mu^2. */
struct garch_weights {
    double mean, square;
};

struct garch_sample {
    size_t n;                   /* returns, missing ones among them */
    size_t n_there;             /* without them                     */
    const double *r;            /* [n], borrowed                    */
    struct garch_weights whole; /* all alike: for targeting         */
    struct garch_weights start; /* those of spec->start             */
};

/* Count and weigh n returns. */
struct garch_sample garch_sample_of(const struct garch_spec *spec, size_t n,
                                    const double r[]);

/* b, and its gradient where that is not NULL; parameters hold mu and the rest. */
double garch_start_value(const struct garch_spec *spec,
                         const struct garch_sample *sample,
                         const double parameter[GARCH_PARAMETERS], double *gradient);

/* alpha + gamma/2 + beta */
static inline double garch_persistence(const double parameter[GARCH_PARAMETERS])
{
    return parameter[GARCH_ALPHA] + 0.5 * parameter[GARCH_GAMMA] +
           parameter[GARCH_BETA];
}

/* h[0 .. n]: n + 1 variances, the last one the forecast behind the last return. */
void garch_filter(const double parameter[GARCH_PARAMETERS], double b, size_t n,
                  const double r[], double h[]);

/* ln L = sum over t of ln f(r[t]), constants and all.  gradient [GARCH_PARAMETERS] and
 * outer [GARCH_PARAMETERS][GARCH_PARAMETERS] (the sum of the outer products of the
 * scores) may be NULL.  Both are in all of the parameters taken as free, b's dependence
 * on them included; targeting is the caller's affair. */
double garch_likelihood(const struct garch_spec *spec,
                        const struct garch_sample *sample,
                        const double parameter[GARCH_PARAMETERS], double *gradient,
                        double *outer);

/* Mean variance of the `horizon` returns behind h: (1/H) sum of h[t+1 .. t+H] given
 * h[t+1], which is c[0] + c[1] h[t+1]. */
void garch_horizon(const double parameter[GARCH_PARAMETERS], size_t horizon,
                   double c[2]);

#endif /* WORKER_GARCH_H */
