#include "coordinator/report_shared.h"
#include "worker/scope.h"

#include <string.h>

/* "lambda 0.97, floor 0.02": the values of the axes of this scope. */
static void print_values(const struct grid *grid, enum axis_scope scope,
                         const double value[], FILE *out)
{
    const char *comma = "";

    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].scope == scope) {
            fprintf(out, "%s%s %g", comma, grid->axis[a].rule->name, value[a]);
            comma = ", ";
        }
}

/* The best of the other combinations of this scope; n: there is none. */
static size_t find_next(size_t n, const struct nested_sum sum[], size_t chosen)
{
    size_t next = n;

    for (size_t i = 0; i < n; i++)
        if (i != chosen && (next == n || nested_before(&sum[i], &sum[next])))
            next = i;
    return next;
}

static void print_sum(const struct nested_sum *sum, FILE *out)
{
    if (sum->n_without > 0)
        fprintf(out, "%zu without a value", sum->n_without);
    else if (sum->violation > 0.0)
        fprintf(out, "%.6g, violation %.3g", sum->cost, sum->violation);
    else
        fprintf(out, "%.6g", sum->cost);
}

/* "; next lambda 0.98: 1.2345" */
static void print_next(const struct plan *plan, enum axis_scope scope,
                       const struct nested_sum sum[], size_t chosen, FILE *out)
{
    const struct grid *grid = &plan->grid;
    const size_t n = (size_t)scope_n(grid, scope), next = find_next(n, sum, chosen);
    const size_t n_group = (size_t)scope_n(grid, AXIS_GROUP);
    double value[AXES_MAX];
    size_t digit[AXES_MAX];

    if (next == n)
        return;
    scope_cell_digits(grid, scope == AXIS_GLOBAL ? next * n_group : next, digit);
    for (size_t a = 0; a < grid->n_axes; a++)
        value[a] = grid->axis[a].value[digit[a]];
    fprintf(out, "; next ");
    print_values(grid, scope, value, out);
    fprintf(out, ": ");
    print_sum(&sum[next], out);
}

static size_t count_say(const struct pool *pool, size_t first, size_t end)
{
    size_t n = 0;

    for (size_t m = first; m < end; m++)
        n += pool->weight[m] > 0.0;
    return n;
}

static void print_global(const struct result *result, const struct pool *pool,
                         FILE *out)
{
    const struct plan *plan = &result->job->plan;
    const size_t n_group = (size_t)scope_n(&plan->grid, AXIS_GROUP);
    double value[AXES_MAX];

    pool_values(plan, pool, 0, result->outcome, value);
    fprintf(out, "  all, %zu instruments: ", count_say(pool, 0, pool->n));
    print_values(&plan->grid, AXIS_GLOBAL, value, out);
    fprintf(out, " (");
    print_sum(&pool->sum, out);
    if (pool->cell[0] != SIZE_MAX)
        print_next(plan, AXIS_GLOBAL, pool->global_sum, pool->cell[0] / n_group, out);
    fprintf(out, ")%s\n", pool->is_kept ? ", as in production" : "");
}

static void print_group(const struct result *result, const struct pool *pool, size_t g,
                        FILE *out)
{
    const struct plan *plan = &result->job->plan;
    const size_t n_group = (size_t)scope_n(&plan->grid, AXIS_GROUP);
    const struct nested_sum *sum = pool->group_sum + g * n_group;
    double value[AXES_MAX];

    pool_values(plan, pool, g, result->outcome, value);
    fprintf(out,
            "  %s, %zu instruments: ", result->universe->groups.name[pool->group[g]],
            count_say(pool, pool->first[g], pool->first[g + 1]));
    print_values(&plan->grid, AXIS_GROUP, value, out);
    if (pool->cell[g] != SIZE_MAX) {
        fprintf(out, " (");
        print_sum(&sum[pool->cell[g] % n_group], out);
        print_next(plan, AXIS_GROUP, sum, pool->cell[g] % n_group, out);
        fprintf(out, ")");
    }
    fprintf(out, "%s\n", pool->is_kept ? ", as in production" : "");
}

/* Violation comes before cost: one that breaks a constraint with every value still
 * pulls at what all share. */
static void print_pullers(const struct result *result, const struct pool *pool,
                          FILE *out)
{
    for (size_t m = 0; m < pool->n; m++) {
        const struct outcome *outcome = &result->outcome[pool->member[m]];
        const struct ranking *ranking = &outcome->found.ranking;

        if (pool->weight[m] > 0.0 && ranking->n > 0 && ranking->best[0].violation > 0.0)
            fprintf(out,
                    "  %s satisfies the constraints with no shared values, and its "
                    "violation counts before any cost (weights: {%s: 0} takes its say "
                    "away)\n",
                    outcome->entry->instrument, outcome->entry->instrument);
        else if (outcome->status == STATUS_FAILED && ranking->n > 0 &&
                 ranking->best[0].violation == 0.0)
            fprintf(out,
                    "  %s could satisfy the constraints with other shared values\n",
                    outcome->entry->instrument);
    }
}

void report_shared(const struct result *result, FILE *out)
{
    const struct plan *plan = &result->job->plan;
    const struct pools *pools = result->pools;

    if (pools->n == 0)
        return;
    fprintf(out, "shared, by the sum of each one's best %s:\n", plan->objective->name);
    for (size_t p = 0; p < pools->n; p++) {
        const struct pool *pool = &pools->pool[p];

        if (scope_has(&plan->grid, AXIS_GLOBAL))
            print_global(result, pool, out);
        for (size_t g = 0; scope_has(&plan->grid, AXIS_GROUP) && g < pool->n_groups;
             g++)
            print_group(result, pool, g, out);
        print_pullers(result, pool, out);
    }
    fputc('\n', out);
}
