#include "market/mixture.h"
#include "tests/market/world.h"

/* Log return of bar t over its true volatility, t >= 1. */
static double standardised(const struct simulate_series *s, size_t t)
{
    return log(s->bars.close[t] / s->bars.close[t - 1]) / s->column[VOLATILITY][t - 1];
}

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

/* Regimes that change every few bars: a truth that took the regime of the bar before
 * would be right on the whole and wrong in each. */
static void the_regime_of_the_next_bar_is_part_of_what_is_known(void)
{
    struct world world = make("seed: 17\nstart: 2020-01-01\nbars: 60001\n"
                              "regimes: {calm: 3h, stressed: 2h, scale: 4}\n"
                              "model: {alpha: 0.0001, beta: 0.5}\n"
                              "instruments: [{name: A}]\n");
    const struct simulate_series *s = &world.series[0];
    const double middle = 2 * 0.6 / sqrt(365 * 24);
    double n[2] = {0}, x[2] = {0};

    for (size_t t = 0; t + 1 < s->bars.n; t++) {
        const int stressed = s->column[VOLATILITY][t] > middle;

        n[stressed]++;
        x[stressed] += exceeds(s, t, SHORT);
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

static double count_beyond_together(const struct world *world, double far)
{
    double n = 0;

    for (size_t t = 1; t < world->series[0].bars.n; t++)
        n += fabs(standardised(&world->series[0], t)) > far &&
             fabs(standardised(&world->series[1], t)) > far;
    return n;
}

/* pi = 0.01 and kappa = 20 make c = (1 + 399 pi)^(-1/2) = 0.448 and a bar with a jump
 * 8.96 wide, of which half lies beyond 6 (normal, nearly): with 600 jumps of both, a
 * quarter of them at once; with jumps of each alone, 60,000 x 0.005^2 = 1.5. */
static void a_jump_of_the_market_strikes_all_at_once(void)
{
    static const char text[] = "seed: 3\nstart: 2020-01-01\nbars: 60001\n"
                               "model: {nu: 100}\ncorrelation: {market: 0, group: 0}\n"
                               "jumps: {market: %s, own: %s, scale: 20}\n"
                               "instruments: [{name: A}, {name: B}]\n";
    char together[256], alone[256];

    snprintf(together, sizeof together, text, "0.01", "0");
    snprintf(alone, sizeof alone, text, "0", "0.01");
    struct world all = make(together), each = make(alone);
    CU_ASSERT_DOUBLE_EQUAL(count_beyond_together(&all, 6.0), 150, 4 * sqrt(150));
    CU_ASSERT_TRUE(count_beyond_together(&each, 6.0) < 10);
    drop(&all);
    drop(&each);
}

static CU_TestInfo tests[] = {
    {"simulate: the_true_quantile_is_exceeded_as_often_as_it_says",
     the_true_quantile_is_exceeded_as_often_as_it_says},
    {"simulate: the_true_quantile_holds_in_calm_and_in_wild_bars",
     the_true_quantile_holds_in_calm_and_in_wild_bars},
    {"simulate: the_regime_of_the_next_bar_is_part_of_what_is_known",
     the_regime_of_the_next_bar_is_part_of_what_is_known},
    {"simulate: returns_over_true_volatility_have_variance_one",
     returns_over_true_volatility_have_variance_one},
    {"simulate: the_unconditional_variance_is_the_one_asked_for",
     the_unconditional_variance_is_the_one_asked_for},
    {"simulate: correlations_are_the_ones_asked_for",
     correlations_are_the_ones_asked_for},
    {"simulate: stress_comes_for_all_at_once_and_for_its_share_of_time",
     stress_comes_for_all_at_once_and_for_its_share_of_time},
    {"simulate: jumps_fatten_the_tails", jumps_fatten_the_tails},
    {"simulate: a_jump_of_the_market_strikes_all_at_once",
     a_jump_of_the_market_strikes_all_at_once},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{"simulate", make_file, remove_file, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
