#include "grid_oracle.h"

#include <math.h>
#include <stdbool.h>

size_t oracle_grid_n_points(const struct oracle_grid *grid)
{
    size_t n = 1;

    for (size_t i = 0; i < ORACLE_N_AXES; i++)
        n *= grid->axis[i].n;
    return n;
}

void oracle_grid_point(const struct oracle_grid *grid, size_t k,
                       struct oracle_request *request)
{
    double value[ORACLE_N_AXES];

    for (size_t i = ORACLE_N_AXES; i-- > 0;) {
        value[i] = grid->axis[i].value[k % grid->axis[i].n];
        k /= grid->axis[i].n;
    }
    request->lambda = value[0];
    request->q = value[1];
    request->floor = value[2];
    request->buffer = value[3];
    request->release = value[4] != 0.0;
}

static double figure_at(const struct oracle_figures *figures, size_t offset)
{
    return *(const double *)((const char *)figures + offset);
}

double oracle_violation(const struct oracle_objective *objective,
                        const struct oracle_figures *figures)
{
    double sum = 0.0;

    for (size_t i = 0; i < objective->n_limits; i++) {
        const struct oracle_limit *limit = &objective->limit[i];
        const double figure = figure_at(figures, limit->offset);

        if (isnan(figure))
            sum = sum + limit->undefined_counts;
        else if (figure < limit->min)
            sum = sum + (limit->min - figure) / limit->scale;
        else if (figure > limit->max)
            sum = sum + (figure - limit->max) / limit->scale;
    }
    return sum;
}

/* Points are looked at in their order, so of two equal ones the first stays. */
static bool is_better(const struct oracle_choice *one, const struct oracle_choice *best)
{
    if (one->violation != best->violation)
        return one->violation < best->violation;
    return one->cost < best->cost;
}

int oracle_grid_choose(const struct oracle_grid *grid,
                       const struct oracle_request *request, const struct bars *bars,
                       const struct oracle_objective *objective,
                       struct oracle_choice *choice, struct err *err)
{
    struct oracle_request at = *request;
    struct oracle_choice best = {0};

    if (oracle_grid_n_points(grid) == 0)
        return err_set(err, ERR_INPUT, "grid: an axis has no value");
    for (size_t k = 0; k < oracle_grid_n_points(grid); k++) {
        struct oracle_figures figures;

        oracle_grid_point(grid, k, &at);
        if (oracle_score(&at, bars, ORACLE_TRAINING, &figures, err) != 0)
            return err_add(err, "point %zu", k);
        const double cost = figure_at(&figures, objective->cost_offset);
        const struct oracle_choice one = {
            .point = k,
            .violation = oracle_violation(objective, &figures),
            .cost = isnan(cost) ? INFINITY : cost,
        };
        oracle_figures_free(&figures);
        if (k == 0 || is_better(&one, &best))
            best = one;
    }
    *choice = best;
    return 0;
}
