/* On a market whose true conditional quantiles are known: does a well-specified model,
 * fitted to a training span, cover them out of sample, and is its error the one that
 * the amount of data allows? */
#include "market/mixture.h"
#include "market/random.h"
#include "tests/market/world.h"
#include "tests/worker/paths.h"
#include "worker/garch_fit.h"
#include "worker/hill.h"
#include "worker/pot.h"
#include "worker/tail.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>

enum { MARKETS = 40, AFTER = 2000, TRAINING_MAX = 8000 };
enum { BARS_MAX = TRAINING_MAX + AFTER };

static const uint64_t seed = 19860430;
static const double p = 0.01;
static const double alpha = 0.08, beta = 0.90;

/* What comes, and the quantile that it exceeds with probability p: of losses -r. */
static double r[BARS_MAX], truth[BARS_MAX];

/* ---- the markets ----------------------------------------------------------------- */

/* GARCH(1,1) with normal innovations, which market/simulate.h has not: of variance 1.
 */
static void draw_normal(uint64_t market, size_t n)
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
static void draw_simulated(const char *model, uint64_t market, size_t n)
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

static void draw_student(uint64_t market, size_t n)
{
    draw_simulated("model: {alpha: 0.08, beta: 0.90, nu: 5, volatility: 0.6}\n"
                   "jumps: {market: 0, own: 0}",
                   market, n);
}

/* Independent bars (the simulator asks for some alpha and beta; 1e-9 moves a variance
 * by as little), one in fifty six times as wide. */
static void draw_jumps(uint64_t market, size_t n)
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

static struct band binomial_band(unsigned n, double tail)
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

static struct outcome nothing_yet(void)
{
    return (struct outcome){.least = UINT32_MAX};
}

/* forecast[t] of r[t], t in [training, training + AFTER). */
static void judge(size_t training, const double *forecast, struct outcome *outcome)
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
static void check_coverage(const char *name, const struct outcome *outcome, double g)
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

/* The true quantile itself, so that the market and its truth are above doubt. */
static void check_truth(void (*draw)(uint64_t, size_t))
{
    const struct band band = binomial_band(MARKETS * AFTER, 0.0005);
    unsigned x = 0;

    for (uint64_t market = 0; market < MARKETS; market++) {
        draw(1000 + market, AFTER);
        for (size_t t = 0; t < AFTER; t++)
            x += -r[t] > truth[t];
    }
    printf("\n    the truth is exceeded %u times, band [%u, %u]", x, band.low,
           band.high);
    CU_ASSERT(x >= band.low && x <= band.high);
}

