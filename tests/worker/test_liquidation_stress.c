/* The bad days of the liquidation study: the engine in decimals, and what no setting
 * may change. */
#include "market/random.h"
#include "tests/check.h"
#include "tests/oracle/engine_oracle.h"
#include "worker/liquidation_inside.h"

#include <stdlib.h>

enum { BARS = 1300, WARMUP = 100, HORIZON = 6, STEPS = 9, PEOPLE = 22, ROWS = 12 };

static const int64_t hour = INT64_C(3600000000000);

struct market {
    struct bars bars;
    struct liquidation_settings settings;
    double value[LIQ_AXES + 1];
    struct plan plan;
    int64_t at_ns[ROWS];
    double figure[ROWS * LIQ_STRESS_FIGURES];
    double of_range[JUDGED_RANGES][LIQ_METRICS];
    struct verdict verdict;
};

static void fill_bars(struct bars *bars, uint64_t seed)
{
    double at = 100.0;

    *bars = (struct bars){.interval_ns = hour};
    for (uint32_t t = 0; t < BARS; t++) {
        struct random random = random_at(seed, 1, 1, t);
        const double size = t > 620 && t < 650 ? 0.05 : 0.006;
        const double close = at * (1.0 + size * random_normal(&random));
        const double high =
            fmax(at, close) * (1.0 + 0.3 * size * random_uniform(&random));
        const double low =
            fmin(at, close) * (1.0 - 0.3 * size * random_uniform(&random));
        const struct bar bar = {t * hour, at, high, low, close, 50.0};

        CU_ASSERT_EQUAL_FATAL(bars_append(bars, &bar, NULL), 0);
        at = close;
    }
}

/* The engine's rules with the impact that the job gives. */
static struct engine_rules rules_of(const struct liquidation_settings *given,
                                    const double *on)
{
    const struct liquidation_work work = {
        .settings = given,
        .impact = {given->impact_y, given->impact_delta, given->impact_halflife_steps}};

    return liquidation_rules(&work, on);
}

static const struct liquidation_settings settings = {.steps_a_bar = STEPS,
                                                     .latency_steps = 2,
                                                     .feed_steps = 1,
                                                     .accounts = PEOPLE,
                                                     .bidders = 3,
                                                     .seed = 5,
                                                     .size_spread = 1.0,
                                                     .slack = 0.3,
                                                     .open_interest_days = 0.4,
                                                     .impact_y = 0.8,
                                                     .impact_delta = 0.5,
                                                     .impact_halflife_steps = 6.0,
                                                     .capacity = 1e6,
                                                     .capital_rate = 0.1};

static struct market *open_market(uint64_t seed)
{
    static const double value[LIQ_AXES + 1] = {0.97, 3.0,   0.01, 0.5, 1,   0.01, 0.5,
                                               1,    0.005, 0.0,  0.0, 1e6, 0.005};
    struct market *market = calloc(1, sizeof *market);

    CU_ASSERT_PTR_NOT_NULL_FATAL(market);
    market->settings = settings;
    market->plan =
        (struct plan){.study = &liquidation_study,
                      .series = {.horizon_bars = HORIZON, .warmup_bars = WARMUP},
                      .confidence = 0.99,
                      .path = {.volatility = volatility_find("ewma")},
                      .stress = {.is_on = true,
                                 .n_windows = 2,
                                 .window = {{"wild", 600 * hour, 660 * hour},
                                            {"nowhere", 9000 * hour, 9999 * hour}},
                                 .n_found = 2,
                                 .depeg = 0.1,
                                 .depth = 0.25,
                                 .late_bars = 2}};
    memcpy(market->value, value, sizeof value);
    fill_bars(&market->bars, seed);
    market->plan.settings = &market->settings;
    market->plan.grid.n_axes = LIQ_AXES + 1;
    for (size_t a = 0; a <= LIQ_AXES; a++)
        market->plan.grid.axis[a] =
            (struct axis){.rule = a == 0 ? &market->plan.path.volatility->axes[0]
                                         : &liquidation_axes[a - 1],
                          .n = 1,
                          .value = &market->value[a]};
    CU_ASSERT_TRUE_FATAL(stress_n_rows(&market->plan.stress) <= ROWS);
    return market;
}

