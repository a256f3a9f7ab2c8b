/* Overfitting of what instruments choose together, against a plain enumeration of every
 * joint choice, and its value where nothing differs but by noise. */
#include "market/random.h"
#include "tests/check.h"
#include "worker/cscv_shared.h"

#include <stdlib.h>

enum { BLOCKS = 6, HALVES = 20, PARTS = 3, OWN = 3, GLOBAL = 2, GROUP = 2 };
enum { CELLS = GLOBAL * GROUP, POINTS = CELLS * OWN, INSTRUMENTS = 4, GROUPS = 2 };

static const size_t first_of[GROUPS + 1] = {0, 3, 4};
static const double weight_of[INSTRUMENTS] = {1.0, 0.5, 2.0, 1.0};

/* Parts are loss, cost and what is broken. */
static void worth_of(const void *context, const double mean[], struct cscv_worth *worth)
{
    (void)context;
    *worth = (struct cscv_worth){fmax(0.0, mean[2]), mean[1], mean[0]};
}

/* [INSTRUMENTS][BLOCKS][POINTS][PARTS] */
static double part[INSTRUMENTS][BLOCKS * POINTS * PARTS];
static struct cscv_choice choice[INSTRUMENTS][HALVES * CELLS];

static void draw(uint64_t round, double broken, double edge)
{
    for (size_t i = 0; i < INSTRUMENTS; i++) {
        struct random random = random_at(77, 0, round, (uint32_t)i);

        for (size_t k = 0; k < BLOCKS * POINTS; k++) {
            const size_t cell = k % POINTS / OWN;

            part[i][k * PARTS] = random_normal(&random) + edge * (double)cell;
            part[i][k * PARTS + 1] = part[i][k * PARTS];
            part[i][k * PARTS + 2] = broken + random_normal(&random);
        }
    }
}

static void choose_all(void)
{
    static const size_t first[CELLS + 1] = {0, OWN, 2 * OWN, 3 * OWN, 4 * OWN};
    struct cscv_worth room[2 * POINTS];

    for (size_t i = 0; i < INSTRUMENTS; i++) {
        const struct cscv_cells cells = {BLOCKS, POINTS, PARTS,    part[i],
                                         CELLS,  first,  worth_of, NULL};

        cscv_cells_of(&cells, room, choice[i]);
    }
}

static struct cscv_pool pool_of(const struct cscv_choice *of[INSTRUMENTS])
{
    for (size_t i = 0; i < INSTRUMENTS; i++)
        of[i] = choice[i];
    return (struct cscv_pool){HALVES, GLOBAL, GROUP, GROUPS, first_of, weight_of, of};
}

/* ---- the plain way ---- */

static struct cscv_worth plain_worth(size_t i, size_t point, unsigned half)
{
    double sum[PARTS] = {0};
    struct cscv_worth worth;

    for (size_t b = 0; b < BLOCKS; b++)
        for (size_t j = 0; j < PARTS && (half >> b & 1); j++)
            sum[j] += part[i][(b * POINTS + point) * PARTS + j];
    for (size_t j = 0; j < PARTS; j++)
        sum[j] /= BLOCKS / 2;
    worth_of(NULL, sum, &worth);
    return worth;
}

/* Every joint choice in turn: a global value, a value of each group, and a point of
 * each instrument, as digits of one number. */
enum { JOINT = GLOBAL * GROUP * GROUP * OWN * OWN * OWN * OWN };

static size_t point_of(size_t joint, size_t i)
{
    const size_t s = joint % GLOBAL, g = i >= first_of[1];
    const size_t u = joint / GLOBAL / (g == 0 ? 1 : GROUP) % GROUP;
    size_t own = joint / GLOBAL / GROUP / GROUP;

    for (size_t k = 0; k < i; k++)
        own /= OWN;
    return (s * GROUP + u) * OWN + own % OWN;
}

