/* Samples made by a known law give it back. */
#include "market/random.h"
#include "tests/check.h"
#include "worker/liquidity.h"

#include <stdlib.h>

enum { SAMPLES = 401, SEEDS = 100, REPLICATES = 100 };
static const double ADV = 2e9, SIGMA = 0.03, STEP_S = 2.0;
static const double Y = 1.3, DELTA = 0.6, BACK = 0.8; /* of depth, a step */

static struct liquidity_sample sample[SAMPLES];

static struct liquidity_series series_of(void)
{
    struct liquidity_series series = {
        .n = SAMPLES, .sample = sample, .step_s = STEP_S, .adv = ADV, .sigma = SIGMA};

    for (size_t k = 0; k < LIQUIDITY_SIZES; k++)
        series.size[k] = 1e4 * pow(2.0, (double)k);
    return series;
}

/* Flows of both signs, returns by the law and noise; depth as x^0.9 times a level that
 * comes back; costs by the law beyond half the spread. */
static void make_samples(uint64_t seed, const struct liquidity_series *series,
                         double noise)
{
    struct random random = random_at(seed, 1, 1, 1);
    double level = 0.0, mid = 100.0;

    for (size_t i = 0; i < SAMPLES; i++) {
        const double flow = ADV * 1e-5 * random_normal(&random);
        const double r = Y * SIGMA * copysign(pow(fabs(flow) / ADV, DELTA), flow) +
                         noise * SIGMA * random_normal(&random);

        mid *= exp(i > 0 ? r : 0.0);
        level = BACK * level + 0.1 * random_normal(&random);
        sample[i] = (struct liquidity_sample){
            .mid = mid, .spread = 2e-4, .flow = flow, .volume = 3.0 * fabs(flow)};
        for (size_t k = 0; k < LIQUIDITY_RUNGS; k++)
            sample[i].depth[k] = 1e9 * pow(liquidity_rung[k], 0.9) * (2.0 + level);
        for (size_t k = 0; k < LIQUIDITY_SIZES; k++)
            sample[i].cost[k] =
                1e-4 + Y * SIGMA * pow(series->size[k] / ADV, DELTA) / (1.0 + DELTA);
    }
}

static void estimate_all(const struct liquidity_series *series, size_t n_replicates,
                         struct liquidity_estimate estimate[LIQUIDITY_FIGURES])
{
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(
        liquidity_estimate(series, 20260401, n_replicates, estimate, &err), 0);
}

/* Without noise: exact but for rounding, the flow's exponent to its search's width. */
static void a_law_without_noise_is_given_back(void)
{
    const struct liquidity_series series = series_of();
    struct liquidity_estimate estimate[LIQUIDITY_FIGURES];

    make_samples(1, &series, 0.0);
    estimate_all(&series, 0, estimate);
    CHECK_REL(estimate[LIQUIDITY_BOOK_DELTA].value, DELTA, 1e-10);
    CHECK_REL(estimate[LIQUIDITY_BOOK_Y].value, Y, 1e-8);
    CHECK_REL(estimate[LIQUIDITY_FLOW_DELTA].value, DELTA, 1e-4);
    CHECK_REL(estimate[LIQUIDITY_FLOW_Y].value, Y, 1e-3);
    CHECK_REL(estimate[LIQUIDITY_SLOPE].value, 0.9, 1e-10);
    CHECK_REL(estimate[LIQUIDITY_SPREAD].value, 2e-4, 1e-10);
    CU_ASSERT_EQUAL(estimate[LIQUIDITY_ADV].value, ADV);
    CU_ASSERT_TRUE(isnan(estimate[LIQUIDITY_BOOK_Y].low));
}

/* 95 % of 100 seeds, but for 4 standard errors of a binomial, 9; percentile intervals
 * of a strongly dependent series are known to be a little short. */
