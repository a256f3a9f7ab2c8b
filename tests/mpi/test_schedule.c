#include "mpi/agree.h"
#include "mpi/schedule.h"
#include "tests/check.h"

#include <stdlib.h>

/* Units 0..n-1 ask for the square of their number; the second half is only given when
 * the whole first half is answered. */
struct ledger {
    uint64_t n, n_given, n_taken;
    uint64_t *square;
};

static enum schedule_next next(void *context, int rank, uint64_t *unit,
                               struct buffer *request)
{
    struct ledger *ledger = context;

    (void)rank;
    if (ledger->n_given == ledger->n)
        return SCHEDULE_DONE;
    if (ledger->n_given >= ledger->n / 2 && ledger->n_taken < ledger->n / 2)
        return SCHEDULE_WAIT;
    *unit = ledger->n_given++;
    buffer_put(request, unit, sizeof *unit);
    return SCHEDULE_GIVEN;
}

static int take(void *context, int rank, uint64_t unit, struct reader answer,
                struct err *err)
{
    struct ledger *ledger = context;
    uint64_t square;

    (void)rank;
    if (reader_get(&answer, &square, sizeof square) != 0)
        return err_set(err, ERR_BUG, "a short answer");
    ledger->square[unit] = square;
    ledger->n_taken++;
    return 0;
}

/* Answers are padded to `bulk` bytes; the unit `poison` fails. */
struct squarer {
    size_t bulk;
    uint64_t poison;
};

static int work(void *context, struct reader request, struct buffer *answer,
                struct err *err)
{
    const struct squarer *squarer = context;
    uint64_t number;

    if (reader_get(&request, &number, sizeof number) != 0)
        return err_set(err, ERR_BUG, "a short unit");
    if (number == squarer->poison)
        return err_set(err, ERR_MEMORY, "no memory for unit %d", (int)number);
    const uint64_t square = number * number;
    char *padding = calloc(1, squarer->bulk + 1);
    buffer_put(answer, &square, sizeof square);
    buffer_put(answer, padding, squarer->bulk);
    free(padding);
    return 0;
}

static int ranks_a_leader; /* of the runs that follow */

static int run(uint64_t n, struct squarer squarer, struct ledger *ledger,
               struct err *err)
{
    struct schedule_share share[64];
    struct schedule_figures figures;
    const struct schedule schedule = {.source = {ledger, next, take, NULL, NULL},
                                      .worker = {&squarer, work, NULL},
                                      .ranks_a_leader = ranks_a_leader};

    *ledger = (struct ledger){.n = n, .square = calloc(n + 1, sizeof(uint64_t))};
    return schedule_run(MPI_COMM_WORLD, &schedule, share, &figures, err);
}

static int my_rank(void)
{
    int rank;

    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

static void gives_every_unit_once_and_brings_every_answer(void)
{
    static const uint64_t sizes[] = {0, 1, 2, 3, 7, 747};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct ledger ledger;
        struct err err = {0};

        CU_ASSERT(run(sizes[i], (struct squarer){0, UINT64_MAX}, &ledger, &err) == 0);
        if (my_rank() == 0) {
            CU_ASSERT(ledger.n_taken == sizes[i]);
            for (uint64_t u = 0; u < sizes[i]; u++)
                CU_ASSERT(ledger.square[u] == u * u);
        }
        free(ledger.square);
    }
}

static void carries_answers_far_above_the_eager_limit(void)
{
    struct ledger ledger;
    struct err err = {0};

    CU_ASSERT(run(23, (struct squarer){3000000, UINT64_MAX}, &ledger, &err) == 0);
    if (my_rank() == 0)
        CU_ASSERT(ledger.n_taken == 23);
    free(ledger.square);
}

static void tells_every_rank_why_one_cannot_go_on(void)
{
    struct ledger ledger;
    struct err err = {0};

    CU_ASSERT(run(101, (struct squarer){10, 13}, &ledger, &err) == -1);
    CU_ASSERT(err.kind == ERR_MEMORY);
    CHECK_CONTAINS(err.text, "no memory for unit 13");
    free(ledger.square);
}

static void a_fault_of_some_names_the_lowest_rank_and_of_all_none(void)
{
    int size;
    struct err err = {0};
    char want[40] = "no prices";

    MPI_Comm_size(MPI_COMM_WORLD, &size);
    CU_ASSERT(agree(MPI_COMM_WORLD, 0, &err) == 0);
    if (my_rank() >= size / 2)
        err_set(&err, ERR_INPUT, "no prices");
    CU_ASSERT(agree(MPI_COMM_WORLD, my_rank() >= size / 2, &err) == -1);
    if (size / 2 > 0)
        snprintf(want, sizeof want, "rank %d: no prices", size / 2);
    CU_ASSERT_STRING_EQUAL(err.text, want);
    CU_ASSERT(err.kind == ERR_INPUT);
}

int main(int argc, char **argv)
{
    CU_TestInfo schedule[] = {
        {"gives_every_unit_once_and_brings_every_answer",
         gives_every_unit_once_and_brings_every_answer},
        {"carries_answers_far_above_the_eager_limit",
         carries_answers_far_above_the_eager_limit},
        {"tells_every_rank_why_one_cannot_go_on",
         tells_every_rank_why_one_cannot_go_on},
        {"a_fault_of_some_names_the_lowest_rank_and_of_all_none",
         a_fault_of_some_names_the_lowest_rank_and_of_all_none},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"schedule", NULL, NULL, NULL, NULL, schedule},
                             CU_SUITE_INFO_NULL};

    MPI_Init(&argc, &argv);
    const int status = check_run(suites);
    MPI_Finalize();
    return status;
}
