/* How often does each backtest find a forecast that is wrong?  Published powers where
 * they can be had to the digit, numpy's rates for designs of the papers (those of a
 * constant VaR under GARCH: test_backtest_size.c; of ES: test_shortfall_size.c). */
#include "market/random.h"
#include "tests/worker/backtest_rate.h"
#include "worker/acerbi_szekely.h"
#include "worker/christoffersen.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/kupiec.h"
#include "worker/mcneil_frey.h"
#include "worker/traffic_light.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <stdlib.h>

enum { BARS = 1000, SAMPLES = 2000, WINDOW = 500 };

static const uint64_t seed = 19950301;
static double loss[WINDOW + BARS], var[WINDOW + BARS], work[2 * BARS + 2];

/* ---- published: laws of counts ------------------------------------------------------
 */

/* Kupiec 1995, table of the non-rejection regions at 95 %:
 * so many exceedances, ends left out, do not reject p.  At p = 0.01
 * and 255 days it prints N < 7 and says nothing of 0, which the ratio rejects. */
static const struct region {
    double p;
    struct {
        unsigned n;
        int above, below;
    } of[3];
} regions[] = {
    {0.01, {{255, 0, 7}, {510, 1, 11}, {1000, 4, 17}}},
    {0.025, {{255, 2, 12}, {510, 6, 21}, {1000, 15, 36}}},
    {0.05, {{255, 6, 21}, {510, 16, 36}, {1000, 37, 65}}},
    {0.075, {{255, 11, 28}, {510, 27, 51}, {1000, 59, 92}}},
    {0.10, {{255, 16, 36}, {510, 38, 65}, {1000, 81, 120}}},
};
enum { REGIONS = sizeof regions / sizeof *regions };

static void kupiec_rejects_outside_of_the_published_regions(void)
{
    for (int i = 0; i < REGIONS; i++)
        for (int j = 0; j < 3; j++)
            for (unsigned x = 0; x <= regions[i].of[j].n; x++) {
                const bool inside =
                    (int)x > regions[i].of[j].above && (int)x < regions[i].of[j].below;
                const bool rejects =
                    kupiec_test(regions[i].of[j].n, x, regions[i].p).p_value < 0.05;

                if (rejects == inside)
                    printf("\n    p %g n %u x %u ", regions[i].p, regions[i].of[j].n,
                           x);
                CU_ASSERT(rejects != inside);
            }
}

/* Basel Committee, Supervisory framework for the use of backtesting (1996), table 2:
 * the probability that 250 days of a model of 98, 97, 96, 95 % coverage, which claims
 * 99 %, stay below 5 exceptions (green), and below 10 (green or yellow), in percent. */
static void traffic_lights_err_as_often_as_the_committee_prints(void)
{
    static const double table[][3] = {
        {0.02, 43.9, 97.0}, {0.03, 12.8, 77.9}, {0.04, 2.7, 45.5}, {0.05, 0.5, 19.5}};

    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double green = 0.0, red = 0.0;

        for (unsigned x = 0; x <= 250; x++) {
            const double weight = gsl_ran_binomial_pdf(x, table[i][0], 250);
            const enum traffic_light_zone zone = traffic_light_of(250, x, 0.01).zone;

            green += zone == TRAFFIC_LIGHT_GREEN ? weight : 0.0;
            red += zone == TRAFFIC_LIGHT_RED ? weight : 0.0;
        }
        CU_ASSERT_DOUBLE_EQUAL(100 * green, table[i][1], 0.05001);
        CU_ASSERT_DOUBLE_EQUAL(100 * (1.0 - red), table[i][2], 0.05001);
    }
}

/* ---- a normal tail on t(5) ----------------------------------------------------------
 */

static double student_of_variance_one(double nu, struct random *random)
{
    const struct tail_law law = {nu};

    return sqrt((nu - 2.0) / nu) * tail_law_draw(&law, random);
}

