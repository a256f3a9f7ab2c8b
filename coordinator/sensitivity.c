#include "coordinator/sensitivity.h"
#include "coordinator/probe.h"
#include "coordinator/verdicts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Where the points are judged, and room for one. */
struct bench {
    struct sensitivity *found;
    struct probe *probe;
    struct verdict *verdict;
};

double sensitivity_value(const struct axis *axis, double u)
{
    const size_t last = axis->n - 1;

    if (axis->span != AXIS_LISTED)
        return axis_at(axis, u);
    if (axis->rule->whole) {
        const size_t i = (size_t)(u * (double)axis->n);
        return axis->value[i < last ? i : last];
    }
    const double place = u * (double)last;
    const size_t i = (size_t)place;
    if (i >= last)
        return axis->value[last];
    return axis->value[i] + (place - (double)i) * (axis->value[i + 1] - axis->value[i]);
}

static int find_inputs(struct sensitivity *found, struct err *err)
{
    const struct grid *grid = &found->subject->job.plan.grid;

    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].n > 1)
            found->input[found->n_inputs++] = a;
    if (found->n_inputs == 0)
        return err_set(err, ERR_USAGE,
                       "every axis of the job has one value: there is nothing to move");
    return 0;
}

/* ---- figures of a point ---- */

/* The axes' values at u [n_inputs]; the others stand at their only one. */
static void set_values(const struct sensitivity *found, const double u[],
                       double value[])
{
    const struct grid *grid = &found->subject->job.plan.grid;

    grid_values(grid, 0, value);
    for (size_t i = 0; i < found->n_inputs; i++)
        value[found->input[i]] = sensitivity_value(&grid->axis[found->input[i]], u[i]);
}

/* Metric m goes to y[m * stride]. */
static int judge(struct bench *bench, const double u[], size_t stride, double *y,
                 struct err *err)
{
    struct sensitivity *found = bench->found;
    const struct probe_figures figures = {found->n_metrics, found->metric, stride, y};
    double value[AXES_MAX];
    struct err refusal;

    set_values(found, u, value);
    found->n_points++;
    if (probe_figures_at(bench->probe, value, bench->verdict, &figures, &refusal,
                         err) != 0)
        return -1;
    if (refusal.kind != ERR_NONE && found->n_refused++ == 0)
        memcpy(found->refusal, refusal.text, sizeof found->refusal);
    return 0;
}

/* ---- Morris ---- */

/* Where the axis really stands, of its way from the first value to the last: whole
 * numbers are not where their level is. */
static double place_on_axis(const struct axis *axis, double u)
{
    const double place = sensitivity_value(axis, u);

    return axis->rule->whole ? axis_place(axis, place) : u;
}

struct morris_room {
    double *x, *y; /* [r][k + 1][k], [n_metrics][r][k + 1] */
    size_t *order; /* [r][k]                               */
};

static int walk_trajectories(struct bench *bench, const struct morris_room *room,
                             struct err *err)
{
    enum { LEVELS = 4 }; /* Campolongo et al. 2007, section 2 */
    const struct sensitivity *found = bench->found;
    const struct axis *axis = found->subject->job.plan.grid.axis;
    const size_t k = found->n_inputs, r = found->request.n_samples;

    for (size_t t = 0; t < r; t++) {
        double *x = room->x + t * (k + 1) * k;

        morris_trajectory(found->request.seed, t, LEVELS, k, x, room->order + t * k);
        for (size_t s = 0; s <= k; s++) {
            if (judge(bench, x + s * k, r * (k + 1), room->y + t * (k + 1) + s, err) !=
                0)
                return -1;
            for (size_t i = 0; i < k; i++)
                x[s * k + i] = place_on_axis(&axis[found->input[i]], x[s * k + i]);
        }
    }
    return 0;
}

