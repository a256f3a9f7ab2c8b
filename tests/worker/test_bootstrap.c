#include "market/random.h"
#include "tests/check.h"
#include "tests/sample.h"
#include "worker/bootstrap.h"

#include <stdlib.h>

/* ---- a choice whose truth is known ----
 *
 * Losses are absolute normal; a margin is one of a ladder of multipliers q, its cost is
 * q, and it has to cover 95 %.  On all bars there are the choice is the least q at or
 * above the quantile z = 1.959964: the truth is the first rung not below it. */
enum { RUNGS = 61, BARS = 4000, PURPOSE_TEST = 201 };
static const double quantile = 1.959963984540054;

static double rung(size_t k)
{
    return 1.5 + 0.015 * (double)k;
}

static double truth(void)
{
    size_t k = 0;

    while (rung(k) < quantile)
        k++;
    return rung(k);
}

static void score_ladder(const void *context, const double common[],
                         const double total[], struct candidate *candidate)
{
    const double missed = total[0] / common[0] - 0.05;

    (void)context;
    candidate->violation = missed > 0.0 ? missed : 0.0;
    candidate->cost = rung(candidate->point);
}

/* Exceedances of each rung in each block; every loss stands for `repeats` bars, as
 * losses over a horizon of so many nearly do. */
static void fill_ladder(uint64_t trial, size_t n_blocks, size_t repeats, double part[],
                        double n_bars[])
{
    struct random random = random_at(747, PURPOSE_TEST, trial, 0);
    double loss = 0.0;

    memset(part, 0, n_blocks * RUNGS * sizeof *part);
    memset(n_bars, 0, n_blocks * sizeof *n_bars);
    for (size_t t = 0; t < BARS; t++) {
        n_bars[t * n_blocks / BARS] += 1.0;
        if (t % repeats == 0)
            loss = fabs(random_normal(&random));
        for (size_t k = 0; k < RUNGS && rung(k) < loss; k++)
            part[t * n_blocks / BARS * RUNGS + k] += 1.0;
    }
}

/* In how many of the trials does the interval of q hold the truth? */
static size_t count_held(size_t n_trials, size_t n_blocks, size_t repeats)
{
    enum { REPLICATES = 199 };
    double *part = calloc(n_blocks * RUNGS, sizeof *part), q[REPLICATES];
    double n_bars[BOOTSTRAP_BLOCKS_MAX];
    const struct bootstrap_room room = {calloc(REPLICATES * n_blocks, sizeof(unsigned)),
                                        calloc(REPLICATES, sizeof(struct candidate)),
                                        NULL};
    struct bootstrap_problem problem = {.n_blocks = n_blocks,
                                        .n_points = RUNGS,
                                        .n_choices = RUNGS,
                                        .n_parts = 1,
                                        .part = part,
                                        .n_common = 1,
                                        .common = n_bars,
                                        .score = score_ladder,
                                        .n_replicates = REPLICATES};
    size_t n_held = 0;

    for (size_t trial = 0; trial < n_trials; trial++) {
        fill_ladder(trial, n_blocks, repeats, part, n_bars);
        problem.seed = trial;
        bootstrap_run(&problem, &room);
        for (size_t r = 0; r < REPLICATES; r++)
            q[r] = rung(room.best[r].point);
        const struct bootstrap_interval interval =
            bootstrap_percentiles(REPLICATES, q, 0.95);
        n_held += interval.low <= truth() && truth() <= interval.high;
    }
    free(part);
    free(room.count);
    free(room.best);
    return n_held;
}

/* 400 trials.  Of 95 % intervals 380 hold the truth; four standard errors of the
 * binomial law are 17.4.  The percentile method is off by O(1/n) of 40 blocks, and the
 * ladder's rungs, half of the quantile's standard error of 0.0295 each, make an
 * interval wider by up to one of them: 12 trials fewer and up to all of them more are
 * right. */
static void intervals_hold_the_truth_as_often_as_they_say(void)
{
    const size_t n_held = count_held(400, 40, 1);

    printf("%zu of 400 hold ... ", n_held);
    CU_ASSERT(n_held >= 351 && n_held < 400);
}

static void blocks_longer_than_what_hangs_together_keep_them_honest(void)
{
    const size_t n_held = count_held(400, 40, 20);

    printf("%zu of 400 hold ... ", n_held);
    CU_ASSERT(n_held >= 351 && n_held < 400);
}

/* Losses that come in runs of 200, in blocks of 16: the interval is too narrow by the
 * root of about 200/16 and holds the truth in some 2 P(0 < N < 1.96/3.5) = 42 %, half a
 * hundred trials fewer than where losses come alone.  So the tests above can fail. */
static void shorter_blocks_would_say_too_much(void)
{
    const size_t n_held = count_held(100, BOOTSTRAP_BLOCKS_MAX, 1) -
                          count_held(100, BOOTSTRAP_BLOCKS_MAX, 200);

    printf("%zu of 100 fewer ... ", n_held);
    CU_ASSERT(n_held >= 30 && n_held <= 100);
}

/* ---- against the obvious ---- */

enum { BLOCKS = 7, POINTS = 601, PARTS = 3, REPLICATES = 23 };

/* Two sums and a largest: whole numbers, so any order of adding is exact. */
static void score_parts(const void *context, const double common[],
                        const double total[], struct candidate *candidate)
{
    (void)context;
    candidate->violation = fmax(0.0, total[2] - 90.0);
    candidate->cost = total[0] > 500.0 ? (double)NAN : total[0] + common[0] * total[1];
}