static void *prepare(struct market *market)
{
    void *work = NULL;

    CU_ASSERT_EQUAL_FATAL(
        liquidation_study.prepare(&market->plan, &market->bars, &work, NULL), 0);
    return work;
}

static void judge(struct market *market)
{
    void *work = prepare(market);

    market->verdict =
        (struct verdict){.figure = {market->of_range[0], market->of_range[1]},
                         .stress = {.at_ns = market->at_ns, .figure = market->figure}};
    CU_ASSERT_EQUAL_FATAL(
        liquidation_study.judge(work, market->value, &market->verdict, NULL), 0);
    liquidation_study.release(work);
}

static void close_market(struct market *market)
{
    bars_free(&market->bars);
    free(market);
}

static size_t row_of(const struct market *market, const char *name)
{
    char room[STRESS_NAME_MAX];
    size_t row = 0;

    while (row < stress_n_rows(&market->plan.stress) &&
           strcmp(stress_name(&market->plan.stress, row, room), name) != 0)
        row++;
    CU_ASSERT_TRUE_FATAL(row < stress_n_rows(&market->plan.stress));
    return row;
}

static const double *figures_of(const struct market *market, const char *name)
{
    return market->figure + row_of(market, name) * LIQ_STRESS_FIGURES;
}

/* ---- in decimals ---- */

/* The path from t with the accounts of the last bar, as worker/STRESS.md says; figures
 * where they are the largest so far. */
static void add_exact(struct liquidation_work *work, size_t t, const double *on,
                      const struct engine_rules *rules, double worth, double *figure)
{
    const struct tiers tiers = liquidation_tiers(work, on, BARS - 1);
    const struct population_rule people = {PEOPLE, 1.0, 0.3};
    const double all = 0.4, fund = worth * on[LIQ_FUND] * all;
    double share[PEOPLE], slack[PEOPLE], debt[PEOPLE], price[HORIZON * STEPS + 1];
    struct account account[PEOPLE];
    struct engine_path path = {.n_steps = HORIZON * STEPS,
                               .price = price,
                               .sigma = liquidation_sigma(work, t),
                               .draws = {5, work->who, (uint32_t)t}};
    double least, first = 0.0, second = 0.0, sum = 0.0;

    steps_of(&*work->series.bars, t, HORIZON, STEPS, price);
    population_draw(&people, &path.draws, share, slack);
    population_open(PEOPLE, share, slack, all, &tiers, account);
    for (size_t i = 0; i < PEOPLE; i++)
        account[i].cash -=
            (1.0 - worth) * (account[i].cash + account[i].side * account[i].opened);
    const struct engine_result exact =
        engine_oracle(rules, &path, PEOPLE, account, fund, debt, &least);
    for (size_t i = 0; i < PEOPLE; i++) {
        sum += debt[i];
        if (debt[i] > first) {
            second = first;
            first = debt[i];
        } else if (debt[i] > second) {
            second = debt[i];
        }
    }
    CHECK_REL(sum, exact.bad_debt, 1e-12);
    const double unmet = exact.bad_debt - (fund + exact.fees - exact.fund);
    const double of[LIQ_STRESS_FIGURES] = {
        [LIQ_STRESS_BAD_DEBT] = exact.bad_debt / all,
        [LIQ_STRESS_UNMET] = unmet / all > 1e-9 ? unmet / all : 0.0,
        [LIQ_STRESS_DELEVERAGED] = exact.deleveraged / all,
        [LIQ_STRESS_COVER_1] = first / all,
        [LIQ_STRESS_COVER_2] = (first + second) / all,
        [LIQ_STRESS_UNCOVERED_1] = fmax(0.0, (first - fund) / all),
        [LIQ_STRESS_UNCOVERED_2] = fmax(0.0, (first + second - fund) / all),
    };
    for (size_t f = LIQ_STRESS_BAD_DEBT; f < LIQ_STRESS_FIGURES; f++)
        figure[f] = fmax(figure[f], of[f]);
}

