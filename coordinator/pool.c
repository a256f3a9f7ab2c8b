#include "coordinator/pool_view.h"
#include "worker/scope.h"

#include <stdlib.h>
#include <string.h>

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
        const double *point = pool_incumbent_point(&outcome[pool->member[m]]);

        if (point != NULL && (m >= pool->first[g] || !scope_has(grid, AXIS_GROUP))) {
            memcpy(value, point, grid->n_axes * sizeof *value);
            return;
        }
    }
}
