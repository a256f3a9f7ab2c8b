#include "market/random.h"
#include "tests/check.h"
#include "worker/cscv.h"

#include <stdlib.h>

enum { BLOCKS = 10, POINTS = 40, HALVES = 252 };

static double itself(const void *context, const double mean[])
{
    (void)context;
    return mean[0];
}

static struct cscv run(size_t n_blocks, size_t n_points, const double *part)
{
    const struct cscv_problem problem = {.n_blocks = n_blocks,
                                         .n_points = n_points,
                                         .n_parts = 1,
                                         .part = part,
                                         .score = itself};
    static double score[2 * 4096], here[HALVES], there[HALVES], lambda[HALVES];
    const struct cscv_room room = {score, here, there, lambda};

    return cscv_of(&problem, &room);
}

static void draw_noise(uint64_t round, size_t n, double part[])
{
    struct random random = random_at(31, 0, round, 0);

    for (size_t i = 0; i < n; i++)
        part[i] = random_normal(&random);
}

/* The halves are disjoint, so the place there of what was chosen here is uniform on 1
 * to N: PBO has the mean 1/2 for every even N. */
static void noise_alone_has_one_half(void)
{
    enum { ROUNDS = 400 };
    static double part[BLOCKS * POINTS];
    double sum = 0.0, squares = 0.0;

    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw_noise(round, BLOCKS * POINTS, part);
        const struct cscv cscv = run(BLOCKS, POINTS, part);

        sum += cscv.pbo;
        squares += cscv.pbo * cscv.pbo;
        CU_ASSERT(cscv.n_halves == HALVES && cscv.n_undecided == 0);
    }
    const double mean = sum / ROUNDS;
    const double error = sqrt((squares / ROUNDS - mean * mean) / ROUNDS);
    CU_ASSERT_DOUBLE_EQUAL(mean, 0.5, 4.0 * error);
    CU_ASSERT(error < 0.02); /* PBO is in [0, 1]: its deviation is below 0.4 here */
}

static void a_point_that_is_best_throughout_has_none(void)
{
    static double part[BLOCKS * POINTS];

    draw_noise(1, BLOCKS * POINTS, part);
    for (size_t b = 0; b < BLOCKS; b++)
        part[b * POINTS + 7] = -100.0;
    const struct cscv cscv = run(BLOCKS, POINTS, part);
    CU_ASSERT(cscv.pbo == 0.0);
    CHECK_REL(cscv.median_omega, POINTS / (POINTS + 1.0), 8 * DBL_EPSILON);
    CU_ASSERT(isnan(cscv.slope)); /* its score is the same everywhere */
}

/* Where every point's blocks sum to 0, what is gained here is lost there: the best is
 * the worst, on a line of slope -1. */
static void gains_that_are_losses_elsewhere_have_all(void)
{
    static double part[BLOCKS * POINTS];

    draw_noise(2, BLOCKS * POINTS, part);
    for (size_t i = 0; i < POINTS; i++) {
        double sum = 0.0;

        for (size_t b = 0; b < BLOCKS; b++)
            sum += part[b * POINTS + i];
        for (size_t b = 0; b < BLOCKS; b++)
            part[b * POINTS + i] -= sum / BLOCKS;
    }
    const struct cscv cscv = run(BLOCKS, POINTS, part);
    CU_ASSERT(cscv.pbo == 1.0);
    CHECK_REL(cscv.slope, -1.0, 1e-12);
    CHECK_REL(cscv.median_omega, 1.0 / (POINTS + 1.0), 8 * DBL_EPSILON);
}

/* An honest difference among noise: PBO falls as it grows. */
static void skill_lowers_it(void)
{
    enum { ROUNDS = 100 };
    static double part[BLOCKS * POINTS];
    double last = 0.6;

    for (int skill = 0; skill < 5; skill++) {
        double sum = 0.0;

        for (uint64_t round = 0; round < ROUNDS; round++) {
            draw_noise(1000 + round, BLOCKS * POINTS, part);
            for (size_t b = 0; b < BLOCKS; b++)
                part[b * POINTS] -= 0.5 * skill;
            sum += run(BLOCKS, POINTS, part).pbo / ROUNDS;
        }
        CU_ASSERT(sum < last);
        last = sum;
    }
    /* 2 deviations a block are 4.5 a half; the best of 39 others has 2.2 +- 0.5: missed
     * in 2 % of the halves, and then below the middle in one of two */
    CU_ASSERT(last < 0.05);
}

