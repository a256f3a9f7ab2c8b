#include "coordinator/choose.h"
#include "core/text.h"
#include "worker/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_MAX_CHARS = 256 };

/* What is better the more of it there is. */
static bool is_most(const struct metric *metric)
{
    return metric->scale == SCALE_COMPLEMENT || metric->scale == SCALE_LOGARITHM;
}

static int find_metric(const struct study *study, const char *option, const char *name,
                       size_t n_name, const struct metric **metric, struct err *err)
{
    char text[64];

    snprintf(text, sizeof text, "%.*s", (int)n_name, name);
    *metric = metric_find(study->n_metrics, study->metrics, text);
    if (*metric != NULL)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--%s: %s is not a metric of the %s study (`plimsoll help metrics` "
                   "lists them)",
                   option, text, study->name);
}

/* ---- the request ---- */

static int add_objective(const char *name, size_t n_name, struct choose_front *of,
                         struct err *err)
{
    const struct study *study = of->job->plan.study;

    if (of->m == PARETO_OBJECTIVES_MAX)
        return err_set(err, ERR_USAGE, "--objectives: more than %d",
                       PARETO_OBJECTIVES_MAX);
    if (find_metric(study, "objectives", name, n_name, &of->metric[of->m], err) != 0)
        return -1;
    for (size_t k = 0; k < of->m; k++)
        if (of->metric[k] == of->metric[of->m])
            return 0;
    of->is_most[of->m] = is_most(of->metric[of->m]);
    of->weight[of->m++] = 1.0;
    return 0;
}

static int take_objectives(const char *text, struct choose_front *of, struct err *err)
{
    const char *first = of->job->plan.objective->name;

    if (text == NULL) {
        if (add_objective(first, strlen(first), of, err) != 0)
            return -1;
        text = of->job->plan.study->rivals;
    }
    while (*text != '\0') {
        const size_t n = strcspn(text, ",");

        if (add_objective(text, n, of, err) != 0)
            return -1;
        text += n + (text[n] == ',');
    }
    return of->m > 0 ? 0 : err_set(err, ERR_USAGE, "--objectives: none is named");
}

static int take_weights(const char *text, struct choose_front *of, struct err *err)
{
    while (text != NULL && *text != '\0') {
        const size_t n = strcspn(text, ","), n_name = strcspn(text, "=,");
        size_t k = 0;
        double weight;

        while (k < of->m && (strlen(of->metric[k]->name) != n_name ||
                             strncmp(of->metric[k]->name, text, n_name) != 0))
            k++;
        if (k == of->m || n_name == n ||
            text_to_real(text + n_name + 1, n - n_name - 1, &weight, NULL) != 0 ||
            !(weight >= 0.0))
            return err_set(err, ERR_USAGE,
                           "--prefer: '%.*s' is not OBJECTIVE=WEIGHT with one of the "
                           "objectives and a weight from 0",
                           (int)n, text);
        of->weight[k] = weight;
        text += n + (text[n] == ',');
    }
    return 0;
}

static int take_limit(const char *text, struct choose_front *of, struct err *err)
{
    struct choose_limit *limit = &of->limit[of->n_limits];
    const size_t n_name = strcspn(text, "<>");
    const char *value = text + n_name + 2;
    double bound;

    if (text[n_name] == '\0' || text[n_name + 1] != '=' ||
        text_to_real(value, strlen(value), &bound, NULL) != 0)
        return err_set(err, ERR_USAGE, "--limit: '%s' is not METRIC>=X or METRIC<=X",
                       text);
    if (find_metric(of->job->plan.study, "limit", text, n_name, &limit->metric, err) !=
        0)
        return -1;
    limit->min = text[n_name] == '>' ? bound : -INFINITY;
    limit->max = text[n_name] == '<' ? bound : INFINITY;
    of->n_limits++;
    return 0;
}

/* ---- what was kept ---- */

/* A column or surface of reals at /INSTRUMENT/where/name; n values, 0: whatever there
 * are. */