/* The bars of the largest losses to longs and to shorts among those of a window. */
static void find_starts(const struct bars *bars, size_t first, size_t end,
                        size_t start[2])
{
    double most[2] = {-1.0, -1.0};

    for (size_t t = first; t < end && t + HORIZON < BARS; t++) {
        double low = INFINITY, high = 0.0;

        for (size_t j = t + 1; j <= t + HORIZON; j++) {
            low = fmin(low, bars->low[j]);
            high = fmax(high, bars->high[j]);
        }
        const double loss[] = {1.0 - low / bars->close[t], high / bars->close[t] - 1.0};
        for (int side = 0; side < 2; side++)
            if (loss[side] > most[side]) {
                most[side] = loss[side];
                start[side] = t;
            }
    }
}

/* Amounts are right to 1e-9 of the open interest: near 0 the power of the impact
 * magnifies what doubles lose (test_engine_oracle.c argues the engine's own bound). */
static void check_row(const struct market *market, const char *name,
                      const double *exact)
{
    const double *got = figures_of(market, name);

    for (size_t f = LIQ_STRESS_BAD_DEBT; f < LIQ_STRESS_FIGURES; f++) {
        if (!(fabs(got[f] - exact[f]) <= 1e-9))
            fprintf(stderr, "%s: %s = %.17g, want %.17g\n", name,
                    liquidation_stress_figures[f].name, got[f], exact[f]);
        CU_ASSERT_TRUE(fabs(got[f] - exact[f]) <= 1e-9);
    }
}

static void rows_are_those_of_the_engine_in_decimals(void)
{
    size_t n_bad = 0;

    for (uint64_t seed = 31; seed < 34; seed++) {
        struct market *market = open_market(seed);
        const double *on = market->value + 1;
        struct engine_rules plain, thin, late;
        double exact[5][LIQ_STRESS_FIGURES] = {{0}};
        size_t start[2] = {0, 0};

        judge(market);
        struct liquidation_work *work = prepare(market);
        CU_ASSERT_EQUAL_FATAL(liquidation_follow(work, market->value, NULL), 0);
        CU_ASSERT_EQUAL_FATAL(
            stress_find_spans(&market->plan.stress, &work->series, work->span, NULL),
            0);
        plain = thin = late = rules_of(&market->settings, on);
        thin.impact.y *= 2.0; /* 0.25^-0.5 */
        thin.impact.halflife_steps *= 4.0;
        late.latency_steps += 2 * STEPS;
        find_starts(&market->bars, 600, 660, start);
        for (int i = 0; i < 2; i++)
            add_exact(work, start[i], on, &plain, 1.0, exact[0]);
        check_row(market, "wild", exact[0]);
        /* everything bad is in that window: the other rows are of the same paths, and
         * of the second worst day and the rest of the week */
        CU_ASSERT_TRUE(figures_of(market, "correlation-break")[LIQ_STRESS_BAD_DEBT] >=
                       exact[0][LIQ_STRESS_BAD_DEBT] - 1e-9);
        for (size_t row = 0; row < 5; row++) {
            const struct range span[] = {
                {600, 660}, {0, 0}, work->span[2], work->span[3], work->span[4]};
            if (span[row].end == span[row].first)
                continue;
            find_starts(&market->bars, span[row].first, span[row].end, start);
            for (int i = 0; i < 2; i++) {
                add_exact(work, start[i], on, &plain, 1.0, exact[1]);
                add_exact(work, start[i], on, &plain, 0.9, exact[2]);
                add_exact(work, start[i], on, &thin, 1.0, exact[3]);
                add_exact(work, start[i], on, &late, 1.0, exact[4]);
            }
        }
        check_row(market, "correlation-break", exact[1]);
        check_row(market, "de-peg", exact[2]);
        check_row(market, "thin-liquidity", exact[3]);
        check_row(market, "late-feed", exact[4]);
        n_bad += exact[0][LIQ_STRESS_BAD_DEBT] > 0.01;
        CU_ASSERT_EQUAL(market->at_ns[row_of(market, "nowhere")], STRESS_NOWHERE);
        liquidation_study.release(work);
        close_market(market);
    }
    CU_ASSERT_TRUE(n_bad > 1); /* nothing is compared where nothing happens */
}

