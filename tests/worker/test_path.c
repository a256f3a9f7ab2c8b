/* The stages of a path together: any order of asking, no look ahead. */
#include "tests/worker/paths.h"

#include "worker/path.h"

enum { N = 1300, CHANGED = 1000 };

/* Values of every axis of the three stages, two of each. */
struct trial {
    struct path_models models;
    struct grid grid;
    double value[AXES_MAX][2];
};

static double usual(const char *name)
{
    static const struct {
        const char *name;
        double value;
    } of[] = {{"lambda", 0.95},     {"nu", 4},           {"tail_window", 300},
              {"tail_refit", 41},   {"tail_share", 0.2}, {"level", 0.97},
              {"stress_weight", 0}, {"stress_floor", 0}, {"long_run_floor", 0.5},
              {"daily_step", 0.2}};

    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        if (strcmp(of[i].name, name) == 0)
            return of[i].value;
    CU_FAIL("an axis without a usual value");
    return 0.0;
}

static void add_axes(struct trial *trial, size_t n, const struct axis_rule *rules)
{
    for (size_t i = 0; i < n; i++) {
        const size_t a = trial->grid.n_axes++;
        const double value = usual(rules[i].name);

        trial->value[a][0] = value;
        trial->value[a][1] = rules[i].whole      ? value + 20
                             : rules[i].max <= 1 ? value + 0.02
                                                 : value * 1.5 + 0.25;
        trial->grid.axis[a] =
            (struct axis){.rule = &rules[i], .n = 2, .value = trial->value[a]};
    }
}

static void make_trial(struct trial *trial, const struct tail_model *tail,
                       bool steadied)
{
    *trial =
        (struct trial){.models = {.volatility = volatility_find("ewma"),
                                  .tail = tail,
                                  .is_steadied = steadied,
                                  .steady = {.anchor = 0.99, .long_run_bars = 500}}};
    add_axes(trial, 1, trial->models.volatility->axes);
    add_axes(trial, tail->n_axes, tail->axes);
    add_axes(trial, steadied ? STEADY_AXES : 0, steady_axes);
    CU_ASSERT_EQUAL(trial->grid.n_axes, path_n_axes(&trial->models));
}

static void check_numbers(const struct trial *trial)
{
    static double volatility[N], tail[N], steadied[N];
    const struct path_stages out = {volatility, tail, steadied};
    const uint64_t n = grid_n_points(&trial->grid);
    struct paths *paths;
    struct path_fits fits;

    CU_ASSERT_FATAL(paths_new(&trial->models, kernels_of(isa_best()), &series,
                              &trial->grid, &paths, NULL) == 0);
    for (uint64_t i = 0; i < n; i++) { /* 37: an order that no loop has */
        const double *of_volatility, *of_path;
        const uint64_t number = i * 37 % n;
        double value[AXES_MAX];

        grid_values(&trial->grid, number, value);
        CU_ASSERT_FATAL(paths_take(paths, number, &of_volatility, &of_path, NULL) == 0);
        CU_ASSERT_FATAL(path_follow(&trial->models, kernels_of(ISA_SCALAR), &series,
                                    value, &out, &fits, NULL) == 0);
        CU_ASSERT(memcmp(of_volatility, volatility, sizeof volatility) == 0);
        CU_ASSERT(memcmp(of_path, steadied, sizeof steadied) == 0);
    }
    paths_free(paths);
}

static void every_path_of_a_grid_is_the_path_by_itself(void)
{
    struct trial trial;

    set_up(N, 0.02);
    for (size_t i = 0; tail_model_row(i) != NULL; i++)
        for (int steadied = 0; steadied < 2; steadied++) {
            make_trial(&trial, tail_model_row(i), steadied == 1);
            check_numbers(&trial);
        }
    tear_down();
}

static void follow_all(const struct tail_model *tail, double *out)
{
    static double volatility[N], of_tail[N];
    const struct path_stages stages = {volatility, of_tail, out};
    struct trial trial;
    struct path_fits fits;
    double value[AXES_MAX];

    make_trial(&trial, tail, true);
    grid_values(&trial.grid, grid_n_points(&trial.grid) - 1, value);
    CU_ASSERT_FATAL(path_follow(&trial.models, kernels_of(isa_best()), &series, value,
                                &stages, &fits, NULL) == 0);
}

static void bars_after_t_change_nothing_at_or_before_t(void)
{
    static double before[N], after[N];

    for (size_t i = 0; tail_model_row(i) != NULL; i++) {
        set_up(N, 0.02);
        follow_all(tail_model_row(i), before);
        for (size_t t = CHANGED; t < N; t++) {
            bars.high[t] *= 1.4;
            bars.close[t] *= 1.3;
            bars.open[t] *= 1.3;
        }
        series_free(&series);
        prepare();
        follow_all(tail_model_row(i), after);
        CU_ASSERT(memcmp(before, after, CHANGED * sizeof *before) == 0);
        CU_ASSERT(memcmp(before + CHANGED, after + CHANGED,
                         (N - CHANGED) * sizeof *before) != 0);
        tear_down();
    }
}

static void stages_that_are_not_asked_for_change_no_bit(void)
{
    static double volatility[N], tail[N], steadied[N];
    const struct path_stages out = {volatility, tail, steadied};
    const struct path_models models = {.volatility = volatility_find("ewma")};
    const double lambda = 0.95;
    struct path_fits fits;

    set_up(N, 0.02);
    CU_ASSERT_EQUAL(path_n_axes(&models), 1);
    CU_ASSERT_FATAL(path_follow(&models, kernels_of(isa_best()), &series, &lambda, &out,
                                &fits, NULL) == 0);
    CU_ASSERT(memcmp(volatility, steadied, sizeof volatility) == 0);
    CU_ASSERT_EQUAL(fits.volatility.n_fits, 0);
    CU_ASSERT_EQUAL(fits.tail.n_fits, 0);
    tear_down();
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(every_path_of_a_grid_is_the_path_by_itself),
        TEST(bars_after_t_change_nothing_at_or_before_t),
        TEST(stages_that_are_not_asked_for_change_no_bit),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"path", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
