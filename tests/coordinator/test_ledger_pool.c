#include "coordinator/ledger.h"
#include "coordinator/unit.h"
#include "coordinator/verdicts.h"
#include "tests/check.h"
#include "worker/scope.h"

#include <stdlib.h>

/* Three instruments of 12 points in boxes of 4, one lambda each; all share lambda. */
static const char text[] =
    "job: pool\ninstruments: [all]\nwarmup_bars: 10\nvalidation: {holdout: 0}\n"
    "axes: {lambda: [0.94, 0.97, 0.99], q: [2, 3, 4, 5], floor: [0], buffer: [0],\n"
    "  release: [1]}\n"
    "scopes: {lambda: global}\nconstraints: {coverage: {min: 0.5}}\n"
    "search: {max_points: 4, runners_up: 1}\n";

enum { BOXES = 3, INSTRUMENTS = 3, JUDGING = BOXES };

struct book {
    struct job job;
    struct history_entry row[INSTRUMENTS];
    const struct history_entry *entry[INSTRUMENTS];
    struct universe universe;
    struct ledger *ledger;
};

static void open_book(struct book *book)
{
    const struct conf_source source = {
        .path = "pool.yaml", .bytes = text, .n_bytes = sizeof text - 1};
    struct err err = {0};

    *book = (struct book){.row = {{.instrument = "A", .n_bars = 500},
                                  {.instrument = "B", .n_bars = 500},
                                  {.instrument = "C", .n_bars = 500}}};
    for (int i = 0; i < INSTRUMENTS; i++)
        book->entry[i] = &book->row[i];
    book->universe = (struct universe){.n = INSTRUMENTS, .entry = book->entry};
    CU_ASSERT_FATAL(job_read(&source, &book->job, &err) == 0);
    CU_ASSERT_FATAL(groups_new(&book->job, INSTRUMENTS, book->entry,
                               &book->universe.groups, &err) == 0);
    CU_ASSERT_FATAL(ledger_new(&book->job, &book->universe, 2, &book->ledger, &err) ==
                    0);
}

static void close_book(struct book *book)
{
    ledger_free(book->ledger);
    groups_free(&book->universe.groups);
    job_free(&book->job);
}

/* What instrument i's best point costs with each lambda; q = 3 is the best of each. */
static const double least[INSTRUMENTS][BOXES] = {{5, 3, 4}, {1, 9, 9}, {5, 4, 2}};

static double cost_of(size_t instrument, uint64_t point)
{
    return least[instrument][point / 4] + (point % 4 == 1 ? 0.0 : 1.0);
}

static void put_box(const struct book *book, size_t instrument, uint64_t number,
                    struct buffer *bytes)
{
    const struct plan *plan = &book->job.plan;
    struct found found;
    struct box box;

    CU_ASSERT_FATAL(found_new(plan, plan->max_points, &found, NULL) == 0);
    grid_box(&plan->grid, plan->max_points, number, &box);
    for (uint64_t k = 4 * number; k < 4 * number + 4; k++) {
        const struct candidate candidate = {.point = k, .cost = cost_of(instrument, k)};

        found.n_points++;
        found_offer(&found, &candidate);
    }
    unit_put_good(bytes);
    unit_put_found(bytes, &box, &found);
    found_free(&found);
}

/* Judged: the objective is the cost, coverage 1. */
static void put_judged(const struct book *book, size_t instrument, size_t n,
                       const uint64_t points[], struct buffer *bytes)
{
    const struct plan *plan = &book->job.plan;
    struct verdict *verdict;

    unit_put_good(bytes);
    CU_ASSERT_FATAL(verdicts_new(plan, 1, &verdict, NULL) == 0);
    for (size_t i = 0; i < n; i++) {
        for (size_t m = 0; m < plan->study->n_metrics; m++)
            verdict->figure[0][m] = verdict->figure[1][m] = 1.0;
        verdict->figure[0][plan->objective - plan->study->metrics] =
            cost_of(instrument, points[i]);
        verdict->last = 0.1;
        unit_put_verdict(bytes, plan, verdict);
    }
    verdicts_free(verdict);
}

static void answer(struct book *book, size_t instrument, uint64_t unit,
                   struct buffer *bytes)
{
    const struct reader reader = {bytes->bytes, bytes->n};

    CU_ASSERT(ledger_take(book->ledger, 0, instrument * (BOXES + 1) + unit, reader,
                          NULL) == 0);
    buffer_free(bytes);
}

static void answer_box(struct book *book, size_t instrument, uint64_t box)
{
    struct buffer bytes = {0};

    put_box(book, instrument, box, &bytes);
    answer(book, instrument, box, &bytes);
}

static void fail(struct book *book, size_t instrument, uint64_t unit)
{
    struct buffer bytes = {0};

    unit_put_impossible(&bytes, "no bars to speak of");
    answer(book, instrument, unit, &bytes);
}

/* Work on whatever is given until nothing is; how many judgings there were. */
static size_t finish(struct book *book)
{
    uint64_t points[UNIT_POINTS_MAX], number;
    struct buffer request = {0};
    struct unit unit;
    size_t n_judged = 0;

    while (ledger_next(book->ledger, 0, &number, &request) == SCHEDULE_GIVEN) {
        struct reader reader = {request.bytes, request.n};
        struct buffer bytes = {0};

        CU_ASSERT_FATAL(unit_get(&reader, &unit, points) == 0);
        buffer_empty(&request);
        n_judged += unit.kind == UNIT_JUDGE;
        if (unit.kind == UNIT_SEARCH)
            put_box(book, unit.instrument, unit.box, &bytes);
        else
            put_judged(book, unit.instrument, unit.n_points, points, &bytes);
        answer(book, unit.instrument, number % (BOXES + 1), &bytes);
    }
    buffer_free(&request);
    CU_ASSERT(ledger_is_complete(book->ledger));
    CU_ASSERT_EQUAL(ledger_n_left(book->ledger), 0);
    return n_judged;
}

