#include "worker/path.h"

#include "worker/huge.h"

#include <stdlib.h>
#include <string.h>

static size_t n_tail_axes(const struct path_models *models)
{
    return models->tail != NULL ? models->tail->n_axes : 0;
}

size_t path_n_axes(const struct path_models *models)
{
    return models->volatility->n_axes + n_tail_axes(models) +
           (models->is_steadied ? (size_t)STEADY_AXES : 0);
}

/* ---- one path ----------------------------------------------------------------------
 */

static int follow_tail(const struct path_models *models, const struct series *series,
                       const double *values, const double *volatility, double *variance,
                       struct fits_report *report, struct err *err)
{
    struct tail_path tail = {.model = models->tail,
                             .measure = models->measure,
                             .series = series,
                             .variance = volatility};

    *report = fits_report_none();
    memcpy(variance, volatility, series->n * sizeof *variance);
    if (n_tail_axes(models) == 0)
        return 0;
    if (tail_room_new(series->n, &tail.room, err) != 0)
        return -1;
    const int status = tail_paths(&tail, 1, values, variance, report, err);
    tail_room_free(tail.room);
    return status;
}

static int follow_steady(const struct path_models *models, const struct series *series,
                         const double *values, double *variance, struct err *err)
{
    struct steady_room *room;

    if (!models->is_steadied || !steady_is_on(values))
        return 0;
    if (steady_room_new(series->n, &room, err) != 0)
        return -1;
    const int status =
        steady_path(series, &models->steady, values, room, variance, err);
    steady_room_free(room);
    return status;
}

int path_volatilities(const struct path_models *models, const struct kernels *kernels,
                      const struct series *series, size_t n, const double *value,
                      size_t stride, double *out, struct err *err)
{
    const struct volatility of = {models->volatility, kernels, series};
    const size_t n_lanes = volatility_n_lanes(models->volatility);
    double parameter[AXES_MAX * KERNEL_LANES];

    for (size_t a = 0; a < models->volatility->n_axes; a++)
        for (size_t lane = 0; lane < n_lanes; lane++)
            parameter[a * n_lanes + lane] =
                value[(lane < n ? lane : n - 1) * stride + a];
    return volatility_paths(&of, parameter, out, err);
}

int path_follow(const struct path_models *models, const struct kernels *kernels,
                const struct series *series, const double *values,
                const struct path_stages *out, struct path_fits *fits, struct err *err)
{
    const struct volatility of = {models->volatility, kernels, series};

    if (volatility_path(&of, values, out->volatility, &fits->volatility, err) != 0)
        return -1;
    return path_go_on(models, series, values, out, fits, err);
}

int path_go_on(const struct path_models *models, const struct series *series,
               const double *values, const struct path_stages *out,
               struct path_fits *fits, struct err *err)
{
    const double *of_tail = values + models->volatility->n_axes;

    if (follow_tail(models, series, of_tail, out->volatility, out->tail, &fits->tail,
                    err) != 0)
        return -1;
    memcpy(out->steadied, out->tail, series->n * sizeof *out->steadied);
    return follow_steady(models, series, of_tail + n_tail_axes(models), out->steadied,
                         err);
}

/* ---- many paths --------------------------------------------------------------------
 */

enum { NOT_THERE = -1 };

struct paths {
    const struct path_models *models;
    const struct kernels *kernels;
    const struct series *series;
    const struct grid *grid;

    size_t n_lanes;
    int64_t group;      /* which run of neighbours is there */
    double *volatility; /* [n_lanes][n]                     */

    uint64_t n_tails; /* paths of a volatility's                        */
    int64_t tail_of;  /* the volatility, and the run of its tails there */
    uint64_t tail_group;
    double *tail; /* [TAIL_LANES][n]; NULL without tails            */
    struct tail_room *tail_room;

    uint64_t n_steadied; /* paths of a tail's                        */
    double *steadied; /* [n], the last that was asked for; NULL where there are none */
    struct steady_room *steady_room;
};

/* Values that some of the grid's axes can take together. */
static uint64_t n_values(const struct grid *grid, size_t first, size_t n_axes)
{
    uint64_t n = 1;

    for (size_t a = first; a < first + n_axes; a++)
        n *= grid->axis[a].n;
    return n;
}

/* The values of a run of neighbours, [n_axes][n_lanes]; behind the last of all they
 * start again. */
static void values_of(const struct grid *grid, size_t first, size_t n_axes,
                      uint64_t number, size_t n_lanes, double *value)
{
    for (size_t lane = 0; lane < n_lanes; lane++) {
        uint64_t k = number + lane;

        for (size_t a = n_axes; a-- > 0;) {
            const struct axis *axis = &grid->axis[first + a];

            value[a * n_lanes + lane] = axis->value[k % axis->n];
            k /= axis->n;
        }
    }
}

