#include "coordinator/ledger.h"
#include "coordinator/ledger_inside.h"
#include "coordinator/unit.h"
#include "coordinator/verdicts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* One grid for all: what an instrument costs grows with its bars. */
static int by_cost(const void *a, const void *b, void *context)
{
    const struct universe *universe = context;
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const uint64_t n_i = universe->entry[i]->n_bars, n_j = universe->entry[j]->n_bars;

    if (n_i != n_j)
        return n_i < n_j ? 1 : -1;
    return i < j ? -1 : 1;
}

static int fill_page(struct ledger *ledger, size_t i, struct err *err)
{
    const struct plan *plan = &ledger->job->plan;
    struct outcome *outcome = &ledger->outcome[i];
    struct page *page = &ledger->page[i];

    outcome->entry = ledger->universe->entry[i];
    outcome->incumbent = universe_incumbent(ledger->universe, i);
    if (ledger->pools.n > 0)
        outcome->shared.group =
            ledger->universe->groups.name[ledger->universe->groups.of[i]];
    *page = (struct page){.outcome = outcome, .end_box = ledger->n_boxes};
    page->n_units =
        ledger_hunts(ledger) ? ledger_hunt_units(ledger, i) : ledger->n_boxes + 1;
    page->n_units += ledger->walk.n_units;
    page->has_answer = calloc(ledger_hunts(ledger) ? 1 : ledger->n_boxes, sizeof(bool));
    if (page->has_answer == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %llu boxes",
                       (unsigned long long)ledger->n_boxes);
    ledger->progress.n_units += page->n_units;
    return found_new(plan, grid_n_points(&plan->grid), &outcome->found, err);
}

static int fill(struct ledger *ledger, struct err *err)
{
    const size_t n = ledger->universe->n;

    for (size_t i = 0; i < n; i++) {
        if (fill_page(ledger, i, err) != 0)
            return -1;
        ledger->dearest_first[i] = i;
    }
    qsort_r(ledger->dearest_first, n, sizeof(size_t), by_cost,
            (void *)ledger->universe);
    for (int rank = 0; rank < ledger->n_ranks; rank++)
        ledger->last[rank] = SIZE_MAX;
    ledger->n_left = ledger->progress.n_units;
    return 0;
}

static uint64_t n_boxes_of(const struct plan *plan)
{
    return search_is_grid(plan->search.method)
               ? grid_n_boxes(&plan->grid, plan->max_points)
               : ledger_hunt_boxes();
}

