/* Does the oracle obey the laws of evidence and of choice? */
#include "tests/oracle/grid_oracle.h"
#include "tests/oracle/likelihood_oracle.h"
#include "tests/worker/oracle_bars.h"

#include <math.h>

/* D(0, m) = m and D(n, m) = n ln(n/m) - n + m, so the whole is -2 n ln(1 - p) and
 * -2 n ln p. */
static void kupiec_is_finite_when_no_bar_or_every_bar_exceeds(void)
{
    CHECK_REL(oracle_kupiec_lr(747, 0, 0.01), -1494 * log1p(-0.01), 1e-14);
    CHECK_REL(oracle_kupiec_lr(747, 747, 0.01), -1494 * log(0.01), 1e-14);
    CU_ASSERT(isnan(oracle_kupiec_lr(0, 0, 0.01)));
    CU_ASSERT(isnan(oracle_kupiec_p_upper(0, 0, 0.01)));
}

/* Against 60 decimal digits, for the doubles np and n (1 - p): the header's bound. */
static void kupiec_is_as_near_the_truth_as_it_claims(void)
{
    static const struct {
        size_t x;
        double lr;
    } truth[] = {{437, 0.0005102303157836985},
                 {438, 0.0006483279221502315},
                 {300, 49.040492042118174},
                 {0, 879.3440851662558},
                 {1000, 535.7726096619298}};
    const double p = 1.0 - 0.99;
    const size_t n = 43747;

    for (size_t i = 0; i < sizeof truth / sizeof truth[0]; i++) {
        const double miss = fabs(oracle_kupiec_lr(n, truth[i].x, p) - truth[i].lr);
        const double off = fabs((double)truth[i].x - (double)n * p);
        CU_ASSERT(miss <= (4 * off + 16 * truth[i].lr) * DBL_EPSILON);
    }
}

static void too_few_exceedances_speak_for_the_margin(void)
{
    CU_ASSERT(oracle_kupiec_p_upper(747, 1, 0.01) > 0.99);
    CU_ASSERT(oracle_kupiec_p_upper(747, 20, 0.01) < 0.001);
    CHECK_REL(oracle_kupiec_p_upper(747, 1, 0.01) + oracle_kupiec_p(747, 1, 0.01) / 2,
              1.0, 1e-14);
}

/* The page's own formula, in long double, where it does not cancel away. */
static double independence_as_written(long double n00, long double n01, long double n10,
                                      long double n11)
{
    const long double pi01 = n01 / (n00 + n01);
    const long double pi11 = n11 / (n10 + n11);
    const long double pi = (n01 + n11) / (n00 + n01 + n10 + n11);
    const long double with_memory = n00 * logl(1 - pi01) + n01 * logl(pi01) +
                                    n10 * logl(1 - pi11) + n11 * logl(pi11);
    const long double without = (n00 + n10) * logl(1 - pi) + (n01 + n11) * logl(pi);

    return erfc(sqrt((double)(with_memory - without)));
}

static void independence_is_the_formula_of_the_page(void)
{
    CHECK_REL(oracle_independence_p(5000, 40, 41, 13),
              independence_as_written(5000, 40, 41, 13), 1e-12);
    CHECK_REL(oracle_independence_p(700, 30, 29, 4),
              independence_as_written(700, 30, 29, 4), 1e-12);
    CHECK_REL(oracle_independence_p(9, 5, 4, 1), independence_as_written(9, 5, 4, 1),
              1e-12);
}

/* 3 of 9 after one, 10 of 30 after none: as if nothing were remembered. */
static void independence_is_certain_where_nothing_is_remembered(void)
{
    CHECK_REL(oracle_independence_p(20, 10, 6, 3), 1.0, DBL_EPSILON);
}

/* p = 1/64 has no rounding: of 32000 bars 500 are expected. */
static void kupiec_is_certain_where_exceedances_are_as_many_as_expected(void)
{
    CU_ASSERT_EQUAL(oracle_kupiec_p(32000, 500, 1.0 / 64), 1.0);
    CU_ASSERT_EQUAL(oracle_kupiec_p_upper(32000, 500, 1.0 / 64), 0.5);
}

/* Strict alternation: pi01 = 1, pi11 = 0 and pi = 1/2, so LR = 2 . 20 ln 2. */
static void independence_sees_alternation_and_nothing_in_sameness(void)
{
    CHECK_REL(oracle_independence_p(0, 10, 10, 0), erfc(sqrt(20 * log(2.0))), 1e-13);
    CU_ASSERT_EQUAL(oracle_independence_p(13, 0, 0, 0), 1.0);
    CU_ASSERT_EQUAL(oracle_independence_p(0, 0, 0, 13), 1.0);
    CU_ASSERT(isnan(oracle_independence_p(0, 0, 0, 0)));
}

static void phases_combine_by_twice_the_median_of_those_that_speak(void)
{
    CHECK_REL(oracle_combine(3, (double[]){0.3, NAN, 0.1}), 0.4, DBL_EPSILON);
    CU_ASSERT_EQUAL(oracle_combine(3, (double[]){0.9, 0.125, 0.0}), 0.25);
    CU_ASSERT_EQUAL(oracle_combine(3, (double[]){0.7, 0.6, 0.8}), 1.0);
    CU_ASSERT_EQUAL(oracle_combine(1, (double[]){0.7}), 0.7);
    CU_ASSERT_EQUAL(oracle_combine(3, (double[]){NAN, 0.3, NAN}), 0.3);
    CU_ASSERT(isnan(oracle_combine(2, (double[]){NAN, NAN})));
}

/* With q = 0 the margin is the floor; the losses of the small series are 0 1 1 .5 .5 0
 * .5 .5, so the floors .25 .5 .875 1.25 cover .25 .75 .75 1 of them.  lambda changes
 * nothing: of equal points the first wins. */
