#include "coordinator/ledger_inside.h"
#include "coordinator/unit.h"
#include "worker/cost.h"

#include <stdio.h>
#include <stdlib.h>

int ledger_walk_open(struct ledger *ledger, struct err *err)
{
    struct ledger_walk *walk = &ledger->walk;

    if (!ledger->job->keys.walkforward)
        return 0;
    walk->subject =
        (struct subject){.job = *ledger->job, .universe = *ledger->universe};
    walk->list = calloc(ledger->universe->n, sizeof *walk->list);
    if (walk->list == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments",
                       ledger->universe->n);
    if (walk_book_open(&walk->subject, 0, ledger->universe->n, 1, &walk->book, err) !=
        0)
        return -1;
    walk->n_units = walk_units(&walk->book.result.rules);
    return 0;
}

void ledger_walk_close(struct ledger *ledger)
{
    if (ledger->walk.n_units > 0)
        walk_book_close(&ledger->walk.book);
    free(ledger->walk.list);
}

double ledger_walk_unit_s(const struct ledger *ledger, size_t instrument)
{
    return 1e-9 * cost_walk_ns(&ledger->job->plan,
                               ledger->universe->entry[instrument]->n_bars);
}

/* ---- giving ---- */

static bool is_open(const struct ledger *ledger, size_t instrument, uint64_t k)
{
    const struct page *page = &ledger->page[instrument];

    return page->walks && !page->closed && k >= page->first_walk && !page->has_walk[k];
}

/* The next unit of the instrument at this place of the list, its folds in turn. */
static bool next_of(struct ledger *ledger, size_t instrument, uint64_t *k)
{
    struct page *page = &ledger->page[instrument];

    while (page->next_walk < ledger->walk.n_units) {
        *k = page->next_walk++;
        if (is_open(ledger, instrument, *k))
            return true;
    }
    return false;
}

static bool next_by_instrument(struct ledger *ledger, int rank, size_t *instrument,
                               uint64_t *k)
{
    struct ledger_walk *walk = &ledger->walk;

    *instrument = ledger->last[rank];
    if (*instrument != SIZE_MAX && ledger->page[*instrument].walks &&
        next_of(ledger, *instrument, k))
        return true;
    for (; walk->at < walk->n_list; walk->at++) {
        *instrument = walk->list[walk->at];
        if (next_of(ledger, *instrument, k))
            return true;
    }
    return false;
}

/* Where axes are shared a fold's choice is all instruments' together, and a rank keeps
 * one: the same fold of one instrument after another. */
static bool next_by_fold(struct ledger *ledger, int rank, size_t *instrument,
                         uint64_t *k)
{
    struct ledger_walk *walk = &ledger->walk;

    for (uint64_t j = 0; j < walk->n_units; j++) {
        *k = ((uint64_t)rank + j) % walk->n_units;
        while (walk->at_of[*k] < walk->n_list) {
            *instrument = walk->list[walk->at_of[*k]++];
            if (is_open(ledger, *instrument, *k))
                return true;
        }
    }
    return false;
}

bool ledger_walk_next(struct ledger *ledger, int rank, size_t *instrument, uint64_t *k)
{
    if (ledger->walk.n_units == 0)
        return false;
    return ledger->pools.n > 0 ? next_by_fold(ledger, rank, instrument, k)
                               : next_by_instrument(ledger, rank, instrument, k);
}

void ledger_walk_put(size_t instrument, uint64_t k, struct buffer *request)
{
    const struct unit unit = {.kind = UNIT_WALK,
                              .instrument = (uint32_t)instrument,
                              .next_instrument = UNIT_NONE,
                              .box = k};

    unit_put(request, &unit, NULL);
}

/* ---- the stages of an instrument ---- */

static void start(struct ledger *ledger, size_t instrument, uint64_t first)
{
    struct page *page = &ledger->page[instrument];

    page->walks = true;
    page->first_walk = page->next_walk = first;
    page->n_walks_left = ledger->walk.n_units - first;
    ledger->walk.list[ledger->walk.n_list++] = instrument;
}

