/* The ledger where points are searched and not the grid: whoever answers, in whatever
 * order, the outcome is the same. */
#include "coordinator/ledger.h"
#include "coordinator/unit_search.h"
#include "coordinator/verdicts.h"
#include "tests/check.h"
#include "tests/sample.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

static const char text[] =
    "job: hunt\ninstruments: [all]\ninterval: 1h\nhorizon_bars: 8\n"
    "axes: {lambda: {from: 0.9, to: 0.99}, q: {from: 1, to: 9, scale: log}}\n"
    "search: {method: cmaes, points: 120, polish: 3, polish_points: 20}\n";

enum { INSTRUMENTS = 3, OUT_MAX = 64 };

struct book {
    struct job job;
    struct history_entry row[INSTRUMENTS];
    const struct history_entry *entry[INSTRUMENTS];
    struct universe universe;
    struct ledger *ledger;
};

static void open_book_of(struct book *book, const char *setting, const char *other)
{
    const char *const list[] = {"search.max_points=4", setting, other};
    const struct conf_source source = {.path = "hunt.yaml",
                                       .bytes = text,
                                       .n_bytes = sizeof text - 1,
                                       .n_settings = other != NULL ? 3 : 2,
                                       .settings = list};
    struct err err = {0};

    *book = (struct book){.row = {{.instrument = "A", .n_bars = 500},
                                  {.instrument = "B", .n_bars = 900},
                                  {.instrument = "C", .n_bars = 700}}};
    for (int i = 0; i < INSTRUMENTS; i++)
        book->entry[i] = &book->row[i];
    book->universe = (struct universe){.n = INSTRUMENTS, .entry = book->entry};
    if (job_read(&source, &book->job, &err) != 0)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_FATAL(err.kind == ERR_NONE);
    CU_ASSERT_FATAL(ledger_new(&book->job, &book->universe, 5, &book->ledger, &err) ==
                    0);
}

static void open_book(struct book *book, const char *setting)
{
    open_book_of(book, setting, NULL);
}

static void close_book(struct book *book)
{
    ledger_free(book->ledger);
    job_free(&book->job);
}

static size_t n_rated; /* by all ranks, of every instrument */

/* Least at lambda 0.95 + i/100, q 3; q below 2.5 is not allowed. */
static int rate(void *context, size_t n, const double value[], double share,
                struct rating rating[], struct err *err)
{
    const uint32_t instrument = *(const uint32_t *)context;

    (void)share, (void)err;
    n_rated += n;
    for (size_t i = 0; i < n; i++) {
        const double *x = value + 5 * i;
        const double a = x[0] - 0.95 - 0.01 * instrument, b = x[1] - 3.0;

        rating[i] = (struct rating){.violation = fmax(0.0, 2.5 - x[1]),
                                    .cost = 100.0 * a * a + b * b,
                                    .slack = x[1] - 2.5};
    }
    return 0;
}

static void put_verdicts(const struct plan *plan, uint32_t n, uint32_t instrument,
                         const double value[], struct buffer *answer)
{
    struct verdict *verdict;
    struct rating rating;

    CU_ASSERT_FATAL(verdicts_new(plan, 1, &verdict, NULL) == 0);
    for (uint32_t i = 0; i < n; i++) {
        rate(&instrument, 1, value + 5 * i, 1.0, &rating, NULL);
        for (size_t m = 0; m < plan->study->n_metrics; m++)
            verdict->figure[0][m] = verdict->figure[1][m] = 1.0;
        verdict->figure[0][plan->objective - plan->study->metrics] = rating.cost;
        verdict->last = 0.1;
        unit_put_verdict(answer, plan, verdict);
    }
    verdicts_free(verdict);
}

/* What a rank would say. */
static void work(const struct book *book, struct reader request, struct buffer *answer)
{
    const struct plan *plan = &book->job.plan;
    struct unit_points points;
    struct rating rating[64];
    struct unit unit;
    double *value;

    buffer_empty(answer);
    CU_ASSERT_FATAL(unit_get(&request, &unit, NULL) == 0);
    CU_ASSERT_FATAL(unit_get_points(&request, &unit, 5, &points, &value) == 0);
    unit_put_good(answer);
    if (unit.kind == UNIT_RATE) {
        CU_ASSERT_FATAL(unit.n_points <= 4);
        rate(&unit.instrument, unit.n_points, value, points.share, rating, NULL);
        unit_put_ratings(answer, unit.n_points, rating, "");
    } else if (unit.kind == UNIT_POLISH) {
        struct tried tried, known;
        const struct search_from from = {value, points.rating, points.n_most, &known};

        tried_start(5, &tried);
        tried_start(5, &known);
        CU_ASSERT_FATAL(unit_get_tried(&request, &known, NULL) == 0);
        CU_ASSERT_FATAL(search_polish(&plan->grid, &from, rate, &unit.instrument,
                                      &tried, NULL) == 0);
        unit_put_tried(answer, &tried);
        tried_free(&tried);
        tried_free(&known);
    } else {
        CU_ASSERT_FATAL(unit.kind == UNIT_JUDGE_AT);
        put_verdicts(plan, unit.n_points, unit.instrument, value, answer);
    }
    free(value);
}

