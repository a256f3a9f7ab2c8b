/* How often does each backtest of VaR reject a right forecast, and how often a wrong
 * one? (Those of ES: test_shortfall_size.c) */
#include "market/random.h"
#include "tests/worker/backtest_rate.h"
#include "worker/christoffersen.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/kupiec.h"
#include "worker/tail_law.h"
#include "worker/traffic_light.h"
#include "worker/tuff.h"

#include <gsl/gsl_randist.h>

enum { BARS = 1000, SAMPLES = 2000 };

static const uint64_t seed = 20040229;
static const double level = 0.05;
static double loss[BARS], var[BARS], work[BARS + 1];

/* ---- laws that can be added up ------------------------------------------------------
 */

/* Of the counts that Kupiec's test rejects, the binomial law: the discrete size. */
static double exact_kupiec_size(unsigned n, double p)
{
    double sum = 0.0;

    for (unsigned x = 0; x <= n; x++)
        if (kupiec_test(n, x, p).p_value < level)
            sum += gsl_ran_binomial_pdf(x, p, n);
    return sum;
}

/* Kupiec's lr at 250 bars and 1 % rejects 0, and 7 and more: 8.1 % and 1.4 %. */
static void kupiec_size_is_that_of_its_counts(void)
{
    CU_ASSERT_DOUBLE_EQUAL(exact_kupiec_size(250, 0.01), 0.0811 + 0.0137, 5e-4);
    CU_ASSERT_DOUBLE_EQUAL(exact_kupiec_size(10000, 0.05), level, 0.003);
}

/* One geometric draw: what the header claims, 7.1 %. */
static void tuff_size_is_that_of_its_times(void)
{
    static double quiet[5000], limit[5000];
    double sum = 0.0;

    for (int t = 0; t < 5000; t++)
        limit[t] = 1.0;
    for (unsigned t = 1; t <= 5000; t++) {
        quiet[t - 1] = 2.0;
        const struct tuff tuff = tuff_test(t, quiet, limit, 0.01);

        quiet[t - 1] = 0.0;
        CU_ASSERT_EQUAL_FATAL(tuff.first, t);
        if (tuff.p_value < level)
            sum += gsl_ran_geometric_pdf(t, 0.01);
    }
    /* a first hit by bar 6, or not by bar 438 */
    CHECK_REL(sum, 1.0 - pow(0.99, 6) + pow(0.99, 438), 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(sum, 0.071, 5e-4);
}

/* ---- against numpy's rates ----------------------------------------------------------
 */

/* Normal GARCH(0.1, 0.88) of variance 1; the VaR knows its volatility, or not. */
static void fill_garch(uint64_t sample, size_t n, double z, bool knows)
{
    struct random random = random_at(seed, 0, sample, 0);
    double h = 1.0;

    for (size_t t = 0; t < n; t++) {
        loss[t] = sqrt(h) * random_normal(&random);
        var[t] = knows ? z * sqrt(h) : z;
        h = 0.02 + 0.1 * loss[t] * loss[t] + 0.88 * h;
    }
}

static double independence_p(size_t n)
{
    struct transitions pairs = {0};

    for (size_t t = 1; t < n; t++) {
        const bool before = loss[t - 1] > var[t - 1], now = loss[t] > var[t];

        pairs.n00 += !before && !now;
        pairs.n01 += !before && now;
        pairs.n10 += before && !now;
        pairs.n11 += before && now;
    }
    return christoffersen_independence(&pairs).p_value;
}

static void check_garch(size_t n, double p, bool knows)
{
    const struct tail_law normal = {INFINITY};
    const double z = tail_law_quantile(&normal, p);
    const struct dynamic_quantile_spec spec = {
        .p = p, .n_lags = 4, .constant = true, .var = knows};
    struct backtest_rate dq = {knows ? "dq_size" : "dq_power", 0, 0};
    struct backtest_rate duration = {knows ? "duration_size" : "duration_power", 0, 0};
    struct backtest_rate pairs = {knows ? "independence_size" : "independence_power", 0,
                                  0};

    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        fill_garch(sample, n, z, knows);
        backtest_rate_count(&dq,
                            dynamic_quantile_test(&spec, n, loss, var, NULL).p_value);
        const struct duration test = duration_test(n, loss, var, work);
        backtest_rate_count(&duration, test.p_value);
        backtest_rate_count(&pairs, independence_p(n));
    }
    backtest_rate_check(&dq, (double)n, p);
    backtest_rate_check(&duration, (double)n, p);
    backtest_rate_check(&pairs, (double)n, p);
}

