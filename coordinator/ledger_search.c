#include "coordinator/ledger_inside.h"
#include "coordinator/unit_search.h"
#include "worker/cost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One instrument's search under way.  A batch is cut into chunks of plan.max_points
 * points; a polish is one.  When the last chunk is answered the search is told and
 * asked for the next batch. */
struct hunt {
    struct search *search;
    const struct search_batch *batch;
    uint64_t n_batches;                   /* before this one */
    uint64_t n_chunks, chunk, n_answered; /* points a chunk; chunks answered */
    uint64_t next;                        /* to be given */
    bool *has_answer;                     /* [n_chunks] */
    struct rating *rating;                /* [batch->n] */
    struct tried of_start;                /* of a polish */
    uint64_t refused_at;                  /* the first chunk with a refusal */
    char refusal[ERR_TEXT_MAX];
};

enum { CHUNK_BITS = 20, BATCH_BITS = 21 };

bool ledger_hunts(const struct ledger *ledger)
{
    return !search_is_grid(ledger->job->plan.search.method);
}

uint64_t ledger_hunt_boxes(void)
{
    return (UINT64_C(1) << (CHUNK_BITS + BATCH_BITS)) - 1;
}

/* Of an instrument, as far as one can know before: full chunks, the starts of a polish,
 * and the judging. */
uint64_t ledger_hunt_units(const struct ledger *ledger, size_t instrument)
{
    const struct plan *plan = &ledger->job->plan;
    const uint64_t n_bars = ledger->universe->entry[instrument]->n_bars;
    const double n = cost_search_ns(plan, n_bars) / cost_rate_ns(plan, n_bars);

    return (uint64_t)(n / (double)plan->max_points) + plan->search.n_polish + 2;
}

static void drop_batch(struct hunt *hunt)
{
    tried_free(&hunt->of_start);
    free(hunt->has_answer);
    free(hunt->rating);
    hunt->has_answer = NULL;
    hunt->rating = NULL;
}

void ledger_hunt_free(struct page *page)
{
    if (page->hunt == NULL)
        return;
    drop_batch(page->hunt);
    search_free(page->hunt->search);
    free(page->hunt);
    page->hunt = NULL;
}

/* ---- batches ---- */

static int cut_batch(const struct ledger *ledger, struct hunt *hunt, struct err *err)
{
    const struct search_batch *batch = hunt->batch;
    const uint64_t most = /* that take as long as so many on all bars */
        (uint64_t)((double)ledger->job->plan.max_points / batch->share);
    const uint64_t floor_n = (batch->n >> CHUNK_BITS) + 1; /* chunks have a number */

    hunt->chunk = most > floor_n ? most : floor_n;
    hunt->n_chunks = (batch->n + hunt->chunk - 1) / hunt->chunk;
    hunt->chunk = (batch->n + hunt->n_chunks - 1) / hunt->n_chunks; /* even ones */
    hunt->n_chunks = (batch->n + hunt->chunk - 1) / hunt->chunk;
    hunt->next = hunt->n_answered = 0;
    hunt->has_answer = calloc(hunt->n_chunks, sizeof *hunt->has_answer);
    hunt->rating = calloc(batch->n, sizeof *hunt->rating);
    if (hunt->has_answer == NULL || hunt->rating == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a batch of %zu points",
                       batch->n);
    tried_start(ledger->job->plan.grid.n_axes, &hunt->of_start);
    return 0;
}

/* A rank works on it; nobody does where there is none any more. */
static int next_batch(const struct ledger *ledger, struct hunt *hunt, struct err *err)
{
    drop_batch(hunt);
    if (search_ask(hunt->search, &hunt->batch, err) != 0)
        return -1;
    return hunt->batch->n == 0 ? 0 : cut_batch(ledger, hunt, err);
}