/* Four blocks, three points, worked out by hand (blocks' scores, least is best):
 *
 *     point 0: 1 4 2 3      1: 2 2 2 2      2: 3 1 5 1
 *
 * half 12: sums 5 4 4, choose 1 (the first of equals); there 34: 5 4 6, best: omega 3/4
 * half 13: 3 4 8, choose 0; there 24: 7 4 2, worst: 1/4
 * half 23: 6 4 6, choose 1; there 14: 4 4 4, all equal: 1/2, lambda 0
 * half 14: 4 4 4, choose 0; there 23: 6 4 6, behind 1, beside 2: place 1.5: 3/8
 * half 24: 7 4 2, choose 2; there 13: 3 4 8, worst: 1/4
 * half 34: 5 4 6, choose 1; there 12: 5 4 4, place 2.5: 5/8 */
static void four_blocks_by_hand(void)
{
    static const double part[] = {1, 2, 3, 4, 2, 1, 2, 2, 5, 3, 2, 1};
    static const double here[] = {2, 1.5, 2, 2, 1, 2}, there[] = {2, 3.5, 2, 3, 4, 2};
    double mean = 0.0, elsewhere = 0.0;
    const struct cscv cscv = run(4, 3, part);

    for (size_t i = 0; i < 6; i++) {
        mean += here[i] / 6;
        elsewhere += there[i] / 6;
    }
    CU_ASSERT_EQUAL(cscv.n_halves, 6);
    CHECK_REL(cscv.pbo, 4.0 / 6.0, DBL_EPSILON);
    CHECK_REL(cscv.mean_here, mean, 8 * DBL_EPSILON);
    CHECK_REL(cscv.mean_there, elsewhere, 8 * DBL_EPSILON);
    /* the middle two omegas are 3/8 and 1/2; the middle is taken of lambda */
    CHECK_REL(cscv.median_omega, 1.0 / (1.0 + exp(-0.5 * log(3.0 / 5.0))),
              8 * DBL_EPSILON);
}

/* Parts go through the score as means: cost where a limit holds, beyond all otherwise.
 */
static double within(const void *context, const double mean[])
{
    const double limit = *(const double *)context;

    return mean[1] < limit ? 1e6 + (limit - mean[1]) : mean[0];
}

static void figures_of_a_half_are_means_of_its_blocks(void)
{
    /* point 0: cost 1, coverage 0.9 then 1.0: 0.95 in every half with one of each;
     * point 1: cost 2, coverage 1 */
    static const double part[] = {1, 0.9, 2, 1, 1, 1.0, 2, 1};
    static const double limits[] = {0.95 - 1e-9, 0.95, 0.899};
    double score[4], here[2], there[2], lambda[2];
    const struct cscv_room room = {score, here, there, lambda};

    for (int i = 0; i < 3; i++) {
        const struct cscv_problem problem = {2,      2,    2,          part,
                                             within, NULL, &limits[i], NULL};
        const struct cscv cscv = cscv_of(&problem, &room);

        /* the first block chooses point 1 unless 0.9 will do; the second point 0 */
        CU_ASSERT_EQUAL(cscv.n_halves, 2);
        CHECK_REL(cscv.pbo, i == 2 ? 0.0 : 1.0, 0.0);
    }
}

static double second(const void *context, const double mean[])
{
    (void)context;
    return mean[1];
}

/* Chosen by noise, placed by something else: by chance alone when that is noise too,
 * and never below the middle when the chosen one is best there. */
static void a_place_may_go_by_another_score(void)
{
    enum { ROUNDS = 200 };
    static double part[BLOCKS * POINTS * 2], score[2 * POINTS], here[HALVES],
        there[HALVES], lambda[HALVES];
    const struct cscv_room room = {score, here, there, lambda};
    const struct cscv_problem problem = {BLOCKS, POINTS, 2,    part,
                                         itself, second, NULL, NULL};
    double sum = 0.0;

    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw_noise(3000 + round, BLOCKS * POINTS * 2, part);
        sum += cscv_of(&problem, &room).pbo / ROUNDS;
    }
    /* a PBO deviates by less than 0.4: four standard errors of 200 */
    CU_ASSERT_DOUBLE_EQUAL(sum, 0.5, 4.0 * 0.4 / sqrt(ROUNDS));
    for (size_t b = 0; b < BLOCKS; b++) {
        part[(b * POINTS + 3) * 2] = -50.0;     /* chosen */
        part[(b * POINTS + 3) * 2 + 1] = -50.0; /* and best */
    }
    CU_ASSERT(cscv_of(&problem, &room).pbo == 0.0);
    for (size_t b = 0; b < BLOCKS; b++)
        part[(b * POINTS + 3) * 2 + 1] = 50.0;
    CU_ASSERT(cscv_of(&problem, &room).pbo == 1.0);
}