static int find_effects(struct bench *bench, struct err *err)
{
    struct sensitivity *found = bench->found;
    const size_t k = found->n_inputs, r = found->request.n_samples;
    struct morris_room room = {
        .x = calloc(r * (k + 1) * k, sizeof(double)),
        .y = calloc(found->n_metrics * r * (k + 1), sizeof(double)),
        .order = calloc(r * k, sizeof(size_t)),
    };
    int status = -1;

    found->effect = calloc(found->n_metrics * k, sizeof *found->effect);
    if (room.x == NULL || room.y == NULL || room.order == NULL || found->effect == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu trajectories", r);
    else
        status = walk_trajectories(bench, &room, err);
    for (size_t m = 0; status == 0 && m < found->n_metrics; m++)
        morris_effects(r, k, room.x, room.order, room.y + m * r * (k + 1),
                       found->effect + m * k);
    free(room.x);
    free(room.y);
    free(room.order);
    return status;
}

/* ---- Sobol' ---- */

struct indices_room {
    double *a, *b; /* [n][k]; figures y [n_metrics][k + 2][n]: of A, B, then AB^i */
    double *y;
    struct sobol_room room;
};

static int walk_design(struct bench *bench, const struct indices_room *room,
                       struct err *err)
{
    const struct sensitivity *found = bench->found;
    const size_t k = found->n_inputs, n = found->request.n_samples;
    const size_t stride = (k + 2) * n;
    double u[SOBOL_INPUTS_MAX];

    for (size_t j = 0; j < n; j++) {
        const double *a = room->a + j * k, *b = room->b + j * k;

        if (judge(bench, b, stride, room->y + n + j, err) != 0 ||
            judge(bench, a, stride, room->y + j, err) != 0)
            return -1;
        for (size_t i = k; i-- > 0;) { /* the last axes share the path of A's row */
            memcpy(u, a, k * sizeof *u);
            u[i] = b[i];
            if (judge(bench, u, stride, room->y + (i + 2) * n + j, err) != 0)
                return -1;
        }
    }
    return 0;
}

static void take_indices(struct sensitivity *found, const struct indices_room *room)
{
    const size_t k = found->n_inputs, n = found->request.n_samples;
    const struct sobol_bootstrap bootstrap = {found->request.n_replicates, 0.95,
                                              found->request.seed};

    for (size_t m = 0; m < found->n_metrics; m++) {
        const double *y = room->y + m * (k + 2) * n;
        const struct sobol_outputs f = {n, k, y, y + n, y + 2 * n};

        found->n_used[m] =
            sobol_indices(&f, &bootstrap, &room->room, found->index + m * k);
    }
}

static int find_indices(struct bench *bench, struct err *err)
{
    struct sensitivity *found = bench->found;
    const size_t k = found->n_inputs, n = found->request.n_samples;
    struct indices_room room = {
        .a = calloc(n * k, sizeof(double)),
        .b = calloc(n * k, sizeof(double)),
        .y = calloc(found->n_metrics * (k + 2) * n, sizeof(double)),
        .room = {.row = calloc(n, sizeof(size_t)),
                 .drawn = calloc(n, sizeof(size_t)),
                 .replicate =
                     calloc(2 * k * found->request.n_replicates + 1, sizeof(double))},
    };
    int status = -1;

    found->index = calloc(found->n_metrics * k, sizeof *found->index);
    if (room.a == NULL || room.b == NULL || room.y == NULL || room.room.row == NULL ||
        room.room.drawn == NULL || room.room.replicate == NULL || found->index == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu rows", n);
    else if (sobol_indices_design(n, k, room.a, room.b, err) == 0)
        status = walk_design(bench, &room, err);
    if (status == 0)
        take_indices(found, &room);
    free(room.a);
    free(room.b);
    free(room.y);
    free(room.room.row);
    free(room.room.drawn);
    free(room.room.replicate);
    return status;
}

int sensitivity_find(const struct subject *subject,
                     const struct sensitivity_request *request,
                     struct sensitivity *found, struct err *err)
{
    struct bench bench = {.found = found};
    int status = -1;

    *found = (struct sensitivity){.subject = subject, .request = *request};
    if (probe_find_metrics(&subject->job.plan, request->n_metrics, request->metric,
                           SENSITIVITY_METRICS_MAX, found->metric, &found->n_metrics,
                           err) == 0 &&
        find_inputs(found, err) == 0 &&
        verdicts_new(&subject->job.plan, 1, &bench.verdict, err) == 0 &&
        probe_new(&subject->job, subject->history, subject->entry, &bench.probe, err) ==
            0)
        status = request->method == SENSITIVITY_MORRIS ? find_effects(&bench, err)
                                                       : find_indices(&bench, err);
    probe_free(bench.probe);
    verdicts_free(bench.verdict);
    if (status == 0)
        return 0;
    sensitivity_free(found);
    return err_add(err, "%s", subject->entry->instrument);
}

void sensitivity_free(struct sensitivity *found)
{
    free(found->effect);
    free(found->index);
    *found = (struct sensitivity){0};
}