static const double lambdas[] = {0.5, 0.75};
static const double floors[] = {0.25, 0.5, 0.875, 1.25};
static const double zero[] = {0.0};
static const struct oracle_grid floor_grid = {
    .axis = {{2, lambdas}, {1, zero}, {4, floors}, {1, zero}, {1, zero}}};

static struct oracle_choice choice_with(struct oracle_limit limit)
{
    const struct oracle_request request = small_request();
    const struct oracle_objective objective = {
        offsetof(struct oracle_figures, mean_margin), 1, &limit};
    struct bars bars = small_bars();
    struct oracle_choice choice = {0};
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(
        oracle_grid_choose(&floor_grid, &request, &bars, &objective, &choice, &err), 0);
    bars_free(&bars);
    return choice;
}

static void the_cheapest_feasible_point_wins_and_of_equals_the_first(void)
{
    const struct oracle_choice choice = choice_with((struct oracle_limit){
        offsetof(struct oracle_figures, coverage), 0.7, INFINITY, 1.0, 2.0});

    CU_ASSERT_EQUAL(choice.point, 1);
    CU_ASSERT_EQUAL(choice.violation, 0.0);
    CU_ASSERT_EQUAL(choice.cost, 0.5);
}

static void the_nearest_point_wins_where_none_is_feasible(void)
{
    const struct oracle_choice choice = choice_with((struct oracle_limit){
        offsetof(struct oracle_figures, coverage), 1.5, INFINITY, 2.0, 2.0});

    CU_ASSERT_EQUAL(choice.point, 3);
    CU_ASSERT_EQUAL(choice.violation, 0.25);
}

/* es_ratio is 3.5/1.5 and above at the first, undefined at the last (x = 0). */
static void an_undefined_figure_counts_as_told(void)
{
    const struct oracle_choice choice = choice_with((struct oracle_limit){
        offsetof(struct oracle_figures, es_ratio), -INFINITY, 0.0, 1.0, 100.0});

    CU_ASSERT_EQUAL(choice.point,
                    2); /* (1 + 1) / (2 . .875) is the least defined one */
}

static void a_grid_counts_its_last_axis_fastest(void)
{
    static const double qs[] = {1, 2, 3};
    static const double releases[] = {0, 1};
    const struct oracle_grid grid = {
        .axis = {{2, lambdas}, {3, qs}, {4, floors}, {1, zero}, {2, releases}}};
    struct oracle_request request = small_request();

    CU_ASSERT_EQUAL(oracle_grid_n_points(&grid), 48);
    oracle_grid_point(&grid, 1, &request);
    CU_ASSERT(request.release == 1 && request.floor == 0.25 && request.q == 1);
    oracle_grid_point(&grid, 24 + 2 * 8 + 3 * 2, &request);
    CU_ASSERT(request.lambda == 0.75 && request.q == 3 && request.floor == 1.25);
    CU_ASSERT(request.release == 0);
}

static void what_cannot_be_scored_is_refused_with_its_reason(void)
{
    struct oracle_request request = small_request();
    struct bars bars = small_bars();
    double m[N_SMALL];
    struct err err = {0};

    request.warmup_bars = N_SMALL;
    CU_ASSERT_EQUAL(oracle_margins(&request, &bars, m, &err), -1);
    CHECK_CONTAINS(err.text, "warmup_bars: 12 is not from 1 to below 12 bars");
    request = small_request();
    bars.time[1] += 1;
    CU_ASSERT_EQUAL(oracle_margins(&request, &bars, m, &err), -1);
    CHECK_CONTAINS(err.text, "no return in the warm-up of 2 bars");
    request.lambda = NAN;
    CU_ASSERT_EQUAL(oracle_margins(&request, &bars, m, &err), -1);
    CHECK_CONTAINS(err.text, "lambda");
    bars_free(&bars);
}

int main(void)
{
    CU_TestInfo margin_oracle_choice[] = {
        {"kupiec_is_finite_when_no_bar_or_every_bar_exceeds",
         kupiec_is_finite_when_no_bar_or_every_bar_exceeds},
        {"kupiec_is_as_near_the_truth_as_it_claims",
         kupiec_is_as_near_the_truth_as_it_claims},
        {"too_few_exceedances_speak_for_the_margin",
         too_few_exceedances_speak_for_the_margin},
        {"independence_is_the_formula_of_the_page",
         independence_is_the_formula_of_the_page},
        {"independence_is_certain_where_nothing_is_remembered",
         independence_is_certain_where_nothing_is_remembered},
        {"kupiec_is_certain_where_exceedances_are_as_many_as_expected",
         kupiec_is_certain_where_exceedances_are_as_many_as_expected},
        {"independence_sees_alternation_and_nothing_in_sameness",
         independence_sees_alternation_and_nothing_in_sameness},
        {"phases_combine_by_twice_the_median_of_those_that_speak",
         phases_combine_by_twice_the_median_of_those_that_speak},
        {"the_cheapest_feasible_point_wins_and_of_equals_the_first",
         the_cheapest_feasible_point_wins_and_of_equals_the_first},
        {"the_nearest_point_wins_where_none_is_feasible",
         the_nearest_point_wins_where_none_is_feasible},
        {"an_undefined_figure_counts_as_told", an_undefined_figure_counts_as_told},
        {"a_grid_counts_its_last_axis_fastest", a_grid_counts_its_last_axis_fastest},
        {"what_cannot_be_scored_is_refused_with_its_reason",
         what_cannot_be_scored_is_refused_with_its_reason},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"margin oracle choice", NULL, NULL, NULL, NULL, margin_oracle_choice},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
