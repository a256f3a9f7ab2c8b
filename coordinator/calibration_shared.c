#include "coordinator/calibration_shared.h"
#include "worker/scope.h"

#include <stdio.h>
#include <stdlib.h>

static size_t list_axes(const struct grid *grid, enum axis_scope scope,
                        struct evidence_axis axis[AXES_MAX])
{
    size_t n = 0;

    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].scope == scope)
            axis[n++] = (struct evidence_axis){.name = grid->axis[a].rule->name,
                                               .unit = grid->axis[a].rule->unit,
                                               .meaning = grid->axis[a].rule->meaning,
                                               .n = grid->axis[a].n,
                                               .value = grid->axis[a].value};
    return n;
}

static int put_sums(const struct grid *grid, enum axis_scope scope,
                    const double *column, const char *group, struct evidence *evidence,
                    struct err *err)
{
    const size_t n = (size_t)scope_n(grid, scope);
    struct evidence_axis axis[AXES_MAX];
    const struct evidence_figure figure[] = {
        {.name = "cost",
         .unit = "1",
         .meaning = "sum over instruments of weight times each one's best cost",
         .value = column},
        {.name = "violation",
         .unit = "1",
         .meaning = "... of their violations, which count first",
         .value = column + n},
        {.name = "n_without",
         .unit = "1",
         .meaning = "instruments without any value, which count before all",
         .value = column + 2 * n},
    };
    const struct evidence_surface surface = {.n_axes = list_axes(grid, scope, axis),
                                             .axis = axis,
                                             .n_figures =
                                                 sizeof figure / sizeof *figure,
                                             .figure = figure};

    return evidence_write(evidence, group, &surface, err);
}

static int write_sums(const struct grid *grid, enum axis_scope scope,
                      const struct nested_sum sum[], const char *name,
                      struct evidence *evidence, struct err *err)
{
    const size_t n = (size_t)scope_n(grid, scope);
    double *column = calloc(3 * n, sizeof *column);
    char group[128];

    if (column == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu sums", n);
    for (size_t i = 0; i < n; i++) {
        column[i] = sum[i].cost;
        column[n + i] = sum[i].violation;
        column[2 * n + i] = (double)sum[i].n_without;
    }
    snprintf(group, sizeof group, "/instruments/shared/%s", name);
    const int status = put_sums(grid, scope, column, group, evidence, err);
    free(column);
    return status;
}

/* A group may be called global: it stands beneath "group". */
static int write_groups(const struct result *result, const struct pool *pool,
                        struct evidence *evidence, struct err *err)
{
    const struct grid *grid = &result->job->plan.grid;
    const size_t n_group = (size_t)scope_n(grid, AXIS_GROUP);
    char name[96];

    for (size_t g = 0; scope_has(grid, AXIS_GROUP) && g < pool->n_groups; g++) {
        snprintf(name, sizeof name, "group/%s",
                 result->universe->groups.name[pool->group[g]]);
        if (write_sums(grid, AXIS_GROUP, pool->group_sum + g * n_group, name, evidence,
                       err) != 0)
            return -1;
    }
    return 0;
}

int calibration_write_shared(const struct result *result, struct evidence *evidence,
                             struct err *err)
{
    const struct grid *grid = &result->job->plan.grid;

    for (size_t p = 0; p < result->pools->n; p++) {
        const struct pool *pool = &result->pools->pool[p];

        if (scope_has(grid, AXIS_GLOBAL) &&
            write_sums(grid, AXIS_GLOBAL, pool->global_sum, "global", evidence, err) !=
                0)
            return -1;
        if (write_groups(result, pool, evidence, err) != 0)
            return -1;
    }
    return 0;
}
