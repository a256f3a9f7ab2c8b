/* Against every joint choice there is, for every way of giving three axes their scopes.
 * Violations and costs are small whole numbers and weights powers of two, so that sums
 * are exact in any order: what is compared is equality. */
#include "tests/check.h"
#include "tests/sample.h"
#include "worker/nested.h"
#include "worker/scope.h"

#include <stdint.h>
#include <stdlib.h>

enum { AXES = 3, POINTS = 2 * 3 * 2, INSTRUMENTS = 4, GROUPS = 2 };

static const double values[3] = {1, 2, 3};

struct world {
    struct grid grid;
    struct {
        bool is_there;
        double violation, cost;
    } score[INSTRUMENTS][POINTS];
    size_t first[GROUPS + 1]; /* of each group's instruments */
    double weight[INSTRUMENTS];
};

/* Mix number m of 27: a scope for each axis. */
static struct grid grid_of(int mix)
{
    const size_t n[AXES] = {2, 3, 2};
    struct grid grid = {.n_axes = AXES};

    for (size_t a = 0; a < AXES; a++, mix /= 3)
        grid.axis[a] = (struct axis){
            .n = n[a], .value = values, .scope = (enum axis_scope)(mix % 3)};
    return grid;
}

/* Half of the points break something, some have no value, many are equal. */
static struct world random_world(struct sample *sample, int mix)
{
    struct world world = {.grid = grid_of(mix)};

    world.first[1] = 1 + sample_below(sample, INSTRUMENTS - 1);
    world.first[2] = INSTRUMENTS;
    for (size_t i = 0; i < INSTRUMENTS; i++) {
        world.weight[i] =
            sample_below(sample, 5) == 0 ? 0.0 : 0.5 * (double)(1 << i % 3);
        for (size_t k = 0; k < POINTS; k++) {
            world.score[i][k].is_there = sample_below(sample, 12) > 0;
            world.score[i][k].violation =
                sample_below(sample, 2) == 0 ? 0.0 : (double)sample_below(sample, 3);
            world.score[i][k].cost = (double)(1 + sample_below(sample, 9));
        }
    }
    return world;
}

/* ---- the nested minimum, as the program takes it ---- */

static bool best_of(const void *context, size_t i, size_t cell, double *violation,
                    double *cost)
{
    const struct world *world = context;
    struct nested_sum best = {0};
    bool is_there = false;

    for (size_t k = 0; k < POINTS; k++) {
        const struct nested_sum sum = {0, world->score[i][k].violation,
                                       world->score[i][k].cost};
        size_t digit[AXES_MAX];

        grid_digits(&world->grid, k, digit);
        if (!world->score[i][k].is_there || scope_cell(&world->grid, digit) != cell ||
            (is_there && !nested_before(&sum, &best)))
            continue;
        best = sum;
        is_there = true;
    }
    *violation = best.violation;
    *cost = best.cost;
    return is_there;
}

static struct nested_problem problem_of(const struct world *world)
{
    return (struct nested_problem){.n_global = scope_n(&world->grid, AXIS_GLOBAL),
                                   .n_group = scope_n(&world->grid, AXIS_GROUP),
                                   .n_groups = GROUPS,
                                   .first = world->first,
                                   .weight = world->weight,
                                   .best = best_of,
                                   .context = world};
}

/* ---- every joint choice ---- */

static size_t group_of(const struct world *world, size_t i)
{
    return i >= world->first[1];
}

/* Do all have one value of the axes that they share? */
static bool is_consistent(const struct world *world, const size_t point[INSTRUMENTS])
{
    size_t digit[INSTRUMENTS][AXES_MAX];

    for (size_t i = 0; i < INSTRUMENTS; i++)
        grid_digits(&world->grid, point[i], digit[i]);
    for (size_t i = 0; i < INSTRUMENTS; i++)
        for (size_t j = 0; j < i; j++)
            for (size_t a = 0; a < AXES; a++) {
                const enum axis_scope scope = world->grid.axis[a].scope;

                if (digit[i][a] != digit[j][a] &&
                    (scope == AXIS_GLOBAL ||
                     (scope == AXIS_GROUP && group_of(world, i) == group_of(world, j))))
                    return false;
            }
    return true;
}

static struct nested_sum sum_of(const struct world *world,
                                const size_t point[INSTRUMENTS])
{
    struct nested_sum sum = {0};

    for (size_t i = 0; i < INSTRUMENTS; i++) {
        if (world->weight[i] == 0.0)
            continue;
        if (!world->score[i][point[i]].is_there) {
            sum.n_without++;
            continue;
        }
        sum.violation += world->weight[i] * world->score[i][point[i]].violation;
        sum.cost += world->weight[i] * world->score[i][point[i]].cost;
    }
    return sum;
}

static struct nested_sum brute_minimum(const struct world *world)
{
    struct nested_sum best = {.n_without = SIZE_MAX};
    size_t point[INSTRUMENTS];

