#include "coordinator/faults.h"
#include "coordinator/ledger.h"
#include "coordinator/unit.h"
#include "coordinator/verdicts.h"
#include "tests/check.h"

#include <stdlib.h>

/* Two instruments of 12 points in boxes of 4: three searches and a judging each. */
static const char text[] =
    "job: book\nstudy: margin\ninstruments: [all]\ninterval: 1h\nhorizon_bars: 8\n"
    "confidence: 0.99\nwarmup_bars: 10\nvolatility: ewma\n"
    "axes: {lambda: [0.94, 0.97, 0.99], q: [2, 3, 4, 5], floor: [0], buffer: [0],\n"
    "  release: [1]}\n"
    "search: {max_points: 4}\n";

enum { BOXES = 3, INSTRUMENTS = 2 };

struct book {
    struct job job;
    struct history_entry row[INSTRUMENTS];
    const struct history_entry *entry[INSTRUMENTS];
    struct universe universe;
    struct ledger *ledger;
};

static void open_book_of(struct book *book, const char *on_fault, int retries,
                         int n_ranks)
{
    char settings[2][48];
    const char *const list[] = {settings[0], settings[1]};
    const struct conf_source source = {.path = "book.yaml",
                                       .bytes = text,
                                       .n_bytes = sizeof text - 1,
                                       .n_settings = 2,
                                       .settings = list};
    struct err err = {0};

    snprintf(settings[0], sizeof settings[0], "schedule.on_fault=%s", on_fault);
    snprintf(settings[1], sizeof settings[1], "schedule.retries=%d", retries);
    *book = (struct book){.row = {{.instrument = "A", .n_bars = 500},
                                  {.instrument = "B", .n_bars = 900}}};
    for (int i = 0; i < INSTRUMENTS; i++)
        book->entry[i] = &book->row[i];
    book->universe = (struct universe){.n = INSTRUMENTS, .entry = book->entry};
    CU_ASSERT_FATAL(job_read(&source, &book->job, &err) == 0);
    CU_ASSERT_FATAL(
        ledger_new(&book->job, &book->universe, n_ranks, &book->ledger, &err) == 0);
}

static void open_book(struct book *book, const char *on_fault, int retries)
{
    open_book_of(book, on_fault, retries, 2);
}

static void close_book(struct book *book)
{
    ledger_free(book->ledger);
    job_free(&book->job);
}

/* Draw a unit for a rank: its number, or UINT64_MAX. */
static uint64_t draw_as(struct book *book, int rank, enum schedule_next as,
                        struct unit *unit)
{
    uint64_t points[UNIT_POINTS_MAX], number;
    struct buffer request = {0};

    if (ledger_next(book->ledger, rank, &number, &request) != as)
        return UINT64_MAX;
    struct reader reader = {request.bytes, request.n};
    CU_ASSERT(unit_get(&reader, unit, points) == 0);
    buffer_free(&request);
    return number;
}

static uint64_t draw(struct book *book, int rank, struct unit *unit)
{
    return draw_as(book, rank, SCHEDULE_GIVEN, unit);
}

static int answer(struct book *book, int rank, uint64_t number,
                  const struct buffer *bytes, struct err *err)
{
    return ledger_take(book->ledger, rank, number,
                       (struct reader){bytes->bytes, bytes->n}, err);
}