static void intervals_hold_the_truth_about_as_often_as_they_say(void)
{
    const struct liquidity_series series = series_of();
    const double halflife = log(0.5) / log(BACK) * STEP_S;
    struct liquidity_estimate estimate[LIQUIDITY_FIGURES];
    int n_delta = 0, n_y = 0, n_halflife = 0;

    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        make_samples(seed, &series, 2e-4);
        estimate_all(&series, REPLICATES, estimate);
        const struct liquidity_estimate *delta = &estimate[LIQUIDITY_FLOW_DELTA];
        const struct liquidity_estimate *y = &estimate[LIQUIDITY_FLOW_Y];
        const struct liquidity_estimate *back = &estimate[LIQUIDITY_HALFLIFE];

        n_delta += delta->low <= DELTA && DELTA <= delta->high;
        n_y += y->low <= Y && Y <= y->high;
        n_halflife += back->low <= halflife && halflife <= back->high;
    }
    printf("held: delta %d, Y %d, half-life %d of %d\n", n_delta, n_y, n_halflife,
           SEEDS);
    CU_ASSERT(n_delta >= 86 && n_y >= 86 && n_halflife >= 86);
}

static void what_is_not_given_is_extrapolated_to_a_day(void)
{
    struct liquidity_series series = series_of();
    struct liquidity_estimate estimate[LIQUIDITY_FIGURES];
    double volume = 0.0, square = 0.0;

    make_samples(3, &series, 2e-4);
    series.adv = series.sigma = NAN;
    for (size_t i = 0; i < SAMPLES; i++) {
        volume += sample[i].volume;
        if (i > 0)
            square += pow(log(sample[i].mid / sample[i - 1].mid), 2.0);
    }
    estimate_all(&series, 10, estimate);
    CHECK_REL(estimate[LIQUIDITY_ADV].value, volume * 86400.0 / (SAMPLES * STEP_S),
              1e-12);
    CHECK_REL(estimate[LIQUIDITY_SIGMA].value,
              sqrt(square * 86400.0 / ((SAMPLES - 1) * STEP_S)), 1e-12);
}

static void what_samples_do_not_tell_is_undefined(void)
{
    struct liquidity_series series = series_of();
    struct liquidity_estimate estimate[LIQUIDITY_FIGURES];
    struct err err = {0};

    make_samples(4, &series, 2e-4);
    for (size_t i = 0; i < SAMPLES; i++) {
        sample[i].flow = 0.0;
        for (size_t k = 2; k < LIQUIDITY_SIZES; k++)
            sample[i].cost[k] = NAN;
        for (size_t k = 0; k < LIQUIDITY_RUNGS; k++)
            sample[i].depth[k] = 5.0;
    }
    estimate_all(&series, 20, estimate);
    CU_ASSERT_TRUE(isnan(estimate[LIQUIDITY_FLOW_Y].value));
    CU_ASSERT_TRUE(isnan(estimate[LIQUIDITY_BOOK_Y].value)); /* two sizes are no law */
    CU_ASSERT_TRUE(isnan(estimate[LIQUIDITY_HALFLIFE].value));
    series.n = LIQUIDITY_FEWEST - 1;
    CU_ASSERT_EQUAL(liquidity_estimate(&series, 1, 1, estimate, &err), -1);
    CHECK_CONTAINS(err.text, "49 samples are fewer than 50");
}

int main(void)
{
    CU_TestInfo claims[] = {
        {"a_law_without_noise_is_given_back", a_law_without_noise_is_given_back},
        {"intervals_hold_the_truth_about_as_often_as_they_say",
         intervals_hold_the_truth_about_as_often_as_they_say},
        {"what_is_not_given_is_extrapolated_to_a_day",
         what_is_not_given_is_extrapolated_to_a_day},
        {"what_samples_do_not_tell_is_undefined",
         what_samples_do_not_tell_is_undefined},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"liquidity", NULL, NULL, NULL, NULL, claims},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
