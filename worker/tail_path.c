#include "worker/tail_path.h"

#include "worker/tail_path_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AXIS_LEVEL                                                                     \
    {                                                                                  \
        .name = "level", .unit = "fraction", .meaning = "tails: level of VaR or ES",   \
        .min = 0.5, .max = 1.0, .open_min = true, .open_max = true,                    \
        .preset = "[0.98, 0.985, 0.99, 0.995]",                                        \
    }
#define AXIS_WINDOW                                                                    \
    {                                                                                  \
        .name = "tail_window", .unit = "bars",                                         \
        .meaning = "historical, filtered, pot, hill: last bars whose losses count",    \
        .min = 2.0, .max = 1e6, .whole = true, .preset = "[1000, 2000]",               \
    }

static const struct axis_rule level_axes[] = {AXIS_LEVEL};

static const struct axis_rule student_axes[] = {
    {.name = "nu",
     .unit = "degrees of freedom",
     .meaning = "student: of the losses over their volatility",
     .min = 2.0,
     .max = 1000.0,
     .open_min = true,
     .preset = "[3, 4, 6]"},
    AXIS_LEVEL,
};

static const struct axis_rule empirical_axes[EMPIRICAL_AXES] = {
    [EMPIRICAL_WINDOW] = AXIS_WINDOW,
    [EMPIRICAL_LEVEL] = AXIS_LEVEL,
};

static const struct axis_rule fitted_axes[TAIL_FIT_AXES] = {
    [TAIL_FIT_WINDOW] = AXIS_WINDOW,
    [TAIL_FIT_EVERY] = {.name = "tail_refit",
                        .unit = "bars",
                        .meaning = "pot, hill: bars from one fit to the next",
                        .min = 1.0,
                        .max = 1e6,
                        .whole = true,
                        .preset = "[24]"},
    [TAIL_FIT_SHARE] = {.name = "tail_share",
                        .unit = "fraction",
                        .meaning = "pot, hill: share of the losses beyond the "
                                   "threshold",
                        .min = 0.0,
                        .max = 0.5,
                        .open_min = true,
                        .preset = "[0.1]"},
    [TAIL_FIT_LEVEL] = AXIS_LEVEL,
};

static const struct tail_model models[] = {
    {.name = "none", .meaning = "no tail: q multiplies the volatility"},
    {.name = "normal",
     .meaning = "losses over their volatility have the standard normal law",
     .step_ns = 1.0,
     .n_axes = 1,
     .axes = level_axes,
     .follow = tail_follow_normal},
    {.name = "student",
     .meaning = "... or Student's t of unit variance",
     .step_ns = 1.0,
     .n_axes = 2,
     .axes = student_axes,
     .follow = tail_follow_student},
    {.name = "historical",
     .meaning = "historical simulation: a quantile of the last losses",
     .step_ns = 20.0,
     .is_bare = true,
     .n_axes = EMPIRICAL_AXES,
     .axes = empirical_axes,
     .follow = tail_follow_empirical},
    {.name = "filtered",
     .meaning = "the same of losses over their volatility (Barone-Adesi 1999)",
     .step_ns = 25.0,
     .n_axes = EMPIRICAL_AXES,
     .axes = empirical_axes,
     .follow = tail_follow_empirical},
    {.name = "pot",
     .meaning = "peaks over threshold of those (McNeil, Frey 2000)",
     .step_ns = 10000.0,
     .n_axes = TAIL_FIT_AXES,
     .axes = fitted_axes,
     .follow = tail_follow_fitted,
     .parameter = tail_pot_parameters,
     .status_name = tail_pot_status},
    {.name = "hill",
     .meaning = "a power law beyond a threshold (Hill 1975, Weissman 1978)",
     .step_ns = 4000.0,
     .n_axes = TAIL_FIT_AXES,
     .axes = fitted_axes,
     .follow = tail_follow_fitted,
     .parameter = tail_hill_parameters,
     .status_name = tail_hill_status},
};

const struct tail_model *tail_model_row(size_t i)
{
    return i < sizeof models / sizeof *models ? &models[i] : NULL;
}