/* The chi-squared law is right for DQ at 95 % only: numpy finds 17 % at 500 bars and
 * 99 %.  For durations it is right at neither. */
static void asymptotic_tests_reject_right_forecasts_as_often_as_numpys(void)
{
    double there;

    check_garch(500, 0.01, true);
    check_garch(1000, 0.05, true);
    CU_ASSERT_DOUBLE_EQUAL(backtest_rate_want("dq_size", 1000, 0.05, &there), level,
                           backtest_rate_errors(level, 4000));
    CU_ASSERT(backtest_rate_want("dq_size", 500, 0.01, &there) > 0.15);
}

static void clusters_under_a_constant_var_are_found_as_often_as_by_numpys(void)
{
    double there;

    check_garch(500, 0.01, false);
    check_garch(1000, 0.05, false);
    CU_ASSERT(backtest_rate_want("dq_power", 1000, 0.05, &there) > 0.75);
    CU_ASSERT(backtest_rate_want("duration_power", 1000, 0.05, &there) > 0.7);
}

/* ---- p-values without an asymptotic law -------------------------------------------
 */

/* Kupiec's counts and times are discrete: what an exact p-value rejects is the largest
 * region of its shape that has at most the level. */
static void exact_p_values_never_exceed_their_level(void)
{
    static const struct {
        unsigned n;
        double p;
    } designs[] = {{250, 0.01}, {500, 0.01}, {1000, 0.05}, {10000, 0.025}};

    for (int i = 0; i < 4; i++) {
        double two_sided = 0.0, upper = 0.0, more = 0.0;

        for (unsigned x = 0; x <= designs[i].n; x++) {
            const double weight = gsl_ran_binomial_pdf(x, designs[i].p, designs[i].n);
            const double exact = kupiec_exact_p(designs[i].n, x, designs[i].p);

            two_sided += exact <= level ? weight : 0.0;
            more = exact > level ? fmax(more, weight) : more;
            upper += traffic_light_of(designs[i].n, x, designs[i].p).at_least <= level
                         ? weight
                         : 0.0;
        }
        printf("\n    exact, n %5u p %.3f: Kupiec %.4f, upper %.4f ", designs[i].n,
               designs[i].p, two_sided, upper);
        CU_ASSERT(two_sided <= level && two_sided > level - more);
        CU_ASSERT(upper <= level && upper > level - more);
    }
    double early_or_late = 0.0;

    for (unsigned t = 1; t < 5000; t++)
        early_or_late +=
            tuff_exact_p(t, 0.01) <= level ? gsl_ran_geometric_pdf(t, 0.01) : 0.0;
    printf("\n    exact, first failure: %.4f ", early_or_late);
    CU_ASSERT(early_or_late <= level && early_or_late > level - 0.01);
}

enum simulated { PAIRS, BOTH, DURATIONS, REGRESSION, SIMULATED };

/* The place of the observed statistic among the simulated ones, equals by lot: then
 * (1 + k) / 200 <= 0.05 has probability 0.05 exactly (Dufour 2006, proposition 2.4). */
static void count_by_lot(const struct backtest_null *null, struct random *lot,
                         struct backtest_rate *rate, struct backtest_rate *cautious)
{
    const double tied = floor(random_uniform(lot) * (double)(null->n_tied + 1));

    if (isnan(null->p_value))
        return;
    rate->there++;
    rate->rejected += backtest_simulated_p((double)null->n_above + tied,
                                           (double)null->n_simulated) <= level;
    cautious->there++;
    cautious->rejected += null->p_value <= level;
}

static void simulate_all(size_t n, double p, uint64_t of_sample,
                         struct backtest_null null[SIMULATED])
{
    enum { DRAWN = 199 };
    static double room[4 * BARS + 8];
    const uint64_t of_null = seed + 1 + of_sample;
    const struct dynamic_quantile_spec spec = {
        .p = p, .n_lags = 4, .constant = true, .var = true};
    const struct duration duration = duration_test(n, loss, var, work);
    const struct christoffersen_null pairs =
        christoffersen_simulate(n, loss, var, p, DRAWN, of_null, room);

    null[PAIRS] = pairs.independence;
    null[BOTH] = pairs.conditional;
    null[DURATIONS] =
        duration_simulated_p(n, p, duration.lr, DRAWN, of_null + 7000, work);
    null[REGRESSION] =
        dynamic_quantile_simulate(&spec, n, loss, var, DRAWN, of_null + 14000, room);
}

