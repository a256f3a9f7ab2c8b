#include "tests/check.h"
#include "tests/reference.h"
#include "worker/traffic_light.h"

enum { BARS = 500, HORIZON = 20 };

static double window[HORIZON];
static size_t count[BARS + 1];

/* Basel Committee (1996), table 2: cumulative probabilities of 250 days at 99 % in per
 * cent to two digits, zone and increase; and table 1: type I errors to one digit. */
static void is_the_table_of_the_basel_committee(void)
{
    static const struct {
        double at_most, at_least, increase;
        enum traffic_light_zone zone;
    } table[] = {
        {8.11, 100.0, 0.00, TRAFFIC_LIGHT_GREEN},
        {28.58, 91.9, 0.00, TRAFFIC_LIGHT_GREEN},
        {54.32, 71.4, 0.00, TRAFFIC_LIGHT_GREEN},
        {75.81, 45.7, 0.00, TRAFFIC_LIGHT_GREEN},
        {89.22, 24.2, 0.00, TRAFFIC_LIGHT_GREEN},
        {95.88, 10.8, 0.40, TRAFFIC_LIGHT_YELLOW},
        {98.63, 4.1, 0.50, TRAFFIC_LIGHT_YELLOW},
        {99.60, 1.4, 0.65, TRAFFIC_LIGHT_YELLOW},
        {99.89, 0.4, 0.75, TRAFFIC_LIGHT_YELLOW},
        {99.97, 0.1, 0.85, TRAFFIC_LIGHT_YELLOW},
        {99.99, 0.0, 1.00, TRAFFIC_LIGHT_RED},
    };

    for (size_t x = 0; x < sizeof table / sizeof *table; x++) {
        const struct traffic_light light = traffic_light_of(250, x, 0.01);

        CU_ASSERT_DOUBLE_EQUAL(100 * light.at_most, table[x].at_most, 0.005001);
        CU_ASSERT_DOUBLE_EQUAL(100 * light.at_least, table[x].at_least, 0.05001);
        CU_ASSERT_EQUAL(light.zone, table[x].zone);
        CU_ASSERT_EQUAL(traffic_light_increase(x), table[x].increase);
        CU_ASSERT_EQUAL(light.bounds.yellow, 5);
        CU_ASSERT_EQUAL(light.bounds.red, 10);
    }
    CU_ASSERT_EQUAL(traffic_light_increase(250), 1.0);
}

/* MathWorks, varbacktest/tl, "EquityIndex", Normal95: 57 of 1043, green, Probability
 * 0.77913, TypeI 0.26396; risk.validation.trafficLightVaRTest(0.9, 40, 250): amber. */
static void gives_the_published_values_of_the_equity_index(void)
{
    const struct traffic_light light = traffic_light_of(1043, 57, 0.05);

    CU_ASSERT_EQUAL(light.zone, TRAFFIC_LIGHT_GREEN);
    CU_ASSERT_DOUBLE_EQUAL(light.at_most, 0.77913, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(light.at_least, 0.26396, 5e-6);
    CU_ASSERT_EQUAL(traffic_light_of(250, 40, 0.1).zone, TRAFFIC_LIGHT_YELLOW);
}

/* Terms of the binomial law one after the other: 250 roundings. */
static void adds_up_to_the_binomial_law(void)
{
    double term = pow(1.0 - 0.025, 250), sum = 0.0;

    for (size_t x = 0; x <= 250; x++) {
        const struct traffic_light light = traffic_light_of(250, x, 0.025);

        CU_ASSERT_DOUBLE_EQUAL(light.at_least, 1.0 - sum, 1e-12);
        sum += term;
        CU_ASSERT_DOUBLE_EQUAL(light.at_most, sum, 1e-12);
        CU_ASSERT_EQUAL(light.zone, sum < 0.95     ? TRAFFIC_LIGHT_GREEN
                                    : sum < 0.9999 ? TRAFFIC_LIGHT_YELLOW
                                                   : TRAFFIC_LIGHT_RED);
        term *= (double)(250 - x) / (double)(x + 1) * 0.025 / 0.975;
    }
}

static void has_an_answer_at_every_edge(void)
{
    CU_ASSERT_EQUAL(traffic_light_of(250, 250, 0.01).zone, TRAFFIC_LIGHT_RED);
    CU_ASSERT_EQUAL(traffic_light_of(250, 250, 0.01).at_most, 1.0);
    CU_ASSERT_EQUAL(traffic_light_of(1, 0, 0.01).zone, TRAFFIC_LIGHT_YELLOW);
    CU_ASSERT_DOUBLE_EQUAL(traffic_light_of(1, 0, 0.01).at_most, 0.99, 1e-15);
    CU_ASSERT_EQUAL(traffic_light_of(1, 0, 0.01).status, BACKTEST_OK);
    CU_ASSERT_EQUAL(traffic_light_of(0, 0, 0.01).status, BACKTEST_NO_DATA);
    CU_ASSERT_EQUAL(traffic_light_of(4, 5, 0.01).status, BACKTEST_BAD_INPUT);
    CU_ASSERT_EQUAL(traffic_light_of(4, 1, 1.0).status, BACKTEST_BAD_INPUT);
    CU_ASSERT(isnan(traffic_light_of(4, 1, NAN).at_most));
}

static double moment(size_t n, double about, int power)
{
    double sum = 0.0, all = 0.0;

    for (size_t x = 0; x <= n; x++) {
        sum += (double)count[x] * pow((double)x - about, power);
        all += (double)count[x];
    }
    return sum / all;
}

/* Mean n p, and the variance that scipy's bivariate normal gives.  The standard error
 * of the mean of N samples is sqrt(variance / N), that of the variance follows from the
 * fourth moment; 4 of them.  Seeds are fixed. */
static void overlapping_counts_have_the_variance_of_their_pairs(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("backtests_overlap.csv", &table));
    CU_ASSERT_EQUAL(table.n_rows, 4);
    for (size_t row = 0; row < table.n_rows; row++) {
        const struct traffic_light_overlap overlap = {
            .n_bars = (size_t)reference_real(&table, row, "n"),
            .horizon_bars = (size_t)reference_real(&table, row, "h"),
            .p = reference_real(&table, row, "p"),
            .n_samples = 10000,
            .seed = 1996 + row,
        };
        const double mean = reference_real(&table, row, "mean");
        const double variance = reference_real(&table, row, "variance");

        CU_ASSERT_FATAL(overlap.n_bars <= BARS && overlap.horizon_bars <= HORIZON);
        CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, count), BACKTEST_OK);
        const double second = moment(overlap.n_bars, mean, 2),
                     fourth = moment(overlap.n_bars, mean, 4);

        CU_ASSERT(fabs(moment(overlap.n_bars, mean, 1)) < 4 * sqrt(variance / 10000));
        CU_ASSERT(fabs(second - variance) <
                  4 * sqrt((fourth - second * second) / 10000));
    }
    reference_close(&table);
}

