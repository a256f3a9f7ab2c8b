/* P-values of the gates: do right margins fail them as seldom as they say? */
#include "tests/worker/backtest_rate.h"
#include "tests/worker/paths.h"

#include "market/random.h"
#include "worker/christoffersen.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/kupiec.h"
#include "worker/margin_backtests.h"
#include "worker/null_law.h"
#include "worker/tail_law.h"

#include <gsl/gsl_cdf.h>

static const uint64_t seed = 19910402;

/* ---- one law -------------------------------------------------------------------- */

static double p_of(struct null_laws *laws, const struct null_law *law, double statistic)
{
    double p = NAN;

    CU_ASSERT_FATAL(null_laws_p(laws, law, statistic, &p, NULL) == 0);
    return p;
}

/* Besag and Clifford's rule by hand, on samples drawn one by one. */
static double by_hand(const struct null_law *law, double statistic)
{
    static double work[4 * 600 + 8];
    const struct dynamic_quantile_spec spec = {
        .p = law->p, .n_lags = 4, .constant = true};
    double as_large = 0.0, there = 0.0;

    for (size_t k = 0; k < 9999; k++) {
        const struct null_samples one = {law->n_bars, null_law_seed(law), k, k + 1};
        double sample;

        if (law->test == NULL_DURATION)
            duration_samples(law->p, &one, &sample, work);
        else
            dynamic_quantile_samples(&spec, &one, &sample, work);
        there += !isnan(sample);
        as_large += sample >= statistic * (1.0 - 1e-12);
        if (as_large == 100.0)
            return 100.0 / there;
    }
    return (1.0 + as_large) / (1.0 + there);
}

static const struct null_law laws_asked[] = {{NULL_DURATION, 250, 0.01},
                                             {NULL_DYNAMIC_QUANTILE, 250, 0.01},
                                             {NULL_DURATION, 600, 0.05},
                                             {NULL_DYNAMIC_QUANTILE, 599, 0.05}};
static const double statistics[] = {9.3, 0.011, 2.71, 1e9, 5.5, 0.0};

static void a_p_value_is_besag_and_cliffords(void)
{
    struct null_laws *laws;

    CU_ASSERT_FATAL(null_laws_new(&laws, NULL) == 0);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 6; j++)
            CU_ASSERT(p_of(laws, &laws_asked[i], statistics[j]) ==
                      by_hand(&laws_asked[i], statistics[j]));
    CU_ASSERT(p_of(laws, &laws_asked[2], 1e9) < 2e-4);
    CU_ASSERT(p_of(laws, &laws_asked[2], 0.0) == 1.0);
    null_laws_free(laws);
}

/* ... though the oldest laws have given way to others meanwhile. */
static void it_does_not_depend_on_what_was_asked_before(void)
{
    struct null_laws *laws;
    double p[4][6];

    CU_ASSERT_FATAL(null_laws_new(&laws, NULL) == 0);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 6; j++)
            p[i][j] = p_of(laws, &laws_asked[i], statistics[j]);
    for (size_t n = 20; n < 20 + NULL_LAWS_MAX; n++)
        p_of(laws, &(struct null_law){NULL_DURATION, n, 0.05}, 0.0);
    for (int i = 3; i >= 0; i--)
        for (int j = 5; j >= 0; j--)
            CU_ASSERT(p_of(laws, &laws_asked[i], statistics[j]) == p[i][j]);
    null_laws_free(laws);
}

/* Twelve bars hardly ever hit: hits that never come have no durations. */
static void samples_without_a_statistic_do_not_count(void)
{
    const struct null_law law = {NULL_DURATION, 12, 0.01};
    struct null_laws *laws;

    CU_ASSERT_FATAL(null_laws_new(&laws, NULL) == 0);
    CU_ASSERT(p_of(laws, &law, 0.3) == by_hand(&law, 0.3));
    CU_ASSERT(p_of(laws, &law, 0.3) > 0.05);
    null_laws_free(laws);
}

/* ---- the exact law of pairs ------------------------------------------------------ */

