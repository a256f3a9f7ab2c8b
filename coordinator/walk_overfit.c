#include "coordinator/walk_overfit.h"
#include "coordinator/trial.h"
#include "worker/cost.h"
#include "worker/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond every cost: where a constraint is broken, the nearest to feasible comes first.
 */
static const double broken = 1e9;

/* A plan whose surfaces are what the scores are made of, each metric once; of a part,
 * place 0 is the tick loss, then come the surfaces. */
struct parts {
    struct plan plan;
    size_t objective, constraint[CONSTRAINTS_MAX], coverage, shortfall, margin;
    size_t n;
};

static double score_by_rule(const void *context, const double mean[])
{
    const struct parts *parts = context;
    const struct plan *plan = &parts->plan;
    const double cost = mean[1 + parts->objective];
    double violation = 0.0;

    for (size_t i = 0; i < plan->n_constraints; i++)
        violation +=
            constraint_violation(&plan->constraint[i], mean[1 + parts->constraint[i]]);
    return isnan(cost) || violation == 0.0 ? cost : broken * (1.0 + violation);
}

/* Of points that break the constraints equally the cheaper. */
static double cost_of(const void *context, const double mean[])
{
    return mean[1 + ((const struct parts *)context)->objective];
}

static double score_by_loss(const void *context, const double mean[])
{
    (void)context;
    return mean[0];
}

static int add_surface(struct plan *plan, const struct metric *metric, size_t *place,
                       struct err *err)
{
    for (*place = 0; *place < plan->n_surfaces; ++*place)
        if (plan->surface[*place] == metric)
            return 0;
    if (metric == NULL)
        return err_set(err, ERR_BUG, "the study has no such metric");
    if (plan->n_surfaces == SURFACES_MAX || plan->n_surfaces + 2 > CSCV_PARTS_MAX)
        return err_set(err, ERR_INPUT, "not computed for so many constraints");
    plan->surface[plan->n_surfaces++] = metric;
    return 0;
}

static int add_named(struct plan *plan, const char *name, size_t *place,
                     struct err *err)
{
    return add_surface(plan,
                       metric_find(plan->study->n_metrics, plan->study->metrics, name),
                       place, err);
}

static int parts_make(const struct plan *of, struct parts *parts, struct err *err)
{
    struct plan *plan = &parts->plan;

    *parts = (struct parts){.plan = *of};
    plan->n_surfaces = 0;
    if (add_surface(plan, plan->objective, &parts->objective, err) != 0)
        return -1;
    for (size_t i = 0; i < plan->n_constraints; i++)
        if (add_surface(plan, plan->constraint[i].metric, &parts->constraint[i], err) !=
            0)
            return -1;
    if (add_named(plan, "coverage", &parts->coverage, err) != 0 ||
        add_named(plan, "mean_shortfall", &parts->shortfall, err) != 0 ||
        add_named(plan, "mean_margin", &parts->margin, err) != 0)
        return -1;
    parts->n = 1 + plan->n_surfaces;
    return 0;
}

struct room {
    double *part, *surface;
    struct cscv_room cscv;
};

static void room_free(struct room *room)
{
    free(room->part);
    free(room->surface);
    free(room->cscv.score);
    free(room->cscv.here);
    free(room->cscv.there);
    free(room->cscv.lambda);
}

static int room_new(size_t n_blocks, size_t n_points, size_t n_parts, struct room *room,
                    struct err *err)
{
    const size_t n_halves = cscv_n_halves(n_blocks);

    *room = (struct room){
        .part = calloc(n_blocks * n_points * n_parts, sizeof(double)),
        .surface = calloc(n_points * n_parts, sizeof(double)),
        .cscv = {.score = calloc(2 * n_points, sizeof(double)),
                 .here = calloc(n_halves, sizeof(double)),
                 .there = calloc(n_halves, sizeof(double)),
                 .lambda = calloc(n_halves, sizeof(double))},
    };
    if (room->part != NULL && room->surface != NULL && room->cscv.score != NULL &&
        room->cscv.here != NULL && room->cscv.there != NULL &&
        room->cscv.lambda != NULL)
        return 0;
    room_free(room);
    return err_set(err, ERR_MEMORY, "no memory for %zu blocks of %zu points", n_blocks,
                   n_points);
}

/* With p = 1 - confidence the tick loss of a block is
 *
 *     (1 - coverage) mean_shortfall + p (mean margin - mean loss)
 *
 * and the mean loss is the same for every point: left out, it changes no place.  (The
 * mean margin is over all bars of the block, those without a whole horizon too.) */