/* P(X <= 4) = 0.892 and P(X <= 5) = 0.959 of 20000 samples: yellow from 5, 0.009 = 6
 * standard errors away.  P(X <= 8) = 0.9989, 0.9997, 0.99994: red at 9 or 10 or 11. */
static void without_overlap_the_bounds_are_the_binomial_ones(void)
{
    const struct traffic_light_overlap overlap = {
        .n_bars = 250, .horizon_bars = 1, .p = 0.01, .n_samples = 20000, .seed = 5};

    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, count), BACKTEST_OK);
    const struct traffic_light_bounds bounds = traffic_light_bounds_of(250, count);

    CU_ASSERT_EQUAL(bounds.yellow, 5);
    CU_ASSERT(bounds.red >= 9 && bounds.red <= 11);
    for (size_t x = 0; x < 12; x++) {
        const double p = traffic_light_of(250, x, 0.01).at_most -
                         (x > 0 ? traffic_light_of(250, x - 1, 0.01).at_most : 0.0);

        CU_ASSERT(fabs((double)count[x] / 20000 - p) <
                  4 * sqrt(p * (1 - p) / 20000) + 1.0 / 20000);
    }
}

/* 4 standard errors of 0.3 in 10000 */
static void one_horizon_is_one_trial(void)
{
    const struct traffic_light_overlap overlap = {
        .n_bars = 1, .horizon_bars = 7, .p = 0.3, .n_samples = 10000, .seed = 3};

    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, count), BACKTEST_OK);
    CU_ASSERT_EQUAL(count[0] + count[1], 10000);
    CU_ASSERT_DOUBLE_EQUAL((double)count[1] / 10000, 0.3, 0.0184);
}

static void overlap_moves_the_bounds_out(void)
{
    const struct traffic_light_overlap overlap = {
        .n_bars = 250, .horizon_bars = 10, .p = 0.01, .n_samples = 20000, .seed = 5};

    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, count), BACKTEST_OK);
    const struct traffic_light_bounds bounds = traffic_light_bounds_of(250, count);

    CU_ASSERT(bounds.yellow > 6 && bounds.yellow < 13);
    CU_ASSERT(bounds.red > 18 && bounds.red < 40);
    CU_ASSERT_EQUAL(traffic_light_zone_of(&bounds, 5), TRAFFIC_LIGHT_GREEN);
    CU_ASSERT_EQUAL(traffic_light_zone_of(&bounds, 250), TRAFFIC_LIGHT_RED);
}

/* More samples add to those that were there; senseless ones touch nothing. */
static void a_sample_depends_on_its_number_alone(void)
{
    static size_t more[BARS + 1];
    struct traffic_light_overlap overlap = {
        .n_bars = 100, .horizon_bars = 5, .p = 0.05, .n_samples = 300, .seed = 8};
    size_t n_more = 0;

    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, count), BACKTEST_OK);
    overlap.n_samples = 301;
    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, more), BACKTEST_OK);
    for (size_t x = 0; x <= 100; x++) {
        CU_ASSERT(more[x] >= count[x]);
        n_more += more[x] - count[x];
    }
    CU_ASSERT_EQUAL(n_more, 1);
    overlap.p = 0.0;
    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, count),
                    BACKTEST_BAD_INPUT);
    overlap.p = 0.05;
    overlap.horizon_bars = 0;
    CU_ASSERT_EQUAL(traffic_light_simulate(&overlap, window, count),
                    BACKTEST_BAD_INPUT);
}

int main(void)
{
    CU_TestInfo zones[] = {
        {"is_the_table_of_the_basel_committee", is_the_table_of_the_basel_committee},
        {"gives_the_published_values_of_the_equity_index",
         gives_the_published_values_of_the_equity_index},
        {"adds_up_to_the_binomial_law", adds_up_to_the_binomial_law},
        {"has_an_answer_at_every_edge", has_an_answer_at_every_edge},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo overlap[] = {
        {"overlapping_counts_have_the_variance_of_their_pairs",
         overlapping_counts_have_the_variance_of_their_pairs},
        {"without_overlap_the_bounds_are_the_binomial_ones",
         without_overlap_the_bounds_are_the_binomial_ones},
        {"one_horizon_is_one_trial", one_horizon_is_one_trial},
        {"overlap_moves_the_bounds_out", overlap_moves_the_bounds_out},
        {"a_sample_depends_on_its_number_alone", a_sample_depends_on_its_number_alone},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"zones", NULL, NULL, NULL, NULL, zones},
        {"overlap", NULL, NULL, NULL, NULL, overlap},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