/* The counts are binomial of P(t > z) = 0.0150, so that Kupiec's power is a sum: 0.11
 * of 250 days, 0.52 of 2000.  Losses drawn, exceedances counted and tested must find
 * it. */
static void kupiec_finds_a_normal_tail_as_often_as_the_binomial_law_says(void)
{
    static const unsigned sizes[] = {250, 500, 1000, 2000};
    const double z = gsl_cdf_ugaussian_Qinv(0.01);
    double there;

    for (int i = 0; i < 4; i++) {
        double rejected = 0.0;

        for (uint64_t sample = 0; sample < SAMPLES; sample++) {
            struct random random = random_at(seed, 0, sample, 0);
            unsigned x = 0;

            for (unsigned t = 0; t < sizes[i]; t++)
                x += student_of_variance_one(5.0, &random) > z;
            rejected += kupiec_test(sizes[i], x, 0.01).p_value < BACKTEST_RATE_LEVEL;
        }
        const double want =
            backtest_rate_want("kupiec_t5_exact", sizes[i], 0.01, &there);

        printf("\n    Kupiec, t(5), %4u days: %.4f (exactly %.4f) ", sizes[i],
               rejected / SAMPLES, want);
        CU_ASSERT(fabs(rejected / SAMPLES - want) <
                  backtest_rate_errors(want, SAMPLES));
    }
}

static double z_room[ACERBI_TESTS][5000];

/* Z1 and Z2 at 250 days and 2.5 %, against critical values simulated under the normal
 * law; Student's t of the exceedance residuals at 1000. */
static void shortfall_tests_find_a_normal_tail_as_often_as_numpys(void)
{
    static double es[BARS], zero[BARS], one[BARS];
    static double *const simulated[ACERBI_TESTS] = {z_room[0], z_room[1], z_room[2]};
    const struct acerbi_szekely_law law = {.law = {INFINITY}, .p = 0.025};
    const struct acerbi_szekely_null null = {5000, seed};
    struct backtest_series of = {250, loss, var, es, zero, one};
    struct backtest_rate z1 = {"z1_t5", 0, 0}, z2 = {"z2_t5", 0, 0}, t = {"t_t5", 0, 0};
    size_t n[ACERBI_TESTS];

    for (size_t i = 0; i < BARS; i++) {
        loss[i] = zero[i] = 0.0;
        one[i] = 1.0;
        var[i] = tail_law_quantile(&law.law, law.p);
        es[i] = tail_law_shortfall(&law.law, law.p);
    }
    CU_ASSERT_EQUAL_FATAL(acerbi_szekely_simulate(&law, &of, &null, work, simulated, n),
                          BACKTEST_OK);
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        const struct mcneil_frey_spec spec = {.n_bootstrap = 1, .seed = seed};
        struct random random = random_at(seed, 1, sample, 0);

        for (size_t i = 0; i < BARS; i++)
            loss[i] = student_of_variance_one(5.0, &random);
        of.n = 250;
        const struct acerbi_szekely z = acerbi_szekely_of(&law, &of, work);
        backtest_rate_count(&z1, acerbi_szekely_p_value(n[ACERBI_Z1], z_room[ACERBI_Z1],
                                                        z.z[ACERBI_Z1]));
        backtest_rate_count(&z2, acerbi_szekely_p_value(n[ACERBI_Z2], z_room[ACERBI_Z2],
                                                        z.z[ACERBI_Z2]));
        of.n = BARS;
        backtest_rate_count(&t, mcneil_frey_test(&spec, &of, work).p_student);
    }
    backtest_rate_check(&z1, 250, 0.025);
    backtest_rate_check(&z2, 250, 0.025);
    backtest_rate_check(&t, 1000, 0.025);
}

/* ---- a EWMA that is too fast, and historical simulation
 * ------------------------------ */

