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

/* Buffers that are released make the margin a path of its own. */
static bool has_release(const struct plan *plan)
{
    for (size_t a = plan->volatility->n_axes; a < plan->grid.n_axes; a++) {
        const struct axis *axis = &plan->grid.axis[a];

        if (axis->rule != NULL && strcmp(axis->rule->name, "release") == 0)
            return axis->value[axis->n - 1] > 0.0;
    }
    return false;
}

static double path_ns(const struct plan *plan, uint64_t n_bars)
{
    const double bar_ns =
        plan->volatility->step_ns + PASS_NS + (has_release(plan) ? RELEASE_NS : 0.0);

    return (1.0 - plan->holdout) * (double)n_bars * bar_ns;
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