static int read_values(const struct h5 *file, const char *instrument, const char *where,
                       const char *name, size_t *n, double **values, struct err *err)
{
    char path[PATH_MAX_CHARS];
    struct h5_array array;

    snprintf(path, sizeof path, "/%s/%s/%s", instrument, where, name);
    if (h5_describe(file, path, &array, err) != 0)
        return -1;
    const size_t n_there = h5_array_bytes(&array) / sizeof(double);
    if (array.type != H5_TYPE_REAL64 || (*n != 0 && n_there != *n))
        return err_set(err, ERR_INPUT, "%s: %s has not the values that it should",
                       h5_path(file), path);
    *values = malloc((n_there + 1) * sizeof **values);
    if (*values == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu values", n_there);
    if (h5_read(file, path, &array, *values, err) != 0) {
        free(*values);
        return -1;
    }
    *n = n_there;
    return 0;
}

static bool has_surface(const struct h5 *file, const char *instrument,
                        const struct metric *metric)
{
    char path[PATH_MAX_CHARS];

    snprintf(path, sizeof path, "/%s/surface/%s", instrument, metric->name);
    return h5_exists(file, path);
}

static bool has_surfaces(const struct h5 *file, const struct choose_front *of)
{
    for (size_t k = 0; k < of->m; k++)
        if (!has_surface(file, of->instrument, of->metric[k]))
            return false;
    for (size_t i = 0; i < of->n_limits; i++)
        if (!has_surface(file, of->instrument, of->limit[i].metric))
            return false;
    return true;
}

static int read_objectives(const struct h5 *file, const char *where,
                           struct choose_front *of, struct err *err)
{
    for (size_t k = 0; k < of->m; k++) {
        double *values;

        if (read_values(file, of->instrument, where, of->metric[k]->name, &of->n,
                        &values, err) != 0)
            return -1;
        if (of->f == NULL)
            of->f = calloc(of->n * of->m + 1, sizeof *of->f);
        for (size_t i = 0; of->f != NULL && i < of->n; i++)
            of->f[i * of->m + k] = of->is_most[k] ? -values[i] : values[i];
        free(values);
        if (of->f == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu points", of->n);
    }
    return 0;
}

/* A point beyond a limit is no point. */
static int apply_limits(const struct h5 *file, const char *where,
                        struct choose_front *of, struct err *err)
{
    for (size_t l = 0; l < of->n_limits; l++) {
        double *values;

        if (read_values(file, of->instrument, where, of->limit[l].metric->name, &of->n,
                        &values, err) != 0)
            return -1;
        for (size_t i = 0; i < of->n; i++)
            if (!(values[i] >= of->limit[l].min && values[i] <= of->limit[l].max))
                of->f[i * of->m] = NAN;
        free(values);
    }
    return 0;
}

/* What instruments share is not one's own to choose: a point of the grid with other
 * shared values than the winner's is no point. */
static int keep_shared(const struct h5 *file, struct choose_front *of, struct err *err)
{
    const struct grid *grid = &of->job->plan.grid;

    for (size_t a = 0; a < grid->n_axes; a++) {
        const struct axis *axis = &grid->axis[a];
        size_t n = 0, digit[AXES_MAX];
        double *values;

        if (axis->scope == AXIS_INSTRUMENT)
            continue;
        if (read_values(file, of->instrument, "points", axis->rule->name, &n, &values,
                        err) != 0)
            return -1;
        for (size_t i = 0; n > 0 && i < of->n; i++) {
            grid_digits(grid, i, digit);
            if (axis->value[digit[a]] != values[0])
                of->f[i * of->m] = NAN;
        }
        free(values);
    }
    return 0;
}

static int read_points(const struct h5 *file, struct choose_front *of, struct err *err)
{
    const struct grid *grid = &of->job->plan.grid;

    of->value = calloc(of->n * grid->n_axes + 1, sizeof *of->value);
    if (of->value == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", of->n);
    for (size_t a = 0; a < grid->n_axes; a++) {
        double *values;

        if (read_values(file, of->instrument, "points", grid->axis[a].rule->name,
                        &of->n, &values, err) != 0)
            return -1;
        for (size_t i = 0; i < of->n; i++)
            of->value[i * grid->n_axes + a] = values[i];
        free(values);
    }
    return 0;
}

static int read_kept(const struct h5 *file, struct choose_front *of, struct err *err)
{
    char path[PATH_MAX_CHARS];

    snprintf(path, sizeof path, "/%s/points", of->instrument);
    if (!h5_exists(file, path))
        return err_set(err, ERR_USAGE, "%s: no point of %s was kept", h5_path(file),
                       of->instrument);
    of->is_grid = has_surfaces(file, of);
    const char *where = of->is_grid ? "surface" : "points";
    if (read_objectives(file, where, of, err) != 0 ||
        apply_limits(file, where, of, err) != 0)
        return -1;
    if (!of->is_grid)
        return read_points(file, of, err);
    if (of->n == grid_n_points(&of->job->plan.grid))
        return keep_shared(file, of, err);
    return err_set(err, ERR_INPUT, "%s: the surfaces of %s are not the grid's",
                   h5_path(file), of->instrument);
}

/* ---- the front ---- */

/* In units of the box between the best and the worst of each objective. */
static int measure_volume(struct choose_front *of, size_t n_within,
                          const size_t within[], struct err *err)
{
    enum { PLENTY = 400 }; /* of more than three objectives: n^3 */
    double low[PARETO_OBJECTIVES_MAX], high[PARETO_OBJECTIVES_MAX], box = 1.0;

    of->hypervolume = NAN;
    of->untold = NULL;
    pareto_span(of->m, of->f, n_within, within, low, high);
    for (size_t k = 0; k < of->m; k++)
        box *= high[k] - low[k];
    if (!(box > 0.0))
        of->untold = "all points are equal in one objective";
    else if ((of->m > 3 && of->n_front > PLENTY) ||
             (of->m > 2 && of->n_front > 10 * PLENTY))
        of->untold = "too many points of too many objectives";
    if (of->untold != NULL)
        return 0;
    size_t *room = calloc(of->m * of->n_front, sizeof *room);
    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a front of %zu", of->n_front);
    of->hypervolume =
        pareto_hypervolume(of->m, of->f, of->n_front, of->front, high, room) / box;
    free(room);
    return 0;
}

static int find_front(struct choose_front *of, struct err *err)
{
    static const double even[PARETO_OBJECTIVES_MAX] = {1, 1, 1, 1, 1, 1, 1, 1};
    size_t *within = calloc(of->n + 1, sizeof *within);

    of->front = calloc(of->n + 1, sizeof *of->front);
    if (of->front == NULL || within == NULL) {
        free(within);
        return err_set(err, ERR_MEMORY, "no memory for %zu points", of->n);
    }
    for (size_t i = 0; i < of->n; i++) {
        bool is_defined = true;

        for (size_t k = 0; k < of->m; k++)
            is_defined = is_defined && !isnan(of->f[i * of->m + k]);
        if (is_defined)
            within[of->n_within++] = i;
    }
    of->n_front = pareto_front(of->n, of->m, of->f, of->front);
    of->knee = pareto_prefer(of->m, of->f, of->n_front, of->front, even);
    of->preferred = pareto_prefer(of->m, of->f, of->n_front, of->front, of->weight);
    const int status = measure_volume(of, of->n_within, within, err);
    free(within);
    return status;
}

int choose_find(const struct h5 *file, const struct job *job,
                const struct choose_request *request, struct choose_front *of,
                struct err *err)
{
    int status;

    *of = (struct choose_front){.job = job, .instrument = request->instrument};
    status = take_objectives(request->objectives, of, err);
    if (status == 0)
        status = take_weights(request->prefer, of, err);
    for (size_t i = 0; status == 0 && i < request->n_limits; i++)
        status = take_limit(request->limit[i], of, err);
    if (status == 0)
        status = read_kept(file, of, err);
    if (status == 0)
        status = find_front(of, err);
    if (status == 0 && of->n_front == 0)
        status = err_set(err, ERR_USAGE, "no point of %s is within the limits",
                         of->instrument);
    if (status != 0)
        choose_free(of);
    return status;
}

void choose_free(struct choose_front *of)
{
    free(of->f);
    free(of->value);
    free(of->front);
    *of = (struct choose_front){0};
}

void choose_values(const struct choose_front *of, size_t k, double value[AXES_MAX])
{
    const struct grid *grid = &of->job->plan.grid;

    if (of->is_grid)
        grid_values(grid, of->front[k], value);
    else
        memcpy(value, of->value + of->front[k] * grid->n_axes,
               grid->n_axes * sizeof *value);
}

char *choose_point(const struct choose_front *of, size_t k)
{
    const struct grid *grid = &of->job->plan.grid;
    const size_t size = grid->n_axes * (TEXT_REAL_MAX + 64) + 1;
    double value[AXES_MAX];
    char *text = malloc(size), real[TEXT_REAL_MAX];
    size_t n = 0;

    if (text == NULL)
        return NULL;
    choose_values(of, k, value);
    text[0] = '\0';
    for (size_t a = 0; a < grid->n_axes; a++)
        n += (size_t)snprintf(text + n, size - n, "%s%s=%s", a > 0 ? "," : "",
                              grid->axis[a].rule->name, text_from_real(value[a], real));
    return text;
}
