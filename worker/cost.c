#include "worker/cost.h"
#include "worker/study.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static const double PASS_NS = 9.0;
static const double RELEASE_NS = 30.0;
static const double STEADY_NS = 60.0;
static const double POINT_NS = 180.0;
static const double WALK_NS = 8.0;

/* Points that share a path: all of the axes behind the path's. */
static uint64_t points_a_path(const struct plan *plan)
{
    uint64_t n = 1;

    for (size_t a = path_n_axes(&plan->path); a < plan->grid.n_axes; a++)
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

/* A model's step is of a fit to `usual_window` bars every `usual_every`: of the dearest
 * path, so many times that. */
static double fits(const struct plan *plan, const char *every, double usual_every,
                   const char *window, double usual_window)
{
    const struct axis *refit = find_axis(plan, every);
    const struct axis *bars = find_axis(plan, window);

    return (refit != NULL ? usual_every / refit->value[0] : 1.0) *
           (bars != NULL ? bars->value[bars->n - 1] / usual_window : 1.0);
}

/* A bar of one path, all stages. */
static double step_ns(const struct plan *plan)
{
    const struct path_models *path = &plan->path;
    const double tail_ns = path->tail != NULL ? path->tail->step_ns : 0.0;
    const bool refits = path->tail != NULL && path->tail->parameter != NULL;

    return path->volatility->step_ns *
               fits(plan, "refit", 500.0, "fit_window", 2000.0) +
           tail_ns *
               (refits ? fits(plan, "tail_refit", 24.0, "tail_window", 1000.0) : 1.0) +
           (path->is_steadied ? STEADY_NS : 0.0);
}

static double path_ns(const struct plan *plan, uint64_t n_bars)
{
    const double release_ns = has_release(plan) ? RELEASE_NS : 0.0;

    return (1.0 - plan->holdout) * (double)n_bars *
           (step_ns(plan) + PASS_NS + release_ns);
}

static double point_ns(const struct plan *plan, uint64_t n_bars)
{
    if (plan->study == NULL || plan->study->point_ns == NULL)
        return POINT_NS;
    return plan->study->point_ns(plan, n_bars);
}

double cost_box_ns(const struct plan *plan, uint64_t n_bars, uint64_t n_points)
{
    const uint64_t each = points_a_path(plan);
    const uint64_t n_paths = (n_points + each - 1) / each;

    return (double)n_paths * path_ns(plan, n_bars) +
           (double)n_points * point_ns(plan, n_bars);
}

double cost_rate_ns(const struct plan *plan, uint64_t n_bars)
{
    const double release_ns = has_release(plan) ? RELEASE_NS : 0.0;

    if (plan->study != NULL && plan->study->point_ns != NULL)
        return point_ns(plan, n_bars);
    return (1.0 - plan->holdout) * (double)n_bars *
           (step_ns(plan) + WALK_NS + release_ns);
}

double cost_most_points(const struct plan *plan, uint64_t n_bars)
{
    if (plan->core_s == 0.0)
        return INFINITY;
    return fmax(1.0, floor(1e9 * plan->core_s / cost_rate_ns(plan, n_bars)));
}

double cost_search_ns(const struct plan *plan, uint64_t n_bars)
{
    return fmin(search_n_points(&plan->search, &plan->grid),
                cost_most_points(plan, n_bars)) *
           cost_rate_ns(plan, n_bars);
}

double cost_walk_ns(const struct plan *plan, uint64_t n_bars)
{
    const double search_ns = search_is_grid(plan->search.method)
                                 ? cost_box_ns(plan, n_bars, grid_n_points(&plan->grid))
                                 : cost_search_ns(plan, n_bars);

    return search_ns / (1.0 - plan->holdout);
}

uint64_t cost_points(const struct plan *plan, uint64_t n_bars, double unit_ns)
{
    enum { POINTS_MAX = 1 << 20 };
    const double each = (double)points_a_path(plan), path = path_ns(plan, n_bars);
    const double point = point_ns(plan, n_bars);
    const bool scattered = !search_is_grid(plan->search.method);
    double n = unit_ns / (path / each + point);

    if (scattered) {
        n = unit_ns / cost_rate_ns(plan, n_bars);
    } else if (n < each) { /* a part of a path, which it then walks in full; or all */
        n = (unit_ns - path > path ? unit_ns - path : path) / point;
        n = n < each ? n : each;
    }
    return n < 1.0 ? 1 : n > POINTS_MAX ? POINTS_MAX : (uint64_t)n;
}
