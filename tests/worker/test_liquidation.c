/* The figures of the liquidation study where the truth is known. */
#include "market/random.h"
#include "tests/check.h"
#include "worker/engine.h"
#include "worker/liquidation.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum { PATHS = 200000 };

static double metric_of(const struct liquidation_tally *tally, const char *name,
                        double confidence)
{
    const struct metric *metric = metric_find(LIQ_METRICS, liquidation_metrics, name);

    CU_ASSERT_PTR_NOT_NULL_FATAL(metric);
    return metric->of(tally, confidence);
}

/* ---- one Gaussian step ---- */

/* A long and a short of 1 that post c = k sd; the price moves by sd Z at once. */
static struct engine_result one_step(uint32_t t, double k, double sd,
                                     struct engine_room *room)
{
    static const struct engine_rules rules = {
        .feed_steps = 1,
        .share = 1.0,
        .impact = {.y = 0.0, .delta = 0.5, .halflife_steps = 1.0},
        .auction = {.n_bidders = 1, .capacity = INFINITY}};
    struct random random = random_at(61, 1, 1, t);
    const double price[] = {1.0, 1.0 + sd * random_normal(&random)};
    const struct engine_path path = {.n_steps = 1,
                                     .price = price,
                                     .low = fmin(1.0, price[1]),
                                     .high = fmax(1.0, price[1]),
                                     .sigma = sd};
    struct account account[] = {{1, 1.0, 1.0, k * sd - 1.0, 0.25 * k * sd, 0.0},
                                {-1, 1.0, 1.0, k * sd + 1.0, 0.25 * k * sd, 0.0}};

    return engine_run(&rules, &path, 2, account, 1.0, room);
}

/* Beyond k deviations on either side: 2 Phi(-k).  The mean of what is lost there is
 * 2 sd (phi(k) - k Phi(-k)), its second moment 2 sd^2 ((1 + k^2) Phi(-k) - k phi(k)).
 */
static void gaussian_tails_are_within_the_interval(void)
{
    static const double ks[] = {1.5, 2.0, 2.5, 3.0, 3.5};
    const double sd = 0.05;
    struct engine_room *room;

    CU_ASSERT_EQUAL_FATAL(engine_room_new(1, &room, NULL), 0);
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
        const double k = ks[i], tail = gsl_cdf_ugaussian_Q(k);
        const double phi = gsl_ran_ugaussian_pdf(k);
        const double mean = 2 * sd * (phi - k * tail);
        const double square = 2 * sd * sd * ((1 + k * k) * tail - k * phi);
        struct liquidation_tally tally = {.n = PATHS};
        double low, high;

        for (uint32_t t = 0; t < PATHS; t++) {
            const struct engine_result result = one_step(t, k, sd, room);

            tally.n_bad += result.bad_debt > 0.0;
            tally.bad_debt += result.bad_debt;
        }
        liquidation_interval(tally.n_bad, tally.n, 0.999, &low, &high);
        CU_ASSERT_TRUE(low <= 2 * tail && 2 * tail <= high);
        CU_ASSERT_TRUE(high - low < 0.35 * 2 * tail + 1e-3 || tally.n_bad < 100);
        CU_ASSERT_EQUAL(metric_of(&tally, "bad_debt_probability", 0.99),
                        (double)tally.n_bad / PATHS);
        CU_ASSERT_DOUBLE_EQUAL(metric_of(&tally, "bad_debt", 0.99), mean,
                               4.5 * sqrt((square - mean * mean) / PATHS));
    }
    engine_room_free(room);
}

/* ---- the interval ---- */

