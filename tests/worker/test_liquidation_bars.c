/* The liquidation study on bars: what no market may change. */
#include "market/random.h"
#include "tests/check.h"
#include "worker/liquidation.h"
#include "worker/population.h"
#include "worker/study.h"

enum { BARS = 1500 };

struct market {
    struct bars bars;
    struct liquidation_settings settings;
    double value[LIQ_AXES + 1];
    struct plan plan;
};

static void fill_bars(struct bars *bars, uint64_t seed)
{
    double at = 100.0;

    *bars = (struct bars){.interval_ns = INT64_C(3600000000000)};
    for (uint32_t t = 0; t < BARS; t++) {
        struct random random = random_at(seed, 1, 1, t);
        const double close = at * (1.0 + 0.01 * random_normal(&random));
        const double high = fmax(at, close) * (1.0 + 0.004 * random_uniform(&random));
        const double low = fmin(at, close) * (1.0 - 0.004 * random_uniform(&random));
        const struct bar bar = {t * bars->interval_ns, at, high, low, close, 50.0};

        CU_ASSERT_EQUAL_FATAL(bars_append(bars, &bar, NULL), 0);
        at = close;
    }
}

static void open_market(struct market *market)
{
    static const double value[LIQ_AXES + 1] = {0.97, 1.5,   0.01, 0.5, 1,   0.01, 0.5,
                                               1,    0.005, 0.0,  0.0, 1e6, 0.001};

    *market =
        (struct market){.settings = {.steps_a_bar = 12,
                                     .latency_steps = 2,
                                     .feed_steps = 1,
                                     .accounts = 20,
                                     .bidders = 3,
                                     .seed = 1,
                                     .size_spread = 1.0,
                                     .slack = 0.3,
                                     .open_interest_days = 0.4,
                                     .impact_y = 1.0,
                                     .impact_delta = 0.5,
                                     .impact_halflife_steps = 6.0,
                                     .capacity = 1e6,
                                     .capital_rate = 0.1},
                        .plan = {.study = &liquidation_study,
                                 .series = {.horizon_bars = 8, .warmup_bars = 100},
                                 .confidence = 0.99,
                                 .path = {.volatility = volatility_find("ewma")},
                                 .holdout = 0.25}};
    memcpy(market->value, value, sizeof value);
    fill_bars(&market->bars, 71);
    market->plan.settings = &market->settings;
    market->plan.grid.n_axes = LIQ_AXES + 1;
    for (size_t a = 0; a <= LIQ_AXES; a++)
        market->plan.grid.axis[a] =
            (struct axis){.rule = a == 0 ? &market->plan.path.volatility->axes[0]
                                         : &liquidation_axes[a - 1],
                          .n = 1,
                          .value = &market->value[a]};
}

static struct verdict judge(const struct market *market, double figure[2][LIQ_METRICS])
{
    struct verdict verdict = {.figure = {figure[0], figure[1]}};
    struct err err = {0};
    void *work = NULL;

    CU_ASSERT_EQUAL_FATAL(
        liquidation_study.prepare(&market->plan, &market->bars, &work, &err), 0);
    CU_ASSERT_EQUAL_FATAL(liquidation_study.judge(work, market->value, &verdict, &err),
                          0);
    liquidation_study.release(work);
    return verdict;
}

static double figure_of(const double figure[LIQ_METRICS], const char *name)
{
    return figure[metric_find(LIQ_METRICS, liquidation_metrics, name) -
                  liquidation_metrics];
}

/* Bars behind the training span change no figure of it. */
static void training_figures_do_not_look_ahead(void)
{
    static struct market market;
    double before[2][LIQ_METRICS], after[2][LIQ_METRICS];

    open_market(&market);
    judge(&market, before);
    CU_ASSERT_TRUE(figure_of(before[0], "bad_debt") > 0.0);
    for (size_t t = BARS - BARS / 4; t < BARS; t++) {
        market.bars.low[t] *= 0.5;
        market.bars.close[t] *= 0.75;
        market.bars.volume[t] *= 3.0;
    }
    judge(&market, after);
    CU_ASSERT_EQUAL(memcmp(before[0], after[0], sizeof before[0]), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(before[1], after[1], sizeof before[1]), 0);
    bars_free(&market.bars);
}

/* New bars at the end leave paths and people as they were: with nothing held out, the
 * debts of the old span are among those of the longer one. */
static void a_night_more_keeps_the_older_paths(void)
{
    static struct market market;
    double longer[2][LIQ_METRICS], shorter[2][LIQ_METRICS];

    open_market(&market);
    market.plan.holdout = 0.0;
    judge(&market, longer);
    market.bars.n -= 24;
    judge(&market, shorter);
    CU_ASSERT_EQUAL(figure_of(longer[0], "observations"),
                    figure_of(shorter[0], "observations") + 3);
    CU_ASSERT_TRUE(figure_of(longer[0], "bad_debt_max") >=
                   figure_of(shorter[0], "bad_debt_max"));
    CU_ASSERT_TRUE(figure_of(longer[0], "bad_debt") *
                       figure_of(longer[0], "observations") >=
                   figure_of(shorter[0], "bad_debt") *
                       figure_of(shorter[0], "observations") * (1 - 1e-12));
    market.bars.n += 24;
    bars_free(&market.bars);
}