static void points_without_a_score_are_never_chosen(void)
{
    static double part[BLOCKS * POINTS];

    draw_noise(5, BLOCKS * POINTS, part);
    for (size_t i = 1; i < POINTS; i++)
        part[3 * POINTS + i] = NAN;
    struct cscv cscv = run(BLOCKS, POINTS, part);
    /* point 0 alone is defined where block 3 is; elsewhere others may be chosen, whose
     * score there is not: half of the halves have block 3 and choose point 0 */
    CU_ASSERT(cscv.n_undecided > 0 && cscv.n_undecided <= HALVES / 2);
    for (size_t i = 0; i < POINTS; i++)
        part[i] = NAN;
    cscv = run(BLOCKS, POINTS, part);
    CU_ASSERT(cscv.n_undecided == HALVES && isnan(cscv.pbo));
}

static void the_number_of_halves_is_the_binomial_coefficient(void)
{
    CU_ASSERT_EQUAL(cscv_n_halves(2), 2);
    CU_ASSERT_EQUAL(cscv_n_halves(10), 252);
    CU_ASSERT_EQUAL(cscv_n_halves(16), 12870);
    CU_ASSERT_EQUAL(cscv_n_halves(24), 2704156);
    CU_ASSERT_EQUAL(cscv_n_halves(7), 0);
    CU_ASSERT_EQUAL(cscv_n_halves(0), 0);
    CU_ASSERT_EQUAL(cscv_n_halves(26), 0);
}

/* The first figure has few values, and the second tells their equals apart; or one
 * score has both, for the first's steps are of 1/5 and the second stays below 10. */
static double first_then_second(const void *context, const double mean[])
{
    (void)context;
    return 1000.0 * mean[0] + mean[1];
}

static void equal_scores_are_told_apart_by_the_second(void)
{
    static double part[2 * BLOCKS * POINTS], score[2 * POINTS], here[HALVES],
        there[HALVES], lambda[3][HALVES];
    struct cscv_problem problem = {
        .n_blocks = BLOCKS, .n_points = POINTS, .n_parts = 2, .part = part};
    struct cscv cscv[3];

    draw_noise(4, 2 * BLOCKS * POINTS, part);
    for (size_t i = 0; i < BLOCKS * POINTS; i++)
        part[2 * i] = part[2 * i] > 1.0;
    for (int i = 0; i < 3; i++) {
        const struct cscv_room room = {score, here, there, lambda[i]};

        problem.score = i == 0 ? first_then_second : itself;
        problem.second = i == 1 ? second : NULL;
        cscv[i] = cscv_of(&problem, &room);
    }
    CU_ASSERT(cscv[0].pbo == cscv[1].pbo);
    CU_ASSERT(memcmp(lambda[0], lambda[1], sizeof lambda[0]) == 0);
    CU_ASSERT(memcmp(lambda[0], lambda[2], sizeof lambda[0]) != 0);
}

int main(void)
{
    CU_TestInfo cscv[] = {
        {"noise_alone_has_one_half", noise_alone_has_one_half},
        {"a_point_that_is_best_throughout_has_none",
         a_point_that_is_best_throughout_has_none},
        {"gains_that_are_losses_elsewhere_have_all",
         gains_that_are_losses_elsewhere_have_all},
        {"skill_lowers_it", skill_lowers_it},
        {"four_blocks_by_hand", four_blocks_by_hand},
        {"figures_of_a_half_are_means_of_its_blocks",
         figures_of_a_half_are_means_of_its_blocks},
        {"a_place_may_go_by_another_score", a_place_may_go_by_another_score},
        {"equal_scores_are_told_apart_by_the_second",
         equal_scores_are_told_apart_by_the_second},
        {"points_without_a_score_are_never_chosen",
         points_without_a_score_are_never_chosen},
        {"the_number_of_halves_is_the_binomial_coefficient",
         the_number_of_halves_is_the_binomial_coefficient},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"cscv", NULL, NULL, NULL, NULL, cscv},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