static size_t lambda_of(const struct book *book, size_t instrument)
{
    return (size_t)(ledger_outcomes(book->ledger)[instrument].point[0].point / 4);
}

static void all_take_the_lambda_of_the_least_sum(void)
{
    struct book book;

    open_book(&book);
    CU_ASSERT_EQUAL(finish(&book), INSTRUMENTS);
    for (size_t i = 0; i < INSTRUMENTS; i++) {
        CU_ASSERT_EQUAL(lambda_of(&book, i), 0); /* 11 against 16 and 15 */
        CU_ASSERT_EQUAL(ledger_outcomes(book.ledger)[i].point[0].cost, least[i][0]);
        CU_ASSERT_EQUAL(ledger_outcomes(book.ledger)[i].shared.n[AXIS_GLOBAL],
                        INSTRUMENTS);
    }
    CU_ASSERT_EQUAL(ledger_pools(book.ledger)->pool[0].sum.cost, 11.0);
    close_book(&book);
}

static void one_that_fails_has_no_say_and_blocks_nobody(void)
{
    for (uint64_t unit = 0; unit < BOXES; unit++) {
        struct book book;

        open_book(&book);
        for (uint64_t box = 0; box < unit; box++)
            answer_box(&book, 1, box);
        fail(&book, 1, unit);
        CU_ASSERT_EQUAL(finish(&book), INSTRUMENTS - 1);
        CU_ASSERT_EQUAL(lambda_of(&book, 0), 2); /* 10, 7 and 6 without B */
        CU_ASSERT_EQUAL(lambda_of(&book, 2), 2);
        CU_ASSERT_EQUAL(ledger_outcomes(book.ledger)[1].status, STATUS_FAILED);
        CU_ASSERT_STRING_EQUAL(ledger_outcomes(book.ledger)[1].reason,
                               "no bars to speak of");
        CU_ASSERT_EQUAL(ledger_outcomes(book.ledger)[0].shared.n[AXIS_GLOBAL], 2);
        close_book(&book);
    }
}

static void the_last_of_a_pool_may_be_the_one_that_fails(void)
{
    struct book book;

    open_book(&book);
    for (uint64_t box = 0; box < BOXES; box++) {
        answer_box(&book, 0, box);
        answer_box(&book, 2, box);
    }
    fail(&book, 1, 0);
    CU_ASSERT_EQUAL(finish(&book), 2);
    CU_ASSERT_EQUAL(lambda_of(&book, 0), 2);
    close_book(&book);
}

static void nobody_is_judged_before_all_are_searched(void)
{
    uint64_t number;
    struct buffer request = {0};
    struct book book;

    open_book(&book);
    for (uint64_t box = 0; box < BOXES; box++) {
        answer_box(&book, 0, box);
        answer_box(&book, 1, box);
    }
    for (int i = 0; i < BOXES; i++) /* what there is to give are C's boxes */
        CU_ASSERT(ledger_next(book.ledger, 0, &number, &request) == SCHEDULE_GIVEN &&
                  number == 2 * (BOXES + 1) + (uint64_t)i);
    CU_ASSERT(ledger_next(book.ledger, 0, &number, &request) == SCHEDULE_WAIT);
    buffer_free(&request);
    close_book(&book);
}

/* From the journal of a run in which C had failed by a fault that this one does not
 * see: A's judging was of other cells. */
static void a_judging_that_was_not_asked_for_does_not_count(void)
{
    const uint64_t other[] = {9, 8};
    struct buffer bytes = {0};
    struct book book;

    open_book(&book);
    for (uint64_t box = 0; box < BOXES; box++)
        answer_box(&book, 0, box);
    put_judged(&book, 0, 2, other, &bytes);
    answer(&book, 0, JUDGING, &bytes);
    CU_ASSERT_EQUAL(ledger_outcomes(book.ledger)[0].n_judged, 0);
    CU_ASSERT_EQUAL(finish(&book), INSTRUMENTS);
    CU_ASSERT_EQUAL(lambda_of(&book, 0), 0);
    close_book(&book);
}

static void nobody_left_is_an_end_too(void)
{
    struct book book;

    open_book(&book);
    for (size_t i = 0; i < INSTRUMENTS; i++)
        fail(&book, i, 0);
    CU_ASSERT_EQUAL(finish(&book), 0);
    close_book(&book);
}

int main(void)
{
    CU_TestInfo pool[] = {
        {"all_take_the_lambda_of_the_least_sum", all_take_the_lambda_of_the_least_sum},
        {"one_that_fails_has_no_say_and_blocks_nobody",
         one_that_fails_has_no_say_and_blocks_nobody},
        {"the_last_of_a_pool_may_be_the_one_that_fails",
         the_last_of_a_pool_may_be_the_one_that_fails},
        {"nobody_is_judged_before_all_are_searched",
         nobody_is_judged_before_all_are_searched},
        {"a_judging_that_was_not_asked_for_does_not_count",
         a_judging_that_was_not_asked_for_does_not_count},
        {"nobody_left_is_an_end_too", nobody_left_is_an_end_too},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"ledger_pool", NULL, NULL, NULL, NULL, pool},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
