#include "worker/axis.h"
#include "core/arith.h"

#include <math.h>

static double in_span(const struct axis *axis, double u)
{
    const double from = axis->value[0], to = axis->value[1];
    const bool whole = axis->rule != NULL && axis->rule->whole;

    if (axis->span == AXIS_LINEAR)
        return whole ? floor(from + u * (to - from + 1.0)) : from + u * (to - from);
    const double x = from * arith_exp(u * arith_log(to / from));
    return whole ? nearbyint(x) : x;
}

double axis_at(const struct axis *axis, double u)
{
    const double last = axis->value[axis->n - 1];

    if (axis->n == 1 || u >= 1.0)
        return last;
    if (axis->span == AXIS_LISTED)
        return axis->value[(size_t)(u * (double)axis->n)];
    return fmin(in_span(axis, u), last);
}

double axis_place(const struct axis *axis, double value)
{
    const double from = axis->value[0], to = axis->value[axis->n - 1];
    size_t d = 0;

    if (axis->n == 1)
        return 0.0;
    if (axis->span != AXIS_LISTED) {
        const double u = axis->span == AXIS_LOG
                             ? arith_log(value / from) / arith_log(to / from)
                             : (value - from) / (to - from);

        return fmin(1.0, fmax(0.0, u));
    }
    while (d + 1 < axis->n && axis->value[d] != value)
        d++;
    return (double)d / (double)(axis->n - 1);
}

#include <math.h>

bool axis_allows(const struct axis_rule *rule, double value)
{
    return (rule->open_min ? value > rule->min : value >= rule->min) &&
           (rule->open_max ? value < rule->max : value <= rule->max) &&
           (!rule->whole || value == floor(value));
}

uint64_t grid_n_points(const struct grid *grid)
{
    uint64_t n = 1;

    for (size_t a = 0; a < grid->n_axes; a++)
        if (__builtin_mul_overflow(n, (uint64_t)grid->axis[a].n, &n) || n > INT64_MAX)
            return 0;
    return n;
}

uint64_t box_n_points(const struct grid *grid, const struct box *box)
{
    uint64_t n = 1;

    for (size_t a = 0; a < grid->n_axes; a++)
        n *= box->count[a];
    return n;
}

void grid_digits(const struct grid *grid, uint64_t k, size_t digit[AXES_MAX])
{
    for (size_t a = grid->n_axes; a-- > 0;) {
        digit[a] = (size_t)(k % grid->axis[a].n);
        k /= grid->axis[a].n;
    }
}

uint64_t grid_point(const struct grid *grid, const size_t digit[AXES_MAX])
{
    uint64_t k = 0;

    for (size_t a = 0; a < grid->n_axes; a++)
        k = k * grid->axis[a].n + digit[a];
    return k;
}

void grid_values(const struct grid *grid, uint64_t k, double value[AXES_MAX])
{
    size_t digit[AXES_MAX];

    grid_digits(grid, k, digit);
    for (size_t a = 0; a < grid->n_axes; a++)
        value[a] = grid->axis[a].value[digit[a]];
}

/* How the grid is cut: axes after `split` are whole in every box, `split` itself
 * comes in runs of `run` values, axes before it one value at a time. */
struct cut {
    size_t split, run, n_runs;
};

static struct cut cut_of(const struct grid *grid, uint64_t max_points)
{
    uint64_t inner = 1;
    size_t a = grid->n_axes;

    while (a > 1 && inner * grid->axis[a - 1].n <= max_points)
        inner *= grid->axis[--a].n;

    const size_t split = a - 1, n = grid->axis[split].n;
    const uint64_t most = max_points / inner > 0 ? max_points / inner : 1;
    const size_t n_runs = (size_t)((n + most - 1) / most);
    /* equal runs rather than full ones and a crumb */
    const size_t run = (n + n_runs - 1) / n_runs;

    return (struct cut){.split = split, .run = run, .n_runs = (n + run - 1) / run};
}

uint64_t grid_n_boxes(const struct grid *grid, uint64_t max_points)
{
    const struct cut cut = cut_of(grid, max_points);
    uint64_t n = cut.n_runs;

    for (size_t a = 0; a < cut.split; a++)
        n *= grid->axis[a].n;
    return n;
}

void grid_box(const struct grid *grid, uint64_t max_points, uint64_t b, struct box *box)
{
    const struct cut cut = cut_of(grid, max_points);
    const size_t n = grid->axis[cut.split].n;
    const size_t first = (size_t)(b % cut.n_runs) * cut.run;

    *box = (struct box){0};
    for (size_t a = cut.split + 1; a < grid->n_axes; a++)
        box->count[a] = grid->axis[a].n;
    box->first[cut.split] = first;
    box->count[cut.split] = first + cut.run <= n ? cut.run : n - first;
    b /= cut.n_runs;
    for (size_t a = cut.split; a-- > 0;) {
        box->first[a] = (size_t)(b % grid->axis[a].n);
        box->count[a] = 1;
        b /= grid->axis[a].n;
    }
}
