#include "core/clock.h"
#include "core/sha256.h"
#include "market/mixture.h"
#include "market/simulate.h"
#include "tests/check.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- a market from a text ---- */

static char path[64];

static int make_file(void)
{
    strcpy(path, "/tmp/plimsoll-market-XXXXXX");
    const int fd = mkstemp(path);
    return fd < 0 || close(fd) != 0;
}

static int remove_file(void)
{
    return unlink(path);
}

struct world {
    struct simulate_plan plan;
    struct conf *conf;
    struct simulate_market *market;
    size_t n;
    struct simulate_series *series; /* [n] */
};

static int read_text(const char *text, struct world *world, struct err *err)
{
    FILE *file = fopen(path, "w");

    fputs(text, file);
    fclose(file);
    return simulate_read(path, 0, NULL, &world->plan, &world->conf, err);
}

static struct world make(const char *text)
{
    struct world world = {0};
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(read_text(text, &world, &err), 0);
    CU_ASSERT_EQUAL_FATAL(simulate_market_new(&world.plan, &world.market, &err), 0);
    world.n = simulate_market_size(world.market);
    world.series = calloc(world.n, sizeof *world.series);
    for (size_t i = 0; i < world.n; i++)
        CU_ASSERT_EQUAL_FATAL(simulate_run(world.market, i, &world.series[i], &err), 0);
    return world;
}

static void drop(struct world *world)
{
    for (size_t i = 0; i < world->n; i++)
        simulate_series_free(&world->series[i]);
    free(world->series);
    simulate_market_free(world->market);
    conf_free(world->conf, &world->plan);
}

enum { LONG, SHORT, LONG_FAR, SHORT_FAR, VOLATILITY };

/* Log return of bar t over its true volatility, t >= 1. */
static double standardised(const struct simulate_series *s, size_t t)
{
    return log(s->bars.close[t] / s->bars.close[t - 1]) / s->column[VOLATILITY][t - 1];
}

/* 60,000 bars: 99 % is missed 600 times, give or take 24. */
static const char wide[] = "seed: 11\nstart: 2020-01-01\nbars: 60001\n"
                           "model: {alpha: 0.06, beta: 0.90, nu: 5, volatility: 0.5}\n"
                           "jumps: {market: 0.001, own: 0.003, scale: 5}\n"
                           "regimes: {calm: 100h, stressed: 25h, scale: 2.5}\n"
                           "correlation: {market: 0.4, group: 0.2}\n"
                           "instruments:\n"
                           "  - {name: A, group: g}\n"
                           "  - {name: B, group: g}\n"
                           "  - {name: C}\n";

/* ---- the truth is true ---- */

/* Given what is known at t, bar t+1 exceeds the quantile with probability p whatever
 * happened before: the number of exceedances among bars picked by what is known is
 * binomial, here within 4 standard deviations. */
static void check_binomial(double n, double x, double p)
{
    CU_ASSERT_TRUE(n > 10000);
    CU_ASSERT_DOUBLE_EQUAL(x, n * p, 4.0 * sqrt(n * p * (1.0 - p)));
}

/* The loss of the side that column c tells the quantile of. */
static bool exceeds(const struct simulate_series *s, size_t t, int c)
{
    const double step = s->bars.close[t + 1] / s->bars.close[t];
    const double loss = c % 2 == 0 ? 1.0 - step : step - 1.0;

    return loss > s->column[c][t];
}

static void the_true_quantile_is_exceeded_as_often_as_it_says(void)
{
    struct world world = make(wide);

    for (size_t i = 0; i < world.n; i++) {
        const struct simulate_series *s = &world.series[i];

        for (int c = LONG; c <= SHORT_FAR; c++) {
            double x = 0;

            for (size_t t = 0; t + 1 < s->bars.n; t++)
                x += exceeds(s, t, c);
            check_binomial((double)s->bars.n - 1, x, 1.0 - simulate_levels[c / 2]);
        }
    }
    drop(&world);
}

static void the_true_quantile_holds_in_calm_and_in_wild_bars(void)
{
    struct world world = make(wide);
    const struct simulate_series *s = &world.series[0];
    const double middle = 1.3 * 0.5 / sqrt(365 * 24);
    double n[2] = {0}, x[2] = {0};

    for (size_t t = 0; t + 1 < s->bars.n; t++) {
        const int wild_bar = s->column[VOLATILITY][t] > middle;

        n[wild_bar]++;
        x[wild_bar] += exceeds(s, t, LONG);
    }
    check_binomial(n[0], x[0], 0.01);
    check_binomial(n[1], x[1], 0.01);
    drop(&world);
}

/* Var of the mean of z^2 is (kurtosis - 1)/n; Student-t with 5 degrees has kurtosis 9,
 * jumps (pi = 0.004, kappa = 5) make it 9 (1 + 624 pi)/(1 + 24 pi)^2 = 26. */
static void returns_over_true_volatility_have_variance_one(void)
{
    struct world world = make(wide);

    for (size_t i = 0; i < world.n; i++) {
        const struct simulate_series *s = &world.series[i];
        double sum = 0;

        for (size_t t = 1; t < s->bars.n; t++)
            sum += standardised(s, t) * standardised(s, t);
        CU_ASSERT_DOUBLE_EQUAL(sum / 60000, 1.0, 4.0 * sqrt(25.0 / 60000));
    }
    drop(&world);
}