/* Right forecasts of a GARCH market at three sizes of sample; of DQ and durations those
 * samples that have the statistic.  With 199 draws the level is exact but for the lot;
 * without it no level is exceeded. */
static void simulated_p_values_have_their_level(void)
{
    enum { MANY = 1500 };
    static const char *const names[SIMULATED] = {"pairs", "both", "durations", "DQ"};
    static const struct {
        size_t n;
        double p;
    } designs[] = {{250, 0.01}, {500, 0.01}, {1000, 0.05}};
    const struct tail_law normal = {INFINITY};

    for (int i = 0; i < 3; i++) {
        const double z = tail_law_quantile(&normal, designs[i].p);
        struct backtest_rate rate[SIMULATED] = {{0}}, cautious[SIMULATED] = {{0}};
        struct random lot = random_at(seed, 1, (uint64_t)i, 0);

        for (uint64_t sample = 0; sample < MANY; sample++) {
            struct backtest_null null[SIMULATED];

            fill_garch(5000 + sample, designs[i].n, z, true);
            simulate_all(designs[i].n, designs[i].p, sample, null);
            for (int k = 0; k < SIMULATED; k++)
                count_by_lot(&null[k], &lot, &rate[k], &cautious[k]);
        }
        for (int k = 0; k < SIMULATED; k++) {
            const double share = rate[k].rejected / rate[k].there;
            const double errors = backtest_rate_errors(level, rate[k].there);

            printf(
                "\n    simulated, n %4zu p %.2f, %-9s %.4f (ties for the null: %.4f) "
                "of %.0f ",
                designs[i].n, designs[i].p, names[k], share,
                cautious[k].rejected / cautious[k].there, rate[k].there);
            CU_ASSERT(fabs(share - level) < errors);
            CU_ASSERT(cautious[k].rejected / cautious[k].there < level + errors);
        }
    }
}

/* ---- traffic light ------------------------------------------------------------------
 */

/* Bounds of one seed hold for another: beyond the least count whose law reaches 0.95
 * are at most 5 %, beyond that of 0.9999 at most 0.01 %.  The Committee's bounds for
 * independent days would call a fifth of right margins yellow, where they mean a tenth.
 */
static void overlapping_zones_have_their_level(void)
{
    static size_t counts[251], others[251];
    double window[10], beyond = 0.0, red = 0.0, naive = 0.0;
    struct traffic_light_overlap overlap = {
        .n_bars = 250, .horizon_bars = 10, .p = 0.01, .n_samples = 20000, .seed = seed};

    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, counts), BACKTEST_OK);
    const struct traffic_light_bounds bounds = traffic_light_bounds_of(250, counts);
    const struct traffic_light_bounds days = traffic_light_of(250, 0, 0.01).bounds;

    overlap.seed++;
    overlap.n_samples = 10000;
    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, others), BACKTEST_OK);
    for (size_t x = 0; x <= 250; x++) {
        beyond += x > bounds.yellow ? (double)others[x] / 10000 : 0.0;
        red += x > bounds.red ? (double)others[x] / 10000 : 0.0;
        naive += x >= days.yellow ? (double)others[x] / 10000 : 0.0;
    }
    printf("\n    yellow from %zu, red from %zu: %.4f, %.5f beyond; %.3f by days ",
           bounds.yellow, bounds.red, beyond, red, naive);
    CU_ASSERT(beyond < level + backtest_rate_errors(level, 10000));
    CU_ASSERT(beyond > 0.03);
    CU_ASSERT(red < 1e-4 + backtest_rate_errors(1e-4, 10000) +
                        backtest_rate_errors(1e-4, 20000));
    CU_ASSERT(naive > 0.15);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"kupiec_size_is_that_of_its_counts", kupiec_size_is_that_of_its_counts},
        {"tuff_size_is_that_of_its_times", tuff_size_is_that_of_its_times},
        {"asymptotic_tests_reject_right_forecasts_as_often_as_numpys",
         asymptotic_tests_reject_right_forecasts_as_often_as_numpys},
        {"clusters_under_a_constant_var_are_found_as_often_as_by_numpys",
         clusters_under_a_constant_var_are_found_as_often_as_by_numpys},
        {"exact_p_values_never_exceed_their_level",
         exact_p_values_never_exceed_their_level},
        {"simulated_p_values_have_their_level", simulated_p_values_have_their_level},
        {"overlapping_zones_have_their_level", overlapping_zones_have_their_level},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"size", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    printf("seed %llu\n", (unsigned long long)seed);
    return check_run(suites);
}
