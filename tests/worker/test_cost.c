#include "tests/check.h"
#include "worker/cost.h"

static const double none[1];

/* Two of each model axis's values, and 40 x 10 points on top of each path. */
static struct plan plan_of(const char *name)
{
    struct plan plan = {.path = {.volatility = volatility_find(name)}, .holdout = 0.25};
    const size_t n_axes = plan.path.volatility->n_axes;

    plan.grid.n_axes = n_axes + 2;
    for (size_t a = 0; a < plan.grid.n_axes; a++)
        plan.grid.axis[a] = (struct axis){.n = a < n_axes    ? 2
                                               : a == n_axes ? 40
                                                             : 10,
                                          .value = none};
    return plan;
}

static void a_box_holds_one_path_where_a_path_takes_longer_than_a_unit(void)
{
    const struct plan garch = plan_of("garch"), gjr = plan_of("gjr");

    for (uint64_t n_bars = 1000; n_bars < 10000000; n_bars *= 10) {
        CU_ASSERT_EQUAL(cost_points(&garch, n_bars, 1e6), 400);
        CU_ASSERT_EQUAL(cost_points(&gjr, n_bars, 1e6), 400);
    }
}

static void a_box_holds_many_paths_where_they_are_cheap(void)
{
    const struct plan ewma = plan_of("ewma"), rolling = plan_of("rolling");

    CU_ASSERT(cost_points(&ewma, 1000, 1e7) > 400);
    CU_ASSERT(cost_points(&rolling, 1000, 1e7) > 400);
}

static void every_model_says_what_a_bar_costs(void)
{
    for (size_t i = 0; volatility_row(i) != NULL; i++)
        CU_ASSERT(volatility_row(i)->step_ns > 0.0);
    for (size_t i = 1; tail_model_row(i) != NULL; i++)
        CU_ASSERT(tail_model_row(i)->step_ns > 0.0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_box_holds_one_path_where_a_path_takes_longer_than_a_unit",
         a_box_holds_one_path_where_a_path_takes_longer_than_a_unit},
        {"a_box_holds_many_paths_where_they_are_cheap",
         a_box_holds_many_paths_where_they_are_cheap},
        {"every_model_says_what_a_bar_costs", every_model_says_what_a_bar_costs},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"cost", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