    for (size_t joint = 0; joint < POINTS * POINTS * POINTS * POINTS; joint++) {
        size_t rest = joint;

        for (size_t i = 0; i < INSTRUMENTS; i++, rest /= POINTS)
            point[i] = rest % POINTS;
        if (!is_consistent(world, point))
            continue;
        const struct nested_sum sum = sum_of(world, point);
        if (nested_before(&sum, &best))
            best = sum;
    }
    return best;
}

static void check_world(const struct world *world)
{
    const struct nested_problem problem = problem_of(world);
    const struct nested_sum want = brute_minimum(world);
    size_t s, u[GROUPS], room[GROUPS];
    const struct nested_sum got = nested_solve(&problem, &s, u, room);
    const struct nested_sum again = nested_global(&problem, s, room);

    CU_ASSERT_EQUAL(got.n_without, want.n_without);
    CU_ASSERT_EQUAL(got.violation, want.violation);
    CU_ASSERT_EQUAL(got.cost, want.cost);
    CU_ASSERT_EQUAL(again.cost, got.cost);
    CU_ASSERT_EQUAL(memcmp(room, u, sizeof u), 0);
}

static void the_nested_minimum_is_that_of_all_joint_choices_for_every_mix_of_scopes(
    void)
{
    struct sample sample = {747};

    for (int mix = 0; mix < 27; mix++)
        for (int trial = 0; trial < 3; trial++) {
            const struct world world = random_world(&sample, mix);

            check_world(&world);
        }
}

static void of_equal_values_the_lowest_number_is_taken(void)
{
    struct world world = {.grid = grid_of(2 + 3 * 1), /* global, group, own */
                          .first = {0, 2, INSTRUMENTS}};
    size_t s, u[GROUPS], room[GROUPS];

    for (size_t i = 0; i < INSTRUMENTS; i++) {
        world.weight[i] = 1.0;
        for (size_t k = 0; k < POINTS; k++) {
            world.score[i][k].is_there = true;
            world.score[i][k].cost = 1.0;
        }
    }
    const struct nested_problem problem = problem_of(&world);
    nested_solve(&problem, &s, u, room);
    CU_ASSERT_EQUAL(s, 0);
    CU_ASSERT_EQUAL(u[0], 0);
    CU_ASSERT_EQUAL(u[1], 0);
}

/* Ten instruments of 0.1: added one after the other that is 0.9999999999999999, in
 * halves ((0.1 + 0.1) + (0.1 + (0.1 + 0.1))) twice. */
static bool a_tenth(const void *context, size_t i, size_t cell, double *violation,
                    double *cost)
{
    (void)context, (void)i, (void)cell;
    *violation = 0.0;
    *cost = 0.1;
    return true;
}

static void sums_run_over_halves_whatever_their_number(void)
{
    const size_t first[] = {0, 10};
    const double one[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const struct nested_problem problem = {
        .n_global = 1, .n_group = 1, .n_groups = 1, first, one, a_tenth, NULL};
    const double half = (0.1 + 0.1) + (0.1 + (0.1 + 0.1));

    CU_ASSERT_EQUAL(nested_group(&problem, 0, 0, 0).cost, half + half);
}

static void cells_and_their_digits_are_each_other_backwards(void)
{
    for (int mix = 0; mix < 27; mix++) {
        const struct grid grid = grid_of(mix);
        const size_t n = scope_n_cells(&grid);

        for (size_t cell = 0; cell < n; cell++) {
            size_t digit[AXES_MAX];
            double value[AXES_MAX];

            scope_cell_digits(&grid, cell, digit);
            CU_ASSERT_EQUAL(scope_cell(&grid, digit), cell);
            grid_values(&grid, grid_point(&grid, digit), value);
            CU_ASSERT_EQUAL(scope_cell_of_values(&grid, value), cell);
            for (size_t a = 0; a < AXES; a++)
                CU_ASSERT(grid.axis[a].scope != AXIS_INSTRUMENT || digit[a] == 0);
        }
    }
}

static void values_off_the_grid_have_no_cell(void)
{
    const struct grid grid = grid_of(2);
    const double off[AXES_MAX] = {1.5, 1, 1}, on[AXES_MAX] = {2, 17, 17};

    CU_ASSERT_EQUAL(scope_cell_of_values(&grid, off), SIZE_MAX);
    CU_ASSERT_EQUAL(scope_cell_of_values(&grid, on), 1);
}

int main(void)
{
    CU_TestInfo nested[] = {
        {"the_nested_minimum_is_that_of_all_joint_choices_for_every_mix_of_scopes",
         the_nested_minimum_is_that_of_all_joint_choices_for_every_mix_of_scopes},
        {"of_equal_values_the_lowest_number_is_taken",
         of_equal_values_the_lowest_number_is_taken},
        {"sums_run_over_halves_whatever_their_number",
         sums_run_over_halves_whatever_their_number},
        {"cells_and_their_digits_are_each_other_backwards",
         cells_and_their_digits_are_each_other_backwards},
        {"values_off_the_grid_have_no_cell", values_off_the_grid_have_no_cell},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"nested", NULL, NULL, NULL, NULL, nested},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
