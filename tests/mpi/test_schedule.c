#include "mpi/agree.h"
#include "mpi/schedule.h"
#include "tests/check.h"

#include "core/clock.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

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

/* All of it for leaders of their node, of one rank and of two. */
static void gives_every_unit_once_and_brings_every_answer(void)
{
    static const uint64_t sizes[] = {0, 1, 2, 3, 7, 747};
    enum { SIZES = sizeof sizes / sizeof *sizes };

    for (size_t k = 0; k < 3 * SIZES; k++) {
        const size_t i = k % SIZES;
        struct ledger ledger;
        struct err err = {0};

        ranks_a_leader = (int)(k / SIZES);

        CU_ASSERT(run(sizes[i], (struct squarer){0, UINT64_MAX}, &ledger, &err) == 0);
        if (my_rank() == 0) {
            CU_ASSERT(ledger.n_taken == sizes[i]);
            for (uint64_t u = 0; u < sizes[i]; u++)
                CU_ASSERT(ledger.square[u] == u * u);
        }
        free(ledger.square);
    }
    ranks_a_leader = 0;
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
    for (ranks_a_leader = 0; ranks_a_leader < 3; ranks_a_leader++) {
        struct ledger ledger;
        struct err err = {0};

        CU_ASSERT(run(101, (struct squarer){10, 13}, &ledger, &err) == -1);
        CU_ASSERT(err.kind == ERR_MEMORY);
        CHECK_CONTAINS(err.text, "no memory for unit 13");
        free(ledger.square);
    }
    ranks_a_leader = 0;
}

/* ---- a slow rank ---- */

/* Units count how often they are answered; whoever is slow holds its first unit until
 * the file `flag` says that all of them are answered. */
struct race {
    uint64_t n, n_given, n_taken;
    bool slow; /* this rank */
    char flag[64];
};

static enum schedule_next race_next(void *context, int rank, uint64_t *unit,
                                    struct buffer *request)
{
    struct race *race = context;

    (void)rank;
    if (race->n_given == race->n)
        return SCHEDULE_DONE;
    *unit = race->n_given++;
    buffer_put(request, unit, sizeof *unit);
    return SCHEDULE_GIVEN;
}

static int race_take(void *context, int rank, uint64_t unit, struct reader answer,
                     struct err *err)
{
    struct race *race = context;

    (void)rank, (void)unit, (void)answer, (void)err;
    if (++race->n_taken == race->n)
        fclose(fopen(race->flag, "w"));
    return 0;
}

static int race_work(void *context, struct reader request, struct buffer *answer,
                     struct err *err)
{
    const struct race *race = context;
    const int64_t until = clock_monotonic() + 60 * CLOCK_SECOND;

    (void)request, (void)answer;
    while (race->slow && access(race->flag, F_OK) != 0) {
        if (clock_monotonic() > until)
            return err_set(err, ERR_COMM, "nobody took over");
        sched_yield();
    }
    return 0;
}

static void gives_what_a_slow_rank_holds_to_another(void)
{
    struct schedule_share share[64];
    struct schedule_figures figures;
    struct race race = {.n = 23};
    struct err err = {0};
    int size;

    MPI_Comm_size(MPI_COMM_WORLD, &size);
    snprintf(race.flag, sizeof race.flag, "/tmp/plimsoll-race-%d", (int)getpid());
    MPI_Bcast(race.flag, sizeof race.flag, MPI_CHAR, 0, MPI_COMM_WORLD);
    race.slow = size > 1 && my_rank() == size - 1;
    const struct schedule schedule = {
        .source = {&race, race_next, race_take, NULL, NULL},
        .worker = {&race, race_work, NULL},
        .late_ns = CLOCK_SECOND / 20};
    CU_ASSERT(schedule_run(MPI_COMM_WORLD, &schedule, share, &figures, &err) == 0);
    if (my_rank() == 0) {
        CU_ASSERT(race.n_taken == 23); /* each once, whoever answers too */
        CU_ASSERT((figures.n_given_again > 0) == (size > 1));
        CU_ASSERT(figures.n_absent == 0);
        unlink(race.flag);
    }
}

/* ---- units for one rank alone ---- */

/* Every third unit is for the rank it is drawn for, and never for the first; the last
 * rank is slow, so that the others are idle beside what waits for it. */
