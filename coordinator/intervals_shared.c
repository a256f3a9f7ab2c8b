#include "coordinator/intervals_shared.h"
#include "coordinator/interval_figures.h"
#include "coordinator/pool.h"
#include "worker/scope.h"

#include <math.h>
#include <stdlib.h>

/* ---- a rank's side ---- */

struct finder {
    const struct subject *subject;
    struct interval_shared *shared;
};

/* A shared_fold_fn: the job's own training and test, and when training is. */
static int fold_of(void *context, size_t instrument, const struct bars *bars,
                   struct fold *fold, struct err *err)
{
    struct finder *finder = context;
    const struct plan *plan = &finder->subject->job.plan;

    *fold = (struct fold){plan_training(plan, bars->n), plan_test(plan, bars->n)};
    if (fold->training.end <= fold->training.first)
        return err_set(err, ERR_INPUT, "no bar stands behind the warm-up");
    finder->shared->span[instrument] =
        (struct interval_span){bars->time[fold->training.first],
                               bars->time[fold->training.end - 1] + bars->interval_ns};
    return 0;
}

/* n_blocks 0: the pool has no time for enough of them. */
static struct interval_calendar calendar_of(const struct interval_worker *worker,
                                            const struct interval_shared *shared,
                                            const struct pool *pool)
{
    const struct job *job = &worker->subject->job;
    const int64_t interval = job->keys.interval_ns;
    int64_t from = INT64_MAX, end = INT64_MIN;

    for (size_t m = 0; m < pool->n; m++) {
        const struct interval_span *span = &shared->span[pool->member[m]];

        if (shared->cell[pool->member[m]] == SIZE_MAX)
            continue;
        from = span->from_ns < from ? span->from_ns : from;
        end = span->end_ns > end ? span->end_ns : end;
    }
    if (end <= from)
        return (struct interval_calendar){0};
    const size_t n_bars = (size_t)((end - from) / interval);
    const size_t most = n_bars / (2 * job->plan.series.horizon_bars);
    const size_t n = most < worker->n_blocks ? most : worker->n_blocks;
    if (n < INTERVAL_BLOCKS_MIN)
        return (struct interval_calendar){0};
    return (struct interval_calendar){.n_blocks = n,
                                      .block_bars = n_bars / n,
                                      .end_ns = end,
                                      .block_ns = (int64_t)(n_bars / n) * interval};
}

static int find(const struct interval_worker *worker, struct interval_shared *shared,
                struct err *err)
{
    const struct subject *subject = worker->subject;
    struct finder finder = {subject, shared};
    struct pools pools;

    if (walk_shared_choose(subject, fold_of, &finder, shared->cell, err) != 0 ||
        pools_new(&subject->job.plan, &subject->universe, &pools, err) != 0)
        return -1;
    for (size_t p = 0; p < pools.n; p++)
        for (size_t m = 0; m < pools.pool[p].n; m++)
            shared->calendar[pools.pool[p].member[m]] =
                calendar_of(worker, shared, &pools.pool[p]);
    pools_free(&pools);
    return 0;
}

static struct interval_shared *new_shared(size_t n)
{
    struct interval_shared *shared = calloc(1, sizeof *shared);

    if (shared == NULL)
        return NULL;
    *shared = (struct interval_shared){.cell = calloc(n, sizeof *shared->cell),
                                       .span = calloc(n, sizeof *shared->span),
                                       .calendar = calloc(n, sizeof *shared->calendar)};
    if (shared->cell != NULL && shared->span != NULL && shared->calendar != NULL)
        return shared;
    intervals_shared_free(shared);
    return NULL;
}

void intervals_shared_free(struct interval_shared *shared)
{
    if (shared == NULL)
        return;
    free(shared->cell);
    free(shared->span);
    free(shared->calendar);
    free(shared);
}

