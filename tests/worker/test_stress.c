/* The bad days of the margin study: which bars they have, and what they cost. */
#include "market/random.h"
#include "tests/check.h"
#include "tests/oracle/stress_oracle.h"
#include "worker/stress_margin.h"

#include <stdlib.h>

enum { BARS = 1151, WARMUP = 53, HORIZON = 5, FOUND = 4 };

static const int64_t hour = INT64_C(3600000000000);

/* A market with gaps, a stretch of frozen prices, and margins that follow nothing. */
struct market {
    struct bars bars;
    struct series series;
    struct stress_rules rules;
    struct range span[STRESS_SPANS_MAX];
    double margin[BARS];
    double figure[32 * STRESS_MARGIN_FIGURES];
    int64_t at_ns[32];
    struct stress_table table;
};

static void fill_bars(struct bars *bars, uint64_t seed)
{
    int64_t time = 100 * hour;
    double at = 100.0;

    *bars = (struct bars){.interval_ns = hour};
    for (uint32_t t = 0; t < BARS; t++) {
        struct random random = random_at(seed, 1, 1, t);
        const int is_frozen = t > 700 && t < 760;
        const double size = is_frozen ? 0.0 : t % 211 < 9 ? 0.06 : 0.01;
        const double close = at * (1.0 + size * (random_uniform(&random) - 0.5));
        const double high = fmax(at, close) * (1.0 + size * random_uniform(&random));
        const double low = fmin(at, close) * (1.0 - size * random_uniform(&random));
        const struct bar bar = {time, at, high, low, close, 1.0};

        CU_ASSERT_EQUAL_FATAL(bars_append(bars, &bar, NULL), 0);
        time += t % 173 == 172 ? 7 * hour : hour;
        at = close;
    }
}

/* Ten days in the middle, one bar, days before the first bar and behind the last. */
static void set_rules(struct market *market)
{
    const int64_t *time = market->bars.time;

    market->rules = (struct stress_rules){
        .is_on = true,
        .n_windows = 5,
        .window = {{"middle", time[400], time[400] + 240 * hour},
                   {"one-bar", time[611], time[611] + 1},
                   {"before", time[0] - 90 * hour, time[0] - hour},
                   {"behind", time[BARS - 1] + hour, time[BARS - 1] + 99 * hour},
                   {"warm-up", time[0], time[WARMUP + 20]}},
        .n_found = FOUND,
        .depeg = 0.2,
        .depth = 0.5,
        .late_bars = 3,
    };
}

static void run(struct market *market)
{
    const struct stress_margin_point point = {.series = &market->series,
                                              .span = market->span,
                                              .margin = market->margin,
                                              .sigma = 0.05};

    market->table =
        (struct stress_table){.at_ns = market->at_ns, .figure = market->figure};
    CU_ASSERT_EQUAL_FATAL(
        stress_find_spans(&market->rules, &market->series, market->span, NULL), 0);
    stress_margin(&market->rules, &point, &market->table);
}

static struct market *open_market(uint64_t seed, enum series_sides sides)
{
    const struct series_rules rules = {.horizon_bars = HORIZON,
                                       .warmup_bars = WARMUP,
                                       .loss = LOSS_PATH,
                                       .sides = sides};
    struct market *market = calloc(1, sizeof *market);

    CU_ASSERT_PTR_NOT_NULL_FATAL(market);
    fill_bars(&market->bars, seed);
    CU_ASSERT_EQUAL_FATAL(series_new(&market->bars, &rules, &market->series, NULL), 0);
    for (uint32_t t = WARMUP; t < BARS; t++) {
        struct random random = random_at(seed, 2, 1, t);

        market->margin[t] = 0.02 + 0.03 * random_uniform(&random);
    }
    set_rules(market);
    run(market);
    return market;
}

static void close_market(struct market *market)
{
    series_free(&market->series);
    bars_free(&market->bars);
    free(market);
}

static size_t row_of(const struct stress_rules *rules, const char *name)
{
    char room[STRESS_NAME_MAX];
    size_t row = 0;

    while (row < stress_n_rows(rules) && strcmp(stress_name(rules, row, room), name))
        row++;
    CU_ASSERT_TRUE_FATAL(row < stress_n_rows(rules));
    return row;
}

static double figure_of(const struct market *market, const char *name,
                        enum stress_margin_figure figure)
{
    const size_t row = row_of(&market->rules, name);

    CU_ASSERT_NOT_EQUAL(market->at_ns[row], STRESS_NOWHERE);
    return market->figure[row * STRESS_MARGIN_FIGURES + figure];
}

/* ---- the slow way ---- */