struct reserve {
    uint64_t n, n_given, n_taken, n_alone, n_elsewhere;
    int rank_of[200];
    int size;
    bool slow; /* this rank */
};

static enum schedule_next reserve_next(void *context, int rank, uint64_t *unit,
                                       struct buffer *request)
{
    struct reserve *reserve = context;
    const bool is_alone = reserve->n_given % 3 == 0;

    if (reserve->n_given == reserve->n)
        return reserve->n_taken == reserve->n ? SCHEDULE_DONE : SCHEDULE_WAIT;
    if (is_alone && rank == 0 && reserve->size > 1)
        return SCHEDULE_PASS;
    *unit = reserve->n_given++;
    reserve->rank_of[*unit] = is_alone ? rank : -1;
    reserve->n_alone += is_alone;
    buffer_put(request, unit, sizeof *unit);
    return is_alone ? SCHEDULE_GIVEN_ALONE : SCHEDULE_GIVEN;
}

static int reserve_take(void *context, int rank, uint64_t unit, struct reader answer,
                        struct err *err)
{
    struct reserve *reserve = context;

    (void)answer, (void)err;
    reserve->n_taken++;
    reserve->n_elsewhere +=
        reserve->rank_of[unit] != -1 && reserve->rank_of[unit] != rank;
    return 0;
}

static int reserve_work(void *context, struct reader request, struct buffer *answer,
                        struct err *err)
{
    const struct reserve *reserve = context;
    const int64_t until = clock_monotonic() + CLOCK_SECOND / 500;

    (void)request, (void)answer, (void)err;
    while (reserve->slow && clock_monotonic() < until)
        sched_yield();
    return 0;
}

static void what_is_for_one_rank_alone_no_other_does(void)
{
    for (ranks_a_leader = 0; ranks_a_leader < 3; ranks_a_leader++) {
        struct schedule_share share[64];
        struct schedule_figures figures;
        struct reserve reserve = {.n = 200};
        struct err err = {0};

        MPI_Comm_size(MPI_COMM_WORLD, &reserve.size);
        reserve.slow = reserve.size > 1 && my_rank() == reserve.size - 1;
        const struct schedule schedule = {
            .source = {&reserve, reserve_next, reserve_take, NULL, NULL},
            .worker = {&reserve, reserve_work, NULL},
            .ranks_a_leader = ranks_a_leader};
        CU_ASSERT(schedule_run(MPI_COMM_WORLD, &schedule, share, &figures, &err) == 0);
        if (my_rank() == 0)
            CU_ASSERT(reserve.n_taken == 200 && reserve.n_alone == 67 &&
                      reserve.n_elsewhere == 0);
    }
    ranks_a_leader = 0;
}

/* ---- orders from outside ---- */

static enum schedule_order hurry_after_ten(void *context)
{
    const struct ledger *ledger = context;

    return ledger->n_taken < 10 ? SCHEDULE_GO_ON : SCHEDULE_HURRY;
}

static void begins_nothing_new_once_told_to_hurry(void)
{
    struct schedule_share share[64];
    struct schedule_figures figures;
    struct squarer squarer = {0, UINT64_MAX};
    struct ledger ledger = {.n = 100000, .square = calloc(100000, sizeof(uint64_t))};
    struct err err = {0};
    uint64_t n_units = 0;
    int size;

    MPI_Comm_size(MPI_COMM_WORLD, &size);
    const struct schedule schedule = {.source = {&ledger, next, take, NULL, NULL},
                                      .worker = {&squarer, work, NULL},
                                      .tick = hurry_after_ten,
                                      .tick_context = &ledger};
    CU_ASSERT(schedule_run(MPI_COMM_WORLD, &schedule, share, &figures, &err) == 0);
    for (int rank = 0; my_rank() == 0 && rank < size; rank++)
        n_units += share[rank].n_units;
    if (my_rank() == 0) {
        CU_ASSERT(ledger.n_taken >= 10 && ledger.n_taken < 50000);
        CU_ASSERT(n_units == ledger.n_taken); /* what was worked on was taken */
    }
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
        {"gives_what_a_slow_rank_holds_to_another",
         gives_what_a_slow_rank_holds_to_another},
        {"what_is_for_one_rank_alone_no_other_does",
         what_is_for_one_rank_alone_no_other_does},
        {"begins_nothing_new_once_told_to_hurry",
         begins_nothing_new_once_told_to_hurry},
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