/* E sigma^2 = v (1 - pi + pi m^2), pi = 25/125.  Stays of 125 h leave 480 cycles in
 * 60,000 bars, so the share has a standard deviation of some 0.2 sqrt(2/480) = 0.013,
 * sigma^2 of 5.25 x 0.013 = 0.07 in 2.05, and GARCH adds to it: 10 % is 2.5 of them. */
static void the_unconditional_variance_is_the_one_asked_for(void)
{
    struct world world = make(wide);
    const double v = 0.25 / (365 * 24);
    double sum = 0;

    for (size_t t = 0; t < 60000; t++) {
        const double sigma = world.series[2].column[VOLATILITY][t];

        sum += sigma * sigma;
    }
    CHECK_REL(sum / 60000, v * (0.8 + 0.2 * 6.25), 0.10);
    drop(&world);
}

/* ---- what instruments share ---- */

static double correlation(const struct simulate_series *a,
                          const struct simulate_series *b)
{
    double aa = 0, bb = 0, ab = 0;

    for (size_t t = 1; t < a->bars.n; t++) {
        const double x = standardised(a, t), y = standardised(b, t);

        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    return ab / sqrt(aa * bb);
}

/* Jumps that strike one alone take correlation away: rho E[J J'] / E[J^2]. */
static void correlations_are_the_ones_asked_for(void)
{
    struct world world = make(wide);
    const double k = 5, market = 0.001, own = 0.003;
    const double both = 1 + own * (k - 1), pi = 1 - (1 - market) * (1 - own);
    const double kept =
        (market * k * k + (1 - market) * both * both) / (1 - pi + pi * k * k);

    CU_ASSERT_DOUBLE_EQUAL(correlation(&world.series[0], &world.series[1]), 0.6 * kept,
                           0.03);
    CU_ASSERT_DOUBLE_EQUAL(correlation(&world.series[0], &world.series[2]), 0.4 * kept,
                           0.03);
    drop(&world);
}

static void stress_comes_for_all_at_once_and_for_its_share_of_time(void)
{
    struct world world = make("seed: 5\nstart: 2020-01-01\nbars: 60001\n"
                              "model: {alpha: 0.0001, beta: 0.5}\n"
                              "regimes: {calm: 40h, stressed: 10h, scale: 3}\n"
                              "instruments: [{name: A}, {name: B, volatility: 1.2}]\n");
    double stressed = 0, turns = 0;
    bool before = false;

    for (size_t t = 0; t < 60000; t++) {
        const double *sigma = world.series[0].column[VOLATILITY];
        const bool a = sigma[t] > 2 * 0.6 / sqrt(365 * 24);
        const bool b = world.series[1].column[VOLATILITY][t] > 2 * 1.2 / sqrt(365 * 24);

        CU_ASSERT_EQUAL(a, b);
        stressed += a;
        turns += a && !before;
        before = a;
    }
    CU_ASSERT_DOUBLE_EQUAL(turns, 1200, 4 * sqrt(1200)); /* 60,000 / (40 + 10) */
    CU_ASSERT_DOUBLE_EQUAL(stressed / turns, 10, 4 * 10 / sqrt(1200));
    drop(&world);
}

static double count_beyond(const struct simulate_series *s, double far)
{
    double n = 0;

    for (size_t t = 1; t < s->bars.n; t++)
        n += fabs(standardised(s, t)) > far;
    return n;
}

static void jumps_fatten_the_tails(void)
{
    static const char text[] = "seed: 3\nstart: 2020-01-01\nbars: 60001\n"
                               "model: {nu: 8}\ninstruments: [{name: A}]\n"
                               "jumps: {market: 0, own: %s, scale: 6}\n";
    const struct mixture jumpy = {8, 0.01, 6};
    char without[256], with[256];

    snprintf(without, sizeof without, text, "0");
    snprintf(with, sizeof with, text, "0.01");
    struct world calm = make(without), wild = make(with);
    const double expected = 60000 * 2 * mixture_tail(&jumpy, 6.0);
    const double seen = count_beyond(&wild.series[0], 6.0);
    CU_ASSERT_TRUE(expected > 50);
    CU_ASSERT_DOUBLE_EQUAL(seen, expected, 4 * sqrt(expected));
    CU_ASSERT_TRUE(seen > 3 * count_beyond(&calm.series[0], 6.0));
    drop(&calm);
    drop(&wild);
}

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

static CU_TestInfo truths[] = {
    {"simulate: the_true_quantile_is_exceeded_as_often_as_it_says",
     the_true_quantile_is_exceeded_as_often_as_it_says},
    {"simulate: the_true_quantile_holds_in_calm_and_in_wild_bars",
     the_true_quantile_holds_in_calm_and_in_wild_bars},
    {"simulate: returns_over_true_volatility_have_variance_one",
     returns_over_true_volatility_have_variance_one},
    {"simulate: the_unconditional_variance_is_the_one_asked_for",
     the_unconditional_variance_is_the_one_asked_for},
    {"simulate: correlations_are_the_ones_asked_for",
     correlations_are_the_ones_asked_for},
    {"simulate: stress_comes_for_all_at_once_and_for_its_share_of_time",
     stress_comes_for_all_at_once_and_for_its_share_of_time},
    {"simulate: jumps_fatten_the_tails", jumps_fatten_the_tails},
    CU_TEST_INFO_NULL,
};

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
        {"truths", make_file, remove_file, NULL, NULL, truths},
        {"bars", make_file, remove_file, NULL, NULL, bars},
        {"errors", make_file, remove_file, NULL, NULL, errors},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
