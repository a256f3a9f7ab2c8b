#include "worker/cost.h"

#include <stdbool.h>
#include <string.h>

static const double PASS_NS = 9.0;
static const double RELEASE_NS = 30.0;
static const double POINT_NS = 180.0;

/* Points that share a path: all of the axes behind the model's. */
static uint64_t points_a_path(const struct plan *plan)
{
    uint64_t n = 1;

    for (size_t a = plan->volatility->n_axes; a < plan->grid.n_axes; a++)
        n *= plan->grid.axis[a].n;
    return n;
}

/* NULL where the grid has no such axis. */
static const struct axis *find_axis(const struct plan *plan, const char *name)
{
    for (size_t a = 0; a < plan->grid.n_axes; a++)
        if (plan->grid.axis[a].rule != NULL &&
            strcmp(plan->grid.axis[a].rule->name, name) == 0)
            return &plan->grid.axis[a];
    return NULL;
}

/* Buffers that are released make the margin a path of its own. */
static bool has_release(const struct plan *plan)
{
    const struct axis *axis = find_axis(plan, "release");

    return axis != NULL && axis->value[axis->n - 1] > 0.0;
}

/* A model's step is of a fit to 2,000 bars every 500: of the dearest path, so many
 * times that. */
static double fits(const struct plan *plan)
{
    const struct axis *refit = find_axis(plan, "refit");
    const struct axis *window = find_axis(plan, "fit_window");

    return (refit != NULL ? 500.0 / refit->value[0] : 1.0) *
           (window != NULL ? window->value[window->n - 1] / 2000.0 : 1.0);
}

static double path_ns(const struct plan *plan, uint64_t n_bars)
{
    const double step_ns = plan->volatility->step_ns * fits(plan);
    const double release_ns = has_release(plan) ? RELEASE_NS : 0.0;

    return (1.0 - plan->holdout) * (double)n_bars * (step_ns + PASS_NS + release_ns);
}

double cost_box_ns(const struct plan *plan, uint64_t n_bars, uint64_t n_points)
{
    const uint64_t each = points_a_path(plan);
    const uint64_t n_paths = (n_points + each - 1) / each;

    return (double)n_paths * path_ns(plan, n_bars) + (double)n_points * POINT_NS;
}

uint64_t cost_points(const struct plan *plan, uint64_t n_bars, double unit_ns)
{
    enum { POINTS_MAX = 1 << 20 };
    const double each = (double)points_a_path(plan), path = path_ns(plan, n_bars);
    double n = unit_ns / (path / each + POINT_NS);

    if (n < each) { /* a part of a path, which it then walks in full; or all of it */
        n = (unit_ns - path > path ? unit_ns - path : path) / POINT_NS;
        n = n < each ? n : each;
    }
    return n < 1.0 ? 1 : n > POINTS_MAX ? POINTS_MAX : (uint64_t)n;
}