static int start(struct ledger *ledger, size_t instrument, struct err *err)
{
    const struct plan *plan = &ledger->job->plan;
    struct page *page = &ledger->page[instrument];

    page->hunt = calloc(1, sizeof *page->hunt);
    if (page->hunt == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a search");
    page->hunt->refused_at = UINT64_MAX;
    if (search_new(&plan->search, &plan->grid,
                   cost_most_points(plan, ledger->universe->entry[instrument]->n_bars),
                   &page->hunt->search, err) == 0 &&
        next_batch(ledger, page->hunt, err) == 0)
        return 0;
    ledger_hunt_free(page);
    return -1;
}

/* A search begins when its instrument does: the many that wait need no memory. */
static struct hunt *hunt_of(struct ledger *ledger, size_t instrument)
{
    struct page *page = &ledger->page[instrument];
    struct err why = {0};

    if (page->hunt == NULL && !page->closed && !page->is_hunted &&
        start(ledger, instrument, &why) != 0)
        ledger_give_up(ledger, page, why.text, NULL);
    return page->hunt;
}

/* ---- giving ---- */

bool ledger_hunt_has_units(struct ledger *ledger, size_t instrument)
{
    struct hunt *hunt = hunt_of(ledger, instrument);

    if (hunt == NULL)
        return false;
    while (hunt->next < hunt->n_chunks && hunt->has_answer[hunt->next])
        hunt->next++;
    return hunt->next < hunt->n_chunks;
}

uint64_t ledger_hunt_next(struct ledger *ledger, size_t instrument)
{
    struct page *page = &ledger->page[instrument];
    struct hunt *hunt = page->hunt;

    if (page->n_given + 2 > page->n_units) { /* more than foreseen */
        page->n_units++;
        ledger->progress.n_units++;
        ledger->n_left++;
    }
    return (hunt->n_batches << CHUNK_BITS) + hunt->next++;
}

static uint64_t chunk_size(const struct hunt *hunt, uint64_t c)
{
    const uint64_t left = hunt->batch->n - c * hunt->chunk;

    return left < hunt->chunk ? left : hunt->chunk;
}

void ledger_hunt_put(const struct ledger *ledger, size_t instrument, uint64_t box,
                     uint32_t next_instrument, struct buffer *request)
{
    const size_t n_axes = ledger->job->plan.grid.n_axes;
    const struct hunt *hunt = ledger->page[instrument].hunt;
    const struct search_batch *batch = hunt->batch;
    const uint64_t c = box & ((UINT64_C(1) << CHUNK_BITS) - 1), first = c * hunt->chunk;
    const struct unit unit = {.kind = batch->polish ? UNIT_POLISH : UNIT_RATE,
                              .instrument = (uint32_t)instrument,
                              .next_instrument = next_instrument,
                              .n_points = (uint32_t)chunk_size(hunt, c)};
    struct unit_points points = {.share = batch->share};

    if (batch->polish) {
        points.n_most = batch->n_most;
        points.rating = batch->rating;
    }
    unit_put_points(request, &unit, &points, n_axes, batch->value + first * n_axes);
    if (batch->polish)
        unit_put_known(request, &ledger->job->plan.grid, batch->value, batch->known);
}

void ledger_hunt_put_judging(const struct ledger *ledger, size_t instrument,
                             struct buffer *request)
{
    const struct outcome *outcome = &ledger->outcome[instrument];
    const struct unit unit = {.kind = UNIT_JUDGE_AT,
                              .instrument = (uint32_t)instrument,
                              .next_instrument = UNIT_NONE,
                              .n_points = (uint32_t)outcome->n_asked};
    const struct unit_points points = {.share = 1.0};
    const size_t n_axes = ledger->job->plan.grid.n_axes;
    double value[RANKING_MAX * AXES_MAX];

    for (size_t i = 0; i < outcome->n_asked; i++)
        memcpy(value + i * n_axes,
               tried_value(&outcome->tried, (size_t)outcome->asked[i].point),
               n_axes * sizeof *value);
    unit_put_points(request, &unit, &points, n_axes, value);
}

/* ---- taking ---- */

bool ledger_hunt_waits_for(struct ledger *ledger, size_t instrument, uint64_t box)
{
    const struct hunt *hunt = hunt_of(ledger, instrument);
    const uint64_t c = box & ((UINT64_C(1) << CHUNK_BITS) - 1);

    return hunt != NULL && box >> CHUNK_BITS == hunt->n_batches && c < hunt->n_chunks &&
           !hunt->has_answer[c];
}

/* No more batches: what was tried is the outcome's, the best is ranked. */
static int end(struct ledger *ledger, size_t instrument, struct err *err)
{
    struct page *page = &ledger->page[instrument];
    struct hunt *hunt = page->hunt;
    struct outcome *outcome = page->outcome;

    search_rank(hunt->search, &outcome->found.ranking);
    search_give_tried(hunt->search, &outcome->tried);
    if (outcome->found.ranking.n == 0)
        memcpy(outcome->reason, hunt->refusal, sizeof outcome->reason);
    page->is_hunted = true;
    ledger_hunt_free(page);
    return ledger_end_search(ledger, instrument, err);
}

static void count_points(struct ledger *ledger, struct page *page)
{
    struct found *found = &page->outcome->found;
    const uint64_t before = found->n_points;

    found->n_points = search_tried(page->hunt->search)->n;
    ledger->progress.n_points += found->n_points - before;
}

/* After a chunk: was it the last of its batch? */
static int go_on(struct ledger *ledger, size_t instrument, struct err *err)
{
    struct page *page = &ledger->page[instrument];
    struct hunt *hunt = page->hunt;
    int status;

    page->n_answered++;
    ledger->progress.n_done++;
    if (++hunt->n_answered < hunt->n_chunks)
        return 0;
    status = hunt->batch->polish
                 ? search_tell_polish(hunt->search, &hunt->of_start, err)
                 : search_tell(hunt->search, hunt->rating, err);
    hunt->n_batches++;
    count_points(ledger, page);
    if (status != 0 || next_batch(ledger, hunt, err) != 0)
        return -1;
    if (hunt->batch->n == 0)
        return end(ledger, instrument, err);
    ledger_reopen(ledger, instrument);
    return 0;
}

int ledger_hunt_take(struct ledger *ledger, size_t instrument, uint64_t box,
                     struct reader *answer, struct err *err)
{
    struct hunt *hunt = ledger->page[instrument].hunt;
    const uint64_t c = box & ((UINT64_C(1) << CHUNK_BITS) - 1);
    char refusal[ERR_TEXT_MAX] = "";

    if (hunt->batch->polish) {
        if (unit_get_tried(answer, &hunt->of_start, err) != 0)
            return -1;
    } else if (unit_get_ratings(answer, chunk_size(hunt, c),
                                hunt->rating + c * hunt->chunk, refusal) != 0) {
        return err_set(err, ERR_BUG, "ratings cannot be read");
    }
    if (refusal[0] != '\0' && box < hunt->refused_at) {
        hunt->refused_at = box;
        memcpy(hunt->refusal, refusal, sizeof refusal);
    }
    hunt->has_answer[c] = true;
    return go_on(ledger, instrument, err);
}

int ledger_hunt_suffer(struct ledger *ledger, size_t instrument, uint64_t box,
                       struct err *err)
{
    struct page *page = &ledger->page[instrument];
    struct hunt *hunt = page->hunt;
    const uint64_t c = box & ((UINT64_C(1) << CHUNK_BITS) - 1), n = chunk_size(hunt, c);

    for (uint64_t i = 0; i < n; i++)
        hunt->rating[c * hunt->chunk + i] =
            (struct rating){METRIC_UNDEFINED, (double)NAN, -METRIC_UNDEFINED};
    page->outcome->n_left_out += n;
    hunt->has_answer[c] = true;
    return go_on(ledger, instrument, err);
}

double ledger_hunt_unit_s(const struct ledger *ledger, size_t instrument)
{
    const struct plan *plan = &ledger->job->plan;

    return 1e-9 * (double)plan->max_points *
           cost_rate_ns(plan, ledger->universe->entry[instrument]->n_bars);
}