/* ---- reverse ---- */

/* At the move the fund is not enough; at one milder by a millionth it is. */
static void the_mildest_move_is_where_the_fund_ends(void)
{
    struct market *market = open_market(41);
    static const char *const names[] = {"reverse-fall", "reverse-rise"};

    judge(market);
    struct liquidation_work *work = prepare(market);
    CU_ASSERT_EQUAL_FATAL(liquidation_follow(work, market->value, NULL), 0);
    for (int i = 0; i < 2; i++) {
        const double move = figures_of(market, names[i])[LIQ_STRESS_LOSS];
        const double *on = market->value + 1;
        const struct engine_rules rules = rules_of(&market->settings, on);

        CU_ASSERT_TRUE(move > 0.0 && move < 1.0);
        CU_ASSERT_TRUE(figures_of(market, names[i])[LIQ_STRESS_UNMET] > 0.0);
        for (int j = 0; j < 2; j++) {
            const double size = j == 0 ? move : move - 1e-6;
            const double to = i == 0 ? 1.0 - size : 1.0 + size;
            const struct tiers tiers = liquidation_tiers(work, on, BARS - 1);
            const struct population_rule people = {PEOPLE, 1.0, 0.3};
            double share[PEOPLE], slack[PEOPLE], price[HORIZON * STEPS + 1], least;
            struct account account[PEOPLE];
            const struct engine_path path = {
                .n_steps = HORIZON * STEPS,
                .price = price,
                .sigma = liquidation_sigma(work, BARS - 1),
                .draws = {5, work->who, (uint32_t)(BARS - 1)}};

            price[0] = 1.0;
            for (size_t s = 1; s <= path.n_steps; s++)
                price[s] = to;
            population_draw(&people, &path.draws, share, slack);
            population_open(PEOPLE, share, slack, 0.4, &tiers, account);
            const struct engine_result exact = engine_oracle(
                &rules, &path, PEOPLE, account, on[LIQ_FUND] * 0.4, NULL, &least);
            CU_ASSERT_EQUAL(exact.deleveraged > 0.0 || exact.clawed > 0.0, j == 0);
        }
    }
    liquidation_study.release(work);
    close_market(market);
}

/* ---- laws: without impact and fees a larger fund, and a milder move, cost less ----
 */

static struct market *open_quiet(uint64_t seed)
{
    struct market *market = open_market(seed);

    market->settings.impact_y = 0.0;
    market->value[1 + LIQ_FEE] = 0.0;
    return market;
}

static void a_larger_fund_never_worsens_anything(void)
{
    static const double funds[] = {0.0, 0.003, 0.01, 0.05, 0.3};
    struct market *market = open_quiet(47);
    double before[ROWS * LIQ_STRESS_FIGURES];
    size_t n_better = 0;

    for (size_t i = 0; i < sizeof funds / sizeof *funds; i++) {
        market->value[1 + LIQ_FUND] = funds[i];
        judge(market);
        for (size_t row = 0; i > 0 && row < stress_n_rows(&market->plan.stress);
             row++) {
            const double *now = market->figure + row * LIQ_STRESS_FIGURES;
            const double *then = before + row * LIQ_STRESS_FIGURES;

            if (market->at_ns[row] == STRESS_NOWHERE)
                continue;
            if (stress_kind(&market->plan.stress, row) >= STRESS_FALL) {
                CU_ASSERT_FALSE(now[LIQ_STRESS_LOSS] < then[LIQ_STRESS_LOSS]);
                continue;
            }
            CU_ASSERT_TRUE(now[LIQ_STRESS_UNMET] <= then[LIQ_STRESS_UNMET] + 1e-12);
            CU_ASSERT_TRUE(now[LIQ_STRESS_UNCOVERED_2] <= then[LIQ_STRESS_UNCOVERED_2]);
            n_better += now[LIQ_STRESS_UNMET] < then[LIQ_STRESS_UNMET];
        }
        memcpy(before, market->figure, sizeof before);
    }
    CU_ASSERT_TRUE(n_better > 5);
    close_market(market);
}