static int make_rooms(struct paths *paths, struct err *err)
{
    const size_t n = paths->series->n;
    size_t n_bytes = paths->n_lanes * n * sizeof(double);

    paths->volatility = huge_alloc(&n_bytes);
    if (n_tail_axes(paths->models) > 0) {
        paths->tail = calloc(TAIL_LANES * n, sizeof(double));
        if (tail_room_new(n, &paths->tail_room, err) != 0)
            return -1;
    }
    if (paths->models->is_steadied) {
        paths->steadied = calloc(n, sizeof(double));
        if (steady_room_new(n, &paths->steady_room, err) != 0)
            return -1;
    }
    if (paths->volatility == NULL ||
        (paths->tail == NULL) != (n_tail_axes(paths->models) == 0) ||
        (paths->steadied == NULL) != !paths->models->is_steadied)
        return err_set(err, ERR_MEMORY, "no memory for paths of %zu bars", n);
    return 0;
}

int paths_new(const struct path_models *models, const struct kernels *kernels,
              const struct series *series, const struct grid *grid, struct paths **out,
              struct err *err)
{
    const size_t on = models->volatility->n_axes, n_tail = n_tail_axes(models);
    struct paths *paths = calloc(1, sizeof *paths);

    if (paths == NULL)
        return err_set(err, ERR_MEMORY, "no memory for paths");
    *paths = (struct paths){
        .models = models,
        .kernels = kernels,
        .series = series,
        .grid = grid,
        .n_lanes = volatility_n_lanes(models->volatility),
        .group = NOT_THERE,
        .n_tails = n_values(grid, on, n_tail),
        .tail_of = NOT_THERE,
        .n_steadied = n_values(grid, on + n_tail, path_n_axes(models) - on - n_tail),
    };
    if (make_rooms(paths, err) != 0) {
        paths_free(paths);
        return -1;
    }
    *out = paths;
    return 0;
}

void paths_free(struct paths *paths)
{
    if (paths == NULL)
        return;
    tail_room_free(paths->tail_room);
    steady_room_free(paths->steady_room);
    free(paths->volatility);
    free(paths->tail);
    free(paths->steadied);
    free(paths);
}

static int take_volatility(struct paths *paths, uint64_t number, const double **out,
                           struct err *err)
{
    const struct volatility of = {paths->models->volatility, paths->kernels,
                                  paths->series};
    const int64_t group = (int64_t)(number / paths->n_lanes);
    double value[AXES_MAX * KERNEL_LANES];

    if (group != paths->group) {
        paths->group = paths->tail_of = NOT_THERE;
        values_of(paths->grid, 0, of.model->n_axes, (uint64_t)group * paths->n_lanes,
                  paths->n_lanes, value);
        if (volatility_paths(&of, value, paths->volatility, err) != 0)
            return -1;
        paths->group = group;
    }
    *out = paths->volatility + number % paths->n_lanes * paths->series->n;
    return 0;
}

static int take_tail(struct paths *paths, uint64_t of_volatility, uint64_t number,
                     const double **path, struct err *err)
{
    const struct path_models *models = paths->models;
    const uint64_t group = number / TAIL_LANES,
                   left = paths->n_tails - group * TAIL_LANES;
    const size_t n_lanes = left < TAIL_LANES ? (size_t)left : (size_t)TAIL_LANES;
    const struct tail_path tail = {models->tail, models->measure, paths->series, *path,
                                   paths->tail_room};
    double value[AXES_MAX * TAIL_LANES];

    if (n_tail_axes(models) == 0)
        return 0;
    if (paths->tail_of != (int64_t)of_volatility || paths->tail_group != group) {
        paths->tail_of = NOT_THERE;
        values_of(paths->grid, models->volatility->n_axes, models->tail->n_axes,
                  group * TAIL_LANES, n_lanes, value);
        if (tail_paths(&tail, n_lanes, value, paths->tail, NULL, err) != 0)
            return -1;
        paths->tail_of = (int64_t)of_volatility;
        paths->tail_group = group;
    }
    *path = paths->tail + number % TAIL_LANES * paths->series->n;
    return 0;
}

static int take_steadied(struct paths *paths, uint64_t number, const double **path,
                         struct err *err)
{
    const struct path_models *models = paths->models;
    double value[STEADY_AXES];

    if (!models->is_steadied)
        return 0;
    values_of(paths->grid, models->volatility->n_axes + n_tail_axes(models),
              STEADY_AXES, number, 1, value);
    if (!steady_is_on(value))
        return 0;
    memcpy(paths->steadied, *path, paths->series->n * sizeof(double));
    *path = paths->steadied;
    return steady_path(paths->series, &models->steady, value, paths->steady_room,
                       paths->steadied, err);
}

int paths_take(struct paths *paths, uint64_t number, const double **volatility,
               const double **variance, struct err *err)
{
    const uint64_t steadied = number % paths->n_steadied;
    const uint64_t tail = number / paths->n_steadied % paths->n_tails;
    const uint64_t first = number / paths->n_steadied / paths->n_tails;

    if (take_volatility(paths, first, volatility, err) != 0)
        return -1;
    *variance = *volatility;
    if (take_tail(paths, first, tail, variance, err) != 0)
        return -1;
    return take_steadied(paths, steadied, variance, err);
}