static void fill_block(const struct parts *parts, size_t n_points,
                       const double surface[], double part[])
{
    const double p = 1.0 - parts->plan.confidence;
    const double *coverage = surface + parts->coverage * n_points,
                 *shortfall = surface + parts->shortfall * n_points,
                 *margin = surface + parts->margin * n_points;

    for (size_t i = 0; i < n_points; i++) {
        part[i * parts->n] = (1.0 - coverage[i]) * shortfall[i] + p * margin[i];
        for (size_t j = 1; j < parts->n; j++)
            part[i * parts->n + j] = surface[(j - 1) * n_points + i];
    }
}

/* The points of a design, as its search asks for them; of a grid none are listed. */
static int list_points(const struct plan *plan, uint64_t n_bars,
                       struct trial_points *points, struct err *err)
{
    const struct search_batch *batch;
    struct search *search;
    int status = -1;

    *points = (struct trial_points){.n = (size_t)grid_n_points(&plan->grid)};
    if (search_is_grid(plan->search.method))
        return 0;
    if (search_new(&plan->search, &plan->grid, cost_most_points(plan, n_bars), &search,
                   err) != 0)
        return -1;
    if (search_ask(search, &batch, err) == 0) {
        const size_t n = batch->n * plan->grid.n_axes;

        points->n = batch->n;
        points->value = calloc(n + 1, sizeof *points->value);
        if (points->value == NULL)
            err_set(err, ERR_MEMORY, "no memory for %zu points", batch->n);
        else if (n > 0)
            memcpy(points->value, batch->value, n * sizeof *points->value);
        status = points->value == NULL ? -1 : 0;
    }
    search_free(search);
    return status;
}

/* What every point did in every block. */
static int fill_parts(const struct parts *parts, const struct walk_worker *worker,
                      const struct trial_points *points, struct room *room,
                      struct err *err)
{
    const size_t n_points = points->n;

    for (size_t b = 0; b < worker->n_blocks; b++) {
        const struct range range = fold_block(
            worker->n_blocks, parts->plan.series.warmup_bars, worker->bars.n, b);

        if ((points->value == NULL
                 ? trial_surface(&parts->plan, &worker->bars, range, room->surface, err)
                 : trial_surface_at(&parts->plan, &worker->bars, range, points,
                                    room->surface, err)) != 0)
            return err_add(err, "block %zu of %zu", b + 1, worker->n_blocks);
        fill_block(parts, n_points, room->surface,
                   room->part + b * n_points * parts->n);
    }
    return 0;
}

static void evaluate(const struct parts *parts, size_t n_blocks, size_t n_points,
                     const struct room *room, struct buffer *answer)
{
    struct walk_overfit overfit;
    struct cscv_problem problem = {.n_blocks = n_blocks,
                                   .n_points = n_points,
                                   .n_parts = parts->n,
                                   .part = room->part,
                                   .score = score_by_rule,
                                   .second = cost_of,
                                   .context = parts};

    memset(&overfit, 0, sizeof overfit); /* padding travels too */
    overfit.n_points = n_points;
    overfit.by_rule = cscv_of(&problem, &room->cscv);
    for (size_t i = 0; i < overfit.by_rule.n_halves - overfit.by_rule.n_undecided; i++)
        overfit.n_broken += room->cscv.there[i] >= broken;
    problem.score_there = score_by_loss;
    overfit.by_loss = cscv_of(&problem, &room->cscv);
    buffer_put(answer, &overfit, sizeof overfit);
}

/* ---- where axes are shared ---- */

static void worth_of(const void *context, const double mean[], struct cscv_worth *worth)
{
    const struct parts *parts = context;
    const struct plan *plan = &parts->plan;

    *worth = (struct cscv_worth){.cost = mean[1 + parts->objective], .loss = mean[0]};
    for (size_t i = 0; i < plan->n_constraints; i++)
        worth->violation +=
            constraint_violation(&plan->constraint[i], mean[1 + parts->constraint[i]]);
}

/* Points by their cell, first [n_cells + 1] where each begins: order [n_points] has
 * their numbers. */
static void sort_by_cell(const struct grid *grid, size_t n_points, size_t n_cells,
                         size_t first[], size_t order[])
{
    size_t digit[AXES_MAX];

    memset(first, 0, (n_cells + 1) * sizeof *first);
    for (size_t i = 0; i < n_points; i++) {
        grid_digits(grid, i, digit);
        first[scope_cell(grid, digit) + 1]++;
    }
    for (size_t k = 0; k < n_cells; k++)
        first[k + 1] += first[k];
    for (size_t i = 0; i < n_points; i++) {
        grid_digits(grid, i, digit);
        order[first[scope_cell(grid, digit)]++] = i;
    }
    memmove(first + 1, first, n_cells * sizeof *first);
    first[0] = 0;
}