static void decide(struct ledger *ledger, struct page *page)
{
    outcome_decide(&ledger->job->plan, page->outcome);
    page->is_decided = true;
}

/* Of these instruments those that are calibrated walk; where axes are shared and any
 * does, the others say what they would choose. */
void ledger_settle(struct ledger *ledger, size_t n, const size_t instrument[])
{
    size_t n_calibrated = 0;

    for (size_t i = 0; i < n; i++) {
        decide(ledger, &ledger->page[instrument[i]]);
        n_calibrated += ledger->outcome[instrument[i]].status == STATUS_CALIBRATED;
    }
    for (size_t i = 0; i < n; i++) {
        const bool is_good = ledger->outcome[instrument[i]].status == STATUS_CALIBRATED;

        if (ledger->walk.n_units == 0 || n_calibrated == 0 ||
            (!is_good && ledger->pools.n == 0))
            ledger_close_page(ledger, &ledger->page[instrument[i]]);
        else
            start(ledger, instrument[i], is_good ? 0 : ledger->walk.n_units - 1);
    }
}

/* What the folds say of an outcome that stood before. */
static void apply(struct ledger *ledger, size_t instrument)
{
    const struct walk_instrument *of = walk_book_at(&ledger->walk.book, instrument);
    struct outcome *outcome = &ledger->outcome[instrument];

    if (of->status == STATUS_CALIBRATED)
        return;
    outcome->status = STATUS_HELD;
    snprintf(outcome->reason, sizeof outcome->reason, "walk-forward: %.*s",
             (int)sizeof outcome->reason - 32, of->reason);
}

static int conclude(struct ledger *ledger, size_t n, const size_t instrument[],
                    struct err *err)
{
    size_t *good = calloc(n + 1, sizeof *good);
    size_t n_good = 0;

    if (good == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    for (size_t i = 0; i < n; i++)
        if (!ledger->page[instrument[i]].closed && ledger->page[instrument[i]].walks &&
            ledger->outcome[instrument[i]].status == STATUS_CALIBRATED)
            good[n_good++] = instrument[i];
    const int status = walk_book_conclude(&ledger->walk.book, n_good, good, err);
    for (size_t i = 0; status == 0 && i < n_good; i++)
        apply(ledger, good[i]);
    for (size_t i = 0; status == 0 && i < n; i++)
        if (!ledger->page[instrument[i]].closed)
            ledger_close_page(ledger, &ledger->page[instrument[i]]);
    free(good);
    return status;
}

int ledger_walk_note(struct ledger *ledger, size_t instrument, struct err *err)
{
    if (ledger->pools.n == 0)
        return ledger->page[instrument].n_walks_left > 0
                   ? 0
                   : conclude(ledger, 1, &instrument, err);
    const struct pool *pool = &ledger->pools.pool[ledger->pools.of[instrument]];
    for (size_t m = 0; m < pool->n; m++) {
        const struct page *page = &ledger->page[pool->member[m]];

        if (page->walks && !page->closed && page->n_walks_left > 0)
            return 0;
    }
    return conclude(ledger, pool->n, pool->member, err);
}

bool ledger_walk_waits_for(const struct ledger *ledger, size_t instrument, uint64_t k)
{
    return k < ledger->walk.n_units && is_open(ledger, instrument, k);
}

int ledger_walk_take(struct ledger *ledger, size_t instrument, uint64_t k,
                     struct reader answer, struct err *err)
{
    struct page *page = &ledger->page[instrument];

    if (walk_book_take(&ledger->walk.book, instrument, (size_t)k, answer, err) != 0)
        return -1;
    page->has_walk[k] = true;
    page->n_walks_left--;
    page->n_walked++;
    page->n_answered++;
    ledger->progress.n_done++;
    return ledger_walk_note(ledger, instrument, err);
}
