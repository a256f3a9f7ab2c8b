#include "core/sha256.h"
#include "tests/market/world.h"

/* ---- bars ---- */

static bool has_digits(double x, int digits)
{
    char text[40];

    snprintf(text, sizeof text, "%.*g", digits, x);
    return strtod(text, NULL) == x;
}

static void every_bar_is_a_bar(void)
{
    struct world world = make(wide);
    const struct bars *b = &world.series[1].bars;
    size_t n_wrong = 0;

    CU_ASSERT_EQUAL_FATAL(b->n, 60001);
    CU_ASSERT_EQUAL(b->interval_ns, CLOCK_HOUR);
    CU_ASSERT_EQUAL(b->time[0], clock_days_from_civil(2020, 1, 1) * CLOCK_DAY);
    CU_ASSERT_EQUAL(b->open[0], 100.0);
    for (size_t t = 0; t < b->n; t++) {
        n_wrong += b->high[t] < fmax(b->open[t], b->close[t]);
        n_wrong += b->low[t] > fmin(b->open[t], b->close[t]) || b->low[t] <= 0;
        n_wrong += t > 0 && b->open[t] != b->close[t - 1];
        n_wrong += t > 0 && b->time[t] != b->time[t - 1] + CLOCK_HOUR;
        n_wrong += !(b->volume[t] > 0);
        n_wrong += !has_digits(b->close[t], 8) || !has_digits(b->high[t], 8) ||
                   !has_digits(b->low[t], 8) || !has_digits(b->volume[t], 6);
    }
    CU_ASSERT_EQUAL(n_wrong, 0);
    drop(&world);
}

/* Rogers and Satchell (1991): E[H'(H' - r) + L'(L' - r)] is the variance of the bar,
 * H', L' and r the logs of high, low and close over open. */
static void high_and_low_reach_as_far_as_a_brownian_path(void)
{
    struct world world = make(wide);
    const struct simulate_series *s = &world.series[2];
    double reach = 0, variance = 0;

    for (size_t t = 1; t < s->bars.n; t++) {
        const double up = log(s->bars.high[t] / s->bars.open[t]);
        const double down = log(s->bars.low[t] / s->bars.open[t]);
        const double r = log(s->bars.close[t] / s->bars.open[t]);
        const double sigma = s->column[VOLATILITY][t - 1];

        reach += (up * (up - r) + down * (down - r)) / (sigma * sigma);
        variance += r * r / (sigma * sigma);
    }
    CHECK_REL(reach / variance, 1.0, 0.05);
    drop(&world);
}

/* ---- the same bytes ---- */

static char *digest(const struct world *world, char out[SHA256_TEXT_MAX])
{
    struct sha256 sha;

    sha256_start(&sha);
    for (size_t i = 0; i < world->n; i++) {
        const struct bars *b = &world->series[i].bars;
        const double *const prices[] = {b->open, b->high, b->low, b->close, b->volume};

        sha256_add(&sha, b->time, b->n * sizeof *b->time);
        for (size_t c = 0; c < 5; c++)
            sha256_add(&sha, prices[c], b->n * sizeof(double));
        for (size_t c = 0; c < SIMULATE_N_COLUMNS; c++)
            sha256_add(&sha, world->series[i].column[c], b->n * sizeof(double));
    }
    return sha256_text(&sha, out);
}

static const char small[] = "seed: 20240229\nstart: 2024-01-01\nbars: 747\n"
                            "generated: 17\n"
                            "instruments: [{name: LATE, listed: 2024-01-10 12:30}]\n"
                            "outages: [{from: 2024-01-03, to: 2024-01-04}]\n";

static void the_bytes_are_the_same_on_every_machine(void)
{
    struct world world = make(small);
    char text[SHA256_TEXT_MAX];

    CU_ASSERT_EQUAL(world.n, 18);
    CU_ASSERT_STRING_EQUAL(
        digest(&world, text),
        "cbe86a27e12d11a730f428e8a1b44d5e570ed1bd7c13d99e510bf159304cb529");
    drop(&world);
}

static void another_seed_is_another_market(void)
{
    struct world one = make("seed: 1\nstart: 2024-01-01\nbars: 13\ngenerated: 1\n");
    struct world two = make("seed: 2\nstart: 2024-01-01\nbars: 13\ngenerated: 1\n");
    char a[SHA256_TEXT_MAX], b[SHA256_TEXT_MAX];

    CU_ASSERT_STRING_NOT_EQUAL(digest(&one, a), digest(&two, b));
    drop(&one);
    drop(&two);
}