/* The figures of every block in the order of the cells. */
static int sort_parts(const struct parts *parts, size_t n_blocks, size_t n_points,
                      const size_t order[], double *part, struct err *err)
{
    const size_t n = n_points * parts->n;
    double *sorted = malloc(n * sizeof *sorted);

    if (sorted == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu figures", n);
    for (size_t b = 0; b < n_blocks; b++) {
        for (size_t i = 0; i < n_points; i++)
            memcpy(sorted + i * parts->n, part + b * n + order[i] * parts->n,
                   parts->n * sizeof *part);
        memcpy(part + b * n, sorted, n * sizeof *part);
    }
    free(sorted);
    return 0;
}

static int choose_cells(const struct parts *parts, size_t n_blocks, size_t n_points,
                        struct room *room, struct buffer *answer, struct err *err)
{
    const size_t n_cells = (size_t)scope_n_cells(&parts->plan.grid);
    const size_t n = cscv_n_halves(n_blocks) * n_cells;
    struct cscv_choice *choice = calloc(n, sizeof *choice);
    struct cscv_worth *worth = calloc(2 * n_points, sizeof *worth);
    size_t *first = calloc(n_cells + 1 + n_points, sizeof *first);
    int status = -1;

    if (choice == NULL || worth == NULL || first == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu choices", n);
    else {
        size_t *order = first + n_cells + 1;
        const struct cscv_cells cells = {n_blocks, n_points, parts->n, room->part,
                                         n_cells,  first,    worth_of, parts};

        sort_by_cell(&parts->plan.grid, n_points, n_cells, first, order);
        status = sort_parts(parts, n_blocks, n_points, order, room->part, err);
        if (status == 0) {
            cscv_cells_of(&cells, worth, choice);
            buffer_put(answer, choice, n * sizeof *choice);
        }
    }
    free(choice);
    free(worth);
    free(first);
    return status;
}

/* Everything at every point and block is in memory, and every half looks at all. */
static int check_size(const struct walk_worker *worker, size_t n_parts,
                      uint64_t n_points, struct err *err)
{
    enum {
        VALUES_MAX = 1 << 27, /* a gigabyte */
        CHOICES_MAX = 1 << 24 /* another, of all instruments */
    };
    const struct universe *universe = &worker->subject->universe;
    const struct grid *grid = &worker->subject->job.plan.grid;

    if (n_points < 2)
        return err_set(err, ERR_INPUT, "one point chooses nothing");
    if (n_points > VALUES_MAX / n_parts / worker->n_blocks ||
        n_points > UINT64_C(20000000000) / cscv_n_halves(worker->n_blocks))
        return err_set(err, ERR_INPUT, "not computed for %llu points",
                       (unsigned long long)n_points);
    if (scope_is_shared(grid) && scope_n_cells(grid) * cscv_n_halves(worker->n_blocks) >
                                     CHOICES_MAX / universe->n)
        return err_set(err, ERR_INPUT,
                       "not computed for %llu combinations of shared values and %zu "
                       "instruments",
                       (unsigned long long)scope_n_cells(grid), universe->n);
    return 0;
}

static int weigh_points(struct walk_worker *worker, const struct trial_points *points,
                        struct buffer *answer, struct err *err)
{
    const struct plan *plan = &worker->subject->job.plan;
    struct parts parts;
    struct room room;

    if (parts_make(plan, &parts, err) != 0 ||
        check_size(worker, parts.n, points->n, err) != 0)
        return -1;
    if (worker->bars.n <= plan->series.warmup_bars)
        return err_set(err, ERR_INPUT, "no bar stands behind the warm-up");
    if (room_new(worker->n_blocks, points->n, parts.n, &room, err) != 0)
        return -1;
    int status = fill_parts(&parts, worker, points, &room, err);
    if (status == 0 && scope_is_shared(&plan->grid))
        status = choose_cells(&parts, worker->n_blocks, points->n, &room, answer, err);
    else if (status == 0)
        evaluate(&parts, worker->n_blocks, points->n, &room, answer);
    room_free(&room);
    return status;
}

/* A half can only choose among points that were not looked for on the other half. */
int walk_overfit_work(struct walk_worker *worker, struct buffer *answer,
                      struct err *err)
{
    const struct plan *plan = &worker->subject->job.plan;
    const struct search_rules *search = &plan->search;
    struct trial_points points;

    if (!search_is_grid(search->method) && !search_is_design(search))
        return err_set(err, ERR_INPUT,
                       "not computed where search.method is %s%s: its points were "
                       "looked for on all bars, so that no half chooses by itself",
                       search_method_name(search->method),
                       search->n_polish > 0 ? " with a polish" : "");
    if (list_points(plan, worker->bars.n, &points, err) != 0)
        return -1;
    const int status = weigh_points(worker, &points, answer, err);
    free(points.value);
    return status;
}