static void check_row(const struct market *market, const char *name,
                      const struct stress_answer *want)
{
    const size_t row = row_of(&market->rules, name);
    const double *got = market->figure + row * STRESS_MARGIN_FIGURES;

    if (want->at < 0) {
        CU_ASSERT_EQUAL(market->at_ns[row], STRESS_NOWHERE);
        return;
    }
    CU_ASSERT_EQUAL(market->at_ns[row], market->bars.time[want->at]);
    CHECK_REL(got[STRESS_MARGIN_LOSS], want->loss, 0.0);
    CHECK_REL(got[STRESS_MARGIN_BEYOND], want->beyond, 0.0);
    CHECK_REL(got[STRESS_MARGIN_BEYOND_THEN], want->beyond_then, 0.0);
    CHECK_REL(got[STRESS_MARGIN_VOLATILITIES], want->loss / 0.05, 0.0);
}

static void check_market(const struct market *market)
{
    const struct stress_ask ask = {&market->bars, WARMUP, HORIZON,
                                   (int)market->series.rules.sides, market->margin};
    static unsigned char is_in[BARS], is_any[BARS];
    struct stress_answer want;
    char room[STRESS_NAME_MAX];

    memset(is_any, 0, sizeof is_any);
    for (size_t row = 0; row < stress_n_spans(&market->rules); row++) {
        if (row < market->rules.n_windows)
            oracle_window(&ask, market->rules.window[row].from_ns,
                          market->rules.window[row].to_ns, is_in);
        else if (row < market->rules.n_windows + FOUND)
            oracle_worst(&ask, row - market->rules.n_windows, is_in);
        else
            oracle_roughest(&ask, is_in);
        want = oracle_stress(&ask, BARS, is_in, HORIZON, 1.0);
        check_row(market, stress_name(&market->rules, row, room), &want);
        for (size_t t = 0; t < BARS; t++)
            is_any[t] |= is_in[t];
    }
    want = oracle_stress(&ask, BARS, is_any, HORIZON, 1.0);
    check_row(market, "correlation-break", &want);
    want = oracle_stress(&ask, BARS, is_any, HORIZON, 0.8);
    check_row(market, "de-peg", &want);
    want = oracle_stress(&ask, BARS, is_any, 2 * HORIZON, 1.0);
    check_row(market, "thin-liquidity", &want);
    want = oracle_stress(&ask, BARS, is_any, HORIZON + 3, 1.0);
    check_row(market, "late-feed", &want);
}

static void rows_are_those_of_the_slow_way(void)
{
    for (int sides = SIDES_BOTH; sides <= SIDES_SHORT; sides++)
        for (uint64_t seed = 11; seed < 14; seed++) {
            struct market *market = open_market(seed, (enum series_sides)sides);

            check_market(market);
            close_market(market);
        }
}

/* ---- edges ---- */

static void days_that_the_bars_do_not_reach_are_not_covered(void)
{
    struct market *market = open_market(3, SIDES_BOTH);

    CU_ASSERT_EQUAL(market->at_ns[row_of(&market->rules, "before")], STRESS_NOWHERE);
    CU_ASSERT_EQUAL(market->at_ns[row_of(&market->rules, "behind")], STRESS_NOWHERE);
    CU_ASSERT_EQUAL(market->at_ns[row_of(&market->rules, "one-bar")],
                    market->bars.time[611]);
    /* the warm-up has no margins: a window in it begins with its end */
    CU_ASSERT_TRUE(market->at_ns[row_of(&market->rules, "warm-up")] >=
                   market->bars.time[WARMUP]);
    close_market(market);
}

static void prices_that_never_move_have_no_worst_day(void)
{
    struct market *market = open_market(5, SIDES_BOTH);

    for (size_t t = 0; t < BARS; t++)
        market->bars.open[t] = market->bars.high[t] = market->bars.low[t] =
            market->bars.close[t] = 7.0;
    const struct series_rules rules = market->series.rules;
    series_free(&market->series);
    CU_ASSERT_EQUAL_FATAL(series_new(&market->bars, &rules, &market->series, NULL), 0);
    run(market);
    CU_ASSERT_EQUAL(market->at_ns[row_of(&market->rules, "worst-1")], STRESS_NOWHERE);
    CU_ASSERT_EQUAL(market->at_ns[row_of(&market->rules, "roughest")], STRESS_NOWHERE);
    CU_ASSERT_EQUAL(figure_of(market, "middle", STRESS_MARGIN_LOSS), 0.0);
    CU_ASSERT_EQUAL(figure_of(market, "middle", STRESS_MARGIN_BEYOND), 0.0);
    CU_ASSERT_EQUAL(market->table.shortfall[0].beyond, 0.0);
    close_market(market);
}