/* Prices and volumes in another currency change caps and nothing else. */
static void figures_have_no_currency(void)
{
    static struct market market;
    double before[2][LIQ_METRICS], after[2][LIQ_METRICS];

    open_market(&market);
    const struct verdict one = judge(&market, before);
    for (size_t t = 0; t < BARS; t++) {
        market.bars.open[t] *= 4.0;
        market.bars.high[t] *= 4.0;
        market.bars.low[t] *= 4.0;
        market.bars.close[t] *= 4.0;
    }
    /* people go by the first bar, so figures without people are compared */
    const struct verdict other = judge(&market, after);
    CHECK_REL(other.tiers.up_to[0], 4.0 * one.tiers.up_to[0], 1e-14);
    CU_ASSERT_EQUAL(other.last, one.last);
    CU_ASSERT_EQUAL(figure_of(after[0], "mean_margin"),
                    figure_of(before[0], "mean_margin"));
    bars_free(&market.bars);
}

static void a_larger_fund_is_enough_more_often(void)
{
    static const double funds[] = {0.0, 0.0005, 0.002, 0.01, 0.05, 0.5};
    static struct market market;
    double figure[2][LIQ_METRICS], before = -1.0;

    open_market(&market);
    for (size_t i = 0; i < sizeof funds / sizeof *funds; i++) {
        market.value[1 + LIQ_FUND] = funds[i];
        judge(&market, figure);
        const double now = figure_of(figure[0], "fund_solvency");

        CU_ASSERT_TRUE(now >= before);
        before = now;
    }
    CU_ASSERT_EQUAL(before, 1.0);
    bars_free(&market.bars);
}

static void tiers_of_a_verdict_are_in_the_quote_currency(void)
{
    static struct market market;
    double figure[2][LIQ_METRICS];

    open_market(&market);
    const struct verdict verdict = judge(&market, figure);
    double adv = 0.0;
    for (size_t t = BARS - 720; t < BARS; t++)
        adv += 50.0 * market.bars.close[t] / 30.0;
    CU_ASSERT_EQUAL(verdict.tiers.n, TIERS_MAX);
    CHECK_REL(verdict.tiers.up_to[0], 0.01 * adv, 1e-12);
    CHECK_REL(verdict.tiers.up_to[2], 0.16 * adv, 1e-12);
    CU_ASSERT_TRUE(isinf(verdict.tiers.up_to[TIERS_MAX - 1]));
    CU_ASSERT_EQUAL(verdict.last, verdict.tiers.initial[0]);
    CU_ASSERT_EQUAL(verdict.tiers.maintenance[0], 0.5 * verdict.tiers.initial[0]);
    bars_free(&market.bars);
}

static void without_volume_tiers_are_refused(void)
{
    static struct market market;
    struct err err = {0};
    void *work = NULL;

    open_market(&market);
    memset(market.bars.volume, 0, BARS * sizeof(double));
    CU_ASSERT_EQUAL(liquidation_study.prepare(&market.plan, &market.bars, &work, &err),
                    -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, "no volume in the last 30 days: tiers have no sizes");
    market.value[1 + LIQ_TIER_LAW] = 0.0;
    CU_ASSERT_EQUAL(liquidation_study.prepare(&market.plan, &market.bars, &work, &err),
                    0);
    liquidation_study.release(work);
    bars_free(&market.bars);
}

static void too_short_a_range_is_refused(void)
{
    static struct market market;
    struct err err = {0};
    void *work = NULL;

    open_market(&market);
    market.settings.start_every_bars = 100000;
    CU_ASSERT_EQUAL(liquidation_study.prepare(&market.plan, &market.bars, &work, &err),
                    -1);
    CHECK_CONTAINS(err.text, "no training bar starts a path of 8 bars");
    bars_free(&market.bars);
}

/* The same point by plain sampling (a share of 1 of the law itself would be that) and
 * with the defensive mixture from two seeds: within 4.5 of their errors together. */
static void rare_losses_are_estimated_and_marked(void)
{
    static struct market market;
    double figure[2][LIQ_METRICS], p[2], error[2];

    open_market(&market);
    market.value[1 + LIQ_Q] = 3.0;
    judge(&market, figure);
    CU_ASSERT_TRUE(isnan(figure_of(figure[0], "rare_status")));
    market.settings.rare_paths = 3000;
    market.settings.rare_nu = 4.0;
    for (int i = 0; i < 2; i++) {
        market.settings.rare_paths = 3000 + 2000 * i;
        judge(&market, figure);
        CU_ASSERT_EQUAL(figure_of(figure[0], "rare_status"), 0.0);
        p[i] = figure_of(figure[0], "rare_probability");
        error[i] = figure_of(figure[0], "rare_error");
        CU_ASSERT_TRUE(p[i] > 0.0 && error[i] < 0.3 * p[i]);
        CU_ASSERT_TRUE(figure_of(figure[0], "rare_effective") > 30.0);
    }
    CU_ASSERT_DOUBLE_EQUAL(p[0], p[1], 4.5 * hypot(error[0], error[1]));
    market.settings.rare_paths = 20; /* far too few to be believed */
    judge(&market, figure);
    CU_ASSERT_TRUE(figure_of(figure[0], "rare_status") > 0.0);
    CU_ASSERT_TRUE(isnan(figure_of(figure[0], "rare_probability")));
    bars_free(&market.bars);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"training_figures_do_not_look_ahead", training_figures_do_not_look_ahead},
        {"a_night_more_keeps_the_older_paths", a_night_more_keeps_the_older_paths},
        {"figures_have_no_currency", figures_have_no_currency},
        {"a_larger_fund_is_enough_more_often", a_larger_fund_is_enough_more_often},
        {"tiers_of_a_verdict_are_in_the_quote_currency",
         tiers_of_a_verdict_are_in_the_quote_currency},
        {"without_volume_tiers_are_refused", without_volume_tiers_are_refused},
        {"too_short_a_range_is_refused", too_short_a_range_is_refused},
        {"rare_losses_are_estimated_and_marked", rare_losses_are_estimated_and_marked},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"liquidation, on bars", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
