/* Tails along a path, against their definitions. */
#include "tests/worker/paths.h"

#include "worker/hill.h"
#include "worker/pot.h"
#include "worker/rolling_quantile.h"
#include "worker/tail.h"
#include "worker/tail_path.h"

enum { N = 1200, TAIL_WINDOW = 300, TAIL_REFIT = 37 };
static double volatility[N], sigma[N];
static struct tail_room *room;

/* A sample with gaps, and EWMA's path of it. */
static void open_path(double gap)
{
    set_up(N, gap);
    CU_ASSERT_FATAL(follow("ewma", (double[]){0.95}, volatility, NULL, NULL) == 0);
    for (size_t t = 0; t < N; t++)
        sigma[t] = sqrt(H * volatility[t]);
    CU_ASSERT_FATAL(tail_room_new(N, &room, NULL) == 0);
}

static void close_path(void)
{
    tail_room_free(room);
    tear_down();
}

static int tail(const char *model, enum tail_measure measure, size_t n_lanes,
                const double *parameter, double *out, struct fits_report *report,
                struct err *err)
{
    const struct tail_path of = {tail_model_find(model), measure, &series, volatility,
                                 room};

    return tail_paths(&of, n_lanes, parameter, out, report, err);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What is known at bar t, ascending: losses that began in (t - h - window, t - h], at W
 * or later, over their sigma unless the tail is bare. */
static size_t known_at(size_t t, size_t window, bool bare, double *known)
{
    size_t m = 0;

    for (size_t s = W; s + H <= t; s++)
        if (s + H + window > t && !isnan(series.loss[s]))
            known[m++] = bare ? series.loss[s] : series.loss[s] / sigma[s];
    qsort(known, m, sizeof *known, ascending);
    return m;
}

/* By definition: the mean of the worst m (1 - c) losses, the last of them in part. */
static double slow_shortfall(size_t m, const double *known, double c)
{
    double left = (double)m * (1.0 - c), sum = 0.0;

    for (size_t i = m; i-- > 0 && left > 0.0; left -= 1.0)
        sum += fmin(left, 1.0) * known[i];
    return sum / ((double)m * (1.0 - c));
}

static double slow_tail(const char *model, enum tail_measure measure, size_t t,
                        size_t window, double level)
{
    static double known[N], excess[N];
    const bool bare = strcmp(model, "historical") == 0;
    const bool empirical = bare || strcmp(model, "filtered") == 0;
    /* a fitted tail knows what was known when it was last fitted */
    const size_t when = empirical ? t : W + (t - W) / TAIL_REFIT * TAIL_REFIT;
    const size_t m = known_at(when, window, bare, known);

    if (empirical)
        return m == 0               ? (double)NAN
               : measure == TAIL_ES ? slow_shortfall(m, known, level)
                                    : known[quantile_place(level, m) - 1];
    const size_t k = (size_t)(0.2 * (double)m);
    if (strcmp(model, "pot") == 0) {
        const struct pot pot = pot_fit(m, known, pot_threshold(m, known, k), excess);

        return measure == TAIL_ES ? pot_es(&pot, level) : pot_var(&pot, level);
    }
    const struct hill hill = hill_fit(m, known, k);
    return measure == TAIL_ES ? hill_es(&hill, level) : hill_var(&hill, level);
}

/* 64 eps: the rate goes through a square, a product with h, a quotient and a root; a
 * shortfall of up to 300 terms is added in another order. */
static void check_tail(const char *model, enum tail_measure measure, size_t n_value,
                       const double *value)
{
    const double level = value[n_value - 1];
    const bool bare = strcmp(model, "historical") == 0;
    double v[N], last = NAN;
    size_t n_checked = 0;

    CU_ASSERT_FATAL(tail(model, measure, 1, value, v, NULL, NULL) == 0);
    for (size_t t = 0; t < N; t++) {
        if (t < W) {
            CU_ASSERT(v[t] == 0.0);
            continue;
        }
        const double now = slow_tail(model, measure, t, (size_t)value[0], level);
        if (isfinite(now) || value[1] < 1.0) /* what is fitted stays in force */
            last = now;
        if (isnan(last)) {
            CHECK_REL(sqrt(H * v[t]), 3.0 * sigma[t], 64 * DBL_EPSILON);
            continue;
        }
        CHECK_REL(sqrt(H * v[t]), bare ? last : last * sigma[t],
                  (measure == TAIL_ES ? 300 : 64) * DBL_EPSILON);
        n_checked++;
    }
    CU_ASSERT(n_checked > N / 2);
}

static void simulation_takes_the_quantile_of_the_losses_that_are_known(void)
{
    static const double values[][2] = {{300, 0.98}, {150, 0.9}, {2, 0.5}, {700, 0.999}};

    open_path(0.03);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check_tail("historical", TAIL_VAR, 2, values[i]);
        check_tail("filtered", TAIL_VAR, 2, values[i]);
    }
    close_path();
}