static double ratio_of_row(unsigned row, size_t n)
{
    struct transitions pairs = {0};

    for (size_t i = 1; i < n; i++) {
        const bool before = row >> (i - 1) & 1, now = row >> i & 1;

        pairs.n00 += !before && !now;
        pairs.n01 += !before && now;
        pairs.n10 += before && !now;
        pairs.n11 += before && now;
    }
    return christoffersen_independence(&pairs).lr;
}

/* Of all 2^11 rows those with as many hits: sums of at most 462 equal terms. */
static void the_law_of_pairs_is_that_of_all_rows(void)
{
    enum { N = 11 };

    for (unsigned row = 0; row < 1u << N; row += 7) {
        const int x = __builtin_popcount(row);
        const double lr = ratio_of_row(row, N);
        double rows = 0.0, as_large = 0.0;

        for (unsigned other = 0; other < 1u << N; other++) {
            const bool counts = __builtin_popcount(other) == x;

            rows += counts;
            as_large += counts && ratio_of_row(other, N) >= lr * (1.0 - 1e-12);
        }
        CHECK_REL(christoffersen_exact_p(N, (size_t)x, lr), as_large / rows, 1e-12);
    }
    CU_ASSERT(christoffersen_exact_p(1, 0, 0.0) == 1.0);
    CU_ASSERT(christoffersen_exact_p(5, 5, 0.0) == 1.0);
}

/* 4 standard errors of 4,000 samples, which err on the side of the null by one. */
static void and_that_which_a_backtest_simulates(void)
{
    enum { N = 400, SAMPLES = 4000 };
    static double loss[N], var[N], work[4 * N + 4];

    for (int t = 0; t < N; t++) {
        loss[t] = t % 40 == 3 || t == 44 || t == 164 ? 2.0 : 0.0;
        var[t] = 1.0;
    }
    const struct christoffersen_null null =
        christoffersen_simulate(N, loss, var, 0.03, SAMPLES, seed, work);
    size_t n, x;
    const struct transitions pairs = christoffersen_pairs(N, loss, var, &n, &x);
    const double exact =
        christoffersen_exact_p(n, x, christoffersen_independence(&pairs).lr);

    CU_ASSERT(exact > 0.001 && exact < 0.5);
    CU_ASSERT_DOUBLE_EQUAL(null.independence.p_value, exact,
                           backtest_rate_errors(exact, SAMPLES) + 1.0 / SAMPLES);
}

/* ---- what constraints have instead ------------------------------------------------
 */

/* P(X is rejected), X binomial(n, p): all counts from the first rejected one on. */
static double size_of_signed_root(unsigned n, double p, double at)
{
    unsigned x = (unsigned)((double)n * p);

    while (kupiec_test(n, x, p).p_upper >= at)
        x++;
    return gsl_cdf_binomial_Q(x - 1, p, n);
}