/* A good answer: each point of a box costs its number; judged, 1 at each figure. */
static void answer_well(struct book *book, int rank, uint64_t number,
                        const struct unit *unit)
{
    const struct plan *plan = &book->job.plan;
    struct buffer bytes = {0};
    struct found found;
    struct box box;

    unit_put_good(&bytes);
    if (unit->kind == UNIT_SEARCH) {
        CU_ASSERT_FATAL(found_new(plan, plan->max_points, &found, NULL) == 0);
        grid_box(&plan->grid, plan->max_points, unit->box, &box);
        for (uint64_t i = 0; i < box_n_points(&plan->grid, &box); i++) {
            const uint64_t point = grid_point(&plan->grid, box.first) + i;

            found.n_points++;
            found_offer(&found, &(struct candidate){.point = point,
                                                    .cost = 1.0 + (double)point});
        }
        unit_put_found(&bytes, &box, &found);
        found_free(&found);
    }
    for (uint32_t i = 0; unit->kind == UNIT_JUDGE && i < unit->n_points; i++) {
        struct verdict *verdict;

        CU_ASSERT_FATAL(verdicts_new(plan, 1, &verdict, NULL) == 0);
        for (size_t m = 0; m < plan->study->n_metrics; m++)
            verdict->figure[0][m] = verdict->figure[1][m] = 1.0;
        unit_put_verdict(&bytes, plan, verdict);
        verdicts_free(verdict);
    }
    CU_ASSERT(answer(book, rank, number, &bytes, NULL) == 0);
    buffer_free(&bytes);
}

static int answer_with_fault(struct book *book, int rank, uint64_t number,
                             struct err *err)
{
    const struct err fault = {.kind = ERR_IO, .text = "the disk is away"};
    struct buffer bytes = {0};

    unit_put_fault(&bytes, &fault);
    CU_ASSERT(!ledger_keeps((struct reader){bytes.bytes, bytes.n}));
    const int status = answer(book, rank, number, &bytes, err);
    buffer_free(&bytes);
    return status;
}

static void answer_impossible(struct book *book, uint64_t number, const char *reason)
{
    struct buffer bytes = {0};

    unit_put_impossible(&bytes, reason);
    CU_ASSERT(ledger_keeps((struct reader){bytes.bytes, bytes.n}));
    CU_ASSERT(answer(book, 0, number, &bytes, NULL) == 0);
    buffer_free(&bytes);
}

/* Answer whatever comes until the book is closed; returns how many units came. */
static size_t finish_book(struct book *book)
{
    struct unit unit;
    size_t n = 0;

    for (uint64_t number; (number = draw(book, 0, &unit)) != UINT64_MAX; n++)
        answer_well(book, 0, number, &unit);
    CU_ASSERT(ledger_is_complete(book->ledger));
    CU_ASSERT(ledger_n_left(book->ledger) == 0);
    const struct ledger_progress done = ledger_progress(book->ledger);
    CU_ASSERT(done.n_done == done.n_units);
    return n;
}

static void gives_the_dearest_instrument_first_and_each_rank_its_own(void)
{
    struct book book;
    struct unit unit;

    open_book(&book, "give_up", 0);
    CU_ASSERT(ledger_n_left(book.ledger) == INSTRUMENTS * (BOXES + 1));
    draw(&book, 0, &unit);
    CU_ASSERT(unit.instrument == 1 && unit.box == 0); /* B, of 900 bars */
    draw(&book, 1, &unit);
    CU_ASSERT(unit.instrument == 0 && unit.box == 0);
    draw(&book, 0, &unit);
    CU_ASSERT(unit.instrument == 1 && unit.box == 1);
    close_book(&book);
}

static void judges_when_the_last_box_is_answered(void)
{
    struct book book;

    open_book(&book, "give_up", 0);
    CU_ASSERT(finish_book(&book) == INSTRUMENTS * (BOXES + 1));
    CU_ASSERT(ledger_outcomes(book.ledger)[0].point[0].point == 0);
    CU_ASSERT(ledger_outcomes(book.ledger)[0].found.n_points == 12);
    CU_ASSERT(ledger_progress(book.ledger).n_failed == 0);
    close_book(&book);
}

