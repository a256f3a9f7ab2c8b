/* gpd.h -- how large is a loss beyond a threshold, given that it is beyond?
 *
 * The generalised Pareto distribution of an excess x >= 0, with shape xi and scale
 * beta > 0, z = x / beta:
 *
 *     F(x) = 1 - (1 + xi z)^(-1/xi),          1 - e^-z  at xi = 0
 *     f(x) = (1 + xi z)^(-1/xi - 1) / beta
 *     x(q) = beta (q^-xi - 1) / xi            1 - F(x(q)) = q
 *
 * for xi < 0 up to x = -beta/xi.  Balkema, de Haan 1974 and Pickands 1975: what
 * excesses over a high threshold tend to.  All are computed by way of
 *
 *     h(xi, z) = ln(1 + xi z) / xi = z L(xi z),   L(t) = ln(1 + t) / t,
 *
 * which is smooth through xi = 0; the bits are the same on every machine. */
#ifndef WORKER_GPD_H
#define WORKER_GPD_H

#include <stddef.h>

struct gpd {
    double xi, beta;
};

double gpd_density(struct gpd gpd, double x);
double gpd_distribution(struct gpd gpd, double x);
double gpd_survival(struct gpd gpd, double x); /* 1 - F */

/* Which x has F(x) = p, 0 <= p <= 1; and which 1 - F(x) = q, exact for small q. */
double gpd_quantile(struct gpd gpd, double p);
double gpd_quantile_upper(struct gpd gpd, double q);

/* sum over i of ln f(x[i]); -infinity where an x lies outside of the support. */
double gpd_log_likelihood(struct gpd gpd, size_t n, const double x[/* n */]);

enum gpd_parameter { GPD_XI, GPD_BETA, GPD_PARAMETERS };

/* Its derivatives by xi and beta, and minus its second ones: the observed information.
 * Either may be NULL. */
void gpd_derivatives(struct gpd gpd, size_t n, const double x[/* n */],
                     double score[GPD_PARAMETERS],
                     double information[GPD_PARAMETERS][GPD_PARAMETERS]);

#endif /* WORKER_GPD_H */
