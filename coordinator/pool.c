#include "coordinator/pool.h"
#include "worker/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- who is in which ---- */

static size_t count_of_group(const struct universe *universe, size_t g)
{
    size_t n = 0;

    for (size_t i = 0; i < universe->n; i++)
        n += universe->groups.of[i] == g;
    return n;
}

static void add_group(const struct universe *universe, size_t g, size_t p,
                      struct pools *pools)
{
    struct pool *pool = &pools->pool[p];

    pool->group[pool->n_groups] = g;
    pool->first[pool->n_groups++] = pool->n;
    for (size_t i = 0; i < universe->n; i++)
        if (universe->groups.of[i] == g) {
            pool->weight[pool->n] = universe->groups.weight[i];
            pool->member[pool->n++] = i;
            pools->of[i] = p;
        }
    pool->first[pool->n_groups] = pool->n;
    pool->n_waited = pool->n;
}

static int new_pool(const struct plan *plan, size_t n, size_t n_groups,
                    struct pool *pool, struct err *err)
{
    const size_t n_global = (size_t)scope_n(&plan->grid, AXIS_GLOBAL),
                 n_group = (size_t)scope_n(&plan->grid, AXIS_GROUP);

    *pool = (struct pool){.member = calloc(n + 1, sizeof *pool->member),
                          .first = calloc(n_groups + 1, sizeof *pool->first),
                          .group = calloc(n_groups + 1, sizeof *pool->group),
                          .weight = calloc(n + 1, sizeof *pool->weight),
                          .cell = calloc(n_groups + 1, sizeof *pool->cell),
                          .global_sum = calloc(n_global, sizeof *pool->global_sum),
                          .group_sum =
                              calloc(n_groups * n_group + 1, sizeof *pool->group_sum)};
    if (pool->member != NULL && pool->first != NULL && pool->group != NULL &&
        pool->weight != NULL && pool->cell != NULL && pool->global_sum != NULL &&
        pool->group_sum != NULL)
        return 0;
    return err_set(err, ERR_MEMORY, "no memory for what %zu instruments share", n);
}

/* Groups without an instrument are none. */
static int fill(const struct plan *plan, const struct universe *universe,
                struct pools *pools, struct err *err)
{
    const bool is_one = scope_has(&plan->grid, AXIS_GLOBAL);
    const size_t n_groups = universe->groups.n;

    if (is_one &&
        new_pool(plan, universe->n, n_groups, &pools->pool[pools->n++], err) != 0)
        return -1;
    for (size_t g = 0; g < n_groups; g++) {
        const size_t n = count_of_group(universe, g);

        if (n == 0)
            continue;
        if (!is_one && new_pool(plan, n, 1, &pools->pool[pools->n++], err) != 0)
            return -1;
        add_group(universe, g, pools->n - 1, pools);
    }
    return 0;
}