static void tries_a_fault_again_on_another_rank_first(void)
{
    struct book book;
    struct unit unit;

    open_book(&book, "abort", 2);
    const uint64_t number = draw(&book, 0, &unit);
    CU_ASSERT(answer_with_fault(&book, 0, number, NULL) == 0);
    CU_ASSERT(draw(&book, 0, &unit) != number);
    CU_ASSERT(draw_as(&book, 1, SCHEDULE_GIVEN_ALONE, &unit) == number);
    CU_ASSERT(answer_with_fault(&book, 1, number, NULL) == 0);
    CU_ASSERT(draw_as(&book, 0, SCHEDULE_GIVEN_ALONE, &unit) == number);
    answer_well(&book, 0, number, &unit);
    close_book(&book);
}

static void passes_a_rank_by_whose_own_fault_is_all_that_is_left(void)
{
    struct book book;
    struct unit unit;
    struct buffer none = {0};
    uint64_t number;

    open_book(&book, "abort", 1);
    const uint64_t failed = draw(&book, 0, &unit);
    CU_ASSERT(answer_with_fault(&book, 0, failed, NULL) == 0);
    for (uint64_t next; (next = draw(&book, 0, &unit)) != UINT64_MAX;)
        answer_well(&book, 0, next, &unit);
    CU_ASSERT(ledger_next(book.ledger, 0, &number, &none) == SCHEDULE_PASS);
    CU_ASSERT(draw_as(&book, 1, SCHEDULE_GIVEN_ALONE, &unit) == failed);
    buffer_free(&none);
    close_book(&book);
}

static void tries_it_again_on_the_same_rank_where_there_is_no_other(void)
{
    struct book book;
    struct unit unit;
    bool again = false;

    open_book_of(&book, "abort", 1, 1);
    const uint64_t number = draw(&book, 0, &unit);
    CU_ASSERT(answer_with_fault(&book, 0, number, NULL) == 0);
    for (uint64_t next; (next = draw(&book, 0, &unit)) != UINT64_MAX;) {
        again = again || next == number;
        answer_well(&book, 0, next, &unit);
    }
    CU_ASSERT(again && ledger_is_complete(book.ledger));
    close_book(&book);
}

static void aborts_with_the_fault_where_the_policy_says_so(void)
{
    struct book book;
    struct unit unit;
    struct err err = {0};

    open_book(&book, "abort", 0);
    CU_ASSERT(answer_with_fault(&book, 0, draw(&book, 0, &unit), &err) == -1);
    CU_ASSERT(err.kind == ERR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "B: the disk is away");
    close_book(&book);
}

static void gives_up_the_instrument_and_only_it(void)
{
    struct book book;
    struct unit unit;

    open_book(&book, "give_up", 0);
    CU_ASSERT(answer_with_fault(&book, 0, draw(&book, 0, &unit), NULL) == 0);
    CU_ASSERT(finish_book(&book) == BOXES + 1);
    const struct outcome *outcome = ledger_outcomes(book.ledger);
    CU_ASSERT(outcome[1].n_judged == 0);
    CU_ASSERT_STRING_EQUAL(outcome[1].reason, "the disk is away");
    CU_ASSERT(outcome[0].n_judged > 0);
    close_book(&book);
}

static void continues_without_the_box_and_says_how_many_points_it_had(void)
{
    struct book book;
    struct unit unit;

    open_book(&book, "continue", 0);
    CU_ASSERT(answer_with_fault(&book, 0, draw(&book, 0, &unit), NULL) == 0);
    CU_ASSERT(finish_book(&book) == INSTRUMENTS * (BOXES + 1) - 1);
    const struct outcome *outcome = &ledger_outcomes(book.ledger)[1];
    CU_ASSERT(outcome->n_left_out == 4 && outcome->found.n_points == 8);
    CU_ASSERT(outcome->n_judged > 0 && outcome->point[0].point == 4);
    close_book(&book);
}