/* Normal GARCH(0.1, 0.88) of variance 1; the quantile of a EWMA of lambda 0.8. */
static void fill_fast(uint64_t sample, size_t n, double p)
{
    struct random random = random_at(seed, 2, sample, 0);
    const double z = gsl_cdf_ugaussian_Qinv(p), lambda = 0.8;
    double h = 1.0, v = 1.0;

    for (size_t t = 0; t < n; t++) {
        var[t] = z * sqrt(v);
        loss[t] = sqrt(h) * random_normal(&random);
        h = 0.02 + 0.1 * loss[t] * loss[t] + 0.88 * h;
        v = lambda * v + (1.0 - lambda) * loss[t] * loss[t];
    }
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The k-th smallest of the WINDOW losses before t, which `ordered` holds in order. */
static void move_window(double *ordered, double leaves, double comes)
{
    const double *place = bsearch(&leaves, ordered, WINDOW, sizeof *ordered, by_size);
    size_t i = (size_t)(place - ordered);

    for (; i + 1 < WINDOW && ordered[i + 1] < comes; i++)
        ordered[i] = ordered[i + 1];
    for (; i > 0 && ordered[i - 1] > comes; i--)
        ordered[i] = ordered[i - 1];
    ordered[i] = comes;
}

/* P. Christoffersen, D. Pelletier (J. Financial Econometrics 2, 2004, section 6): daily
 * returns of an asymmetric GARCH with t(8) innovations against historical simulation of
 * 500 days.  Losses from WINDOW on count. */
static void fill_historical(uint64_t sample, size_t n, double p)
{
    const double omega = 3.9683e-6, alpha = 0.1, theta = 0.5, beta = 0.85;
    const size_t k = (size_t)ceil((1.0 - p) * WINDOW - 1e-9);
    struct random random = random_at(seed, 3, sample, 0);
    double ordered[WINDOW], h = omega / (1.0 - beta - alpha * (1.0 + theta * theta));

    for (size_t t = 0; t < WINDOW + n; t++) {
        const double z = student_of_variance_one(8.0, &random);

        if (t == WINDOW) {
            memcpy(ordered, loss, sizeof ordered);
            qsort(ordered, WINDOW, sizeof *ordered, by_size);
        }
        loss[t] = -sqrt(h) * z;
        h = omega + alpha * h * (z - theta) * (z - theta) + beta * h;
        if (t < WINDOW)
            continue;
        var[t] = ordered[k - 1];
        move_window(ordered, loss[t - WINDOW], loss[t]);
    }
}

struct counts {
    struct kupiec kupiec;
    struct independence independence;
};

static struct counts count(size_t n, const double *l, const double *v, double p)
{
    struct transitions pairs = {0};
    size_t x = 0;

    for (size_t t = 0; t < n; t++) {
        const bool now = l[t] > v[t], before = t > 0 && l[t - 1] > v[t - 1];

        x += now;
        pairs.n00 += t > 0 && !before && !now;
        pairs.n01 += t > 0 && !before && now;
        pairs.n10 += t > 0 && before && !now;
        pairs.n11 += t > 0 && before && now;
    }
    return (struct counts){kupiec_test(n, x, p), christoffersen_independence(&pairs)};
}

enum test { KUPIEC, INDEPENDENCE, CONDITIONAL, DURATION, DQ, TESTS };

static void run_tests(size_t n, const double *l, const double *v, double p,
                      struct backtest_rate rate[TESTS])
{
    const struct dynamic_quantile_spec spec = {
        .p = p, .n_lags = 4, .constant = true, .var = true};
    const struct counts counts = count(n, l, v, p);

    backtest_rate_count(&rate[KUPIEC], counts.kupiec.p_value);
    backtest_rate_count(&rate[INDEPENDENCE], counts.independence.p_value);
    backtest_rate_count(
        &rate[CONDITIONAL],
        christoffersen_conditional_p(counts.kupiec.lr, counts.independence.lr));
    backtest_rate_count(&rate[DURATION], duration_test(n, l, v, work).p_value);
    backtest_rate_count(&rate[DQ], dynamic_quantile_test(&spec, n, l, v, NULL).p_value);
}

static void check_design(bool historical, size_t n, double p,
                         struct backtest_rate rate[TESTS])
{
    static const char *const names[2][TESTS] = {
        {"kupiec_fast", "independence_fast", "conditional_fast", "duration_fast",
         "dq_fast"},
        {"kupiec_historical", "independence_historical", "conditional_historical",
         "duration_historical", "dq_historical"}};
    const size_t first = historical ? WINDOW : 0;

    for (int i = 0; i < TESTS; i++)
        rate[i] = (struct backtest_rate){names[historical][i], 0, 0};
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        if (historical)
            fill_historical(sample, n, p);
        else
            fill_fast(sample, n, p);
        run_tests(n, loss + first, var + first, p, rate);
    }
    for (int i = 0; i < TESTS; i++)
        backtest_rate_check(&rate[i], (double)n, p);
}