static size_t best_joint(unsigned half)
{
    double best[2] = {INFINITY, INFINITY};
    size_t best_at = 0;

    for (size_t joint = 0; joint < JOINT; joint++) {
        double violation = 0.0, cost = 0.0;

        for (size_t i = 0; i < INSTRUMENTS; i++) {
            const struct cscv_worth worth = plain_worth(i, point_of(joint, i), half);

            violation += weight_of[i] * worth.violation;
            cost += weight_of[i] * worth.cost;
        }
        /* sums in another order may differ in the last bits */
        if (violation < best[0] - 1e-12 ||
            (fabs(violation - best[0]) <= 1e-12 && cost < best[1])) {
            best[0] = violation;
            best[1] = cost;
            best_at = joint;
        }
    }
    return best_at;
}

static unsigned halves(unsigned half[HALVES])
{
    unsigned n = 0;

    for (unsigned set = 0; set < 1u << BLOCKS; set++)
        if (__builtin_popcount(set) == BLOCKS / 2)
            half[n++] = set;
    return n;
}

/* Of an instrument's points of a cell the best on this half. */
static size_t best_in_cell(size_t i, size_t cell, unsigned half)
{
    size_t best = cell * OWN;

    for (size_t p = cell * OWN; p < (cell + 1) * OWN; p++) {
        const struct cscv_worth a = plain_worth(i, p, half),
                                b = plain_worth(i, best, half);

        if (a.violation < b.violation ||
            (a.violation == b.violation && a.cost < b.cost))
            best = p;
    }
    return best;
}

static double joint_loss(size_t g, size_t cell, unsigned here, unsigned there)
{
    double loss = 0.0;

    for (size_t i = first_of[g]; i < first_of[g + 1]; i++)
        loss += weight_of[i] * plain_worth(i, best_in_cell(i, cell, here), there).loss;
    return loss;
}

/* Is it at or below the middle of n + 1 places? */
static bool is_low(size_t n, size_t n_behind)
{
    return 2 * (1 + n_behind) <= n + 1;
}

static void it_is_what_an_enumeration_of_every_joint_choice_says(void)
{
    const unsigned all = (1u << BLOCKS) - 1;
    unsigned half[HALVES];

    CU_ASSERT_FATAL(halves(half) == HALVES);
    for (uint64_t round = 0; round < 12; round++) {
        const struct cscv_choice *of[INSTRUMENTS];
        size_t cell[HALVES * GROUPS], groups[2 * GROUPS], n_low[GROUPS] = {0};
        size_t n_own[INSTRUMENTS] = {0};
        double weight[INSTRUMENTS], loss[CELLS], lambda[2 * HALVES];
        struct nested_sum sum[CELLS];
        const struct cscv_pool_room room = {sum, loss, lambda};

        draw(round, round % 3 == 0 ? -9.0 : -0.5 + 0.5 * (double)(round % 3), 0.2);
        choose_all();
        const struct cscv_pool pool = pool_of(of);
        cscv_pool_choose(&pool, groups, weight, cell);
        for (size_t r = 0; r < HALVES; r++) {
            const unsigned here = half[r], there = all & ~here;
            const size_t joint = best_joint(here);

            for (size_t g = 0; g < GROUPS; g++) {
                const size_t chosen = point_of(joint, first_of[g]) / OWN;
                const double own = joint_loss(g, chosen, here, there);
                size_t behind = 0;

                CU_ASSERT(cell[r * GROUPS + g] == chosen);
                for (size_t k = 0; k < CELLS; k++)
                    behind += joint_loss(g, k, here, there) > own;
                n_low[g] += is_low(CELLS, behind);
            }
            for (size_t i = 0; i < INSTRUMENTS; i++) {
                const size_t p = point_of(joint, i), c = p / OWN;
                size_t behind = 0;

                for (size_t q = c * OWN; q < (c + 1) * OWN; q++)
                    behind +=
                        plain_worth(i, q, there).loss > plain_worth(i, p, there).loss;
                n_own[i] += is_low(OWN, behind);
            }
        }
        for (size_t g = 0; g < GROUPS; g++)
            CHECK_REL(cscv_pool_place(&pool, g, g + 1, cell, &room).by_loss.pbo,
                      (double)n_low[g] / HALVES, 1e-15);
        for (size_t i = 0; i < INSTRUMENTS; i++)
            CHECK_REL(
                cscv_pool_own(&pool, i >= first_of[1], i, cell, lambda).by_loss.pbo,
                (double)n_own[i] / HALVES, 1e-15);
    }
}