/* With nothing seen: 1 - (0.025)^(1/n). */
static void the_interval_is_known_at_its_ends(void)
{
    double low, high;

    liquidation_interval(0, 747, 0.95, &low, &high);
    CU_ASSERT_EQUAL(low, 0.0);
    CHECK_REL(high, 1.0 - pow(0.025, 1.0 / 747.0), 1e-9);
    liquidation_interval(747, 747, 0.95, &low, &high);
    CU_ASSERT_EQUAL(high, 1.0);
    CHECK_REL(low, pow(0.025, 1.0 / 747.0), 1e-9);
    liquidation_interval(0, 0, 0.95, &low, &high);
    CU_ASSERT(low == 0.0 && high == 1.0);
}

/* ... and holds the truth at least as often as it says. */
static void the_interval_covers_what_it_promises(void)
{
    enum { N = 60 };

    for (int i = 1; i < 40; i++) {
        const double p = i / 40.0;
        double covered = 0.0;

        for (unsigned x = 0; x <= N; x++) {
            double low, high;

            liquidation_interval(x, N, 0.95, &low, &high);
            covered += low <= p && p <= high ? gsl_ran_binomial_pdf(x, p, N) : 0.0;
        }
        CU_ASSERT_TRUE(covered >= 0.95 - 1e-9);
    }
}

/* ---- figures of a small tally ---- */

static void figures_are_what_the_page_says(void)
{
    double debt[] = {0, 0, 0, 0, 0, 0, 0.01, 0.02, 0.03, 0.07};
    double need[] = {0, 0, 0, 0, 0, 0, 0, 0.01, 0.02, 0.05};
    const struct liquidation_tally tally = {.n = 10,
                                            .n_accounts = 320,
                                            .n_cases = 16,
                                            .n_bankrupt = 4,
                                            .n_bad = 4,
                                            .n_unmet = 1,
                                            .bad_debt = 0.13,
                                            .cost = 0.02,
                                            .initial = 0.8,
                                            .fund = 0.05,
                                            .years = 0.001,
                                            .capital_rate = 0.1,
                                            .debt = debt,
                                            .need = need};

    CHECK_REL(metric_of(&tally, "bad_debt_es", 0.8), 0.05, 4 * DBL_EPSILON);
    CU_ASSERT_EQUAL(metric_of(&tally, "bad_debt_es", 0.999), 0.07);
    CU_ASSERT_EQUAL(metric_of(&tally, "bad_debt_max", 0.8), 0.07);
    CU_ASSERT_EQUAL(metric_of(&tally, "fund_needed", 0.8), 0.01);
    CU_ASSERT_EQUAL(metric_of(&tally, "fund_needed", 0.9), 0.02);
    CU_ASSERT_EQUAL(metric_of(&tally, "before_bankruptcy", 0.8), 0.75);
    CU_ASSERT_EQUAL(metric_of(&tally, "liquidated", 0.8), 0.05);
    CU_ASSERT_EQUAL(metric_of(&tally, "fund_solvency", 0.8), 0.9);
    CHECK_REL(metric_of(&tally, "cost", 0.8),
              0.1 * (2 * 0.08 + 0.05) + (0.002 + 0.013) / 0.001, 1e-14);
}

static void without_paths_figures_are_undefined(void)
{
    const struct liquidation_tally none = {.years = 1.0};

    CU_ASSERT_TRUE(isnan(metric_of(&none, "bad_debt_probability", 0.99)));
    CU_ASSERT_TRUE(isnan(metric_of(&none, "bad_debt_es", 0.99)));
    CU_ASSERT_TRUE(isnan(metric_of(&none, "fund_needed", 0.99)));
    CU_ASSERT_EQUAL(metric_of(&none, "before_bankruptcy", 0.99), 1.0);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"gaussian_tails_are_within_the_interval",
         gaussian_tails_are_within_the_interval},
        {"the_interval_is_known_at_its_ends", the_interval_is_known_at_its_ends},
        {"the_interval_covers_what_it_promises", the_interval_covers_what_it_promises},
        {"figures_are_what_the_page_says", figures_are_what_the_page_says},
        {"without_paths_figures_are_undefined", without_paths_figures_are_undefined},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"liquidation, figures", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
