/* P-values by simulation, against the slow way: the same draws, each put through the
 * test itself; and against laws that are known. */
#include "tests/check.h"
#include "worker/christoffersen.h"
#include "worker/dynamic_quantile.h"
#include "worker/hits.h"
#include "worker/kupiec.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum { BARS = 400, SAMPLES = 300 };

static const uint64_t seed = 20061204;
static double loss[BARS], var[BARS], sample[BARS], work[4 * BARS + 8], place[BARS],
    deck[BARS];

/* Losses over a VaR that moves; some bars missing, here and there two together. */
static void fill(double gap)
{
    struct random random = random_at(seed, 9, 0, 0);

    for (int t = 0; t < BARS; t++) {
        var[t] = 1.0 + 0.3 * sin(0.05 * t);
        loss[t] = random_normal(&random) * 0.8;
        if (random_uniform(&random) < gap)
            loss[t] = NAN;
        if (random_uniform(&random) < 0.3 * gap)
            var[t] = NAN;
    }
}

static size_t scored(size_t bar[])
{
    size_t n = 0;

    for (size_t t = 0; t < BARS; t++)
        if (backtest_hit(loss[t], var[t]) != BACKTEST_MISSING)
            bar[n++] = t;
    return n;
}

/* Losses that exceed at these scored bars, and only there. */
static void fill_sample(size_t n_bars, const size_t bar[], size_t n_hits,
                        const double at[])
{
    for (size_t t = 0; t < BARS; t++)
        sample[t] = NAN;
    for (size_t i = 0; i < n_bars; i++)
        sample[bar[i]] = var[bar[i]] - 1.0;
    for (size_t i = 0; i < n_hits; i++)
        sample[bar[(size_t)at[i] - 1]] = var[bar[(size_t)at[i] - 1]] + 1.0;
}

static bool is_alike(const struct backtest_null *a, const struct backtest_null *b)
{
    return a->n_simulated == b->n_simulated && a->n_left_out == b->n_left_out &&
           a->n_above == b->n_above && a->n_tied == b->n_tied &&
           a->p_value == b->p_value;
}

static double pairs_ratio(const double l[], size_t *n_bars, size_t *n_hits)
{
    const struct transitions pairs = christoffersen_pairs(BARS, l, var, n_bars, n_hits);

    return christoffersen_independence(&pairs).lr;
}

static void pairs_are_those_of_the_test_itself(void)
{
    size_t bar[BARS], n_bars, x, m, unused;

    for (int gaps = 0; gaps < 2; gaps++) {
        fill(gaps ? 0.1 : 0.0);
        m = scored(bar);
        const double seen = pairs_ratio(loss, &n_bars, &x);
        const double both = seen + kupiec_test(n_bars, x, 0.1).lr;
        struct backtest_null shuffled = {0}, drawn = {0};

        CU_ASSERT(n_bars == m && x > 15);
        for (size_t i = 0; i < m; i++)
            deck[i] = (double)(i + 1);
        for (uint64_t k = 0; k < SAMPLES; k++) {
            struct random random = random_at(seed, 0, k, 0);

            hits_shuffle(m, x, &random, deck);
            fill_sample(m, bar, x, deck);
            backtest_null_count(&shuffled, pairs_ratio(sample, &n_bars, &unused), seen);
            CU_ASSERT_EQUAL(unused, x);
            random = random_at(seed, 1, k, 0);
            const size_t drawn_hits = hits_draw(m, 0.1, &random, place);
            fill_sample(m, bar, drawn_hits, place);
            const double lr = pairs_ratio(sample, &n_bars, &unused);
            backtest_null_count(&drawn, lr + kupiec_test(m, drawn_hits, 0.1).lr, both);
        }
        backtest_null_finish(&shuffled, seen);
        backtest_null_finish(&drawn, both);
        const struct christoffersen_null null =
            christoffersen_simulate(BARS, loss, var, 0.1, SAMPLES, seed, work);

        CU_ASSERT(is_alike(&null.independence, &shuffled));
        CU_ASSERT(is_alike(&null.conditional, &drawn));
        CU_ASSERT(null.independence.p_value > 0.0 && null.independence.p_value <= 1.0);
    }
}

/* The statistic by sums over hits is the regression's. */
static void check_regression(const struct dynamic_quantile_spec *spec)
{
    const struct dynamic_quantile seen =
        dynamic_quantile_test(spec, BARS, loss, var, NULL);
    struct backtest_null slow = {0};
    size_t bar[BARS];
    const size_t m = scored(bar);

    CU_ASSERT_EQUAL_FATAL(seen.status, BACKTEST_OK);
    for (uint64_t k = 0; k < SAMPLES; k++) {
        struct random random = random_at(seed, 0, k, 0);
        const size_t x = hits_draw(m, spec->p, &random, place);

        fill_sample(m, bar, x, place);
        backtest_null_count(
            &slow, dynamic_quantile_test(spec, BARS, sample, var, NULL).dq, seen.dq);
    }
    backtest_null_finish(&slow, seen.dq);
    const struct backtest_null null =
        dynamic_quantile_simulate(spec, BARS, loss, var, SAMPLES, seed, work);

    CU_ASSERT(is_alike(&null, &slow));
}