int ledger_new(const struct job *job, const struct universe *universe, int n_ranks,
               struct ledger **out, struct err *err)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);

    if (ledger == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a ledger");
    *ledger = (struct ledger){.job = job,
                              .universe = universe,
                              .n_ranks = n_ranks,
                              .n_boxes = n_boxes_of(&job->plan),
                              .faults = {.retries = job->keys.retries},
                              .page = calloc(universe->n, sizeof *ledger->page),
                              .outcome = calloc(universe->n, sizeof *ledger->outcome),
                              .dearest_first = calloc(universe->n, sizeof(size_t)),
                              .open = calloc(universe->n, sizeof(size_t)),
                              .failed = calloc(universe->n, sizeof(bool)),
                              .ready = calloc(universe->n, sizeof(size_t)),
                              .last = calloc((size_t)n_ranks, sizeof(size_t))};
    if (ledger->page == NULL || ledger->outcome == NULL ||
        ledger->dearest_first == NULL || ledger->open == NULL ||
        ledger->ready == NULL || ledger->last == NULL || ledger->failed == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu instruments", universe->n);
    else if (pools_new(&job->plan, universe, &ledger->pools, err) == 0 &&
             ledger_walk_open(ledger, err) == 0 && fill(ledger, err) == 0) {
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
    for (size_t i = 0; ledger->page != NULL && i < ledger->universe->n; i++) {
        free(ledger->page[i].has_answer);
        ledger_hunt_free(&ledger->page[i]);
    }
    faults_free(&ledger->faults);
    pools_free(&ledger->pools);
    ledger_walk_close(ledger);
    free(ledger->failed);
    free(ledger->outcome);
    free(ledger->page);
    free(ledger->dearest_first);
    free(ledger->open);
    free(ledger->ready);
    free(ledger->last);
    free(ledger);
}

void ledger_close_page(struct ledger *ledger, struct page *page)
{
    page->closed = true;
    if (!page->is_decided)
        outcome_decide(&ledger->job->plan, page->outcome);
    ledger_hunt_free(page);
    ledger->n_left -= page->n_units - page->n_given;
    page->n_given = page->n_units;
    ledger->n_closed++;
    ledger->progress.n_done += page->n_units - page->n_answered;
    ledger->progress.n_failed += page->outcome->n_judged == 0;
}

/* Give the instrument up: its other boxes are not asked for, and what is still under
 * way will find the page closed. */
int ledger_give_up(struct ledger *ledger, struct page *page, const char *reason,
                   struct err *err)
{
    struct outcome *outcome = page->outcome;

    ledger->progress.n_points -= outcome->found.n_points;
    outcome->found.ranking.n = 0;
    outcome->found.n_points = 0;
    outcome->n_judged = 0;
    snprintf(outcome->reason, sizeof outcome->reason, "%s", reason);
    page->is_decided = false;
    ledger_close_page(ledger, page);
    if (page->walks)
        return ledger_walk_note(ledger, (size_t)(page - ledger->page), err);
    return ledger_pool_note(ledger, (size_t)(page - ledger->page), err);
}

void ledger_make_ready(struct ledger *ledger, size_t instrument)
{
    ledger->page[instrument].ready = true;
    ledger->ready[ledger->n_ready++] = instrument;
}

/* After a box: is it the last that was waited for? */
static int turn_page(struct ledger *ledger, size_t instrument, struct err *err)
{
    struct page *page = &ledger->page[instrument];

    if (!ledger_is_searched(page))
        return 0;
    if (page->end_box < ledger->n_boxes)
        return ledger_give_up(ledger, page, page->impossible, err);
    return ledger_end_search(ledger, instrument, err);
}

int ledger_end_search(struct ledger *ledger, size_t instrument, struct err *err)
{
    struct page *page = &ledger->page[instrument];

    if (page->outcome->found.ranking.n == 0) /* no point has a cost at all */
        ledger_close_page(ledger, page);
    else if (ledger->pools.n == 0) {
        if (outcome_ask_ranking(page->outcome, err) != 0)
            return -1;
        ledger_make_ready(ledger, instrument);
    }
    return ledger_pool_note(ledger, instrument, err);
}

static void count_answer(struct ledger *ledger, struct page *page, uint64_t box)
{
    page->has_answer[box] = true;
    page->n_answered++;
    ledger->progress.n_done++;
}

/* A box that the instrument's bars do not allow.  Which one is told of must not depend
 * on who was faster: the first of them, so those before it are waited for. */
static int end_at(struct ledger *ledger, size_t instrument, uint64_t box,
                  const char *reason, struct err *err)
{
    struct page *page = &ledger->page[instrument];
    uint64_t n_answered = 0;

    if (box >= page->end_box)
        return 0;
    page->end_box = box;
    snprintf(page->impossible, sizeof page->impossible, "%s", reason);
    for (uint64_t b = 0; b < box; b++)
        n_answered += page->has_answer[b];
    ledger->progress.n_done -= page->n_answered - n_answered;
    page->n_answered = n_answered;
    return turn_page(ledger, instrument, err);
}

/* The points that were asked for, then the incumbent's; those that have no cost are
 * none. */
static int take_points(struct ledger *ledger, struct outcome *outcome,
                       struct reader *answer, struct err *err)
{
    const struct plan *plan = &ledger->job->plan;
    const size_t n = outcome->n_asked + outcome_n_incumbent(outcome);
    const size_t objective = (size_t)(plan->objective - plan->study->metrics);

    for (size_t i = 0; i < n; i++) {
        struct verdict *verdict = &outcome->verdict[outcome->n_judged];

        if (unit_get_verdict(answer, plan, verdict) != 0)
            return err_set(err, ERR_BUG, "the figures of a point cannot be read");
        if (i < outcome->n_asked)
            outcome->point[outcome->n_judged++] = outcome->asked[i];
        else if (!isnan(verdict->figure[JUDGED_TRAINING][objective]))
            outcome->point[outcome->n_judged++] =
                (struct candidate){.point = INCUMBENT_POINT + i - outcome->n_asked};
    }
    return 0;
}

static int take_verdicts(struct ledger *ledger, struct page *page,
                         struct reader *answer, struct err *err)
{
    struct outcome *outcome = page->outcome;
    const size_t n = outcome->n_asked + outcome_n_incumbent(outcome);
    const size_t instrument = (size_t)(page - ledger->page);

    outcome->point = calloc(n, sizeof *outcome->point);
    if (outcome->point == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", n);
    if (verdicts_new(&ledger->job->plan, n, &outcome->verdict, err) != 0 ||
        take_points(ledger, outcome, answer, err) != 0)
        return -1;
    if (ledger->pools.n == 0)
        ledger_settle(ledger, 1, &instrument);
    return ledger_pool_note(ledger, instrument, err);
}

static int take_box(struct ledger *ledger, size_t instrument, uint64_t b,
                    struct reader *answer, struct err *err)
{
    const struct plan *plan = &ledger->job->plan;
    struct page *page = &ledger->page[instrument];
    struct found *found = &page->outcome->found;
    const uint64_t before = found->n_points;
    struct box box;

    grid_box(&plan->grid, plan->max_points, b, &box);
    if (unit_get_found(answer, &box, found) != 0)
        return err_set(err, ERR_BUG, "what a box found cannot be read");
    ledger->progress.n_points += found->n_points - before;
    count_answer(ledger, page, b);
    return turn_page(ledger, instrument, err);
}

/* Here and now it went wrong, as often as may be. */
static int suffer(struct ledger *ledger, size_t instrument, uint64_t b,
                  const struct err *why, struct err *err)
{
    const struct plan *plan = &ledger->job->plan;
    struct page *page = &ledger->page[instrument];
    struct box box;

    if (ledger->job->keys.on_fault == FAULT_ABORT) {
        if (err != NULL)
            *err = *why;
        return err_add(err, "%s", ledger->universe->entry[instrument]->instrument);
    }
    if (ledger->job->keys.on_fault == FAULT_GIVE_UP || b >= ledger->n_boxes)
        return ledger_give_up(ledger, page, why->text, err);
    if (ledger_hunts(ledger))
        return ledger_hunt_suffer(ledger, instrument, b, err);
    grid_box(&plan->grid, plan->max_points, b, &box);
    page->outcome->n_left_out += box_n_points(&plan->grid, &box);
    if (page->outcome->n_left_out == grid_n_points(&plan->grid))
        return ledger_give_up(ledger, page, why->text, err);
    count_answer(ledger, page, b);
    return turn_page(ledger, instrument, err);
}

/* A judging from the journal of a run with faults may be of other points than this one
 * will ask for: before it has asked, none counts. */
static bool is_waited_for(struct ledger *ledger, size_t instrument, uint64_t box)
{
    const struct page *page = &ledger->page[instrument];

    if (box < ledger->n_boxes && ledger_hunts(ledger))
        return ledger_hunt_waits_for(ledger, instrument, box);
    if (box < ledger->n_boxes)
        return box < page->end_box && !page->has_answer[box];
    if (box > ledger->n_boxes)
        return ledger_walk_waits_for(ledger, instrument, box - ledger->n_boxes - 1);
    return page->outcome->asked != NULL && page->outcome->point == NULL;
}

int ledger_take(void *context, int rank, uint64_t number, struct reader answer,
                struct err *err)
{
    struct ledger *ledger = context;
    const size_t instrument = (size_t)(number / ledger_stride(ledger));
    const uint64_t box = number % ledger_stride(ledger);
    enum unit_outcome outcome;
    struct err why = {0};

    if (instrument >= ledger->universe->n)
        return err_set(err, ERR_BUG, "rank %d answers an unknown unit", rank);
    struct page *page = &ledger->page[instrument];
    if (page->closed || !is_waited_for(ledger, instrument, box))
        return 0; /* the first answer stands */
    if (unit_get_outcome(&answer, &outcome, &why) != 0)
        return err_set(err, ERR_BUG, "rank %d sends an answer that cannot be read",
                       rank);
    if (outcome == UNIT_FAULT)
        return faults_note(&ledger->faults, number, rank)
                   ? 0
                   : suffer(ledger, instrument, box, &why, err);
    if (outcome == UNIT_IMPOSSIBLE && (box >= ledger->n_boxes || ledger_hunts(ledger)))
        return ledger_give_up(ledger, page, why.text, err);
    if (outcome == UNIT_IMPOSSIBLE)
        return end_at(ledger, instrument, box, why.text, err);
    if (box < ledger->n_boxes && ledger_hunts(ledger))
        return ledger_hunt_take(ledger, instrument, box, &answer, err);
    if (box < ledger->n_boxes)
        return take_box(ledger, instrument, box, &answer, err);
    if (box > ledger->n_boxes)
        return ledger_walk_take(ledger, instrument, box - ledger->n_boxes - 1, answer,
                                err);
    return take_verdicts(ledger, page, &answer, err);
}

bool ledger_keeps(struct reader answer)
{
    enum unit_outcome outcome;
    struct err why;

    return unit_get_outcome(&answer, &outcome, &why) != 0 || outcome != UNIT_FAULT;
}

void ledger_stop(struct ledger *ledger)
{
    ledger->stopped = true;
}

bool ledger_is_complete(const struct ledger *ledger)
{
    return ledger->n_closed == ledger->universe->n;
}

const struct walk_result *ledger_walked(const struct ledger *ledger)
{
    return ledger->walk.n_units > 0 ? &ledger->walk.book.result : NULL;
}

const struct pools *ledger_pools(const struct ledger *ledger)
{
    return &ledger->pools;
}

struct outcome *ledger_outcomes(struct ledger *ledger)
{
    return ledger->outcome;
}
