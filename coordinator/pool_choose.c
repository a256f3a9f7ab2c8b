#include "coordinator/pool_view.h"
#include "worker/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
static int ask_group(const struct pool_view *view, const struct nested_problem *problem,
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

static int ask_groups(const struct pool_view *view, struct err *err)
{
    const struct nested_problem problem = pool_problem(view, pool_best_swept);
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
    struct pool_view view;

    if (pool_view_begin(plan, pool, outcome, failed, &view, err) != 0)
        return -1;
    const int status = ask_groups(&view, err);
    free(view.incumbent_cell);
    pool->is_asked = status == 0;
    return status;
}

/* ---- the choice ---- */

/* The incumbent's values stay where they satisfy everything and the best of the others
 * does not save enough. */
static void weigh_warm(const struct pool_view *view)
{
    struct pool *pool = view->pool;
    struct nested_problem problem = pool_problem(view, pool_best_warm);
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

static int narrow(const struct pool_view *view, size_t g, struct outcome *outcome,
                  struct err *err)
{
    bool *keep = calloc(outcome->n_judged + 1, sizeof *keep);

    if (keep == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", outcome->n_judged);
    for (size_t i = 0; i < outcome->n_judged; i++)
        keep[i] = pool_cell_of_point(view->plan, outcome, outcome->point[i].point) ==
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
static void count_members(const struct pool_view *view)
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

int pool_choose_swept(const struct plan *plan, struct pool *pool,
                      struct outcome outcome[], const bool failed[], struct err *err)
{
    struct pool_view view;

    if (pool_view_begin(plan, pool, outcome, failed, &view, err) != 0)
        return -1;
    const int status = pool_solve(&view, pool_best_swept, err);
    free(view.incumbent_cell);
    return status;
}

static int choose_cells(const struct pool_view *view, struct err *err)
{
    if (pool_solve(view, pool_best_judged, err) != 0)
        return -1;
    if (view->incumbent_cell != NULL)
        weigh_warm(view);
    count_members(view);
    return 0;
}

int pool_choose(const struct plan *plan, struct pool *pool, struct outcome outcome[],
                const bool failed[], struct err *err)
{
    struct pool_view view;
    int status = -1;

    if (pool_view_begin(plan, pool, outcome, failed, &view, err) != 0)
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
