/* Stress weight, floors and daily step, against their definition. */
#include "tests/worker/paths.h"

#include "worker/rolling_quantile.h"
#include "worker/steady.h"

enum { N = 1200, A_DAY = 24 };
static double before[N];
static struct steady_room *room;
static struct steady_rule rule;

static void open_path(void)
{
    set_up(N, 0.02);
    CU_ASSERT_FATAL(follow("ewma", (double[]){0.9}, before, NULL, NULL) == 0);
    CU_ASSERT_FATAL(steady_room_new(N, &room, NULL) == 0);
    CU_ASSERT_EQUAL_FATAL(series_bars_in_days(&series, 1), A_DAY);
    rule = (struct steady_rule){.anchor = 0.95, .long_run_bars = 400};
}

static void close_path(void)
{
    steady_room_free(room);
    tear_down();
}

static double *steadied(double weight, double floor, double long_run, double step)
{
    static double v[N];
    const double value[STEADY_AXES] = {weight, floor, long_run, step};

    memcpy(v, before, sizeof v);
    CU_ASSERT_FATAL(steady_path(&series, &rule, value, room, v, NULL) == 0);
    return v;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* S[t] by sorting; NaN while there is no stress bar. */
static double slow_stress(size_t t)
{
    static double level[N];
    size_t m = 0;

    for (size_t u = W; u <= t; u++) {
        bool is_stress = rule.n_periods == 0;

        for (size_t i = 0; i < rule.n_periods; i++)
            is_stress = is_stress || (series.time[u] >= rule.period[i].from_ns &&
                                      series.time[u] < rule.period[i].to_ns);
        if (is_stress)
            level[m++] = sqrt(before[u]);
    }
    qsort(level, m, sizeof *level, ascending);
    return m > 0 ? level[quantile_place(rule.anchor, m) - 1] : (double)NAN;
}

static double slow_long_run(size_t t)
{
    double sum = 0.0;
    size_t n = 0;

    for (size_t u = t + 1; u-- > W && n < rule.long_run_bars; n++)
        sum += before[u];
    return sqrt(sum / (double)n);
}

/* Two periods, of which the first begins in the warm-up. */
static void two_periods(void)
{
    rule.n_periods = 2;
    rule.period[0] = (struct stress_period){series.time[W - 20], series.time[W + 60]};
    rule.period[1] = (struct stress_period){series.time[700], series.time[760]};
}

/* 400 terms are added in another order; a few roundings more. */
static void weight_and_floors_are_what_they_are_defined_to_be(void)
{
    static const double value[][3] = {
        {0.25, 0, 0}, {0, 0.8, 0}, {0, 0, 1.0}, {0.4, 0.7, 0.9}, {1, 0, 0}};

    open_path();
    for (int periods = 0; periods < 2; periods++) {
        if (periods == 1)
            two_periods();
        for (size_t i = 0; i < sizeof value / sizeof *value; i++) {
            const double w = value[i][0];
            const double *v = steadied(w, value[i][1], value[i][2], 0.0);

            for (size_t t = W; t < N; t++) {
                const double y = sqrt(before[t]), s = slow_stress(t);
                double z = isnan(s) ? y : fmax((1 - w) * y + w * s, value[i][1] * s);

                z = fmax(z, value[i][2] * slow_long_run(t));
                CHECK_REL(sqrt(v[t]), z, 400 * DBL_EPSILON);
            }
        }
    }
    close_path();
}

static void before_any_stress_is_known_there_is_neither_weight_nor_floor(void)
{
    open_path();
    rule.n_periods = 1;
    rule.period[0] = (struct stress_period){series.time[600], series.time[620]};
    const double *v = steadied(0.5, 2.0, 0.0, 0.0);
    for (size_t t = W; t < 600; t++)
        CHECK_REL(v[t], before[t], 4 * DBL_EPSILON);
    /* the stress level of one bar is its own: twice that is the floor */
    CHECK_REL(v[600], 4.0 * before[600], 8 * DBL_EPSILON);
    close_path();
}

/* Between two bars at most g, so over any A_DAY of them 1 + d, but for the rounding of
 * that many products. */
static void a_day_changes_no_more_than_the_step(void)
{
    const double step = 0.1;

    open_path();
    const double *v = steadied(0.0, 0.0, 0.0, step);
    bool bound = false;
    for (size_t t = W + A_DAY; t < N; t++) {
        const double ratio = sqrt(v[t] / v[t - A_DAY]);

        CU_ASSERT(ratio <= (1.0 + step) * (1.0 + 100 * DBL_EPSILON));
        CU_ASSERT(ratio >= (1.0 - 100 * DBL_EPSILON) / (1.0 + step));
        bound = bound || ratio > 1.0 + 0.999 * step;
    }
    CU_ASSERT(bound); /* otherwise nothing was held back */
    CHECK_REL(v[W], before[W], 4 * DBL_EPSILON);
    close_path();
}

static void a_step_that_nothing_exceeds_changes_nothing(void)
{
    open_path();
    const double *v = steadied(0.0, 0.0, 0.0, 1e30);
    for (size_t t = 0; t < N; t++)
        if (before[t] > 0.0)
            CHECK_REL(v[t], before[t], 4 * DBL_EPSILON);
    close_path();
}

static void all_at_zero_changes_no_bit(void)
{
    open_path();
    CU_ASSERT(memcmp(steadied(0, 0, 0, 0), before, sizeof before) == 0);
    close_path();
}

/* The aim: more damping, less from trough to peak. */
static void weight_brings_peak_and_trough_together(void)
{
    double last = INFINITY;

    open_path();
    for (int w = 0; w <= 4; w++) {
        const double *v = steadied(0.25 * w, 0, 0, 0);
        double most = 0.0, least = INFINITY;

        for (size_t t = W + 200; t < N; t++) { /* once the stress level has settled */
            most = fmax(most, v[t]);
            least = fmin(least, v[t]);
        }
        CU_ASSERT(most / least < last);
        last = most / least;
    }
    close_path();
}

static void steps_need_days_of_whole_bars(void)
{
    const double value[STEADY_AXES] = {0, 0, 0, 0.1};
    double v[N] = {0};
    struct err err = {0};

    open_path();
    series.interval_ns = 7 * series.interval_ns;
    CU_ASSERT(steady_path(&series, &rule, value, room, v, &err) == -1);
    CU_ASSERT_STRING_EQUAL(err.text, "daily_step: a day is not a whole number of bars "
                                     "of 25200 s");
    close_path();
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(weight_and_floors_are_what_they_are_defined_to_be),
        TEST(before_any_stress_is_known_there_is_neither_weight_nor_floor),
        TEST(a_day_changes_no_more_than_the_step),
        TEST(a_step_that_nothing_exceeds_changes_nothing),
        TEST(all_at_zero_changes_no_bit),
        TEST(weight_brings_peak_and_trough_together),
        TEST(steps_need_days_of_whole_bars),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"steady", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