int pools_new(const struct plan *plan, const struct universe *universe,
              struct pools *pools, struct err *err)
{
    *pools = (struct pools){0};
    if (!scope_is_shared(&plan->grid))
        return 0;
    pools->pool = calloc(universe->groups.n, sizeof *pools->pool);
    pools->of = calloc(universe->n, sizeof *pools->of);
    if (pools->pool == NULL || pools->of == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu instruments", universe->n);
    else if (fill(plan, universe, pools, err) == 0)
        return 0;
    pools_free(pools);
    return -1;
}

void pools_free(struct pools *pools)
{
    for (size_t p = 0; p < pools->n; p++) {
        struct pool *pool = &pools->pool[p];

        free(pool->member);
        free(pool->first);
        free(pool->group);
        free(pool->weight);
        free(pool->cell);
        free(pool->global_sum);
        free(pool->group_sum);
    }
    free(pools->pool);
    free(pools->of);
    *pools = (struct pools){0};
}

/* ---- what the incumbent's instruments have in common ---- */

static const double *incumbent_point(const struct outcome *outcome)
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
        const double *point = incumbent_point(&outcome[pool->member[m]]);

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
            const double *point = incumbent_point(&outcome[pool->member[m]]);

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

/* Where the solver gets an instrument's best from. */
struct view {
    const struct plan *plan;
    struct pool *pool;
    struct outcome *outcome;
    const bool *failed;
    size_t *incumbent_cell; /* [n_groups]; NULL: its values are no choice */
};

static bool best_swept(const void *context, size_t m, size_t cell, double *violation,
                       double *cost)
{
    const struct view *view = context;
    const struct shortlist *list =
        &view->outcome[view->pool->member[m]].found.cell[cell];

    if (list->n == 0)
        return false;
    *violation = list->best[0].violation;
    *cost = list->best[0].cost;
    return true;
}

static size_t cell_of_point(const struct plan *plan, const struct outcome *outcome,
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
static bool best_judged_of(const struct plan *plan, const struct outcome *outcome,
                           size_t cell, double *violation, double *cost)
{
    const struct candidate *best = NULL;

    for (size_t i = 0; i < outcome->n_judged; i++) {
        const struct candidate *point = &outcome->point[i];

        if (cell_of_point(plan, outcome, point->point) == cell && !isnan(point->cost) &&
            (best == NULL || candidate_before(point, best)))
            best = point;
    }
    if (best == NULL)
        return false;
    *violation = best->violation;
    *cost = best->cost;
    return true;
}

static bool best_judged(const void *context, size_t m, size_t cell, double *violation,
                        double *cost)
{
    const struct view *view = context;

    return best_judged_of(view->plan, &view->outcome[view->pool->member[m]], cell,
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
static bool best_warm(const void *context, size_t m, size_t cell, double *violation,
                      double *cost)
{
    const struct view *view = context;

    (void)cell;
    return best_judged_of(view->plan, &view->outcome[view->pool->member[m]],
                          view->incumbent_cell[group_of(view->pool, m)], violation,
                          cost);
}

static struct nested_problem problem_of(const struct view *view,
                                        bool (*best)(const void *, size_t, size_t,
                                                     double *, double *))
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

/* ---- the cells in question ---- */

/* The sweep's sums are within 4 (n + 8) eps of the walk's, n bars (worker/README.md),
 * and its costs are rounded to 40 bits: 2^-30 is more than both for 10^6 bars. */
static bool is_close(const struct nested_sum *best, const struct nested_sum *sum)
{
    const double tolerance = 0x1p-30;
    const double more = sum->violation - best->violation;

    if (sum->n_without != best->n_without ||
        more > tolerance * fmax(1.0, best->violation))
        return false;
    return more > 0.0 || sum->cost - best->cost <= tolerance * fabs(best->cost);
}

/* The places of the best of sum [n] and of those close to it, in their order: at most
 * POOL_CLOSE_MAX. */
static size_t find_close(size_t n, const struct nested_sum sum[],
                         size_t place[POOL_CLOSE_MAX])
{
    size_t n_found = 0;

    for (size_t i = 0; i < n; i++) {
        size_t p = n_found;

        while (p > 0 && nested_before(&sum[i], &sum[place[p - 1]]))
            p--;
        if (p == POOL_CLOSE_MAX)
            continue;
        n_found += n_found < POOL_CLOSE_MAX;
        memmove(&place[p + 1], &place[p], (n_found - 1 - p) * sizeof *place);
        place[p] = i;
    }
    while (n_found > 1 && !is_close(&sum[place[0]], &sum[place[n_found - 1]]))
        n_found--;
    return n_found;
}

enum { CELLS_ASKED_MAX = POOL_CLOSE_MAX * POOL_CLOSE_MAX + 1 };

static void add_cell(size_t cell, size_t *n, size_t cells[CELLS_ASKED_MAX])
{
    for (size_t c = 0; c < *n; c++)
        if (cells[c] == cell)
            return;
    cells[(*n)++] = cell;
}

static int ask_points(struct outcome *outcome, size_t n_cells, const size_t cells[],
                      struct err *err)
{
    size_t n = 0;

    for (size_t c = 0; c < n_cells; c++)
        n += outcome->found.cell[cells[c]].n;
    outcome->asked = calloc(n + 1, sizeof *outcome->asked);
    if (outcome->asked == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", n);
    for (size_t c = 0; c < n_cells; c++) {
        const struct shortlist *list = &outcome->found.cell[cells[c]];

        memcpy(outcome->asked + outcome->n_asked, list->best,
               list->n * sizeof *list->best);
        outcome->n_asked += list->n;
    }
    return 0;
}

/* The cells of group g: of each global value in question its own best values. */
static int ask_group(const struct view *view, const struct nested_problem *problem,
                     size_t g, size_t n_s, const size_t s[], struct err *err)
{
    const struct pool *pool = view->pool;
    struct nested_sum *sum = calloc(problem->n_group, sizeof *sum);
    size_t n_cells = 0, cells[CELLS_ASKED_MAX], u[POOL_CLOSE_MAX];
    int status = 0;

    if (sum == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu sums", problem->n_group);
    for (size_t i = 0; i < n_s; i++) {
        for (size_t v = 0; v < problem->n_group; v++)
            sum[v] = nested_group(problem, g, s[i], v);
        const size_t n_u = find_close(problem->n_group, sum, u);
        for (size_t j = 0; j < n_u; j++)
            add_cell(s[i] * problem->n_group + u[j], &n_cells, cells);
        if (i == 0)
            memcpy(pool->group_sum + g * problem->n_group, sum,
                   problem->n_group * sizeof *sum);
    }
    free(sum);
    if (view->incumbent_cell != NULL && view->incumbent_cell[g] != SIZE_MAX)
        add_cell(view->incumbent_cell[g], &n_cells, cells);
    for (size_t m = pool->first[g]; status == 0 && m < pool->first[g + 1]; m++) {
        const size_t i = pool->member[m];

        if (!view->failed[i])
            status = ask_points(&view->outcome[i], n_cells, cells, err);
    }
    return status;
}

/* What is looked at; frees with view_end. */
static int view_begin(const struct plan *plan, struct pool *pool,
                      struct outcome outcome[], const bool failed[], struct view *view,
                      struct err *err)
{
    const struct grid *grid = &plan->grid;

    *view = (struct view){plan, pool, outcome, failed, NULL};
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

static int ask_groups(const struct view *view, struct err *err)
{
    const struct nested_problem problem = problem_of(view, best_swept);
    struct pool *pool = view->pool;
    size_t s[POOL_CLOSE_MAX];
    size_t *u = calloc(pool->n_groups, sizeof *u);
    int status = 0;

    if (u == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu groups", pool->n_groups);
    for (size_t t = 0; t < problem.n_global; t++)
        pool->global_sum[t] = nested_global(&problem, t, u);
    free(u);
    const size_t n_s = find_close(problem.n_global, pool->global_sum, s);
    for (size_t g = 0; status == 0 && g < pool->n_groups; g++)
        status = ask_group(view, &problem, g, n_s, s, err);
    return status;
}

int pool_ask(const struct plan *plan, struct pool *pool, struct outcome outcome[],
             const bool failed[], struct err *err)
{
    struct view view;

    if (view_begin(plan, pool, outcome, failed, &view, err) != 0)
        return -1;
    const int status = ask_groups(&view, err);
    free(view.incumbent_cell);
    pool->is_asked = status == 0;
    return status;
}

/* ---- the choice ---- */

/* The incumbent's values stay where they satisfy everything and the best of the others
 * does not save enough. */
static void weigh_warm(const struct view *view)
{
    struct pool *pool = view->pool;
    struct nested_problem problem = problem_of(view, best_warm);
    size_t u[1];

    problem.n_global = problem.n_group = problem.n_groups = 1;
    const size_t first[] = {0, pool->n};
    problem.first = first;
    pool->warm = nested_global(&problem, 0, u);
    pool->is_warm = true;
    if (pool->warm.n_without > 0 || pool->warm.violation > 0.0)
        return;
    pool->is_kept = nested_before(&pool->warm, &pool->sum) ||
                    pool->sum.violation > 0.0 ||
                    1.0 - pool->sum.cost / pool->warm.cost < view->plan->hysteresis;
    for (size_t g = 0; pool->is_kept && g < pool->n_groups; g++)
        pool->cell[g] = view->incumbent_cell[g];
    pool->sum = pool->is_kept ? pool->warm : pool->sum;
}

static int narrow(const struct view *view, size_t g, struct outcome *outcome,
                  struct err *err)
{
    bool *keep = calloc(outcome->n_judged + 1, sizeof *keep);

    if (keep == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", outcome->n_judged);
    for (size_t i = 0; i < outcome->n_judged; i++)
        keep[i] = cell_of_point(view->plan, outcome, outcome->point[i].point) ==
                  view->pool->cell[g];
    outcome_narrow(outcome, keep);
    free(keep);
    if (outcome->n_judged == 0)
        snprintf(outcome->reason, sizeof outcome->reason,
                 "%s is undefined at every point with the values that are shared",
                 view->plan->objective->name);
    return 0;
}

/* Each learns with how many others it shares: those that had a say. */
static void count_members(const struct view *view)
{
    const struct pool *pool = view->pool;

    for (size_t g = 0; g < pool->n_groups; g++) {
        size_t n = 0, n_all = 0;

        for (size_t m = 0; m < pool->n; m++) {
            n += m >= pool->first[g] && m < pool->first[g + 1] && pool->weight[m] > 0.0;
            n_all += pool->weight[m] > 0.0;
        }
        for (size_t m = pool->first[g]; m < pool->first[g + 1]; m++) {
            struct outcome_shared *shared = &view->outcome[pool->member[m]].shared;

            shared->n[AXIS_GROUP] = n;
            shared->n[AXIS_GLOBAL] = n_all;
            shared->weight = pool->weight[m];
        }
    }
}

static int choose_cells(const struct view *view, struct err *err)
{
    const struct nested_problem problem = problem_of(view, best_judged);
    struct pool *pool = view->pool;
    size_t *room = calloc(pool->n_groups, sizeof *room);
    size_t s;

    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu groups", pool->n_groups);
    pool->sum = nested_solve(&problem, &s, pool->cell, room);
    free(room);
    for (size_t g = 0; g < pool->n_groups; g++)
        pool->cell[g] += s * problem.n_group;
    if (view->incumbent_cell != NULL)
        weigh_warm(view);
    count_members(view);
    return 0;
}

int pool_choose(const struct plan *plan, struct pool *pool, struct outcome outcome[],
                const bool failed[], struct err *err)
{
    struct view view;
    int status = -1;

    if (view_begin(plan, pool, outcome, failed, &view, err) != 0)
        return -1;
    for (size_t m = 0; m < pool->n; m++)
        if (!failed[pool->member[m]]) {
            outcome_score(plan, &outcome[pool->member[m]]);
            outcome_score_incumbent(plan, &outcome[pool->member[m]]);
        }
    status = choose_cells(&view, err);
    for (size_t g = 0; g < pool->n_groups; g++)
        for (size_t m = pool->first[g]; status == 0 && m < pool->first[g + 1]; m++)
            if (!failed[pool->member[m]])
                status = narrow(&view, g, &outcome[pool->member[m]], err);
    free(view.incumbent_cell);
    return status;
}

void pool_values(const struct plan *plan, const struct pool *pool, size_t g,
                 const struct outcome outcome[], double value[AXES_MAX])
{
    const struct grid *grid = &plan->grid;
    size_t digit[AXES_MAX];

    if (pool->cell[g] != SIZE_MAX) {
        scope_cell_digits(grid, pool->cell[g], digit);
        for (size_t a = 0; a < grid->n_axes; a++)
            value[a] = grid->axis[a].value[digit[a]];
        return;
    }
    for (size_t m = 0; m < pool->n; m++) {
        const double *point = incumbent_point(&outcome[pool->member[m]]);

        if (point != NULL && (m >= pool->first[g] || !scope_has(grid, AXIS_GROUP))) {
            memcpy(value, point, grid->n_axes * sizeof *value);
            return;
        }
    }
}
