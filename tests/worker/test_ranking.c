#include "tests/check.h"
#include "worker/metric.h"
#include "worker/ranking.h"
#include "worker/study.h"

#include <stdlib.h>

static uint64_t state = 747;

static uint64_t draw(uint64_t n)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
}

static int by_order(const void *a, const void *b)
{
    return candidate_before(a, b) ? -1 : 1;
}

/* 300 candidates with many ties, offered in three orders and merged in two halves. */
static void is_the_same_whatever_came_when(void)
{
    enum { N = 300, KEPT = 13 };
    struct candidate all[N], sorted[N];

    for (int i = 0; i < N; i++)
        all[i] = (struct candidate){(double)draw(3), (double)draw(5), (uint64_t)i};
    memcpy(sorted, all, sizeof all);
    qsort(sorted, N, sizeof *sorted, by_order);
    for (int order = 0; order < 20; order++) {
        struct ranking whole = {.n_max = KEPT},
                       half[2] = {{.n_max = KEPT}, {.n_max = KEPT}};

        for (int i = N - 1; i > 0; i--) {
            const uint64_t j = draw((uint64_t)i + 1);
            const struct candidate other = all[i];

            all[i] = all[j];
            all[j] = other;
        }
        for (int i = 0; i < N; i++)
            ranking_offer(&half[i % 2], &all[i]);
        for (int h = 1; h >= 0; h--)
            for (size_t i = 0; i < half[h].n; i++)
                ranking_offer(&whole, &half[h].best[i]);
        CU_ASSERT(whole.n == KEPT);
        CU_ASSERT(memcmp(whole.best, sorted, sizeof *sorted * KEPT) == 0);
    }
}

static void keeps_a_point_once_and_wants_only_what_it_would_keep(void)
{
    struct ranking ranking = {.n_max = 2};

    ranking_offer(&ranking, &(struct candidate){0.0, 1.0, 7});
    ranking_offer(&ranking, &(struct candidate){0.0, 1.0, 7});
    CU_ASSERT(ranking.n == 1 && ranking_wants(&ranking, 9.0, 8));
    ranking_offer(&ranking, &(struct candidate){0.5, 0.1, 9});
    CU_ASSERT(ranking.n == 2 && ranking_wants(&ranking, 5.0, 10));
    ranking_offer(&ranking, &(struct candidate){0.0, 5.0, 10});
    CU_ASSERT(ranking.best[1].point == 10);
    CU_ASSERT(!ranking_wants(&ranking, 5.0, 11) && ranking_wants(&ranking, 5.0, 9));
}

static const double value[5] = {0.0, 1.0, 2.0, 3.0, 4.0};

static struct grid some_grid(const size_t n[4])
{
    struct grid grid = {.n_axes = 4};

    for (int a = 0; a < 4; a++)
        grid.axis[a] = (struct axis){.n = n[a], .value = value};
    return grid;
}

/* Every cut of every small grid into boxes takes each point once, in order. */
static void boxes_cover_the_grid_once_with_consecutive_points(void)
{
    static const size_t shapes[][4] = {
        {1, 1, 1, 1}, {5, 1, 3, 2}, {2, 5, 1, 4}, {3, 3, 5, 5}};

    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (uint64_t most = 1; most < 250; most += 1 + most / 7) {
            const struct grid grid = some_grid(shapes[s]);
            uint64_t next = 0;

            for (uint64_t b = 0; b < grid_n_boxes(&grid, most); b++) {
                struct box box;

                grid_box(&grid, most, b, &box);
                CU_ASSERT(grid_point(&grid, box.first) == next);
                CU_ASSERT(box_n_points(&grid, &box) <= most);
                next += box_n_points(&grid, &box);
            }
            CU_ASSERT(next == grid_n_points(&grid));
        }
}

static void digits_and_points_are_inverse(void)
{
    const size_t shape[4] = {3, 5, 2, 4};
    const struct grid grid = some_grid(shape);
    size_t digit[AXES_MAX];

    for (uint64_t k = 0; k < 120; k++) {
        grid_digits(&grid, k, digit);
        CU_ASSERT(grid_point(&grid, digit) == k && digit[3] == k % 4);
    }
}

static void a_grid_beyond_63_bits_has_no_number_of_points(void)
{
    struct grid grid = {.n_axes = 4};

    for (int a = 0; a < 4; a++)
        grid.axis[a] = (struct axis){.n = 65536, .value = value};
    CU_ASSERT(grid_n_points(&grid) == 0);
    grid.n_axes = 3;
    CU_ASSERT(grid_n_points(&grid) == (uint64_t)1 << 48);
    CU_ASSERT(grid_n_boxes(&grid, 65536) == (uint64_t)1 << 32);
}

static void violations_are_distances_on_the_metric_s_scale(void)
{
    const struct metric coverage = {.scale = SCALE_COMPLEMENT},
                        p = {.scale = SCALE_LOGARITHM},
                        ratio = {.scale = SCALE_RELATIVE};
    const struct constraint at_least = {&coverage, 0.99, INFINITY},
                            likely = {&p, 0.05, INFINITY},
                            at_most = {&ratio, -INFINITY, 8.0};

    CU_ASSERT(constraint_violation(&at_least, 0.99) == 0.0);
    CHECK_REL(constraint_violation(&at_least, 0.98), 1.0, 1e-13); /* 1 - 0.99 cancels */
    CHECK_REL(constraint_violation(&likely, 0.05 * exp(-3.0)), 3.0, 4 * DBL_EPSILON);
    CU_ASSERT(constraint_violation(&likely, 0.0) == 50.0);
    CU_ASSERT(constraint_violation(&at_most, 12.0) == 0.5);
    CU_ASSERT(constraint_violation(&at_most, NAN) == METRIC_UNDEFINED);
}

int main(void)
{
    CU_TestInfo ranking[] = {
        {"is_the_same_whatever_came_when", is_the_same_whatever_came_when},
        {"keeps_a_point_once_and_wants_only_what_it_would_keep",
         keeps_a_point_once_and_wants_only_what_it_would_keep},
        {"boxes_cover_the_grid_once_with_consecutive_points",
         boxes_cover_the_grid_once_with_consecutive_points},
        {"digits_and_points_are_inverse", digits_and_points_are_inverse},
        {"a_grid_beyond_63_bits_has_no_number_of_points",
         a_grid_beyond_63_bits_has_no_number_of_points},
        {"violations_are_distances_on_the_metric_s_scale",
         violations_are_distances_on_the_metric_s_scale},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"ranking", NULL, NULL, NULL, NULL, ranking},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
