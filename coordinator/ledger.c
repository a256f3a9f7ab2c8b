#include "coordinator/ledger.h"
#include "coordinator/unit.h"
#include "coordinator/verdicts.h"

#include <stdio.h>
#include <stdlib.h>

/* The state of one instrument. */
struct page {
    struct outcome *outcome;
    bool *has_answer;              /* [n_boxes]                              */
    uint64_t next_box, n_answered; /* boxes before next_box are given        */
    uint64_t n_wanted, n_whole;    /* boxes asked for: all, or those before the first
                                      that failed; boxes answered without a hole */
    bool judging, closed;          /* its points are out; its outcome stands */
};

struct ledger {
    const struct job *job;
    const struct universe *universe;
    uint64_t n_boxes; /* of every instrument's grid                         */
    struct page *page;
    struct outcome *outcome;
    size_t *longest_first; /* instruments by their number of bars           */
    size_t n_started;      /* of longest_first                              */
    size_t *last;          /* [n_ranks] the instrument a rank works on       */
    bool stopped;          /* no more units are given                        */
};

/* The number of a unit: an instrument's boxes, then its judging. */
static uint64_t unit_number(const struct ledger *ledger, size_t instrument,
                            uint64_t box)
{
    return instrument * (ledger->n_boxes + 1) + box;
}

static int by_length(const void *a, const void *b, void *context)
{
    const struct universe *universe = context;
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const uint64_t n_i = universe->entry[i]->n_bars, n_j = universe->entry[j]->n_bars;

    if (n_i != n_j)
        return n_i < n_j ? 1 : -1;
    return i < j ? -1 : 1;
}

static int fill_pages(struct ledger *ledger, struct err *err)
{
    const struct plan *plan = &ledger->job->plan;

    for (size_t i = 0; i < ledger->universe->n; i++) {
        struct outcome *outcome = &ledger->outcome[i];

        outcome->entry = ledger->universe->entry[i];
        ledger->page[i].outcome = outcome;
        ledger->page[i].n_wanted = ledger->n_boxes;
        ledger->page[i].has_answer = calloc(ledger->n_boxes, sizeof(bool));
        ledger->longest_first[i] = i;
        if (ledger->page[i].has_answer == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %llu boxes",
                           (unsigned long long)ledger->n_boxes);
        if (found_new(plan, grid_n_points(&plan->grid), &outcome->found, err) != 0)
            return -1;
    }
    qsort_r(ledger->longest_first, ledger->universe->n, sizeof(size_t), by_length,
            (void *)ledger->universe);
    return 0;
}