int intervals_shared_find(struct interval_worker *worker, size_t instrument,
                          const struct interval_calendar **calendar, struct err *err)
{
    const size_t n = worker->subject->universe.n;

    if (worker->shared == NULL) {
        struct interval_shared *shared = new_shared(n);

        if (shared == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
        if (find(worker, shared, err) != 0) {
            intervals_shared_free(shared);
            return -1;
        }
        worker->shared = shared;
    }
    if (worker->shared->cell[instrument] == SIZE_MAX)
        return err_set(err, ERR_INPUT, "it cannot be searched on its training bars");
    *calendar = &worker->shared->calendar[instrument];
    if ((*calendar)->n_blocks == 0)
        return err_set(err, ERR_INPUT,
                       "the training bars of those that share are fewer than %d blocks "
                       "of two horizons",
                       INTERVAL_BLOCKS_MIN);
    return 0;
}

static size_t first_from(const struct bars *bars, struct range range, int64_t moment_ns)
{
    return range.first + bars_first_from(range.end - range.first,
                                         bars->time + range.first, moment_ns);
}

struct range interval_calendar_bars(const struct interval_calendar *calendar,
                                    const struct bars *bars, struct range range,
                                    size_t b)
{
    const int64_t end =
        calendar->end_ns - (int64_t)(calendar->n_blocks - 1 - b) * calendar->block_ns;

    return (struct range){first_from(bars, range, end - calendar->block_ns),
                          first_from(bars, range, end)};
}

/* ---- rank 0's side ---- */

int intervals_get_draws(struct reader *answer, size_t n_replicates, size_t n_cells,
                        size_t n_watched, struct interval_drawn *drawn)
{
    const size_t n_best = n_replicates * n_cells, n = n_replicates * n_watched;

    *drawn = (struct interval_drawn){.best = calloc(n_best, sizeof *drawn->best),
                                     .watched = calloc(n, sizeof *drawn->watched),
                                     .n_watched = n_watched};
    if (drawn->best != NULL && drawn->watched != NULL &&
        reader_get(answer, drawn->best, n_best * sizeof *drawn->best) == 0 &&
        reader_get(answer, drawn->watched, n * sizeof *drawn->watched) == 0)
        return 0;
    intervals_drawn_free(drawn);
    return -1;
}

void intervals_drawn_free(struct interval_drawn *drawn)
{
    free(drawn->best);
    free(drawn->watched);
    *drawn = (struct interval_drawn){0};
}

/* A pool under work: what replicate r makes of it. */
struct join {
    const struct pool *pool;
    const struct interval_drawn *drawn;
    size_t n_cells, r;
};

/* nested_problem.best */
static bool best_at(const void *context, size_t m, size_t cell, double *violation,
                    double *cost)
{
    const struct join *join = context;
    const struct candidate *best =
        &join->drawn[join->pool->member[m]].best[join->r * join->n_cells + cell];

    *violation = best->violation;
    *cost = best->cost;
    return !isnan(best->cost);
}

/* Who has no say has no weight. */
static void weigh(const struct pool *pool, const struct interval_drawn drawn[],
                  double weight[])
{
    for (size_t m = 0; m < pool->n; m++)
        weight[m] = drawn[pool->member[m]].best != NULL ? pool->weight[m] : 0.0;
}

/* The cell of each group in each replicate: cell [n_replicates][n_groups]. */
static void choose_cells(const struct plan *plan, struct join *join,
                         size_t n_replicates, double weight[], size_t room[],
                         size_t cell[])
{
    const struct pool *pool = join->pool;
    const struct nested_problem problem = {
        .n_global = (size_t)scope_n(&plan->grid, AXIS_GLOBAL),
        .n_group = (size_t)scope_n(&plan->grid, AXIS_GROUP),
        .n_groups = pool->n_groups,
        .first = pool->first,
        .weight = weight,
        .best = best_at,
        .context = join};
    size_t s;

    for (join->r = 0; join->r < n_replicates; join->r++) {
        size_t *of = cell + join->r * pool->n_groups;

        nested_solve(&problem, &s, of, room);
        for (size_t g = 0; g < pool->n_groups; g++)
            of[g] += s * problem.n_group;
    }
}

struct join_room {
    double *weight, *sorted;
    size_t *cell, *groups;
    struct candidate *best;
};

static void take_member(const struct plan *plan, const struct join *join, size_t g,
                        size_t n_replicates, const struct join_room *room,
                        const struct interval_drawn *drawn,
                        struct interval_answer *answer)
{
    const struct interval_draws draws = {.n_replicates = n_replicates,
                                         .n_watched = drawn->n_watched,
                                         .best = room->best,
                                         .watched = drawn->watched,
                                         .sorted = room->sorted};

    for (size_t r = 0; r < n_replicates; r++)
        room->best[r] =
            drawn->best[r * join->n_cells + room->cell[r * join->pool->n_groups + g]];
    interval_figures(&plan->grid, &draws, answer);
}

static int join_pool(const struct plan *plan, struct join *join, size_t n_replicates,
                     struct interval_answer *const answer[], struct err *err)
{
    const struct pool *pool = join->pool;
    const struct join_room room = {
        .weight = calloc(pool->n, sizeof(double)),
        .sorted = calloc(n_replicates, sizeof(double)),
        .cell = calloc(n_replicates * pool->n_groups, sizeof(size_t)),
        .groups = calloc(pool->n_groups, sizeof(size_t)),
        .best = calloc(n_replicates, sizeof(struct candidate))};
    int status = 0;

    if (room.weight == NULL || room.sorted == NULL || room.cell == NULL ||
        room.groups == NULL || room.best == NULL) {
        status = err_set(err, ERR_MEMORY, "no memory for %zu replicates", n_replicates);
    } else {
        weigh(pool, join->drawn, room.weight);
        choose_cells(plan, join, n_replicates, room.weight, room.groups, room.cell);
        for (size_t g = 0; g < pool->n_groups; g++)
            for (size_t m = pool->first[g]; m < pool->first[g + 1]; m++) {
                const size_t i = pool->member[m];

                if (join->drawn[i].best != NULL)
                    take_member(plan, join, g, n_replicates, &room, &join->drawn[i],
                                answer[i]);
            }
    }
    free(room.weight);
    free(room.sorted);
    free(room.cell);
    free(room.groups);
    free(room.best);
    return status;
}

int intervals_shared_join(const struct subject *subject, size_t n_replicates,
                          const struct interval_drawn drawn[],
                          struct interval_answer *const answer[], struct err *err)
{
    const struct plan *plan = &subject->job.plan;
    struct pools pools;
    int status = 0;

    if (pools_new(plan, &subject->universe, &pools, err) != 0)
        return -1;
    for (size_t p = 0; status == 0 && p < pools.n; p++) {
        struct join join = {.pool = &pools.pool[p],
                            .drawn = drawn,
                            .n_cells = (size_t)scope_n_cells(&plan->grid)};

        status = join_pool(plan, &join, n_replicates, answer, err);
    }
    pools_free(&pools);
    return status;
}
