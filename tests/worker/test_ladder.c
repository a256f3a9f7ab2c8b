#include "tests/check.h"
#include "tests/sample.h"
#include "worker/isa.h"
#include "worker/kernels.h"
#include "worker/ladder.h"

static size_t n_below(size_t n, const double *rung, double x)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += rung[i] < x;
    return count;
}

/* Numbers on, next to and far from the rungs, 0 and infinity among them. */
static void compare(const struct ladder *ladder, struct sample *sample)
{
    for (size_t i = 0; i < 3 * ladder->n + 40; i++) {
        const double rung = ladder->rung[i % (ladder->n + 1)];
        const double x = i % 5 == 0   ? nextafter(rung, 0.0)
                         : i % 5 == 1 ? nextafter(rung, INFINITY)
                         : i % 5 == 2 ? 20.0 * sample_unit(sample)
                         : i % 5 == 3 ? (i % 2 ? 0.0 : INFINITY)
                                      : rung;

        CU_ASSERT_EQUAL(ladder_rank(ladder, x), n_below(ladder->n, ladder->rung, x));
    }
}

static void knows_how_many_rungs_are_below_any_number(void)
{
    struct sample sample = {747};
    static struct ladder ladder;

    for (size_t n = 0; n < 700; n = 2 * n + 1) {
        double rung[2 * 700 + 1];

        for (size_t i = 0; i < n; i++) {
            const double scale = i % 7 == 0 ? 1e-9 : i % 7 == 1 ? 1e9 : 10.0;

            rung[i] = i % 11 == 3 ? 0.0 : scale * sample_unit(&sample);
            if (i % 13 == 5) /* and close neighbours */
                rung[i] = nextafter(rung[i - 1], INFINITY);
        }
        ladder_build(&ladder, n, rung);
        compare(&ladder, &sample);
    }
}

static void is_right_where_all_rungs_are_zero_equal_or_crowded(void)
{
    struct sample sample = {13};
    static struct ladder ladder;
    double zero[5] = {0.0, 0.0}, same[7] = {3.0, 3.0, 3.0}, crowd[201];

    ladder_build(&ladder, 2, zero);
    CU_ASSERT_EQUAL(ladder.n, 1);
    compare(&ladder, &sample);
    ladder_build(&ladder, 3, same);
    CU_ASSERT_EQUAL(ladder.n, 1);
    compare(&ladder, &sample);
    for (size_t i = 0; i < 100; i++)
        crowd[i] = i == 0 ? 5.0 : nextafter(crowd[i - 1], INFINITY);
    ladder_build(&ladder, 100, crowd);
    CU_ASSERT_EQUAL(ladder.n, 100);
    compare(&ladder, &sample);
}

static void ranks_runs_of_numbers_alike_with_every_instruction_set(void)
{
    struct sample sample = {5};
    static struct ladder ladder;
    double rung[99], x[LADDER_RUN];

    for (size_t i = 0; i < 49; i++)
        rung[i] = sample_unit(&sample);
    ladder_build(&ladder, 49, rung);
    for (size_t i = 0; i < LADDER_RUN; i++)
        x[i] = i % 3 == 0 ? rung[i % 49] : 1.2 * sample_unit(&sample);
    for (enum isa isa = ISA_SCALAR; isa <= isa_best(); isa++) {
        uint32_t rank[LADDER_RUN];

        ladder_ranks(&ladder, kernels_of(isa), 250, x, rank);
        for (size_t i = 0; i < 250; i++)
            CU_ASSERT_EQUAL(rank[i], n_below(ladder.n, rung, x[i]));
    }
}

int main(void)
{
    CU_TestInfo ladder[] = {
        {"knows_how_many_rungs_are_below_any_number",
         knows_how_many_rungs_are_below_any_number},
        {"is_right_where_all_rungs_are_zero_equal_or_crowded",
         is_right_where_all_rungs_are_zero_equal_or_crowded},
        {"ranks_runs_of_numbers_alike_with_every_instruction_set",
         ranks_runs_of_numbers_alike_with_every_instruction_set},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"ladder", NULL, NULL, NULL, NULL, ladder},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
