#include "coordinator/pool_view.h"
#include "worker/scope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the incumbent's instruments have in common ---- */

const double *pool_incumbent_point(const struct outcome *outcome)
{
    return outcome_n_incumbent(outcome) > 0 ? outcome->incumbent->point[0] : NULL;
}

/* On the axes of this scope. */
static bool is_same(const struct grid *grid, enum axis_scope scope, const double a[],
                    const double b[])
{
    for (size_t x = 0; x < grid->n_axes; x++)
        if (grid->axis[x].scope == scope && a[x] != b[x])
            return false;
    return true;
}

/* The first incumbent's point of members first to end that have not failed. */
static const double *first_point(const struct pool *pool,
                                 const struct outcome outcome[], const bool failed[],
                                 size_t first, size_t end)
{
    for (size_t m = first; m < end; m++) {
        const double *point = pool_incumbent_point(&outcome[pool->member[m]]);

        if (point != NULL && !failed[pool->member[m]])
            return point;
    }
    return NULL;
}

/* Do all that have one agree, the pool on global values and each group on its own?  A
 * group without any has none that it could agree on. */
static bool agrees(const struct grid *grid, const struct pool *pool,
                   const struct outcome outcome[], const bool failed[])
{
    const double *of_all = first_point(pool, outcome, failed, 0, pool->n);

    for (size_t g = 0; g < pool->n_groups; g++) {
        const double *of_group =
            first_point(pool, outcome, failed, pool->first[g], pool->first[g + 1]);

        if (of_group == NULL && scope_has(grid, AXIS_GROUP))
            return false;
        for (size_t m = pool->first[g]; m < pool->first[g + 1]; m++) {
            const double *point = pool_incumbent_point(&outcome[pool->member[m]]);

            if (point != NULL && !failed[pool->member[m]] &&
                (!is_same(grid, AXIS_GLOBAL, point, of_all) ||
                 !is_same(grid, AXIS_GROUP, point, of_group)))
                return false;
        }
    }
    return of_all != NULL;
}

/* Where the incumbent's values of group g lie on the grid; SIZE_MAX: off it. */
static size_t incumbent_cell(const struct grid *grid, const struct pool *pool, size_t g,
                             const struct outcome outcome[], const bool failed[])
{
    const double *point =
        first_point(pool, outcome, failed, pool->first[g], pool->first[g + 1]);

    if (point == NULL) /* no group axes: the global values are all there is */
        point = first_point(pool, outcome, failed, 0, pool->n);
    return point != NULL ? scope_cell_of_values(grid, point) : SIZE_MAX;
}

/* ---- the nested minimum ---- */

bool pool_best_swept(const void *context, size_t m, size_t cell, double *violation,
                     double *cost)
{
    const struct pool_view *view = context;
    const struct shortlist *list =
        &view->outcome[view->pool->member[m]].found.cell[cell];

    if (list->n == 0)
        return false;
    *violation = list->best[0].violation;
    *cost = list->best[0].cost;
    return true;
}

size_t pool_cell_of_point(const struct plan *plan, const struct outcome *outcome,
                          uint64_t point)
{
    size_t digit[AXES_MAX];

    if (point >= INCUMBENT_POINT)
        return scope_cell_of_values(&plan->grid,
                                    outcome->incumbent->point[point - INCUMBENT_POINT]);
    grid_digits(&plan->grid, point, digit);
    return scope_cell(&plan->grid, digit);
}

/* The best judged point with the cell's values; SIZE_MAX: those of the incumbent, off
 * the grid. */
static bool judged_best(const struct plan *plan, const struct outcome *outcome,
                        size_t cell, double *violation, double *cost)
{
    const struct candidate *best = NULL;

    for (size_t i = 0; i < outcome->n_judged; i++) {
        const struct candidate *point = &outcome->point[i];

        if (pool_cell_of_point(plan, outcome, point->point) == cell &&
            !isnan(point->cost) && (best == NULL || candidate_before(point, best)))
            best = point;
    }
    if (best == NULL)
        return false;
    *violation = best->violation;
    *cost = best->cost;
    return true;
}

bool pool_best_judged(const void *context, size_t m, size_t cell, double *violation,
                      double *cost)
{
    const struct pool_view *view = context;

    return judged_best(view->plan, &view->outcome[view->pool->member[m]], cell,
                       violation, cost);
}

static size_t group_of(const struct pool *pool, size_t m)
{
    size_t g = 0;

    while (m >= pool->first[g + 1])
        g++;
    return g;
}

/* With the incumbent's shared values, whatever cell is asked for. */
bool pool_best_warm(const void *context, size_t m, size_t cell, double *violation,
                    double *cost)
{
    const struct pool_view *view = context;

    (void)cell;
    return judged_best(view->plan, &view->outcome[view->pool->member[m]],
                       view->incumbent_cell[group_of(view->pool, m)], violation, cost);
}

struct nested_problem pool_problem(const struct pool_view *view, pool_best_fn best)
{
    const struct grid *grid = &view->plan->grid;

    return (struct nested_problem){.n_global = (size_t)scope_n(grid, AXIS_GLOBAL),
                                   .n_group = (size_t)scope_n(grid, AXIS_GROUP),
                                   .n_groups = view->pool->n_groups,
                                   .first = view->pool->first,
                                   .weight = view->pool->weight,
                                   .best = best,
                                   .context = view};
}

int pool_view_begin(const struct plan *plan, struct pool *pool,
                    struct outcome outcome[], const bool failed[],
                    struct pool_view *view, struct err *err)
{
    const struct grid *grid = &plan->grid;

    *view = (struct pool_view){plan, pool, outcome, failed, NULL};
    for (size_t m = 0; m < pool->n; m++) /* who failed has no say */
        if (failed[pool->member[m]])
            pool->weight[m] = 0.0;
    if (!agrees(grid, pool, outcome, failed))
        return 0;
    view->incumbent_cell = calloc(pool->n_groups, sizeof *view->incumbent_cell);
    if (view->incumbent_cell == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu groups", pool->n_groups);
    for (size_t g = 0; g < pool->n_groups; g++)
        view->incumbent_cell[g] = incumbent_cell(grid, pool, g, outcome, failed);
    return 0;
}

int pool_solve(const struct pool_view *view, pool_best_fn best, struct err *err)
{
    const struct nested_problem problem = pool_problem(view, best);
    struct pool *pool = view->pool;
    size_t *room = calloc(pool->n_groups, sizeof *room);
    size_t s;

    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu groups", pool->n_groups);
    pool->sum = nested_solve(&problem, &s, pool->cell, room);
    free(room);
    for (size_t g = 0; g < pool->n_groups; g++)
        pool->cell[g] += s * problem.n_group;
    return 0;
}
