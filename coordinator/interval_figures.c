#include "coordinator/interval_figures.h"

#include <math.h>
#include <string.h>

static void values_of(const struct grid *grid, const struct interval_draws *draws,
                      uint64_t point, double value[AXES_MAX])
{
    if (draws->point != NULL)
        memcpy(value, draws->point + point * grid->n_axes,
               grid->n_axes * sizeof *value);
    else
        grid_values(grid, point, value);
}

static void take_axis(const struct grid *grid, const struct interval_draws *draws,
                      size_t a, struct interval_axis *axis)
{
    double value[AXES_MAX];
    size_t n = 0, n_same = 0;

    for (size_t r = 0; r < draws->n_replicates; r++) {
        if (isnan(draws->best[r].cost))
            continue;
        values_of(grid, draws, draws->best[r].point, value);
        n_same += value[a] == axis->chosen;
        draws->sorted[n++] = value[a];
    }
    axis->interval = bootstrap_percentiles(n, draws->sorted, INTERVALS_LEVEL);
    axis->share = (double)n_same / (double)n;
}

static void take_costs(const struct interval_draws *draws,
                       struct interval_answer *answer)
{
    size_t n = 0, n_infeasible = 0;

    for (size_t r = 0; r < draws->n_replicates; r++) {
        if (isnan(draws->best[r].cost))
            continue;
        n_infeasible += draws->best[r].violation > 0.0;
        draws->sorted[n++] = draws->best[r].cost;
    }
    answer->n_undecided = draws->n_replicates - n;
    answer->share_infeasible = (double)n_infeasible / (double)n;
    answer->cost_interval = bootstrap_percentiles(n, draws->sorted, INTERVALS_LEVEL);
}

static void take_regret(const struct interval_draws *draws, size_t w,
                        struct interval_regret *regret)
{
    size_t n = 0, n_broken = 0;

    for (size_t r = 0; r < draws->n_replicates; r++) {
        const struct candidate *best = &draws->best[r],
                               *seen = &draws->watched[r * draws->n_watched + w];

        if (isnan(best->cost) || isnan(seen->cost))
            continue;
        n_broken += seen->violation > best->violation;
        draws->sorted[n++] = seen->cost - best->cost;
    }
    regret->interval = bootstrap_percentiles(n, draws->sorted, INTERVALS_LEVEL);
    regret->share_broken = (double)n_broken / (double)n;
}

void interval_figures(const struct grid *grid, const struct interval_draws *draws,
                      struct interval_answer *answer)
{
    for (size_t a = 0; a < grid->n_axes; a++)
        take_axis(grid, draws, a, &answer->axis[a]);
    take_costs(draws, answer);
    take_regret(draws, 0, &answer->chosen);
    if (draws->n_watched > 1)
        take_regret(draws, 1, &answer->incumbent);
}
