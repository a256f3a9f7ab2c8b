#include "worker/pareto.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* How indices into f are ordered: by objective `first`, then those behind it; by number
 * last. */
struct order {
    size_t m, first;
    const double *f;
};

static int compare(const void *a, const void *b, void *of)
{
    const struct order *order = of;
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;

    for (size_t k = order->first; k < order->m; k++) {
        const double x = order->f[i * order->m + k], y = order->f[j * order->m + k];

        if (x != y)
            return x < y ? -1 : 1;
    }
    return i < j ? -1 : i > j;
}

/* Nowhere above: it dominates, or is equal. */
static bool is_as_good(size_t m, const double a[], const double b[])
{
    for (size_t k = 0; k < m; k++)
        if (a[k] > b[k])
            return false;
    return true;
}

static bool is_defined(size_t m, const double f[])
{
    for (size_t k = 0; k < m; k++)
        if (isnan(f[k]))
            return false;
    return true;
}

/* In this order no point is dominated by one behind it. */
size_t pareto_front(size_t n, size_t m, const double f[], size_t front[])
{
    struct order order = {m, 0, f};
    size_t n_defined = 0, n_front = 0;

    for (size_t i = 0; i < n; i++)
        if (is_defined(m, f + i * m))
            front[n_defined++] = i;
    qsort_r(front, n_defined, sizeof *front, compare, &order);
    for (size_t i = 0; i < n_defined; i++) {
        const double *candidate = f + front[i] * m;
        bool is_beaten = false;

        for (size_t j = n_front; j-- > 0 && !is_beaten;)
            is_beaten = is_as_good(m, f + front[j] * m, candidate);
        if (!is_beaten)
            front[n_front++] = front[i];
    }
    return n_front;
}

void pareto_span(size_t m, const double f[], size_t n_points, const size_t point[],
                 double low[], double high[])
{
    for (size_t k = 0; k < m; k++) {
        low[k] = INFINITY;
        high[k] = -INFINITY;
        for (size_t i = 0; i < n_points; i++) {
            low[k] = fmin(low[k], f[point[i] * m + k]);
            high[k] = fmax(high[k], f[point[i] * m + k]);
        }
    }
}

size_t pareto_prefer(size_t m, const double f[], size_t n_points, const size_t point[],
                     const double weight[])
{
    double low[PARETO_OBJECTIVES_MAX], high[PARETO_OBJECTIVES_MAX], least = INFINITY;
    size_t best = 0;

    pareto_span(m, f, n_points, point, low, high);
    for (size_t i = 0; i < n_points; i++) {
        double sum = 0.0;

        for (size_t k = 0; k < m; k++)
            if (high[k] > low[k])
                sum += weight[k] * (f[point[i] * m + k] - low[k]) / (high[k] - low[k]);
        if (sum < least) {
            least = sum;
            best = i;
        }
    }
    return best;
}

/* Points in the order of objective 1 from the least: each adds the strip between it and
 * the next, as wide as the least objective 0 so far leaves below the reference. */
static double area(size_t m, const double f[], size_t n, const size_t point[],
                   const double reference[])
{
    double sum = 0.0, least = INFINITY;

    for (size_t i = 0; i < n; i++) {
        const double *at = f + point[i] * m;
        const double next = i + 1 < n ? f[point[i + 1] * m + 1] : reference[1];

        least = fmin(least, at[0]);
        sum += (reference[0] - least) * (next - at[1]);
    }
    return sum;
}

/* Of the first `dims` objectives; point [n] may be reordered, room [dims][n] is behind
 * it. */
static double volume(size_t m, size_t dims, const double f[], size_t n, size_t point[],
                     const double reference[], size_t n_room)
{
    struct order order = {m, dims - 1, f};
    double sum = 0.0;

    qsort_r(point, n, sizeof *point, compare, &order);
    if (dims == 1)
        return n > 0 ? reference[0] - f[point[0] * m] : 0.0;
    if (dims == 2)
        return area(m, f, n, point, reference);
    for (size_t i = 0; i < n; i++) {
        const double here = f[point[i] * m + dims - 1];
        const double next =
            i + 1 < n ? f[point[i + 1] * m + dims - 1] : reference[dims - 1];
        size_t *slice = point + n_room;

        if (next == here)
            continue;
        for (size_t j = 0; j <= i; j++)
            slice[j] = point[j];
        sum += (next - here) * volume(m, dims - 1, f, i + 1, slice, reference, n_room);
    }
    return sum;
}

double pareto_hypervolume(size_t m, const double f[], size_t n_points,
                          const size_t point[], const double reference[], size_t room[])
{
    size_t n = 0;

    for (size_t i = 0; i < n_points; i++) {
        bool is_below = true;

        for (size_t k = 0; k < m; k++)
            is_below = is_below && f[point[i] * m + k] < reference[k];
        if (is_below)
            room[n++] = point[i];
    }
    return volume(m, m, f, n, room, reference, n_points);
}