/* A EWMA of lambda 0.8 knows five bars or so: its quantile is far too low after quiet
 * ones, which DQ sees (it regresses on the VaR) and pairs of hits do not. */
static void a_ewma_that_is_too_fast_is_found_as_often_as_by_numpys(void)
{
    struct backtest_rate rate[TESTS];

    check_design(false, 500, 0.01, rate);
    check_design(false, 1000, 0.05, rate);
    CU_ASSERT(rate[DQ].rejected > 0.5 * rate[DQ].there);
}

static double simulated_power(size_t n, double p)
{
    double there = 0.0, rejected = 0.0;

    for (uint64_t sample = 0; sample < 400; sample++) {
        fill_historical(sample, n, p);
        const struct duration test =
            duration_test(n, loss + WINDOW, var + WINDOW, work);

        if (test.status != BACKTEST_OK)
            continue;
        const struct backtest_null null =
            duration_simulated_p(n, p, test.lr, 199, seed + sample, work);

        there++;
        rejected += null.p_value <= BACKTEST_RATE_LEVEL;
    }
    return rejected / there;
}

/* What the paper finds: durations see far more of the clusters than pairs of days do,
 * "considerably better power".  With a simulated p-value, which has its level, as
 * there; pairs reject right forecasts more often than 5 % here (backtests_size.csv), so
 * that the comparison is in their favour. */
static void historical_simulation_is_found_by_durations_rather_than_pairs(void)
{
    struct backtest_rate rate[TESTS];

    check_design(true, 500, 0.01, rate);
    check_design(true, 1000, 0.05, rate);
    const double pairs = rate[INDEPENDENCE].rejected / rate[INDEPENDENCE].there;
    const double power = simulated_power(1000, 0.05);

    printf("\n    durations, simulated: %.4f; pairs %.4f ", power, pairs);
    CU_ASSERT(power - backtest_rate_errors(power, 400) > pairs);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"kupiec_rejects_outside_of_the_published_regions",
         kupiec_rejects_outside_of_the_published_regions},
        {"traffic_lights_err_as_often_as_the_committee_prints",
         traffic_lights_err_as_often_as_the_committee_prints},
        {"kupiec_finds_a_normal_tail_as_often_as_the_binomial_law_says",
         kupiec_finds_a_normal_tail_as_often_as_the_binomial_law_says},
        {"shortfall_tests_find_a_normal_tail_as_often_as_numpys",
         shortfall_tests_find_a_normal_tail_as_often_as_numpys},
        {"a_ewma_that_is_too_fast_is_found_as_often_as_by_numpys",
         a_ewma_that_is_too_fast_is_found_as_often_as_by_numpys},
        {"historical_simulation_is_found_by_durations_rather_than_pairs",
         historical_simulation_is_found_by_durations_rather_than_pairs},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"power", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    backtest_rate_table = "backtests_power.csv";
    printf("seed %llu\n", (unsigned long long)seed);
    return check_run(suites);
}