static void fill_parts(double part[BLOCKS][PARTS][POINTS])
{
    struct sample sample = {13};

    for (size_t b = 0; b < BLOCKS; b++)
        for (size_t i = 0; i < POINTS; i++)
            for (size_t j = 0; j < PARTS; j++)
                part[b][j][i] = (double)sample_below(&sample, 100);
}

/* Block after block as they were drawn, point after point. */
static struct candidate choose_slowly(const struct bootstrap_problem *problem,
                                      double part[BLOCKS][PARTS][POINTS],
                                      const unsigned count[], size_t watched,
                                      struct candidate *of_watched)
{
    struct candidate best = {.cost = NAN};

    for (size_t i = 0; i < POINTS; i++) {
        double total[PARTS] = {0.0, 0.0, -INFINITY}, common[] = {0.0};
        struct candidate candidate = {.point = i};

        for (size_t b = BLOCKS; b-- > 0;)
            for (unsigned k = 0; k < count[b]; k++) {
                common[0] += (double)(1 + b);
                total[0] += part[b][0][i];
                total[1] += part[b][1][i];
                total[2] = fmax(total[2], part[b][2][i]);
            }
        score_parts(NULL, common, total, &candidate);
        if (i == watched)
            *of_watched = candidate;
        if (i < problem->n_choices && !isnan(candidate.cost) &&
            (isnan(best.cost) || candidate_before(&candidate, &best)))
            best = candidate;
    }
    return best;
}

static void every_replicate_chooses_as_the_definition_does(void)
{
    static double part[BLOCKS][PARTS][POINTS];
    static unsigned count[REPLICATES * BLOCKS];
    const double common[BLOCKS] = {1, 2, 3, 4, 5, 6, 7};
    const size_t watched = POINTS - 1;
    struct candidate best[REPLICATES], seen[REPLICATES], want_seen = {0};
    const struct bootstrap_problem problem = {.n_blocks = BLOCKS,
                                              .n_points = POINTS,
                                              .n_choices = POINTS - 1,
                                              .n_parts = PARTS,
                                              .part = &part[0][0][0],
                                              .is_most = {false, false, true},
                                              .n_common = 1,
                                              .common = common,
                                              .score = score_parts,
                                              .n_watched = 1,
                                              .watched = &watched,
                                              .n_replicates = REPLICATES,
                                              .seed = 5};

    fill_parts(part);
    bootstrap_run(&problem, &(struct bootstrap_room){count, best, seen});
    for (size_t r = 0; r < REPLICATES; r++) {
        const struct candidate want =
            choose_slowly(&problem, part, count + r * BLOCKS, watched, &want_seen);

        CU_ASSERT_EQUAL(best[r].point, want.point);
        CU_ASSERT_EQUAL(best[r].cost, want.cost);
        CU_ASSERT_EQUAL(seen[r].violation, want_seen.violation);
        CU_ASSERT(seen[r].cost == want_seen.cost ||
                  (isnan(seen[r].cost) && isnan(want_seen.cost)));
    }
}

static void a_draw_is_as_many_blocks_as_there_are_and_hangs_on_seed_and_number(void)
{
    unsigned one[40], other[40];
    unsigned sum = 0;
    size_t n_never = 0;

    bootstrap_draw(1, 17, 40, one);
    for (size_t b = 0; b < 40; b++) {
        sum += one[b];
        n_never += one[b] == 0;
    }
    CU_ASSERT_EQUAL(sum, 40);
    CU_ASSERT(n_never > 3 && n_never < 26); /* about 40/e = 14.7, sd 2 */
    bootstrap_draw(1, 17, 40, other);
    CU_ASSERT_EQUAL(memcmp(one, other, sizeof one), 0);
    bootstrap_draw(2, 17, 40, other);
    CU_ASSERT_NOT_EQUAL(memcmp(one, other, sizeof one), 0);
}

static void percentiles_are_values_that_were_there(void)
{
    double value[] = {5, 1, 4, 2, 3, 9, 8, 7, 6, 10};
    const struct bootstrap_interval middle = bootstrap_percentiles(10, value, 0.8);
    double one[] = {3};
    const struct bootstrap_interval single = bootstrap_percentiles(1, one, 0.95);

    double two_hundred[200];

    for (size_t i = 0; i < 200; i++)
        two_hundred[i] = (double)i;
    const struct bootstrap_interval most =
        bootstrap_percentiles(200, two_hundred, 0.95);
    CU_ASSERT(most.low == 4 && most.high == 194);
    CU_ASSERT(middle.low == 1 && middle.high == 9);
    CU_ASSERT(single.low == 3 && single.high == 3);
    CU_ASSERT(isnan(bootstrap_percentiles(0, value, 0.9).low));
}

int main(void)
{
    CU_TestInfo bootstrap[] = {
        {"intervals_hold_the_truth_as_often_as_they_say",
         intervals_hold_the_truth_as_often_as_they_say},
        {"blocks_longer_than_what_hangs_together_keep_them_honest",
         blocks_longer_than_what_hangs_together_keep_them_honest},
        {"shorter_blocks_would_say_too_much", shorter_blocks_would_say_too_much},
        {"every_replicate_chooses_as_the_definition_does",
         every_replicate_chooses_as_the_definition_does},
        {"a_draw_is_as_many_blocks_as_there_are_and_hangs_on_seed_and_number",
         a_draw_is_as_many_blocks_as_there_are_and_hangs_on_seed_and_number},
        {"percentiles_are_values_that_were_there",
         percentiles_are_values_that_were_there},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"bootstrap", NULL, NULL, NULL, NULL, bootstrap},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