static void regressions_are_those_of_the_test_itself(void)
{
    struct dynamic_quantile_spec spec = {
        .p = 0.1, .n_lags = 4, .constant = true, .var = true};

    fill(0.0);
    check_regression(&spec);
    fill(0.1);
    check_regression(&spec);
    spec.n_lags = 1;
    spec.p = 0.02;
    check_regression(&spec);
    spec.var = false;
    for (int t = 0; t < BARS; t++)
        var[t] = 1.0;
    check_regression(&spec);
}

/* One hit of n bars: the ratio of pairs depends on whether it stands at an end, so its
 * permutation law has two values.  P(at an end) = 2/n, and 4 standard errors of it. */
static void the_law_of_one_hit_is_known(void)
{
    enum { N = 20, MANY = 20000 };
    size_t n_bars, x;

    for (int t = 0; t < BARS; t++) {
        var[t] = t < N ? 1.0 : NAN;
        loss[t] = 0.0;
    }
    loss[0] = 2.0;
    const double end = pairs_ratio(loss, &n_bars, &x);
    const struct christoffersen_null at_end =
        christoffersen_simulate(BARS, loss, var, 0.05, MANY, seed, work);
    loss[0] = 0.0;
    loss[7] = 2.0;
    const double inside = pairs_ratio(loss, &n_bars, &x);
    const struct christoffersen_null within =
        christoffersen_simulate(BARS, loss, var, 0.05, MANY, seed, work);

    CU_ASSERT(n_bars == N && x == 1 && inside > end);
    CU_ASSERT_DOUBLE_EQUAL((double)at_end.independence.n_tied / MANY, 2.0 / N,
                           4 * sqrt(0.1 * 0.9 / MANY));
    CU_ASSERT_EQUAL(at_end.independence.n_above + at_end.independence.n_tied, MANY);
    CU_ASSERT_EQUAL(within.independence.n_above, 0);
    CU_ASSERT_DOUBLE_EQUAL(within.independence.p_value, 0.9,
                           4 * sqrt(0.1 * 0.9 / MANY));
}

/* n p hits with variance n p (1 - p), each bar as often as any other: 4 standard
 * errors. */
static void drawn_and_shuffled_hits_are_even(void)
{
    enum { N = 30, HITS = 7, MANY = 20000 };
    double sum = 0.0, square = 0.0, drawn[N] = {0}, shuffled[N] = {0};

    for (int i = 0; i < N; i++)
        deck[i] = i + 1;
    for (uint64_t k = 0; k < MANY; k++) {
        struct random random = random_at(seed, 3, k, 0);
        const size_t x = hits_draw(N, 0.2, &random, place);

        sum += (double)x;
        square += ((double)x - 6.0) * ((double)x - 6.0);
        for (size_t i = 0; i < x; i++) {
            CU_ASSERT(i == 0 || place[i] > place[i - 1]);
            drawn[(size_t)place[i] - 1]++;
        }
        hits_shuffle(N, HITS, &random, deck);
        for (size_t i = 0; i < HITS; i++)
            shuffled[(size_t)deck[i] - 1]++;
    }
    CU_ASSERT_DOUBLE_EQUAL(sum / MANY, 6.0, 4 * sqrt(4.8 / MANY));
    CU_ASSERT_DOUBLE_EQUAL(square / MANY, 4.8, 4 * sqrt(2 * 4.8 * 4.8 / MANY) * 1.2);
    for (int i = 0; i < N; i++) {
        CU_ASSERT_DOUBLE_EQUAL(drawn[i] / MANY, 0.2, 4.5 * sqrt(0.16 / MANY));
        CU_ASSERT_DOUBLE_EQUAL(shuffled[i] / MANY, (double)HITS / N,
                               4.5 * sqrt(0.18 / MANY));
    }
}

static void nothing_to_simulate_is_nan(void)
{
    const struct dynamic_quantile_spec spec = {
        .p = 0.1, .n_lags = 4, .constant = true, .var = true};
    struct dynamic_quantile_spec other = spec;

    for (int t = 0; t < BARS; t++)
        loss[t] = NAN, var[t] = 1.0;
    CU_ASSERT(isnan(christoffersen_simulate(BARS, loss, var, 0.1, 9, 1, work)
                        .independence.p_value));
    CU_ASSERT(
        isnan(dynamic_quantile_simulate(&spec, BARS, loss, var, 9, 1, work).p_value));
    fill(0.0);
    CU_ASSERT(isnan(
        christoffersen_simulate(BARS, loss, var, 1.0, 9, 1, work).conditional.p_value));
    other.constant = false;
    CU_ASSERT(
        isnan(dynamic_quantile_simulate(&other, BARS, loss, var, 9, 1, work).p_value));
    for (int t = 0; t < BARS; t++)
        var[t] = 1.1; /* collinear with the constant */
    CU_ASSERT(
        isnan(dynamic_quantile_simulate(&spec, BARS, loss, var, 9, 1, work).p_value));
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"pairs_are_those_of_the_test_itself", pairs_are_those_of_the_test_itself},
        {"regressions_are_those_of_the_test_itself",
         regressions_are_those_of_the_test_itself},
        {"the_law_of_one_hit_is_known", the_law_of_one_hit_is_known},
        {"drawn_and_shuffled_hits_are_even", drawn_and_shuffled_hits_are_even},
        {"nothing_to_simulate_is_nan", nothing_to_simulate_is_nan},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"simulated_p", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
