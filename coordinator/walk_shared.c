#include "coordinator/walk_shared.h"
#include "coordinator/job_bars.h"
#include "coordinator/pool.h"
#include "coordinator/trial.h"
#include "worker/scope.h"

#include <stdint.h>
#include <stdlib.h>

/* The best points of every cell on the training bars; ERR_INPUT: this instrument cannot
 * be searched there. */
static int search(const struct subject *subject, shared_fold_fn fold_of, void *context,
                  size_t instrument, struct found *found, struct err *err)
{
    const struct plan *plan = &subject->job.plan;
    struct bars bars = {0};
    struct fold fold;
    int status = -1;

    if (job_bars_read(&subject->job, subject->history,
                      subject->universe.entry[instrument], &bars, err) == 0 &&
        fold_of(context, instrument, &bars, &fold, err) == 0)
        status = trial_search(plan, &bars, &fold, found, err);
    bars_free(&bars);
    return status;
}

static int search_all(const struct subject *subject, shared_fold_fn fold_of,
                      void *context, struct outcome outcome[], bool failed[],
                      struct err *err)
{
    for (size_t i = 0; i < subject->universe.n; i++) {
        struct err why = {0};

        if (search(subject, fold_of, context, i, &outcome[i].found, &why) == 0) {
            failed[i] = outcome[i].found.ranking.n == 0;
            continue;
        }
        if (why.kind != ERR_INPUT) {
            *err = why;
            return err_add(err, "%s", subject->universe.entry[i]->instrument);
        }
        failed[i] = true;
    }
    return 0;
}

static int choose(const struct plan *plan, struct pools *pools,
                  struct outcome outcome[], const bool failed[], size_t cell[],
                  struct err *err)
{
    for (size_t p = 0; p < pools->n; p++) {
        struct pool *pool = &pools->pool[p];

        if (pool_choose_swept(plan, pool, outcome, failed, err) != 0)
            return -1;
        for (size_t g = 0; g < pool->n_groups; g++)
            for (size_t m = pool->first[g]; m < pool->first[g + 1]; m++)
                cell[pool->member[m]] =
                    failed[pool->member[m]] ? SIZE_MAX : pool->cell[g];
    }
    return 0;
}

int walk_shared_choose(const struct subject *subject, shared_fold_fn fold_of,
                       void *context, size_t cell[], struct err *err)
{
    const struct plan *plan = &subject->job.plan;
    const size_t n = subject->universe.n;
    struct outcome *outcome = calloc(n, sizeof *outcome);
    bool *failed = calloc(n, sizeof *failed);
    struct pools pools = {0};
    int status = -1;

    if (outcome == NULL || failed == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    else if (pools_new(plan, &subject->universe, &pools, err) == 0 &&
             search_all(subject, fold_of, context, outcome, failed, err) == 0)
        status = choose(plan, &pools, outcome, failed, cell, err);
    pools_free(&pools);
    for (size_t i = 0; outcome != NULL && i < n; i++)
        outcome_free(&outcome[i]);
    free(outcome);
    free(failed);
    return status;
}

struct fold_number {
    const struct subject *subject;
    const struct fold_rules *rules;
    size_t k;
};

static int fold_of_number(void *context, size_t instrument, const struct bars *bars,
                          struct fold *fold, struct err *err)
{
    const struct fold_number *number = context;

    (void)instrument;
    return fold_at(number->rules, &number->subject->job.plan.series, bars->n, number->k,
                   fold, err);
}

int walk_shared_find(const struct subject *subject, const struct fold_rules *rules,
                     size_t k, struct walk_shared *shared, struct err *err)
{
    if (shared->fold == k)
        return 0;
    shared->fold = SIZE_MAX;
    if (shared->cell == NULL)
        shared->cell = calloc(subject->universe.n, sizeof *shared->cell);
    if (shared->cell == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments",
                       subject->universe.n);
    struct fold_number number = {subject, rules, k};
    if (walk_shared_choose(subject, fold_of_number, &number, shared->cell, err) != 0)
        return -1;
    shared->fold = k;
    return 0;
}

void walk_shared_free(struct walk_shared *shared)
{
    free(shared->cell);
    *shared = (struct walk_shared){.fold = SIZE_MAX};
}

struct plan walk_shared_plan(const struct plan *of, size_t cell)
{
    struct plan plan = *of;
    size_t digit[AXES_MAX];

    scope_cell_digits(&plan.grid, cell, digit);
    for (size_t a = 0; a < plan.grid.n_axes; a++) {
        struct axis *axis = &plan.grid.axis[a];

        if (axis->scope == AXIS_INSTRUMENT)
            continue;
        axis->value += digit[a];
        axis->n = 1;
        axis->scope = AXIS_INSTRUMENT;
    }
    return plan;
}