/* Units that are out, each with its request. */
struct out {
    size_t n;
    uint64_t number[OUT_MAX];
    struct buffer request[OUT_MAX];
};

static void answer_one(struct book *book, struct out *out, size_t i, bool twice)
{
    struct buffer answer = {0};

    work(book, (struct reader){out->request[i].bytes, out->request[i].n}, &answer);
    for (int k = 0; k <= twice; k++)
        CU_ASSERT_FATAL(ledger_take(book->ledger, 0, out->number[i],
                                    (struct reader){answer.bytes, answer.n},
                                    NULL) == 0);
    buffer_free(&answer);
    buffer_free(&out->request[i]);
    out->number[i] = out->number[--out->n];
    out->request[i] = out->request[out->n];
}

/* Up to n_out units are out at a time; answers come in an order of this seed, some of
 * them twice. */
static void work_off(struct book *book, size_t n_out, uint64_t seed)
{
    struct sample sample = {seed};
    struct out out = {0};

    for (;;) {
        enum schedule_next next = SCHEDULE_GIVEN;

        while (out.n < n_out && next == SCHEDULE_GIVEN) {
            out.request[out.n] = (struct buffer){0};
            next = ledger_next(book->ledger, (int)(out.n % 5), &out.number[out.n],
                               &out.request[out.n]);
            if (next == SCHEDULE_GIVEN)
                out.n++;
            else
                buffer_free(&out.request[out.n]);
        }
        if (out.n == 0) {
            CU_ASSERT(next == SCHEDULE_DONE);
            break;
        }
        answer_one(book, &out, sample_below(&sample, out.n),
                   sample_below(&sample, 4) == 0);
    }
    CU_ASSERT(ledger_is_complete(book->ledger));
    CU_ASSERT(ledger_n_left(book->ledger) == 0);
    const struct ledger_progress progress = ledger_progress(book->ledger);
    CU_ASSERT(progress.n_done == progress.n_units);
}

/* The best is in a corner: every polish comes there. */
static void polishes_of_an_instrument_share_what_they_know(void)
{
    struct book book;
    size_t n_tried = 0, n_judged = 0;

    open_book_of(&book, "axes.lambda={from: 0.9, to: 0.945}",
                 "axes.q={from: 1, to: 2.5}");
    n_rated = 0;
    work_off(&book, 5, 11);
    for (int i = 0; i < INSTRUMENTS; i++) {
        n_tried += ledger_outcomes(book.ledger)[i].tried.n;
        n_judged += ledger_outcomes(book.ledger)[i].n_judged;
    }
    CU_ASSERT(n_rated == n_tried + n_judged); /* a judged one is walked in the test */
    close_book(&book);
}

static void check_same(struct book *one, struct book *other)
{
    for (int i = 0; i < INSTRUMENTS; i++) {
        const struct outcome *a = &ledger_outcomes(one->ledger)[i],
                             *b = &ledger_outcomes(other->ledger)[i];

        CU_ASSERT_FATAL(a->tried.n == b->tried.n && a->n_judged == b->n_judged);
        CU_ASSERT(memcmp(a->tried.value, b->tried.value,
                         a->tried.n * 5 * sizeof(double)) == 0);
        CU_ASSERT(memcmp(a->point, b->point, a->n_judged * sizeof *a->point) == 0);
    }
}

static void the_outcome_is_the_same_however_units_are_given_and_answered(void)
{
    struct book alone, other;

    open_book(&alone, "search.seed=7");
    work_off(&alone, 1, 1);
    for (size_t n_out = 2; n_out <= OUT_MAX; n_out = 2 * n_out + 1) {
        open_book(&other, "search.seed=7");
        work_off(&other, n_out, n_out);
        check_same(&alone, &other);
        close_book(&other);
    }
    close_book(&alone);
}

static void each_instrument_ends_near_its_optimum_and_no_point_is_tried_twice(void)
{
    struct book book;
    double value[AXES_MAX];

    open_book(&book, "search.seed=7");
    work_off(&book, 5, 3);
    for (int i = 0; i < INSTRUMENTS; i++) {
        const struct outcome *outcome = &ledger_outcomes(book.ledger)[i];
        const struct tried *tried = &outcome->tried;

        CU_ASSERT(outcome->status == STATUS_CALIBRATED);
        CU_ASSERT(outcome->found.n_points == tried->n && tried->n > 120);
        outcome_values(&book.job.plan, outcome, 0, value);
        CU_ASSERT(fabs(value[0] - 0.95 - 0.01 * i) < 0.005);
        CU_ASSERT(fabs(value[1] - 3.0) < 0.05);
        for (size_t k = 0; k < tried->n; k++)
            for (size_t l = 0; l < k; l++)
                CU_ASSERT(memcmp(tried_value(tried, k), tried_value(tried, l),
                                 5 * sizeof(double)) != 0);
    }
    close_book(&book);
}