static void check_same(const struct simulate_series *a, const struct simulate_series *b)
{
    CU_ASSERT_STRING_EQUAL(a->name, b->name);
    CU_ASSERT_EQUAL_FATAL(a->bars.n, b->bars.n);
    CU_ASSERT_EQUAL(memcmp(a->bars.close, b->bars.close, a->bars.n * sizeof(double)),
                    0);
    CU_ASSERT_EQUAL(
        memcmp(a->column[LONG], b->column[LONG], a->bars.n * sizeof(double)), 0);
}

static void an_instrument_does_not_depend_on_its_neighbours(void)
{
    struct world alone = make("seed: 1\nstart: 2024-01-01\nbars: 99\n"
                              "instruments: [{name: B, group: g}]\n");
    struct world among =
        make("seed: 1\nstart: 2024-01-01\nbars: 99\ngenerated: 2\n"
             "instruments: [{name: A, group: g}, {name: B, group: g}]\n");

    check_same(&alone.series[0], &among.series[1]);
    drop(&alone);
    drop(&among);
}

static void an_outage_takes_bars_away_and_changes_no_other(void)
{
    static const char text[] = "seed: 1\nstart: 2024-01-01\nbars: 99\n"
                               "instruments: [{name: A-1}, {name: B-1}]\n";
    char broken[400];

    snprintf(broken, sizeof broken,
             "%soutages: [{from: 2024-01-01 10:00, to: "
             "2024-01-01 13:00, instruments: A-*}]\n",
             text);
    struct world whole = make(text), cut = make(broken);
    const struct bars *a = &whole.series[0].bars, *b = &cut.series[0].bars;
    CU_ASSERT_EQUAL_FATAL(b->n, 96);
    CU_ASSERT_EQUAL(b->time[9], a->time[9]);
    CU_ASSERT_EQUAL(b->time[10], a->time[13]);
    CU_ASSERT_EQUAL(b->open[10], a->open[13]);
    CU_ASSERT_EQUAL(memcmp(b->close + 10, a->close + 13, 86 * sizeof(double)), 0);
    for (int c = 0; c < SIMULATE_N_COLUMNS; c++) {
        CU_ASSERT_EQUAL(cut.series[0].column[c][9], whole.series[0].column[c][9]);
        CU_ASSERT_EQUAL(cut.series[0].column[c][95], whole.series[0].column[c][98]);
    }
    check_same(&whole.series[1], &cut.series[1]);
    drop(&whole);
    drop(&cut);
}

static void a_late_listing_starts_at_the_next_bar(void)
{
    struct world world = make(small);
    const struct bars *b = &world.series[0].bars;

    CU_ASSERT_EQUAL(b->time[0],
                    (clock_days_from_civil(2024, 1, 10) * 24 + 13) * CLOCK_HOUR);
    CU_ASSERT_EQUAL(b->open[0], 100.0);
    CU_ASSERT_EQUAL(b->n, 747 - 9 * 24 - 13);
    drop(&world);
}

static void generated_names_are_instruments(void)
{
    struct world world = make(small);

    CU_ASSERT_STRING_EQUAL(world.series[1].name, "BTC-PERP");
    CU_ASSERT_STRING_EQUAL(world.series[16].name, "SHIB-PERP");
    CU_ASSERT_STRING_EQUAL(world.series[17].name, "BTC2-PERP");
    CU_ASSERT_EQUAL(world.series[16].bars.open[0], 2e-5);
    drop(&world);
}

/* ---- errors ---- */

/* The market of `base` and this line in the fourth is refused, so. */
static void check_error(const char *line, const char *want)
{
    struct world world;
    struct err err = {0};
    char text[400], whole[ERR_TEXT_MAX];

    snprintf(text, sizeof text, "seed: 1\nstart: 2024-01-01\nbars: 99\n%s\n", line);
    CU_ASSERT_EQUAL_FATAL(read_text(text, &world, &err), -1);
    snprintf(whole, sizeof whole, "%s:%s", path, want);
    if (strcmp(err.text, whole) != 0)
        fprintf(stderr, "got  %s\nwant %s\n", err.text, whole);
    CU_ASSERT_STRING_EQUAL(err.text, whole);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
}

