/* known_quantiles.h -- markets whose conditional quantiles are known, and how far from
 * them a forecast may be
 *
 * Whoever includes it has said in MARKETS how many: bounds widen with 1/sqrt(MARKETS).
 */
#ifndef TESTS_WORKER_KNOWN_QUANTILES_H
#define TESTS_WORKER_KNOWN_QUANTILES_H

#include "market/mixture.h"
#include "market/random.h"
#include "tests/market/world.h"
#include "tests/worker/paths.h"
#include "worker/garch_fit.h"
#include "worker/tail.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

enum { AFTER = 2000, TRAINING_MAX = 8000 };
enum { BARS_MAX = TRAINING_MAX + AFTER };

static const uint64_t seed = 19860430;
static const double p = 0.01;
static const double alpha = 0.08, beta = 0.90;

/* What comes, and the quantile that it exceeds with probability p: of losses -r. */
static double r[BARS_MAX], truth[BARS_MAX];

/* ---- the markets ----------------------------------------------------------------- */

/* GARCH(1,1) with normal innovations, which market/simulate.h has not: of variance 1.
 */
static inline void draw_normal(uint64_t market, size_t n)
{
    struct random random = random_at(seed, 0, market, 0);
    const double z = gsl_cdf_ugaussian_Qinv(p);
    double h = 1.0;

    for (size_t t = 0; t < n; t++) {
        truth[t] = z * sqrt(h);
        r[t] = sqrt(h) * random_normal(&random);
        h = (1.0 - alpha - beta) + alpha * r[t] * r[t] + beta * h;
    }
}

/* One instrument of the simulator; simple losses into logarithms. */
static inline void draw_simulated(const char *model, uint64_t market, size_t n)
{
    char text[400];

    snprintf(text, sizeof text,
             "seed: %llu\nstart: 2020-01-01\nbars: %zu\n%s\n"
             "regimes: {scale: 1}\ninstruments: [{name: A}]\n",
             (unsigned long long)(seed + market), n + 1, model);
    struct world world = make(text);
    const struct simulate_series *one = &world.series[0];

    CU_ASSERT_EQUAL_FATAL(one->bars.n, n + 1);
    for (size_t t = 0; t < n; t++) {
        r[t] = log(one->bars.close[t + 1] / one->bars.close[t]);
        truth[t] = -log1p(-one->column[LONG][t]);
    }
    drop(&world);
}

static inline void draw_student(uint64_t market, size_t n)
{
    draw_simulated("model: {alpha: 0.08, beta: 0.90, nu: 5, volatility: 0.6}\n"
                   "jumps: {market: 0, own: 0}",
                   market, n);
}

/* Independent bars (the simulator asks for some alpha and beta; 1e-9 moves a variance
 * by as little), one in fifty six times as wide. */
static inline void draw_jumps(uint64_t market, size_t n)
{
    draw_simulated("model: {alpha: 1e-9, beta: 1e-9, nu: 5, volatility: 0.6}\n"
                   "jumps: {market: 0, own: 0.02, scale: 6}",
                   market, n);
}

/* ---- exceedances ----------------------------------------------------------------- */

/* The counts x with P(X < low) and P(X > high) at most `tail` each, X ~ B(n, p). */
struct band {
    unsigned low, high;
};

static inline struct band binomial_band(unsigned n, double tail)
{
    struct band band = {0, n};

    while (gsl_cdf_binomial_P(band.low, p, n) <= tail)
        band.low++;
    while (gsl_cdf_binomial_Q(band.high - 1, p, n) <= tail)
        band.high--;
    return band;
}

/* What the markets of one design gave. */
struct outcome {
    unsigned least, most; /* exceedances of a market            */
    double n_exceed, n;   /* of all                             */
    double square;        /* sum of (forecast / truth - 1)^2    */
};

static inline struct outcome nothing_yet(void)
{
    return (struct outcome){.least = UINT32_MAX};
}

/* forecast[t] of r[t], t in [training, training + AFTER). */
static inline void judge(size_t training, const double *forecast,
                         struct outcome *outcome)
{
    unsigned x = 0;

    for (size_t t = training; t < training + AFTER; t++) {
        const double miss = forecast[t] / truth[t] - 1.0;

        x += -r[t] > forecast[t];
        outcome->square += miss * miss;
    }
    outcome->n_exceed += x;
    outcome->n += AFTER;
    outcome->least = x < outcome->least ? x : outcome->least;
    outcome->most = x > outcome->most ? x : outcome->most;
}

/* Every market in the binomial band of 99.9 %; and all of them together within 4
 * standard errors, of which a market's are those of the binomial law and, since all of
 * its bars share one estimate, AFTER g rmse, g = q f(q) being how far the probability
 * of an exceedance moves with ln q: Var x = AFTER p (1 - p) + (AFTER g rmse)^2. */
static inline void check_coverage(const char *name, const struct outcome *outcome,
                                  double g)
{
    const struct band band = binomial_band(AFTER, 0.0005);
    const double share = outcome->n_exceed / outcome->n;
    const double rmse = sqrt(outcome->square / outcome->n), m = AFTER;
    const double variance =
        (m * p * (1.0 - p) + m * m * g * g * rmse * rmse) / MARKETS / (m * m);

    printf(
        "\n    %-28s rmse %.4f; exceed %.5f +- %.5f, of %d in [%u, %u], band [%u, %u]",
        name, rmse, share, sqrt(variance), AFTER, outcome->least, outcome->most,
        band.low, band.high);
    CU_ASSERT(outcome->least >= band.low && outcome->most <= band.high);
    CU_ASSERT(fabs(share - p) < 4.0 * sqrt(variance));
}