static double mean_of(size_t n, double edge, double *error)
{
    double sum = 0.0, squares = 0.0;

    for (uint64_t round = 0; round < n; round++) {
        const struct cscv_choice *of[INSTRUMENTS];
        size_t cell[HALVES * GROUPS], groups[2 * GROUPS];
        double weight[INSTRUMENTS], loss[CELLS], lambda[2 * HALVES];
        struct nested_sum worth[CELLS];
        const struct cscv_pool_room room = {worth, loss, lambda};

        draw(1000 + round, -9.0, edge);
        choose_all();
        const struct cscv_pool pool = pool_of(of);
        cscv_pool_choose(&pool, groups, weight, cell);
        const double pbo = cscv_pool_place(&pool, 0, 1, cell, &room).by_loss.pbo;
        sum += pbo;
        squares += pbo * pbo;
    }
    const double mean = sum / (double)n;
    *error = sqrt((squares / (double)n - mean * mean) / (double)n);
    return mean;
}

/* The halves are disjoint and there are four cells: each place is as likely. */
static void noise_alone_has_one_half_and_a_cell_that_is_better_has_none(void)
{
    double error;
    const double mean = mean_of(1000, 0.0, &error);

    CU_ASSERT_DOUBLE_EQUAL(mean, 0.5, 4.0 * error);
    CU_ASSERT(error < 0.015);
    CU_ASSERT(mean_of(20, 30.0, &error) == 0.0);
}

static void one_without_a_say_changes_nothing_and_a_cell_that_lacks_one_is_last(void)
{
    const struct cscv_choice *of[INSTRUMENTS];
    size_t cell[2][HALVES * GROUPS], groups[2 * GROUPS];
    double weight[INSTRUMENTS];

    draw(5, -9.0, 0.0);
    choose_all();
    const struct cscv_pool pool = pool_of(of);
    of[2] = NULL;
    cscv_pool_choose(&pool, groups, weight, cell[0]);
    CU_ASSERT(weight[2] == 0.0 && weight[0] == 1.0);
    /* its figures do not matter */
    for (size_t k = 0; k < BLOCKS * POINTS * PARTS; k++)
        part[2][k] = -part[2][k];
    choose_all();
    of[2] = NULL;
    cscv_pool_choose(&pool, groups, weight, cell[1]);
    CU_ASSERT(memcmp(cell[0], cell[1], sizeof cell[0]) == 0);
    /* somebody's cost is undefined with the first global value, however cheap */
    for (size_t k = 0; k < BLOCKS * POINTS; k++)
        if (k % POINTS < GROUP * OWN)
            part[0][k * PARTS + 1] = NAN;
    choose_all();
    cscv_pool_choose(&pool, groups, weight, cell[1]);
    for (size_t r = 0; r < HALVES * GROUPS; r++)
        CU_ASSERT(cell[1][r] >= GROUP);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"it_is_what_an_enumeration_of_every_joint_choice_says",
         it_is_what_an_enumeration_of_every_joint_choice_says},
        {"noise_alone_has_one_half_and_a_cell_that_is_better_has_none",
         noise_alone_has_one_half_and_a_cell_that_is_better_has_none},
        {"one_without_a_say_changes_nothing_and_a_cell_that_lacks_one_is_last",
         one_without_a_say_changes_nothing_and_a_cell_that_lacks_one_is_last},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"cscv_shared", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
