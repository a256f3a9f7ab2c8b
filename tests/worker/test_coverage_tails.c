/* On a market whose true conditional quantiles are known: do tails that stand on ranks
 * or beyond a threshold cover them out of sample, and err no more than ranks must? */
enum { MARKETS = 40 };
#include "tests/worker/known_quantiles.h"
#include "worker/hill.h"
#include "worker/pot.h"

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
        TEST(quasi_likelihood_with_a_pareto_tail_covers_student_markets),
        TEST(pareto_tails_cover_jumps),
        TEST(historical_simulation_covers_jumps),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"coverage of tails", make_file, remove_file, NULL, NULL, tests},
        CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    printf("seed %llu\n", (unsigned long long)seed);
    return check_run(suites);
}