/* ---- what the data allow ---------------------------------------------------------
 *
 * ln VaR_t = ln h_t(theta) / 2 + ln q(nu).  With d_t the gradient of ln h_t in theta,
 * the error of a fit to n returns is, to first order, d_t'(theta^ - theta)/2 + a (nu^ -
 * nu), a = d ln q / d nu.  The information in a return is that of s_h = d ln f / d ln h
 * and of s_nu = d ln f / d nu:
 *
 *     I = E [ i_h d d'   c d ]      i_h = E s_h^2,  c = E s_h s_nu,  i_nu = E s_nu^2
 *           [ c d'      i_nu ]
 *
 * (omega, alpha) times a constant scales h, so a combination of d_t is the constant 1;
 * in that direction, and nu, there is the law of independent returns with one scale, in
 * the k - 1 others d is orthogonal to it.  Hence, whatever omega, alpha and beta are,
 *
 *     n E(error^2) -> (k - 1) / (4 i_h) + (1/2, a) J^-1 (1/2, a)',  J = [i_h c; c i_nu]
 *
 * the Cramer-Rao bound of maximum likelihood; k/2 for normal returns (i_h = 1/2). */

/* n E(error^2): of k - 1 directions `each`, and of the scale's. */
struct allowed {
    int n_shapes;
    double each, scale;
};

static inline double allowed_sum(const struct allowed *allowed)
{
    return allowed->n_shapes * allowed->each + allowed->scale;
}

/* A market's n error^2 is in the limit a sum of squared normals with these variances:
 * 4 standard errors of the mean of so many markets, as a part of it. */
static inline double allowed_errors(const struct allowed *allowed)
{
    const double sum = allowed_sum(allowed);
    const double squares = allowed->n_shapes * allowed->each * allowed->each +
                           allowed->scale * allowed->scale;

    return 4.0 * sqrt(2.0 * squares / (sum * sum) / MARKETS);
}

static inline double student_log_density(double x, double nu)
{
    return lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * log(M_PI * (nu - 2)) -
           (nu + 1) / 2 * log1p(x * x / (nu - 2));
}

static inline double student_quantile(double nu)
{
    return tail_student(1.0 - p, nu).var;
}

/* Means over the law by the midpoint rule in its probability; differences in nu of 1e-4
 * leave 1e-7. */
static inline struct allowed allowed_student(double nu)
{
    enum { POINTS = 20000 };
    const double d = 1e-4;
    const double a =
        (log(student_quantile(nu + d)) - log(student_quantile(nu - d))) / (2 * d);
    double hh = 0.0, hn = 0.0, nn = 0.0;

    for (int i = 0; i < POINTS; i++) {
        const double u = (i + 0.5) / POINTS;
        const double x = sqrt((nu - 2) / nu) * gsl_cdf_tdist_Pinv(u, nu);
        const double s_h = -0.5 + (nu + 1) / 2 * x * x / (nu - 2 + x * x);
        const double s_n =
            (student_log_density(x, nu + d) - student_log_density(x, nu - d)) / (2 * d);

        hh += s_h * s_h / POINTS;
        hn += s_h * s_n / POINTS;
        nn += s_n * s_n / POINTS;
    }
    CHECK_REL(hh, nu / (2 * (nu + 3)), 1e-3); /* in closed form */
    return (struct allowed){2, 1 / (4 * hh),
                            (0.25 * nn - a * hn + a * a * hh) / (hh * nn - hn * hn)};
}

/* Of the p-quantile of n independent losses: p (1 - p) / (n g^2). */
static inline struct allowed allowed_ranks(double g)
{
    return (struct allowed){0, 0.0, p * (1 - p) / (g * g)};
}

/* ---- fits ------------------------------------------------------------------------ */

static double forecast[BARS_MAX], h[BARS_MAX + 1];

/* Fit to the first `training` returns; h of them all by the estimate. */
static inline struct garch_fit fit_garch(bool student, size_t training)
{
    const struct garch_spec spec = {.student = student};
    struct garch_fit fit;

    CU_ASSERT_FATAL(garch_fit(&spec, training, r, NULL, &fit, NULL) == 0);
    CU_ASSERT_FATAL(garch_is_estimate(&fit));
    garch_filter(fit.parameter, fit.start, training + AFTER, r, h);
    return fit;
}

/* No worse than `allowed` of n returns. */
static inline void check_error(const struct outcome *outcome,
                               const struct allowed *allowed, double n)
{
    const double ratio = outcome->square / outcome->n * n / allowed_sum(allowed);

    printf("\n    mean square over that of ranks: %.3f, 1 + %.2f", ratio,
           allowed_errors(allowed));
    CU_ASSERT(ratio < 1.0 + allowed_errors(allowed));
}

static inline double normal_g(void)
{
    const double q = gsl_cdf_ugaussian_Qinv(p);

    return q * gsl_ran_ugaussian_pdf(q);
}

static inline double student_g(double nu)
{
    const double q = gsl_cdf_tdist_Qinv(p, nu);

    return q * gsl_ran_tdist_pdf(q, nu);
}

#endif /* TESTS_WORKER_KNOWN_QUANTILES_H */