const struct tail_model *tail_model_find(const char *name)
{
    for (size_t i = 0; tail_model_row(i) != NULL; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}

int tail_room_new(size_t n_bars, struct tail_room **out, struct err *err)
{
    struct tail_room *room = calloc(1, sizeof *room);

    if (room == NULL || (room->sigma = calloc(4 * n_bars, sizeof(double))) == NULL) {
        free(room);
        return err_set(err, ERR_MEMORY, "no memory for the tails of %zu bars", n_bars);
    }
    room->known = room->sigma + n_bars;
    room->sorted = room->sigma + 2 * n_bars;
    if (ranks_new(n_bars, &room->ranks, err) != 0) {
        tail_room_free(room);
        return -1;
    }
    *out = room;
    return 0;
}

void tail_room_free(struct tail_room *room)
{
    if (room == NULL)
        return;
    ranks_free(&room->ranks);
    free(room->sigma);
    free(room);
}

void tail_fill_known(const struct tail_path *of)
{
    const struct series *series = of->series;
    const size_t h = series->rules.horizon_bars, first = h + series->rules.warmup_bars;
    const double *sigma = of->room->sigma;

    for (size_t t = 0; t < series->n; t++)
        of->room->known[t] = t < first            ? (double)NAN
                             : of->model->is_bare ? series->loss[t - h]
                             : sigma[t - h] > 0.0 ? series->loss[t - h] / sigma[t - h]
                                                  : (double)NAN;
}

double tail_variance_of(const struct tail_path *of, double quantile, size_t t)
{
    static const double sigmas_at_first = 3.0, sigmas_at_least = 0x1p-20;
    const double h = (double)of->series->rules.horizon_bars;
    const double sigma = of->room->sigma[t], least = sigmas_at_least * sigma;
    const double tail = isnan(quantile)      ? sigmas_at_first * sigma
                        : of->model->is_bare ? quantile
                                             : quantile * sigma;
    const double rate = tail > least ? tail : least;

    return rate * rate / h;
}

int tail_check_window(const struct tail_path *of, size_t n_bars, struct err *err)
{
    if (n_bars < of->series->n)
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: a tail_window of %zu bars is not shorter than the series of "
                   "%zu",
                   of->model->name, n_bars, of->series->n);
}

static void fill_sigma(const struct tail_path *of)
{
    const double h = (double)of->series->rules.horizon_bars;

    for (size_t t = 0; t < of->series->n; t++)
        of->room->sigma[t] = sqrt(h * of->variance[t]);
}

/* Lanes from this one on that differ from it in their level alone. */
static size_t count_alike(size_t n_axes, size_t n_lanes, const double *parameter,
                          size_t lane)
{
    size_t n = 1;

    for (; lane + n < n_lanes; n++)
        for (size_t a = 0; a + 1 < n_axes; a++)
            if (parameter[a * n_lanes + lane + n] != parameter[a * n_lanes + lane])
                return n;
    return n;
}

int tail_paths(const struct tail_path *of, size_t n_lanes, const double *parameter,
               double *variance, struct fits_report *report, struct err *err)
{
    const size_t n_axes = of->model->n_axes, n = of->series->n;
    const size_t warmup = of->series->rules.warmup_bars;
    struct fits_report unread;
    double value[AXES_MAX];

    fill_sigma(of);
    for (size_t lane = 0, n_alike; lane < n_lanes; lane += n_alike) {
        struct fits_report *to = lane == 0 && report != NULL ? report : &unread;

        n_alike = count_alike(n_axes, n_lanes, parameter, lane);
        for (size_t a = 0; a + 1 < n_axes; a++)
            value[a] = parameter[a * n_lanes + lane];
        *to = fits_report_none();
        if (of->model->follow(of, value, n_alike,
                              parameter + (n_axes - 1) * n_lanes + lane,
                              variance + lane * n, to, err) != 0)
            return -1;
    }
    for (size_t lane = 0; lane < n_lanes; lane++)
        memset(variance + lane * n, 0, warmup * sizeof *variance);
    return 0;
}