int ledger_new(const struct job *job, const struct universe *universe, int n_ranks,
               struct ledger **out, struct err *err)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);

    if (ledger == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a ledger");
    ledger->job = job;
    ledger->universe = universe;
    ledger->n_boxes = grid_n_boxes(&job->plan.grid, job->plan.max_points);
    ledger->page = calloc(universe->n, sizeof *ledger->page);
    ledger->outcome = calloc(universe->n, sizeof *ledger->outcome);
    ledger->longest_first = calloc(universe->n, sizeof *ledger->longest_first);
    ledger->last = calloc((size_t)n_ranks, sizeof *ledger->last);
    if (ledger->page == NULL || ledger->outcome == NULL ||
        ledger->longest_first == NULL || ledger->last == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu instruments", universe->n);
    else if (fill_pages(ledger, err) == 0) {
        for (int rank = 0; rank < n_ranks; rank++)
            ledger->last[rank] = SIZE_MAX;
        *out = ledger;
        return 0;
    }
    ledger_free(ledger);
    return -1;
}

void ledger_free(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    for (size_t i = 0; ledger->outcome != NULL && i < ledger->universe->n; i++)
        outcome_free(&ledger->outcome[i]);
    for (size_t i = 0; ledger->page != NULL && i < ledger->universe->n; i++)
        free(ledger->page[i].has_answer);
    free(ledger->outcome);
    free(ledger->page);
    free(ledger->longest_first);
    free(ledger->last);
    free(ledger);
}

/* Is there a box to give?  Those answered before (from the journal) are passed over. */
static bool has_boxes(const struct ledger *ledger, size_t instrument)
{
    struct page *page = &ledger->page[instrument];

    while (page->next_box < page->n_wanted && page->has_answer[page->next_box])
        page->next_box++;
    return !page->closed && page->next_box < page->n_wanted;
}

static bool is_searched(const struct ledger *ledger, const struct page *page)
{
    return page->n_answered == ledger->n_boxes;
}

/* An instrument to search for this rank: the one it has in hand, else the longest
 * that nobody has begun, else the one with most boxes left.  SIZE_MAX: none. */
static size_t choose(struct ledger *ledger, int rank)
{
    size_t most = SIZE_MAX;

    if (ledger->last[rank] != SIZE_MAX && has_boxes(ledger, ledger->last[rank]))
        return ledger->last[rank];
    while (ledger->n_started < ledger->universe->n) {
        const size_t instrument = ledger->longest_first[ledger->n_started++];

        if (has_boxes(ledger, instrument))
            return instrument;
    }
    for (size_t i = 0; i < ledger->universe->n; i++)
        if (has_boxes(ledger, i) &&
            (most == SIZE_MAX ||
             ledger->page[i].next_box < ledger->page[most].next_box))
            most = i;
    return most;
}

static void give_judging(struct ledger *ledger, size_t instrument, uint64_t *number,
                         struct buffer *request)
{
    const struct ranking *ranking = &ledger->outcome[instrument].found.ranking;
    const struct unit unit = {
        .kind = UNIT_JUDGE, .instrument = (uint32_t)instrument, .n_points = ranking->n};
    uint64_t points[RANKING_MAX];

    for (size_t i = 0; i < ranking->n; i++)
        points[i] = ranking->best[i].point;
    ledger->page[instrument].judging = true;
    *number = unit_number(ledger, instrument, ledger->n_boxes);
    unit_put(request, &unit, points);
}

static void give_box(struct ledger *ledger, size_t instrument, uint64_t *number,
                     struct buffer *request)
{
    struct page *page = &ledger->page[instrument];
    const struct unit unit = {
        .kind = UNIT_SEARCH, .instrument = (uint32_t)instrument, .box = page->next_box};

    *number = unit_number(ledger, instrument, page->next_box++);
    unit_put(request, &unit, NULL);
}

/* An instrument that is searched through and not judged yet; this rank's own first. */
static size_t ready_to_judge(const struct ledger *ledger, int rank)
{
    size_t ready = SIZE_MAX;

    for (size_t i = 0; i < ledger->universe->n; i++) {
        const struct page *page = &ledger->page[i];

        if (page->closed || page->judging || !is_searched(ledger, page))
            continue;
        if (ready == SIZE_MAX || ledger->last[rank] == i)
            ready = i;
    }
    return ready;
}

static bool is_closed(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->universe->n; i++)
        if (!ledger->page[i].closed)
            return false;
    return true;
}

enum schedule_next ledger_next(void *context, int rank, uint64_t *number,
                               struct buffer *request)
{
    struct ledger *ledger = context;

    if (ledger->stopped)
        return SCHEDULE_DONE;
    size_t instrument = ready_to_judge(ledger, rank);
    if (instrument != SIZE_MAX) {
        give_judging(ledger, instrument, number, request);
        return SCHEDULE_GIVEN;
    }
    instrument = choose(ledger, rank);
    if (instrument == SIZE_MAX)
        return is_closed(ledger) ? SCHEDULE_DONE : SCHEDULE_WAIT;
    ledger->last[rank] = instrument;
    give_box(ledger, instrument, number, request);
    return SCHEDULE_GIVEN;
}

static void close_page(struct ledger *ledger, struct page *page)
{
    page->closed = true;
    outcome_decide(&ledger->job->plan, page->outcome);
}

/* Give the instrument up for its reason: its other boxes are not asked for, and what is
 * still under way will find the page closed. */
static void give_up(struct ledger *ledger, struct page *page)
{
    struct outcome *outcome = page->outcome;

    found_clear(&outcome->found);
    outcome->n_judged = 0;
    close_page(ledger, page);
}

/* Among boxes that failed the first one's reason stands, whichever was answered first:
 * the instrument is given up when every box before it has been answered. */