static void switched_off_there_are_no_rows(void)
{
    const struct stress_rules off = {.n_windows = 3, .n_found = 2};

    CU_ASSERT_EQUAL(stress_n_rows(&off), 0);
    CU_ASSERT_EQUAL(stress_n_spans(&off), 0);
}

/* ---- laws ---- */

static void more_margin_never_leaves_more_beyond_it(void)
{
    struct market *market = open_market(7, SIDES_BOTH);
    double before[32 * STRESS_MARGIN_FIGURES];
    size_t n_less = 0;

    memcpy(before, market->figure, sizeof before);
    for (size_t t = 0; t < BARS; t++)
        market->margin[t] *= 1.1;
    run(market);
    for (size_t row = 0; row + 2 < stress_n_rows(&market->rules); row++)
        for (size_t f = STRESS_MARGIN_BEYOND; f < STRESS_MARGIN_FIGURES; f++) {
            const size_t i = row * STRESS_MARGIN_FIGURES + f;

            if (market->at_ns[row] == STRESS_NOWHERE)
                continue;
            CU_ASSERT_TRUE(market->figure[i] <= before[i]);
            n_less += market->figure[i] < before[i];
        }
    CU_ASSERT_TRUE(n_less > 7);
    close_market(market);
}

static void shocks_are_never_milder_than_the_days_themselves(void)
{
    static const char *const shocks[] = {"de-peg", "thin-liquidity", "late-feed"};

    for (uint64_t seed = 20; seed < 24; seed++) {
        struct market *market = open_market(seed, SIDES_BOTH);
        const double days =
            figure_of(market, "correlation-break", STRESS_MARGIN_BEYOND);

        for (size_t i = 0; i < sizeof shocks / sizeof *shocks; i++)
            CU_ASSERT_TRUE(figure_of(market, shocks[i], STRESS_MARGIN_BEYOND) >= days);
        market->rules.depeg = 0.0;
        market->rules.depth = 1.0;
        market->rules.late_bars = 0;
        run(market);
        for (size_t i = 0; i < sizeof shocks / sizeof *shocks; i++)
            CU_ASSERT_EQUAL(figure_of(market, shocks[i], STRESS_MARGIN_BEYOND), days);
        close_market(market);
    }
}

/* A power of two rounds nothing. */
static void figures_have_no_currency(void)
{
    struct market *market = open_market(9, SIDES_BOTH);
    double before[32 * STRESS_MARGIN_FIGURES];

    memcpy(before, market->figure, sizeof before);
    for (size_t t = 0; t < BARS; t++) {
        market->bars.open[t] *= 1024.0;
        market->bars.high[t] *= 1024.0;
        market->bars.low[t] *= 1024.0;
        market->bars.close[t] *= 1024.0;
    }
    run(market);
    CU_ASSERT_EQUAL(
        memcmp(before, market->figure,
               stress_n_rows(&market->rules) * STRESS_MARGIN_FIGURES * sizeof(double)),
        0);
    close_market(market);
}

/* ---- reverse ---- */

static void the_mildest_move_is_the_margin_itself(void)
{
    struct market *market = open_market(13, SIDES_BOTH);
    const double last = market->margin[BARS - 1];

    CU_ASSERT_EQUAL(figure_of(market, "reverse-fall", STRESS_MARGIN_LOSS), last);
    CU_ASSERT_EQUAL(figure_of(market, "reverse-rise", STRESS_MARGIN_LOSS), last);
    CHECK_REL(figure_of(market, "reverse-fall", STRESS_MARGIN_VOLATILITIES),
              last / 0.05, DBL_EPSILON);
    for (size_t k = 0; k < STRESS_CURVE; k++)
        CU_ASSERT_EQUAL(market->table.curve[k] > 0.0, (double)(k + 1) * 0.05 > last);
    market->margin[BARS - 1] = 1.0; /* no price falls by more */
    run(market);
    CU_ASSERT_TRUE(isnan(figure_of(market, "reverse-fall", STRESS_MARGIN_LOSS)));
    CU_ASSERT_EQUAL(figure_of(market, "reverse-rise", STRESS_MARGIN_LOSS), 1.0);
    close_market(market);
    market = open_market(13, SIDES_LONG);
    CU_ASSERT_EQUAL(market->at_ns[row_of(&market->rules, "reverse-rise")],
                    STRESS_NOWHERE);
    close_market(market);
}

/* ---- what joins the library ---- */

