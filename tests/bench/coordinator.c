#include "coordinator/journal.h"
#include "coordinator/ledger.h"
#include "coordinator/unit.h"
#include "tests/bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What a unit costs rank 0, messages aside: drawn from the book, its answer written to
 * the journal and entered.  Boxes of ten paths; answers as they are: the best points
 * and the marginals of the box. */
static const char text[] =
    "job: book\nstudy: margin\ninstruments: [all]\ninterval: 1h\nhorizon_bars: 8\n"
    "confidence: 0.99\nwarmup_bars: 10\nvolatility: ewma\n"
    "axes:\n  lambda: {from: 0.9, to: 0.995, count: 1000}\n"
    "  q: {from: 1, to: 7.3, count: 64}\n  floor: [0, 0.01, 0.02, 0.03, 0.04]\n"
    "  buffer: [0, 0.1, 0.25]\n  release: [0, 1]\nsearch: {max_points: 19200}\n";

enum { INSTRUMENTS = 200 };

struct book {
    struct job job;
    struct history_entry row[INSTRUMENTS];
    const struct history_entry *entry[INSTRUMENTS];
    struct universe universe;
    struct ledger *ledger;
    struct journal *journal;
    char folder[64];
};

static int ignore(void *context, uint64_t unit, struct reader answer, struct err *err)
{
    (void)context, (void)unit, (void)answer, (void)err;
    return 0;
}

static int open_book(struct book *book, struct err *err)
{
    const struct conf_source source = {
        .path = "book.yaml", .bytes = text, .n_bytes = sizeof text - 1};
    const struct journal_callback replay = {NULL, ignore};
    struct journal_identity identity = {.text = "program bench\n"};
    char path[80];
    uint64_t n_replayed;

    snprintf(book->folder, sizeof book->folder, "/tmp/plimsoll-bench-XXXXXX");
    if (mkdtemp(book->folder) == NULL)
        return err_set(err, ERR_IO, "/tmp cannot be written");
    for (int i = 0; i < INSTRUMENTS; i++) {
        snprintf(book->row[i].instrument, HISTORY_NAME_MAX, "I%d", i);
        book->row[i].n_bars = 43800;
        book->entry[i] = &book->row[i];
    }
    book->universe = (struct universe){.n = INSTRUMENTS, .entry = book->entry};
    snprintf(path, sizeof path, "%s/journal", book->folder);
    return job_read(&source, &book->job, err) != 0 ||
                   ledger_new(&book->job, &book->universe, 64, &book->ledger, err) !=
                       0 ||
                   journal_open(path, &identity, &replay, &book->journal, &n_replayed,
                                err) != 0
               ? -1
               : 0;
}

static void close_book(struct book *book)
{
    char command[96];

    journal_close(book->journal);
    ledger_free(book->ledger);
    job_free(&book->job);
    snprintf(command, sizeof command, "rm -rf %s", book->folder);
    if (system(command) != 0)
        fprintf(stderr, "%s: stays behind\n", book->folder);
}

static void make_answer(const struct plan *plan, const struct unit *unit,
                        struct found *found, struct buffer *answer)
{
    struct box box;

    grid_box(&plan->grid, plan->max_points, unit->box, &box);
    found_clear(found);
    for (uint64_t i = 0; i < 20; i++)
        found_offer(found,
                    &(struct candidate){.point = grid_point(&plan->grid, box.first) + i,
                                        .cost = (double)(i * 7 % 20)});
    buffer_empty(answer);
    unit_put_good(answer);
    unit_put_found(answer, &box, found);
}

enum { BATCH = 500, BATCHES = 20 };

struct given {
    uint64_t number;
    struct buffer answer; /* empty: a judging, not answered here */
};

/* Draw a batch, make its answers off the clock, enter them. */
static int run_batch(struct book *book, struct found *found, struct given given[BATCH],
                     double *spent_s, struct err *err)
{
    struct buffer request[BATCH] = {{0}};
    uint64_t points[UNIT_POINTS_MAX];
    struct unit unit;
    int status = 0;
    double start = bench_seconds();

    for (int i = 0; i < BATCH; i++)
        if (ledger_next(book->ledger, i % 64, &given[i].number, &request[i]) !=
            SCHEDULE_GIVEN)
            return err_set(err, ERR_BUG, "the book is too short");
    *spent_s += bench_seconds() - start;
    for (int i = 0; i < BATCH; i++) {
        struct reader reader = {request[i].bytes, request[i].n};

        buffer_empty(&given[i].answer);
        if (unit_get(&reader, &unit, points) == 0 && unit.kind == UNIT_SEARCH)
            make_answer(&book->job.plan, &unit, found, &given[i].answer);
        buffer_free(&request[i]);
    }
    start = bench_seconds();
    for (int i = 0; i < BATCH && status == 0; i++) {
        const struct reader answer = {given[i].answer.bytes, given[i].answer.n};

        if (answer.n_left == 0)
            continue;
        status = journal_append(book->journal, given[i].number, answer.bytes,
                                answer.n_left, err);
        if (status == 0)
            status = ledger_take(book->ledger, i % 64, given[i].number, answer, err);
    }
    *spent_s += bench_seconds() - start;
    return status;
}

static int give_and_take(struct book *book, struct found *found, double *spent_s,
                         struct err *err)
{
    struct given *given = calloc(BATCH, sizeof *given);
    int status = given == NULL ? err_set(err, ERR_MEMORY, "no memory") : 0;

    for (int b = 0; status == 0 && b < BATCHES; b++)
        status = run_batch(book, found, given, spent_s, err);
    for (int i = 0; given != NULL && i < BATCH; i++)
        buffer_free(&given[i].answer);
    free(given);
    return status;
}

int bench_coordinator(struct json *json, struct err *err)
{
    struct book book = {0};
    struct found found;
    double spent_s = 0.0;
    int status = -1;

    if (open_book(&book, err) == 0 &&
        found_new(&book.job.plan, book.job.plan.max_points, &found, err) == 0) {
        status = give_and_take(&book, &found, &spent_s, err);
        found_free(&found);
    }
    close_book(&book);
    if (status != 0)
        return -1;
    json_put_object(json, "coordinator");
    json_put_integer(json, "units", BATCH * BATCHES);
    json_put_real(json, "unit_us", 1e6 * spent_s / (BATCH * BATCHES));
    json_end(json);
    return 0;
}
