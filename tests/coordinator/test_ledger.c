#include "coordinator/ledger.h"
#include "coordinator/unit.h"
#include "tests/check.h"

#include <stdlib.h>

/* One instrument, four boxes of a point. */
static const char text[] = "job: four\n"
                           "axes: {lambda: [0.9, 0.95, 0.97, 0.99], q: 3}\n"
                           "search: {max_points: 1}\n";
enum { BOXES = 4 };

static struct job job;
static struct history_entry entry;
static const struct history_entry *entries[] = {&entry};
static const struct universe universe = {.n = 1, .entry = entries};
static struct ledger *ledger;

static void set_up(void)
{
    const struct conf_source source = {
        .path = "four.yaml", .bytes = text, .n_bytes = sizeof text - 1};

    CU_ASSERT_FATAL(job_read(&source, &job, NULL) == 0);
    CU_ASSERT_FATAL(grid_n_boxes(&job.plan.grid, job.plan.max_points) == BOXES);
    CU_ASSERT_FATAL(ledger_new(&job, &universe, 2, &ledger, NULL) == 0);
}

static void tear_down(void)
{
    ledger_free(ledger);
    job_free(&job);
}

static void take(uint64_t number, struct buffer *answer)
{
    CU_ASSERT(ledger_take(ledger, 0, number, (struct reader){answer->bytes, answer->n},
                          NULL) == 0);
    buffer_free(answer);
}

static void fail(uint64_t number, const char *reason)
{
    struct buffer answer = {0};

    unit_put_failure(&answer, reason);
    take(number, &answer);
}

/* A box whose point costs as much as its number. */
static void find(uint64_t number)
{
    const struct candidate candidate = {0.0, (double)number, number};
    struct buffer answer = {0};
    struct found found;
    struct box box;

    CU_ASSERT_FATAL(found_new(&job.plan, 1, &found, NULL) == 0);
    grid_box(&job.plan.grid, job.plan.max_points, number, &box);
    found_offer(&found, &candidate);
    found.n_points = 1;
    unit_put_success(&answer);
    unit_put_found(&answer, &box, &found);
    take(number, &answer);
    found_free(&found);
}

static enum schedule_next next(uint64_t *number)
{
    struct buffer request = {0};
    const enum schedule_next given = ledger_next(ledger, 0, number, &request);

    buffer_free(&request);
    return given;
}

static void give_all(void)
{
    uint64_t number;

    for (uint64_t b = 0; b < BOXES; b++)
        CU_ASSERT(next(&number) == SCHEDULE_GIVEN && number == b);
    CU_ASSERT(next(&number) == SCHEDULE_WAIT);
}

static void check_given_up(const char *reason)
{
    const struct outcome *outcome = ledger_outcomes(ledger);

    CU_ASSERT(ledger_is_complete(ledger));
    CU_ASSERT(outcome->status == STATUS_FAILED && outcome->n_judged == 0);
    CU_ASSERT_STRING_EQUAL(outcome->reason, reason);
    CU_ASSERT(outcome->found.ranking.n == 0 && outcome->found.n_points == 0);
}

static void the_first_box_that_fails_gives_the_reason_in_any_order_of_answers(void)
{
    static const uint64_t orders[][BOXES] = {
        {0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}, {3, 1, 0, 2}};

    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        set_up();
        give_all();
        for (size_t j = 0; j < BOXES; j++)
            if (orders[i][j] == 1)
                fail(1, "the second");
            else if (orders[i][j] == 3)
                fail(3, "the fourth");
            else
                find(orders[i][j]);
        check_given_up("the second");
        tear_down();
    }
}

static void boxes_behind_one_that_failed_are_not_asked_for(void)
{
    uint64_t number;

    set_up();
    CU_ASSERT(next(&number) == SCHEDULE_GIVEN && number == 0);
    CU_ASSERT(next(&number) == SCHEDULE_GIVEN && number == 1);
    fail(1, "no path");
    CU_ASSERT(!ledger_is_complete(ledger));
    CU_ASSERT(next(&number) == SCHEDULE_WAIT);
    find(0);
    check_given_up("no path");
    CU_ASSERT(next(&number) == SCHEDULE_DONE);
    tear_down();
}

/* After a journal's answers: the box before the one that failed is still to do. */
static void a_resumed_job_asks_for_what_stands_before_the_failure(void)
{
    uint64_t number;

    set_up();
    fail(2, "no path");
    find(0);
    CU_ASSERT(next(&number) == SCHEDULE_GIVEN && number == 1);
    CU_ASSERT(next(&number) == SCHEDULE_WAIT);
    find(1);
    check_given_up("no path");
    tear_down();
}

static void a_judgement_that_fails_ends_its_instrument(void)
{
    uint64_t number;

    set_up();
    give_all();
    for (uint64_t b = 0; b < BOXES; b++)
        find(b);
    CU_ASSERT(next(&number) == SCHEDULE_GIVEN && number == BOXES);
    fail(BOXES, "no path");
    check_given_up("no path");
    tear_down();
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"the_first_box_that_fails_gives_the_reason_in_any_order_of_answers",
         the_first_box_that_fails_gives_the_reason_in_any_order_of_answers},
        {"boxes_behind_one_that_failed_are_not_asked_for",
         boxes_behind_one_that_failed_are_not_asked_for},
        {"a_resumed_job_asks_for_what_stands_before_the_failure",
         a_resumed_job_asks_for_what_stands_before_the_failure},
        {"a_judgement_that_fails_ends_its_instrument",
         a_judgement_that_fails_ends_its_instrument},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"ledger", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