static void shortfalls_are_the_largest_and_days_apart(void)
{
    struct market *market = open_market(15, SIDES_BOTH);
    const struct stress_shortfall *found = market->table.shortfall;
    double most = 0.0;

    for (size_t t = WARMUP; t < BARS; t++)
        if (market->series.loss[t] - market->margin[t] > most)
            most = market->series.loss[t] - market->margin[t];
    CU_ASSERT_EQUAL(found[0].beyond, most);
    for (size_t i = 1; i < STRESS_SHORTFALLS; i++) {
        CU_ASSERT_TRUE(found[i].beyond > 0.0);
        CU_ASSERT_TRUE(found[i].beyond <= found[i - 1].beyond);
        for (size_t j = 0; j < i; j++)
            CU_ASSERT_TRUE(llabs(found[i].at_ns - found[j].at_ns) >= 24 * hour);
    }
    for (size_t t = 0; t < BARS; t++)
        market->margin[t] = 2.0;
    run(market);
    for (size_t i = 0; i < STRESS_SHORTFALLS; i++)
        CU_ASSERT_EQUAL(found[i].beyond, 0.0);
    close_market(market);
}

/* ---- limits ---- */

static int breach_of(struct market *market, char text[256])
{
    text[0] = '\0';
    return stress_breach(&market->rules, STRESS_MARGIN_FIGURES, stress_margin_figures,
                         &market->table, text, 256);
}

static void a_broken_limit_names_its_scenario(void)
{
    struct market *market = open_market(17, SIDES_BOTH);
    const double loss = figure_of(market, "worst-1", STRESS_MARGIN_LOSS);
    char text[256], want[256];

    CU_ASSERT_EQUAL(breach_of(market, text), -1);
    market->rules.n_limits = 1;
    market->rules.limit[0] = (struct stress_limit){STRESS_MARGIN_LOSS, -INFINITY, loss};
    market->rules.depth = 1.0; /* or a longer horizon loses more */
    market->rules.late_bars = 0;
    run(market);
    CU_ASSERT_EQUAL(breach_of(market, text), -1);
    market->rules.limit[0].max = nextafter(loss, 0.0);
    CU_ASSERT_EQUAL(breach_of(market, text), 0);
    snprintf(want, sizeof want, ", loss %.6g is above %g", loss, loss);
    CHECK_CONTAINS(text, want);
    market->rules.n_limits = 0;
    market->rules.min_reverse = 1.5;
    CU_ASSERT_EQUAL(breach_of(market, text), 0);
    CHECK_CONTAINS(text, "in reverse-fall, loss 0.0");
    CHECK_CONTAINS(text, " is below 1.5");
    close_market(market);
}

/* The house's own table: names that no other row has, spans in order of time. */
static void every_event_has_a_name_of_its_own(void)
{
    for (size_t i = 0; i < stress_n_events(); i++) {
        CU_ASSERT_TRUE(strlen(stress_events[i].what) > 5);
        CU_ASSERT_EQUAL(strlen(stress_events[i].span), strlen("2020-03-08/2020-03-20"));
        CU_ASSERT_TRUE(strcmp(stress_events[i].span, stress_events[i].span + 11) < 0);
        if (i > 0)
            CU_ASSERT_TRUE(strcmp(stress_events[i - 1].span, stress_events[i].span) <
                           0);
    }
    CU_ASSERT_TRUE(stress_n_events() >= 6);
    CU_ASSERT_TRUE(stress_n_events() < STRESS_WINDOWS_MAX / 2);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"rows_are_those_of_the_slow_way", rows_are_those_of_the_slow_way},
        {"days_that_the_bars_do_not_reach_are_not_covered",
         days_that_the_bars_do_not_reach_are_not_covered},
        {"prices_that_never_move_have_no_worst_day",
         prices_that_never_move_have_no_worst_day},
        {"switched_off_there_are_no_rows", switched_off_there_are_no_rows},
        {"more_margin_never_leaves_more_beyond_it",
         more_margin_never_leaves_more_beyond_it},
        {"shocks_are_never_milder_than_the_days_themselves",
         shocks_are_never_milder_than_the_days_themselves},
        {"figures_have_no_currency", figures_have_no_currency},
        {"the_mildest_move_is_the_margin_itself",
         the_mildest_move_is_the_margin_itself},
        {"shortfalls_are_the_largest_and_days_apart",
         shortfalls_are_the_largest_and_days_apart},
        {"a_broken_limit_names_its_scenario", a_broken_limit_names_its_scenario},
        {"every_event_has_a_name_of_its_own", every_event_has_a_name_of_its_own},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"stress", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
