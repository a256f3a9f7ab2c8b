#include "coordinator/outcome.h"
#include "coordinator/verdicts.h"
#include "tests/check.h"
#include "worker/margin.h"

#include <stdlib.h>

static size_t row(const char *name)
{
    return (size_t)(metric_find(MARGIN_METRICS, margin_metrics, name) - margin_metrics);
}

static struct plan plan_of_two_limits(void)
{
    return (struct plan){
        .study = &margin_study,
        .objective = &margin_metrics[row("mean_margin")],
        .n_constraints = 1,
        .constraint = {{&margin_metrics[row("coverage")], 0.99, INFINITY}},
        .holdout = 0.25,
        .n_gates = 1,
        .gate = {{&margin_metrics[row("kupiec_phase_p")], 0.01, INFINITY}},
    };
}

/* Three points: number, mean margin, coverage, and the gate's p on unseen bars. */
static void fill(const struct plan *plan, struct outcome *outcome,
                 const double figures[3][4])
{
    *outcome = (struct outcome){.n_judged = 3, .found = {.n_points = 747}};
    outcome->point = calloc(3, sizeof *outcome->point);
    CU_ASSERT_FATAL(verdicts_new(plan, 3, &outcome->verdict, NULL) == 0);
    for (int i = 0; i < 3; i++) {
        struct verdict *verdict = &outcome->verdict[i];

        outcome->point[i].point = (uint64_t)figures[i][0];
        verdict->last = figures[i][1];
        verdict->figure[JUDGED_TRAINING][row("mean_margin")] = figures[i][1];
        verdict->figure[JUDGED_TRAINING][row("coverage")] = figures[i][2];
        verdict->figure[JUDGED_TEST][row("kupiec_phase_p")] = figures[i][3];
    }
    outcome_decide(plan, outcome);
}

static void the_cheapest_feasible_point_wins_and_the_lowest_of_equals(void)
{
    const struct plan plan = plan_of_two_limits();
    struct outcome outcome;

    fill(&plan, &outcome,
         (const double[3][4]){
             {9, 0.07, 0.991, 0.5}, {4, 0.05, 0.98, 0.5}, {8, 0.07, 0.992, 0.5}});
    CU_ASSERT(outcome.status == STATUS_CALIBRATED);
    CU_ASSERT(outcome.point[0].point == 8 && outcome.point[1].point == 9 &&
              outcome.point[2].point == 4);
    CU_ASSERT(outcome.verdict[0].figure[JUDGED_TRAINING][row("coverage")] == 0.992);
    outcome_free(&outcome);
}

static void the_nearest_point_is_named_where_none_is_feasible(void)
{
    const struct plan plan = plan_of_two_limits();
    struct outcome outcome;

    fill(&plan, &outcome,
         (const double[3][4]){
             {1, 0.05, 0.90, 0.5}, {2, 0.06, 0.985, 0.5}, {3, 0.04, 0.97, 0.5}});
    CU_ASSERT(outcome.status == STATUS_FAILED && outcome.point[0].point == 2);
    CU_ASSERT_STRING_EQUAL(outcome.reason,
                           "none of 747 points satisfies the constraints; at the "
                           "nearest, coverage 0.985 is below 0.99");
    outcome_free(&outcome);
}

static void a_winner_that_breaks_a_gate_is_held(void)
{
    const struct plan plan = plan_of_two_limits();
    struct outcome outcome;

    fill(&plan, &outcome,
         (const double[3][4]){
             {1, 0.05, 0.995, 0.002}, {2, 0.06, 0.995, 0.5}, {3, 0.07, 0.995, NAN}});
    CU_ASSERT(outcome.status == STATUS_HELD && outcome.point[0].point == 1);
    CU_ASSERT_STRING_EQUAL(outcome.reason, "on the bars that the search did not see, "
                                           "kupiec_phase_p 0.002 is below 0.01");
    outcome_free(&outcome);
}

static void a_margin_of_nothing_is_no_calibration(void)
{
    const struct plan plan = plan_of_two_limits();
    struct outcome outcome;

    fill(&plan, &outcome,
         (const double[3][4]){
             {1, 0.0, 1.0, 0.5}, {2, 0.06, 0.995, 0.5}, {3, 0.07, 0.995, 0.5}});
    CU_ASSERT(outcome.status == STATUS_FAILED && outcome.point[0].point == 1);
    CHECK_CONTAINS(outcome.reason, "asks for no margin at the last bar");
    outcome_free(&outcome);
}

int main(void)
{
    CU_TestInfo outcome[] = {
        {"the_cheapest_feasible_point_wins_and_the_lowest_of_equals",
         the_cheapest_feasible_point_wins_and_the_lowest_of_equals},
        {"the_nearest_point_is_named_where_none_is_feasible",
         the_nearest_point_is_named_where_none_is_feasible},
        {"a_winner_that_breaks_a_gate_is_held", a_winner_that_breaks_a_gate_is_held},
        {"a_margin_of_nothing_is_no_calibration",
         a_margin_of_nothing_is_no_calibration},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"outcome", NULL, NULL, NULL, NULL, outcome},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