/* Of steps, so below the level as often as above: what README and help say. */
static void kupiecs_signed_root_is_near_its_level(void)
{
    static const double hits[] = {0.005, 0.01, 0.025, 0.05};
    double worst = 0.0, sum = 0.0, n_designs = 0.0;

    for (int i = 0; i < 4; i++)
        for (unsigned n = 100; n <= 3000; n++) {
            const double size = size_of_signed_root(n, hits[i], 0.01);

            worst = fmax(worst, size);
            sum += size;
            n_designs++;
        }
    printf("\n    at 1 %%: %.4f on average, %.4f at worst ", sum / n_designs, worst);
    CU_ASSERT_DOUBLE_EQUAL(sum / n_designs, 0.009, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(worst, 0.017, 0.0005);
}

/* ---- the gates themselves ---------------------------------------------------------
 */

enum { BARS = 560, SAMPLES = 1200, PS = BACKTEST_DYNAMIC_QUANTILE_P + 1 };
static const double scale = 0.02, p_hit = 0.01;

/* Independent normal returns, and the margin that is their quantile over h bars. */
static double open_market(uint64_t sample, size_t h)
{
    const struct series_rules rules = {h, 1, LOSS_CLOSE, SIDES_LONG};
    const struct tail_law normal = {INFINITY};
    struct random random = random_at(seed, 0, sample, (uint32_t)h);

    CU_ASSERT_FATAL(sample_bars(747, BARS, 0.01, 0.0, &bars) == 0);
    for (size_t t = 1; t < BARS; t++) {
        const double to = bars.close[t - 1] * exp(scale * random_normal(&random));

        bars.open[t] = bars.close[t] = bars.high[t] = bars.low[t] = to;
    }
    CU_ASSERT_FATAL(series_new(&bars, &rules, &series, NULL) == 0);
    return -expm1(-scale * sqrt((double)h) * tail_law_quantile(&normal, p_hit));
}

static double asymptotic_quantile_p(const double margin[])
{
    const struct dynamic_quantile_spec spec = {
        .p = p_hit, .n_lags = 4, .constant = true};

    return dynamic_quantile_test(&spec, BARS - 2, series.loss + 1, margin + 1, NULL)
        .p_value;
}

/* Sizes at 5 % where horizons last h bars; that of the chi-squared law of DQ. */
static double sizes_of(size_t h, struct backtest_rate rate[PS])
{
    static double margin[BARS], real[6 * BARS + 8], figure[MARGIN_BACKTESTS];
    struct margin_backtests_room room = {.confidence = 1.0 - p_hit, .real = real};
    struct backtest_rate asymptotic = {0};

    CU_ASSERT_FATAL(null_laws_new(&room.laws, NULL) == 0);
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        const double right = open_market(sample, h);

        for (size_t t = 0; t < BARS; t++)
            margin[t] = right;
        CU_ASSERT_FATAL(margin_backtests(&series, (struct range){1, BARS}, margin,
                                         &room, figure, NULL) == 0);
        for (int i = 0; i < PS; i++)
            backtest_rate_count(&rate[i], figure[i]);
        if (h == 1)
            backtest_rate_count(&asymptotic, asymptotic_quantile_p(margin));
        tear_down();
    }
    null_laws_free(room.laws);
    return h == 1 ? asymptotic.rejected / asymptotic.there : (double)NAN;
}

/* Two years of days at 99 %, five or six exceedances: where the chi-squared laws are
 * worst.  Statistics of counts have steps, so most sizes lie below the level; durations
 * have hardly any. */
static void a_right_margin_fails_a_gate_as_seldom_as_its_level_says(void)
{
    static const char *const names[PS] = {"binomial",  "kupiec exact", "pairs",
                                          "first hit", "durations",    "DQ"};
    static const size_t horizons[] = {1, 4};

    for (int i = 0; i < 2; i++) {
        struct backtest_rate rate[PS] = {{0}};
        const double asymptotic = sizes_of(horizons[i], rate);

        for (int k = 0; k < PS; k++) {
            const double share = rate[k].rejected / rate[k].there;
            const double errors =
                backtest_rate_errors(BACKTEST_RATE_LEVEL, rate[k].there);

            printf("\n    h %zu, %-12s %.4f of %.0f ", horizons[i], names[k], share,
                   rate[k].there);
            CU_ASSERT(rate[k].there > SAMPLES / 2);
            CU_ASSERT(share < BACKTEST_RATE_LEVEL + errors);
            if (k == BACKTEST_DURATION_P && horizons[i] == 1)
                CU_ASSERT(share > BACKTEST_RATE_LEVEL - errors);
        }
        if (horizons[i] == 1) {
            printf("\n    h 1, DQ by chi-squared %.4f ", asymptotic);
            CU_ASSERT(asymptotic > 2.0 * BACKTEST_RATE_LEVEL);
        }
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(a_p_value_is_besag_and_cliffords),
        TEST(it_does_not_depend_on_what_was_asked_before),
        TEST(samples_without_a_statistic_do_not_count),
        TEST(the_law_of_pairs_is_that_of_all_rows),
        TEST(and_that_which_a_backtest_simulates),
        TEST(kupiecs_signed_root_is_near_its_level),
        TEST(a_right_margin_fails_a_gate_as_seldom_as_its_level_says),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"null law", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    printf("seed %llu\n", (unsigned long long)seed);
    return check_run(suites);
}