static void a_wrong_market_says_where_and_why(void)
{
    check_error("", " instruments: there is none; list some or set generated");
    check_error("instruments: []",
                "4:14: instruments: there is none; list some or set generated");
    check_error("generated: 1\nmodel: {volatilty: 1}",
                "5:9: model.volatilty: is not a key; did you mean model.volatility?");
    check_error(
        "generated: 1\nmodel: {nu: 2}",
        "5:13: model.nu: 2 is not above 2 (degrees of freedom of the Student-t: "
        "the fewer, the heavier the tails)");
    check_error("generated: 1\nmodel: {beta: 0.96}",
                "5:15: model.beta: alpha + beta = 1.01 is not below 1");
    check_error("generated: 1\ncorrelation: {market: 0.9, group: 0.1}",
                "5:35: correlation.group: market + group = 1 is not below 1");
    check_error("generated: 1\nregimes: {calm: 5m}",
                "5:17: regimes.calm: is shorter than a bar");
    check_error("generated: 1\nregimes: {stressed: 5m}",
                "5:21: regimes.stressed: is shorter than a bar");
    check_error("generated: 1\noutages: [{from: 2024-01-02, to: 2024-01-02}]",
                "5:34: outages[0].to: is not after from");
}

static void a_wrong_instrument_says_where_and_why(void)
{
    check_error(
        "instruments: [{name: a b}]",
        "4:22: instruments[0].name: 'a b' is not an instrument's name: 1 to 63 of "
        "A-Z a-z 0-9 . _ - and no '.' in front");
    check_error("instruments: [{name: A}, {name: A}]",
                "4:33: instruments[1].name: there are two of the name A");
    check_error("generated: 2\ninstruments: [{name: ETH-PERP}]",
                "5:22: instruments[0].name: there are two of the name ETH-PERP");
    check_error("instruments: [{name: A, beta: 0.97}]",
                "4:22: instruments[0].name: alpha + beta = 1.02 is not below 1");
    check_error("instruments: [{name: A, listed: 2024-01-06}]",
                "4:33: instruments[0].listed: is not within the market's bars");
}

static void what_cannot_be_simulated_is_told(void)
{
    static const char all_out[] = "seed: 1\nstart: 2024-01-01\nbars: 9\ngenerated: 1\n"
                                  "outages: [{from: 2024-01-01, to: 2024-02-01}]\n";
    static const char wild[] = "seed: 1\nstart: 1990-01-01\ninterval: 1w\nbars: 9000\n"
                               "model: {drift: -5}\nregimes: {stressed: 8d}\n"
                               "generated: 1\n";
    struct simulate_series series;
    struct world world = {0};
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(read_text(all_out, &world, &err), 0);
    CU_ASSERT_EQUAL_FATAL(simulate_market_new(&world.plan, &world.market, &err), 0);
    CU_ASSERT_EQUAL(simulate_run(world.market, 0, &series, &err), -1);
    CU_ASSERT_STRING_EQUAL(err.text, "BTC-PERP: all of its bars are in outages");
    drop(&world);
    CU_ASSERT_EQUAL_FATAL(read_text(wild, &world, &err), 0);
    CU_ASSERT_EQUAL_FATAL(simulate_market_new(&world.plan, &world.market, &err), 0);
    CU_ASSERT_EQUAL(simulate_run(world.market, 0, &series, &err), -1);
    CHECK_CONTAINS(err.text, "BTC-PERP: its price leaves 1e-9 to 1e12 at bar ");
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    drop(&world);
}

static CU_TestInfo bars[] = {
    {"simulate: every_bar_is_a_bar", every_bar_is_a_bar},
    {"simulate: high_and_low_reach_as_far_as_a_brownian_path",
     high_and_low_reach_as_far_as_a_brownian_path},
    {"simulate: the_bytes_are_the_same_on_every_machine",
     the_bytes_are_the_same_on_every_machine},
    {"simulate: another_seed_is_another_market", another_seed_is_another_market},
    {"simulate: an_instrument_does_not_depend_on_its_neighbours",
     an_instrument_does_not_depend_on_its_neighbours},
    {"simulate: an_outage_takes_bars_away_and_changes_no_other",
     an_outage_takes_bars_away_and_changes_no_other},
    {"simulate: a_late_listing_starts_at_the_next_bar",
     a_late_listing_starts_at_the_next_bar},
    {"simulate: generated_names_are_instruments", generated_names_are_instruments},
    CU_TEST_INFO_NULL,
};

static CU_TestInfo errors[] = {
    {"simulate: a_wrong_market_says_where_and_why", a_wrong_market_says_where_and_why},
    {"simulate: a_wrong_instrument_says_where_and_why",
     a_wrong_instrument_says_where_and_why},
    {"simulate: what_cannot_be_simulated_is_told", what_cannot_be_simulated_is_told},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {
        {"bars", make_file, remove_file, NULL, NULL, bars},
        {"errors", make_file, remove_file, NULL, NULL, errors},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
