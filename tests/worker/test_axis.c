#include "tests/check.h"
#include "tests/sample.h"
#include "worker/axis.h"

static const double values[8] = {1, 2, 3, 5, 8, 13, 21, 34};

static struct grid random_grid(struct sample *sample)
{
    struct grid grid = {.n_axes = 1 + sample_below(sample, 5)};

    for (size_t a = 0; a < grid.n_axes; a++)
        grid.axis[a] = (struct axis){.n = 1 + sample_below(sample, 8), .value = values};
    return grid;
}

static void digits_and_points_are_each_other_backwards(void)
{
    struct sample sample = {747};

    for (int trial = 0; trial < 50; trial++) {
        const struct grid grid = random_grid(&sample);
        const uint64_t n = grid_n_points(&grid);

        for (uint64_t k = 0; k < n; k += 1 + n / 97) {
            size_t digit[AXES_MAX];
            double value[AXES_MAX];

            grid_digits(&grid, k, digit);
            grid_values(&grid, k, value);
            CU_ASSERT_EQUAL(grid_point(&grid, digit), k);
            for (size_t a = 0; a < grid.n_axes; a++)
                CU_ASSERT_EQUAL(value[a], values[digit[a]]);
        }
    }
}

static void the_last_axis_is_the_fastest(void)
{
    const struct grid grid = {
        .n_axes = 2, .axis = {{.n = 3, .value = values}, {.n = 5, .value = values}}};
    double value[AXES_MAX];

    grid_values(&grid, 6, value);
    CU_ASSERT_EQUAL(value[0], 2);
    CU_ASSERT_EQUAL(value[1], 2);
}

/* Walk the points of a box in its own order: consecutive numbers from `next` on. */
static uint64_t follow(const struct grid *grid, const struct box *box, uint64_t next)
{
    const uint64_t n = box_n_points(grid, box);

    for (uint64_t j = 0; j < n; j++) {
        size_t digit[AXES_MAX];
        uint64_t rest = j;

        for (size_t a = grid->n_axes; a-- > 0; rest /= box->count[a])
            digit[a] = box->first[a] + (size_t)(rest % box->count[a]);
        CU_ASSERT_EQUAL(grid_point(grid, digit), next);
        next++;
    }
    return next;
}

static void the_boxes_of_a_cut_cover_the_grid_once_in_order(void)
{
    struct sample sample = {13};

    for (int trial = 0; trial < 60; trial++) {
        const struct grid grid = random_grid(&sample);
        const uint64_t n = grid_n_points(&grid);
        const uint64_t max_points = 1 + sample_below(&sample, (size_t)n + 3);
        uint64_t next = 0;

        for (uint64_t b = 0; b < grid_n_boxes(&grid, max_points); b++) {
            struct box box;

            grid_box(&grid, max_points, b, &box);
            CU_ASSERT(box_n_points(&grid, &box) <= max_points);
            next = follow(&grid, &box, next);
        }
        CU_ASSERT_EQUAL(next, n);
    }
}

static void a_grid_of_more_than_63_bits_has_no_number_of_points(void)
{
    struct grid grid = {.n_axes = 16};

    for (size_t a = 0; a < 16; a++)
        grid.axis[a] = (struct axis){.n = 16, .value = values};
    CU_ASSERT_EQUAL(grid_n_points(&grid), 0);
    grid.axis[0].n = 7;
    CU_ASSERT_EQUAL(grid_n_points(&grid), UINT64_C(7) << 60);
}

int main(void)
{
    CU_TestInfo axis[] = {
        {"digits_and_points_are_each_other_backwards",
         digits_and_points_are_each_other_backwards},
        {"the_last_axis_is_the_fastest", the_last_axis_is_the_fastest},
        {"the_boxes_of_a_cut_cover_the_grid_once_in_order",
         the_boxes_of_a_cut_cover_the_grid_once_in_order},
        {"a_grid_of_more_than_63_bits_has_no_number_of_points",
         a_grid_of_more_than_63_bits_has_no_number_of_points},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"axis", NULL, NULL, NULL, NULL, axis},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