static void true_quantiles_are_exceeded_as_often_as_they_say(void)
{
    check_truth(draw_normal);
    check_truth(draw_student);
    check_truth(draw_jumps);
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

static double allowed_sum(const struct allowed *allowed)
{
    return allowed->n_shapes * allowed->each + allowed->scale;
}

/* A market's n error^2 is in the limit a sum of squared normals with these variances:
 * 4 standard errors of the mean of so many markets, as a part of it. */
static double allowed_errors(const struct allowed *allowed)
{
    const double sum = allowed_sum(allowed);
    const double squares = allowed->n_shapes * allowed->each * allowed->each +
                           allowed->scale * allowed->scale;

    return 4.0 * sqrt(2.0 * squares / (sum * sum) / MARKETS);
}

static double student_log_density(double x, double nu)
{
    return lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * log(M_PI * (nu - 2)) -
           (nu + 1) / 2 * log1p(x * x / (nu - 2));
}

static double student_quantile(double nu)
{
    return tail_student(1.0 - p, nu).var;
}

/* Means over the law by the midpoint rule in its probability; differences in nu of 1e-4
 * leave 1e-7. */
static struct allowed allowed_student(double nu)
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
static struct allowed allowed_ranks(double g)
{
    return (struct allowed){0, 0.0, p * (1 - p) / (g * g)};
}

/* ---- fits ------------------------------------------------------------------------ */

static double forecast[BARS_MAX], h[BARS_MAX + 1];

/* Fit to the first `training` returns; h of them all by the estimate. */
static struct garch_fit fit_garch(bool student, size_t training)
{
    const struct garch_spec spec = {.student = student};
    struct garch_fit fit;

    CU_ASSERT_FATAL(garch_fit(&spec, training, r, NULL, &fit, NULL) == 0);
    CU_ASSERT_FATAL(garch_is_estimate(&fit));
    garch_filter(fit.parameter, fit.start, training + AFTER, r, h);
    return fit;
}

static struct outcome forecast_garch(void (*draw)(uint64_t, size_t), bool student,
                                     size_t training)
{
    struct outcome outcome = nothing_yet();

    for (uint64_t market = 0; market < MARKETS; market++) {
        draw(market, training + AFTER);
        const struct garch_fit fit = fit_garch(student, training);
        const double q = student ? student_quantile(fit.parameter[GARCH_NU])
                                 : gsl_cdf_ugaussian_Qinv(p);

        for (size_t t = training; t < training + AFTER; t++)
            forecast[t] = q * sqrt(h[t]);
        judge(training, forecast, &outcome);
    }
    return outcome;
}

/* n times the mean square over what the data allow: 1 in the limit.  At 8000 it must be
 * so within 4 standard errors on both sides (nothing beats the bound for long); four
 * times fewer data may err by half as much again for what the limit leaves out. */
static void check_efficiency(void (*draw)(uint64_t, size_t), bool student,
                             const struct allowed *allowed, double g)
{
    const double errors = allowed_errors(allowed), sum = allowed_sum(allowed);
    const struct outcome few = forecast_garch(draw, student, TRAINING_MAX / 4);
    const struct outcome many = forecast_garch(draw, student, TRAINING_MAX);
    const double at_few = few.square / few.n * (TRAINING_MAX / 4) / sum;
    const double at_many = many.square / many.n * TRAINING_MAX / sum;

    check_coverage(student ? "GARCH-t, 2000 returns" : "GARCH, 2000 returns", &few, g);
    check_coverage(student ? "GARCH-t, 8000 returns" : "GARCH, 8000 returns", &many, g);
    printf("\n    mean square over the Cramer-Rao bound: %.3f, %.3f; 1 +- %.2f", at_few,
           at_many, errors);
    CU_ASSERT(fabs(at_many - 1.0) < errors);
    CU_ASSERT(at_few < 1.5 * (1.0 + errors));
    CU_ASSERT(many.square / many.n < 0.5 * few.square / few.n);
}

/* No worse than `allowed` of n returns. */
static void check_error(const struct outcome *outcome, const struct allowed *allowed,
                        double n)
{
    const double ratio = outcome->square / outcome->n * n / allowed_sum(allowed);

    printf("\n    mean square over that of ranks: %.3f, 1 + %.2f", ratio,
           allowed_errors(allowed));
    CU_ASSERT(ratio < 1.0 + allowed_errors(allowed));
}

static double normal_g(void)
{
    const double q = gsl_cdf_ugaussian_Qinv(p);

    return q * gsl_ran_ugaussian_pdf(q);
}

static double student_g(double nu)
{
    const double q = gsl_cdf_tdist_Qinv(p, nu);

    return q * gsl_ran_tdist_pdf(q, nu);
}

static void garch_errs_by_what_the_data_allow(void)
{
    const struct allowed allowed = {2, 0.5, 0.5};

    check_efficiency(draw_normal, false, &allowed, normal_g());
}

static void garch_t_errs_by_what_the_data_allow(void)
{
    const struct allowed allowed = allowed_student(5.0);

    check_efficiency(draw_student, true, &allowed, student_g(5.0));
}

/* ---- tails ----------------------------------------------------------------------- */

/* The quantile of a generalised Pareto tail beyond the threshold of this share. */
static double pot_quantile(double share, size_t n, const double *z)
{
    static double sorted[BARS_MAX], excess[BARS_MAX];
    const size_t m = pot_sort(n, z, sorted), k = (size_t)(share * (double)m);
    const struct pot pot = pot_fit(m, sorted, pot_threshold(m, sorted, k), excess);

    CU_ASSERT_FATAL(gpd_is_estimate(&pot.fit));
    return pot_var(&pot, 1.0 - p);
}

static double hill_quantile(double share, size_t n, const double *z)
{
    static double sorted[BARS_MAX];
    const size_t m = pot_sort(n, z, sorted);
    const struct hill hill = hill_fit(m, sorted, (size_t)(share * (double)m));

    CU_ASSERT_FATAL(hill.status == HILL_ESTIMATED);
    return hill_var(&hill, 1.0 - p);
}

/* McNeil and Frey (2000): GARCH by normal quasi-likelihood, whatever the law, and a
 * generalised Pareto tail of the residuals.  No less of the data is used than by ranks,
 * so that it must not err more than the filter and ranks do together: the normal
 * likelihood of t(5) has scores of variance (kurtosis - 1)/4 = 2 where it is 1/2 for
 * the normal law, and the k - 1 directions that are not the scale (which the residuals'
 * quantile takes up again) err by (kurtosis - 1)/4 each. */
static void quasi_likelihood_with_a_pareto_tail_covers_student_markets(void)
{
    static double z[BARS_MAX];
    const double kurtosis = 9.0; /* of t(5) */
    struct allowed allowed = allowed_ranks(student_g(5.0));
    struct outcome outcome = nothing_yet();

    allowed.n_shapes = 2;
    allowed.each = (kurtosis - 1.0) / 4.0;
    for (uint64_t market = 0; market < MARKETS; market++) {
        draw_student(market, BARS_MAX);
        fit_garch(false, TRAINING_MAX);
        for (size_t t = 0; t < TRAINING_MAX; t++)
            z[t] = -r[t] / sqrt(h[t]);
        const double q = pot_quantile(0.1, TRAINING_MAX, z);

        for (size_t t = TRAINING_MAX; t < BARS_MAX; t++)
            forecast[t] = q * sqrt(h[t]);
        judge(TRAINING_MAX, forecast, &outcome);
    }
    check_coverage("QMLE and POT on GARCH-t", &outcome, student_g(5.0));
    check_error(&outcome, &allowed, TRAINING_MAX);
}

/* g of the mixture by its own quantile and tail. */
static double jumps_g(void)
{
    const struct mixture mixture = {.nu = 5.0, .pi = 0.02, .kappa = 6.0};
    const double q = mixture_quantile(&mixture, p), d = 1e-4 * q;

    return q * (mixture_tail(&mixture, q - d) - mixture_tail(&mixture, q + d)) /
           (2 * d);
}

static void check_jumps(const char *kind, double share,
                        double (*quantile)(double, size_t, const double *))
{
    struct outcome outcome = nothing_yet();
    static double loss[BARS_MAX];

    for (uint64_t market = 0; market < MARKETS; market++) {
        draw_jumps(market, BARS_MAX);
        for (size_t t = 0; t < BARS_MAX; t++)
            loss[t] = -r[t];
        const double q = quantile(share, TRAINING_MAX, loss);

        for (size_t t = TRAINING_MAX; t < BARS_MAX; t++)
            forecast[t] = q;
        judge(TRAINING_MAX, forecast, &outcome);
    }
    check_coverage(kind, &outcome, jumps_g());
    const struct allowed allowed = allowed_ranks(jumps_g());
    check_error(&outcome, &allowed, TRAINING_MAX);
}

/* A mixture is no generalised Pareto law nor a power: close enough to the quantile they
 * must not err more than ranks alone. */
static void pareto_tails_cover_jumps(void)
{
    check_jumps("pot", 0.05, pot_quantile);
    check_jumps("hill", 0.02, hill_quantile);
}

/* The volatility table's own row, as a job has it: ranks of the last losses. */
static void draw_bars(uint64_t market)
{
    draw_jumps(market, BARS_MAX);
    bars = (struct bars){.interval_ns = CLOCK_HOUR};
    double close = 100.0;

    for (size_t t = 0; t <= BARS_MAX; t++) {
        const struct bar bar = {
            (int64_t)t * CLOCK_HOUR, close, close, close, close, 1.0};

        CU_ASSERT_FATAL(bars_append(&bars, &bar, NULL) == 0);
        close *= t < BARS_MAX ? exp(r[t]) : 1.0;
    }
}

/* The ceil(0.99 n)-th of n losses is exceeded with probability 1 - 1980/2001 at n =
 * 2000 where 0.01 is asked: 0.0105.  That moves it by (0.0105 - p)/g in ln q, and
 * belongs to what is allowed. */
static void historical_simulation_covers_jumps(void)
{
    enum { RANKED = 2000 };
    const struct series_rules rules = {1, W, LOSS_CLOSE, SIDES_LONG};
    const double value[] = {RANKED, 1.0 - p};
    const double bias = (1.0 - 1980.0 / 2001.0 - p) / jumps_g();
    struct allowed allowed = allowed_ranks(jumps_g());
    struct outcome outcome = nothing_yet();
    double *v = malloc((BARS_MAX + 1) * sizeof *v);

    CU_ASSERT_FATAL(v != NULL);
    for (uint64_t market = 0; market < MARKETS; market++) {
        draw_bars(market);
        CU_ASSERT_FATAL(series_new(&bars, &rules, &series, NULL) == 0);
        CU_ASSERT_FATAL(
            follow_tail("constant", "historical", TAIL_VAR, value, v, NULL, NULL) == 0);
        /* v of bar t is the square of a quantile of 1 - C[t+1]/C[t], r[t] here */
        for (size_t t = TRAINING_MAX; t < BARS_MAX; t++)
            forecast[t] = -log1p(-sqrt(v[t]));
        judge(TRAINING_MAX, forecast, &outcome);
        tear_down();
    }
    free(v);
    check_coverage("historical", &outcome, jumps_g());
    allowed.scale += RANKED * bias * bias;
    check_error(&outcome, &allowed, RANKED);
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(true_quantiles_are_exceeded_as_often_as_they_say),
        TEST(garch_errs_by_what_the_data_allow),
        TEST(garch_t_errs_by_what_the_data_allow),
        TEST(quasi_likelihood_with_a_pareto_tail_covers_student_markets),
        TEST(pareto_tails_cover_jumps),
        TEST(historical_simulation_covers_jumps),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"coverage", make_file, remove_file, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    printf("seed %llu\n", (unsigned long long)seed);
    return check_run(suites);
}