static void its_shortfall_is_the_mean_of_the_worst_losses(void)
{
    static const double values[][2] = {{300, 0.98}, {150, 0.913}, {100, 0.995}};

    open_path(0.03);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check_tail("historical", TAIL_ES, 2, values[i]);
        check_tail("filtered", TAIL_ES, 2, values[i]);
    }
    close_path();
}

static void fitted_tails_are_fits_to_the_residuals_that_are_known(void)
{
    static const double value[] = {TAIL_WINDOW, TAIL_REFIT, 0.2, 0.98};

    open_path(0.03);
    check_tail("pot", TAIL_VAR, 4, value);
    check_tail("pot", TAIL_ES, 4, value);
    check_tail("hill", TAIL_VAR, 4, value);
    check_tail("hill", TAIL_ES, 4, value);
    close_path();
}

/* ... to the ten digits of the factor that are used. */
static void closed_forms_are_a_multiple_of_sigma(void)
{
    const double level = 0.99, student[] = {4.0, 0.99};
    double v[N];

    open_path(0.0);
    CU_ASSERT(tail("normal", TAIL_VAR, 1, &level, v, NULL, NULL) == 0);
    CHECK_REL(sqrt(v[900] / volatility[900]), 2.326347874040841, 1e-9); /* Phi^-1 */
    CU_ASSERT(tail("normal", TAIL_ES, 1, &level, v, NULL, NULL) == 0);
    CHECK_REL(sqrt(v[900] / volatility[900]), tail_normal(0.99).es, 1e-9);
    CU_ASSERT(tail("student", TAIL_VAR, 1, student, v, NULL, NULL) == 0);
    CHECK_REL(sqrt(v[900] / volatility[900]), tail_student(0.99, 4.0).var, 1e-9);
    CU_ASSERT(tail("student", TAIL_ES, 1, student, v, NULL, NULL) == 0);
    CHECK_REL(sqrt(v[900] / volatility[900]), tail_student(0.99, 4.0).es, 1e-9);
    close_path();
}

/* Lanes of several windows and levels, as a grid has them. */
static void lanes_of_all_kinds_are_the_paths_of_each(void)
{
    static double many[TAIL_LANES * N], one[N];
    double parameter[4 * TAIL_LANES];

    open_path(0.03);
    for (size_t lane = 0; lane < TAIL_LANES; lane++) {
        parameter[lane] = lane % 9 < 4 ? 200 : 500;
        parameter[TAIL_LANES + lane] = 50;
        parameter[2 * TAIL_LANES + lane] = lane < 9 ? 0.15 : 0.2;
        parameter[3 * TAIL_LANES + lane] = 0.9 + 0.01 * (double)(lane % 5);
    }
    CU_ASSERT_FATAL(tail("pot", TAIL_VAR, TAIL_LANES, parameter, many, NULL, NULL) ==
                    0);
    for (size_t lane = 0; lane < TAIL_LANES; lane++) {
        double value[4];

        for (size_t a = 0; a < 4; a++)
            value[a] = parameter[a * TAIL_LANES + lane];
        CU_ASSERT(tail("pot", TAIL_VAR, 1, value, one, NULL, NULL) == 0);
        CU_ASSERT(memcmp(one, many + lane * N, sizeof one) == 0);
    }
    close_path();
}