static void a_milder_jump_never_asks_more_of_the_fund(void)
{
    struct market *market = open_quiet(53);
    const double *curve = market->verdict.stress.curve;

    judge(market);
    for (size_t k = 1; k < STRESS_CURVE; k++)
        CU_ASSERT_TRUE(curve[k] >= curve[k - 1]);
    CU_ASSERT_EQUAL(curve[0], 0.0);
    CU_ASSERT_TRUE(curve[STRESS_CURVE - 1] > 0.1);
    close_market(market);
}

static void shocks_of_no_size_change_nothing(void)
{
    static const char *const shocks[] = {"de-peg", "thin-liquidity", "late-feed"};
    struct market *market = open_market(59);

    market->plan.stress.depeg = 0.0;
    market->plan.stress.depth = 1.0;
    market->plan.stress.late_bars = 0;
    judge(market);
    for (size_t i = 0; i < sizeof shocks / sizeof *shocks; i++)
        CU_ASSERT_EQUAL(memcmp(figures_of(market, shocks[i]),
                               figures_of(market, "correlation-break"),
                               LIQ_STRESS_FIGURES * sizeof(double)),
                        0);
    close_market(market);
}

static void covers_are_parts_of_the_bad_debt(void)
{
    for (uint64_t seed = 61; seed < 65; seed++) {
        struct market *market = open_market(seed);

        judge(market);
        for (size_t row = 0; row < stress_n_rows(&market->plan.stress); row++) {
            const double *figure = market->figure + row * LIQ_STRESS_FIGURES;

            if (market->at_ns[row] == STRESS_NOWHERE)
                continue;
            CU_ASSERT_TRUE(figure[LIQ_STRESS_COVER_1] <= figure[LIQ_STRESS_COVER_2]);
            CU_ASSERT_TRUE(figure[LIQ_STRESS_COVER_2] <=
                           figure[LIQ_STRESS_BAD_DEBT] * (1.0 + 1e-12));
            CU_ASSERT_TRUE(figure[LIQ_STRESS_UNMET] <= figure[LIQ_STRESS_BAD_DEBT]);
        }
        close_market(market);
    }
}

/* The other figures of the point are those that it has without a table. */
static void the_table_changes_no_other_figure(void)
{
    struct market *market = open_market(67);
    double before[JUDGED_RANGES][LIQ_METRICS];

    market->plan.stress.is_on = false;
    judge(market);
    memcpy(before, market->of_range, sizeof before);
    market->plan.stress.is_on = true;
    judge(market);
    CU_ASSERT_EQUAL(memcmp(before, market->of_range, sizeof before), 0);
    close_market(market);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"rows_are_those_of_the_engine_in_decimals",
         rows_are_those_of_the_engine_in_decimals},
        {"the_mildest_move_is_where_the_fund_ends",
         the_mildest_move_is_where_the_fund_ends},
        {"a_larger_fund_never_worsens_anything", a_larger_fund_never_worsens_anything},
        {"a_milder_jump_never_asks_more_of_the_fund",
         a_milder_jump_never_asks_more_of_the_fund},
        {"shocks_of_no_size_change_nothing", shocks_of_no_size_change_nothing},
        {"covers_are_parts_of_the_bad_debt", covers_are_parts_of_the_bad_debt},
        {"the_table_changes_no_other_figure", the_table_changes_no_other_figure},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"liquidation under stress", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