static void settle(struct ledger *ledger, struct page *page)
{
    while (page->n_whole < page->n_wanted && page->has_answer[page->n_whole])
        page->n_whole++;
    if (page->n_wanted == ledger->n_boxes || page->n_whole < page->n_wanted)
        return;
    give_up(ledger, page);
}

static void take_failure(struct ledger *ledger, struct page *page, uint64_t b,
                         const char *reason)
{
    struct outcome *outcome = page->outcome;

    if (b == ledger->n_boxes || b < page->n_wanted)
        snprintf(outcome->reason, sizeof outcome->reason, "%s", reason);
    if (b < page->n_wanted)
        page->n_wanted = b;
    if (b == ledger->n_boxes)
        give_up(ledger, page);
    else
        settle(ledger, page);
}

static int take_verdicts(struct ledger *ledger, struct page *page,
                         struct reader *answer, struct err *err)
{
    const struct plan *plan = &ledger->job->plan;
    struct outcome *outcome = page->outcome;
    const struct ranking *ranking = &outcome->found.ranking;

    outcome->point = calloc(ranking->n, sizeof *outcome->point);
    if (outcome->point == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", ranking->n);
    if (verdicts_new(plan, ranking->n, &outcome->verdict, err) != 0)
        return -1;
    for (size_t i = 0; i < ranking->n; i++) {
        outcome->point[i] = ranking->best[i];
        if (unit_get_verdict(answer, plan, &outcome->verdict[i]) != 0)
            return err_set(err, ERR_BUG, "the figures of a point cannot be read");
    }
    outcome->n_judged = ranking->n;
    close_page(ledger, page);
    return 0;
}

static int take_box(struct ledger *ledger, struct page *page, uint64_t b,
                    struct reader *answer, struct err *err)
{
    const struct plan *plan = &ledger->job->plan;
    struct box box;

    grid_box(&plan->grid, plan->max_points, b, &box);
    if (unit_get_found(answer, &box, &page->outcome->found) != 0)
        return err_set(err, ERR_BUG, "what a box found cannot be read");
    page->has_answer[b] = true;
    page->n_answered++;
    settle(ledger, page);
    /* nothing to judge where no point has a cost at all */
    if (is_searched(ledger, page) && page->outcome->found.ranking.n == 0)
        close_page(ledger, page);
    return 0;
}

int ledger_take(void *context, int rank, uint64_t number, struct reader answer,
                struct err *err)
{
    struct ledger *ledger = context;
    const size_t instrument = (size_t)(number / (ledger->n_boxes + 1));
    const uint64_t box = number % (ledger->n_boxes + 1);
    char reason[ERR_TEXT_MAX];

    if (instrument >= ledger->universe->n)
        return err_set(err, ERR_BUG, "rank %d answers an unknown unit", rank);
    struct page *page = &ledger->page[instrument];
    if (page->closed || (box < ledger->n_boxes && page->has_answer[box]))
        return 0; /* the first answer stands */
    const int outcome = unit_get_outcome(&answer, reason, sizeof reason);
    if (outcome < 0)
        return err_set(err, ERR_BUG, "rank %d sends an answer that cannot be read",
                       rank);
    if (outcome == 0) {
        take_failure(ledger, page, box, reason);
        return 0;
    }
    if (box < ledger->n_boxes)
        return take_box(ledger, page, box, &answer, err);
    return take_verdicts(ledger, page, &answer, err);
}

void ledger_stop(struct ledger *ledger)
{
    ledger->stopped = true;
}

bool ledger_is_complete(const struct ledger *ledger)
{
    return is_closed(ledger);
}

struct ledger_progress ledger_progress(const struct ledger *ledger)
{
    struct ledger_progress progress = {.n_units =
                                           ledger->universe->n * (ledger->n_boxes + 1)};

    for (size_t i = 0; i < ledger->universe->n; i++) {
        const struct page *page = &ledger->page[i];

        progress.n_done += page->closed ? ledger->n_boxes + 1 : page->n_answered;
        progress.n_points += page->outcome->found.n_points;
        progress.n_failed += page->closed && page->outcome->n_judged == 0;
    }
    return progress;
}

struct outcome *ledger_outcomes(struct ledger *ledger)
{
    return ledger->outcome;
}