/* A higher level never asks for less, and the mean beyond a quantile is no less. */
static void rates_rise_with_the_level_and_from_var_to_es(void)
{
    static const char *const models[] = {"historical", "filtered", "pot", "hill"};
    static double low[N], high[N], es[N];

    open_path(0.0);
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const bool fitted = i >= 2;
        double value[] = {TAIL_WINDOW, TAIL_REFIT, 0.2, 0.95};
        double *level = fitted ? &value[3] : &value[1];

        *level = 0.95;
        CU_ASSERT(tail(models[i], TAIL_VAR, 1, value, low, NULL, NULL) == 0);
        CU_ASSERT(tail(models[i], TAIL_ES, 1, value, es, NULL, NULL) == 0);
        *level = 0.99;
        CU_ASSERT(tail(models[i], TAIL_VAR, 1, value, high, NULL, NULL) == 0);
        for (size_t t = 0; t < N; t++) {
            CU_ASSERT(low[t] <= high[t]);
            CU_ASSERT(low[t] <= es[t] * (1.0 + 64 * DBL_EPSILON));
        }
    }
    close_path();
}

static void fits_are_reported(void)
{
    static const double value[] = {TAIL_WINDOW, TAIL_REFIT, 0.2, 0.98};
    static double v[N], known[N], excess[N];
    struct fits_report report;

    open_path(0.0);
    CU_ASSERT(tail("pot", TAIL_VAR, 1, value, v, &report, NULL) == 0);
    CU_ASSERT_EQUAL(report.n_fits, (N - W + TAIL_REFIT - 1) / TAIL_REFIT);
    CU_ASSERT(report.n_estimates > 0 && report.n_estimates < report.n_fits);
    CU_ASSERT_EQUAL(report.n_fallback_bars % TAIL_REFIT, 0);
    const size_t last = W + (N - 1 - W) / TAIL_REFIT * TAIL_REFIT;
    const size_t m = known_at(last, TAIL_WINDOW, false, known);
    const struct pot pot =
        pot_fit(m, known, pot_threshold(m, known, (size_t)(0.2 * (double)m)), excess);
    CU_ASSERT_EQUAL(report.status, pot.fit.status);
    CU_ASSERT(report.parameter[0] == pot.fit.gpd.xi);
    CU_ASSERT(report.parameter[1] == pot.fit.gpd.beta);
    CU_ASSERT(report.parameter[2] == pot.threshold);
    CU_ASSERT(report.error[0] == pot.fit.error[GPD_XI]);
    close_path();
}

static void expect_reason(const char *model, enum tail_measure measure,
                          const double *value, const char *reason)
{
    static double v[N];
    struct err err = {0};

    CU_ASSERT(tail(model, measure, 1, value, v, NULL, &err) == -1);
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CU_ASSERT_STRING_EQUAL(err.text, reason);
}

static void what_has_no_tail_says_why(void)
{
    open_path(0.0);
    expect_reason("filtered", TAIL_VAR, (double[]){N, 0.99},
                  "filtered: a tail_window of 1200 bars is not shorter than the series "
                  "of 1200");
    expect_reason("pot", TAIL_VAR, (double[]){TAIL_WINDOW, TAIL_REFIT, 0.02, 0.99},
                  "pot: none of 29 fits gave an estimate at level 0.99 (the last: too "
                  "few excesses)");
    expect_reason("pot", TAIL_VAR, (double[]){TAIL_WINDOW, TAIL_REFIT, 0.2, 0.7},
                  "pot: none of 29 fits gave an estimate at level 0.7 (the last: the "
                  "level lies below the threshold)");
    close_path();
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(simulation_takes_the_quantile_of_the_losses_that_are_known),
        TEST(its_shortfall_is_the_mean_of_the_worst_losses),
        TEST(fitted_tails_are_fits_to_the_residuals_that_are_known),
        TEST(closed_forms_are_a_multiple_of_sigma),
        TEST(lanes_of_all_kinds_are_the_paths_of_each),
        TEST(rates_rise_with_the_level_and_from_var_to_es),
        TEST(fits_are_reported),
        TEST(what_has_no_tail_says_why),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"tail path", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