/* A journal holds the answers of one run up to where it was killed; another takes them
 * and goes on. */
static void a_run_that_takes_the_first_answers_of_another_goes_on_to_the_same_end(void)
{
    struct book whole, again;
    struct buffer request = {0}, answer = {0};
    struct unit unit;
    uint64_t number;

    open_book(&whole, "search.seed=7");
    work_off(&whole, 7, 7);
    for (int n_before = 1; n_before < 40; n_before += 13) {
        struct book first;

        open_book(&first, "search.seed=7");
        open_book(&again, "search.seed=7");
        for (int k = 0; k < n_before; k++) {
            buffer_empty(&request);
            CU_ASSERT_FATAL(ledger_next(first.ledger, 0, &number, &request) ==
                            SCHEDULE_GIVEN);
            struct reader head = {request.bytes, request.n};
            CU_ASSERT_FATAL(unit_get(&head, &unit, NULL) == 0);
            work(&first, (struct reader){request.bytes, request.n}, &answer);
            const struct reader bytes = {answer.bytes, answer.n};
            CU_ASSERT_FATAL(ledger_take(first.ledger, 0, number, bytes, NULL) == 0);
            CU_ASSERT_FATAL(ledger_take(again.ledger, 0, number, bytes, NULL) == 0);
        }
        work_off(&again, 3, 5);
        check_same(&whole, &again);
        close_book(&first);
        close_book(&again);
    }
    buffer_free(&request);
    buffer_free(&answer);
    close_book(&whole);
}

static void put_fault(struct book *book, uint64_t number)
{
    const struct err fault = {.kind = ERR_IO, .text = "the disk is away"};
    struct buffer bytes = {0};

    unit_put_fault(&bytes, &fault);
    CU_ASSERT(ledger_take(book->ledger, 0, number,
                          (struct reader){bytes.bytes, bytes.n}, NULL) == 0);
    buffer_free(&bytes);
}

static void a_fault_is_tried_again_then_its_points_are_left_out_or_the_instrument(void)
{
    static const char *const policy[] = {"schedule.on_fault=continue",
                                         "schedule.on_fault=give_up"};

    for (int p = 0; p < 2; p++) {
        struct buffer request = {0};
        struct book book;
        struct unit unit;
        uint64_t number, again;

        open_book(&book, policy[p]);
        CU_ASSERT_FATAL(ledger_next(book.ledger, 0, &number, &request) ==
                        SCHEDULE_GIVEN);
        struct reader head = {request.bytes, request.n};
        CU_ASSERT_FATAL(unit_get(&head, &unit, NULL) == 0);
        put_fault(&book, number);
        buffer_empty(&request);
        CU_ASSERT(ledger_next(book.ledger, 1, &again, &request) ==
                  SCHEDULE_GIVEN_ALONE);
        CU_ASSERT(again == number);
        put_fault(&book, number);
        work_off(&book, 4, 9);
        const struct outcome *outcome = &ledger_outcomes(book.ledger)[unit.instrument];
        if (p == 0) {
            CU_ASSERT(outcome->n_left_out == unit.n_points);
            CU_ASSERT(outcome->status == STATUS_CALIBRATED);
        } else {
            CU_ASSERT(outcome->status == STATUS_FAILED);
            CHECK_CONTAINS(outcome->reason, "the disk is away");
        }
        buffer_free(&request);
        close_book(&book);
    }
}

int main(void)
{
    CU_TestInfo ledger[] = {
        {"the_outcome_is_the_same_however_units_are_given_and_answered",
         the_outcome_is_the_same_however_units_are_given_and_answered},
        {"each_instrument_ends_near_its_optimum_and_no_point_is_tried_twice",
         each_instrument_ends_near_its_optimum_and_no_point_is_tried_twice},
        {"polishes_of_an_instrument_share_what_they_know",
         polishes_of_an_instrument_share_what_they_know},
        {"a_run_that_takes_the_first_answers_of_another_goes_on_to_the_same_end",
         a_run_that_takes_the_first_answers_of_another_goes_on_to_the_same_end},
        {"a_fault_is_tried_again_then_its_points_are_left_out_or_the_instrument",
         a_fault_is_tried_again_then_its_points_are_left_out_or_the_instrument},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"ledger_search", NULL, NULL, NULL, NULL, ledger},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