static void gives_up_where_every_box_went_wrong(void)
{
    struct book book;
    struct unit unit;

    open_book(&book, "continue", 0);
    for (int i = 0; i < BOXES; i++)
        CU_ASSERT(answer_with_fault(&book, 0, draw(&book, 0, &unit), NULL) == 0);
    CU_ASSERT(finish_book(&book) == BOXES + 1);
    CU_ASSERT(ledger_outcomes(book.ledger)[1].n_judged == 0);
    close_book(&book);
}

/* Boxes 1 and 2 are impossible; box 2 is told first, and its reason does not stand. */
static void the_reason_is_the_first_boxs_whoever_was_faster(void)
{
    struct book book;
    struct unit unit[BOXES];
    uint64_t number[BOXES];

    open_book(&book, "give_up", 0);
    for (int i = 0; i < BOXES; i++)
        number[i] = draw(&book, 0, &unit[i]);
    answer_impossible(&book, number[2], "no fit in box 2");
    answer_impossible(&book, number[1], "no fit in box 1");
    CU_ASSERT(ledger_outcomes(book.ledger)[1].reason[0] == '\0');
    answer_well(&book, 0, number[0], &unit[0]);
    CU_ASSERT_STRING_EQUAL(ledger_outcomes(book.ledger)[1].reason, "no fit in box 1");
    CU_ASSERT(finish_book(&book) == BOXES + 1);
    close_book(&book);
}

static void takes_the_first_answer_of_two(void)
{
    struct book book;
    struct unit unit;

    open_book(&book, "give_up", 0);
    const uint64_t number = draw(&book, 0, &unit);
    answer_well(&book, 0, number, &unit);
    answer_well(&book, 1, number, &unit);
    CU_ASSERT(ledger_progress(book.ledger).n_done == 1);
    CU_ASSERT(ledger_progress(book.ledger).n_points == 4);
    close_book(&book);
}

static void gives_nothing_after_a_stop_but_takes_what_comes(void)
{
    struct book book;
    struct unit unit;

    open_book(&book, "give_up", 0);
    const uint64_t number = draw(&book, 0, &unit);
    ledger_stop(book.ledger);
    CU_ASSERT(draw(&book, 1, &unit) == UINT64_MAX);
    unit = (struct unit){.kind = UNIT_SEARCH, .instrument = 1};
    answer_well(&book, 0, number, &unit);
    CU_ASSERT(ledger_progress(book.ledger).n_done == 1);
    CU_ASSERT(!ledger_is_complete(book.ledger));
    close_book(&book);
}

int main(void)
{
    CU_TestInfo ledger[] = {
        {"gives_the_dearest_instrument_first_and_each_rank_its_own",
         gives_the_dearest_instrument_first_and_each_rank_its_own},
        {"judges_when_the_last_box_is_answered", judges_when_the_last_box_is_answered},
        {"tries_a_fault_again_on_another_rank_first",
         tries_a_fault_again_on_another_rank_first},
        {"passes_a_rank_by_whose_own_fault_is_all_that_is_left",
         passes_a_rank_by_whose_own_fault_is_all_that_is_left},
        {"tries_it_again_on_the_same_rank_where_there_is_no_other",
         tries_it_again_on_the_same_rank_where_there_is_no_other},
        {"aborts_with_the_fault_where_the_policy_says_so",
         aborts_with_the_fault_where_the_policy_says_so},
        {"gives_up_the_instrument_and_only_it", gives_up_the_instrument_and_only_it},
        {"continues_without_the_box_and_says_how_many_points_it_had",
         continues_without_the_box_and_says_how_many_points_it_had},
        {"gives_up_where_every_box_went_wrong", gives_up_where_every_box_went_wrong},
        {"the_reason_is_the_first_boxs_whoever_was_faster",
         the_reason_is_the_first_boxs_whoever_was_faster},
        {"takes_the_first_answer_of_two", takes_the_first_answer_of_two},
        {"gives_nothing_after_a_stop_but_takes_what_comes",
         gives_nothing_after_a_stop_but_takes_what_comes},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"ledger", NULL, NULL, NULL, NULL, ledger},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
