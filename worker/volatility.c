#include "worker/volatility.h"

#include "worker/volatility_rows.h"

#include <math.h>
#include <string.h>

static const struct axis_rule ewma_axes[] = {
    {.name = "lambda",
     .unit = "per bar",
     .meaning = "decay of the squared returns' weights",
     .min = 0.0,
     .max = 1.0,
     .open_min = true,
     .open_max = true,
     .preset = "[0.94, 0.97, 0.99]"},
};

static const struct axis_rule window_axes[WINDOW_AXES] = {
    {.name = "window",
     .unit = "bars",
     .meaning = "last bars that the estimator sees",
     .min = 2.0,
     .max = 1e6,
     .whole = true,
     .preset = "[24, 72, 168]"},
};

static const struct axis_rule grid_axes[GRID_AXES] = {
    {.name = "alpha",
     .unit = "share",
     .meaning = "garch_grid: weight of the last squared return",
     .min = 0.0,
     .max = 1.0,
     .preset = "[0.03, 0.06, 0.1]"},
    {.name = "gamma",
     .unit = "share",
     .meaning = "garch_grid: its further weight after a fall",
     .min = 0.0,
     .max = 1.0,
     .preset = "[0]"},
    {.name = "beta",
     .unit = "share",
     .meaning = "garch_grid: weight of the last variance",
     .min = 0.0,
     .max = 1.0,
     .open_max = true,
     .preset = "[0.85, 0.9, 0.93]"},
    {.name = "long_run",
     .unit = "of the warm-up's variance",
     .meaning = "garch_grid: variance that it returns to",
     .min = 0.0,
     .max = 1000.0,
     .open_min = true,
     .preset = "[1]"},
};

/* HAR takes them up to `refit`, GARCH from `fit_window` on: what both have is one rule.
 */
static const struct axis_rule fitted_axes[] = {
    {.name = "har_day",
     .unit = "bars",
     .meaning = "har: the shortest of its three means",
     .min = 1.0,
     .max = 1e5,
     .whole = true,
     .preset = "[24]"},
    {.name = "har_week",
     .unit = "bars",
     .meaning = "har: the middle one",
     .min = 2.0,
     .max = 1e5,
     .whole = true,
     .preset = "[168]"},
    {.name = "har_month",
     .unit = "bars",
     .meaning = "har: the longest",
     .min = 3.0,
     .max = 1e5,
     .whole = true,
     .preset = "[720]"},
    {.name = "fit_window",
     .unit = "bars",
     .meaning = "garch, gjr, har: last bars that a fit sees",
     .min = 100.0,
     .max = 1e6,
     .whole = true,
     .preset = "[2000]"},
    {.name = "refit",
     .unit = "bars",
     .meaning = "garch, gjr, har: bars from one fit to the next",
     .min = 1.0,
     .max = 1e6,
     .whole = true,
     .preset = "[500]"},
    {.name = "student",
     .unit = "0 or 1",
     .meaning = "garch, gjr: returns have a normal law, or Student's t",
     .min = 0.0,
     .max = 1.0,
     .whole = true,
     .preset = "[1]"},
    {.name = "targeting",
     .unit = "0 or 1",
     .meaning = "garch, gjr: 1: omega follows from the sample variance",
     .min = 0.0,
     .max = 1.0,
     .whole = true,
     .preset = "[0]"},
    {.name = "fit_start",
     .unit = "0 to 3",
     .meaning = "garch, gjr: filter from 0 mean, 1 first, 2 unconditional, 3 backcast",
     .min = 0.0,
     .max = 3.0,
     .whole = true,
     .preset = "[0]"},
};

enum { FITTED_AXES = sizeof fitted_axes / sizeof *fitted_axes };
_Static_assert((int)FITTED_AXES == (int)HAR_AXES + (int)GARCH_AXES - 2,
               "they share two");

static const struct volatility_model models[] = {
    {.name = "ewma",
     .meaning = "exponentially weighted moving average (RiskMetrics 1996)",
     .step_ns = 0.1,
     .n_axes = sizeof ewma_axes / sizeof *ewma_axes,
     .axes = ewma_axes,
     .advance = ewma_advance},
    {.name = "garch",
     .meaning = "GARCH(1,1), fitted again and again (Bollerslev 1986)",
     .step_ns = 15000.0,
     .n_axes = GARCH_AXES,
     .axes = fitted_axes + HAR_FIT_WINDOW,
     .path = garch_path,
     .parameter = garch_parameter_names,
     .status_name = garch_path_status},
    {.name = "gjr",
     .meaning = "the same with leverage (Glosten, Jagannathan, Runkle 1993)",
     .step_ns = 15000.0,
     .n_axes = GARCH_AXES,
     .axes = fitted_axes + HAR_FIT_WINDOW,
     .path = garch_path,
     .parameter = garch_parameter_names,
     .status_name = garch_path_status},
    {.name = "garch_grid",
     .meaning = "GARCH(1,1) and GJR of given alpha, gamma, beta: no fits",
     .step_ns = 0.3,
     .n_axes = GRID_AXES,
     .axes = grid_axes,
     .advance = garch_grid_advance},
    {.name = "har",
     .meaning = "day, week and month of squared returns (Corsi 2009)",
     .step_ns = 1300.0,
     .n_axes = HAR_AXES,
     .axes = fitted_axes,
     .n_ascending = HAR_AXIS_MONTH + 1,
     .path = har_path,
     .parameter = har_parameter_names,
     .status_name = har_path_status},
    {.name = "rolling",
     .meaning = "sample variance of the window's returns",
     .step_ns = 1.0,
     .n_axes = WINDOW_AXES,
     .axes = window_axes,
     .path = window_path,
     .paths = window_paths},
    {.name = "atr",
     .meaning = "average true range (Wilder 1978)",
     .step_ns = 0.3,
     .n_axes = WINDOW_AXES,
     .axes = window_axes,
     .path = window_path,
     .paths = window_paths},
    {.name = "parkinson",
     .meaning = "high and low (Parkinson 1980)",
     .step_ns = 0.5,
     .n_axes = WINDOW_AXES,
     .axes = window_axes,
     .path = window_path,
     .paths = window_paths},
    {.name = "garman_klass",
     .meaning = "open, high, low and close (Garman, Klass 1980)",
     .step_ns = 0.5,
     .n_axes = WINDOW_AXES,
     .axes = window_axes,
     .path = window_path,
     .paths = window_paths},
    {.name = "rogers_satchell",
     .meaning = "the same, whatever the drift (Rogers, Satchell 1991)",
     .step_ns = 0.5,
     .n_axes = WINDOW_AXES,
     .axes = window_axes,
     .path = window_path,
     .paths = window_paths},
    {.name = "yang_zhang",
     .meaning = "the same with jumps between bars (Yang, Zhang 2000)",
     .step_ns = 2.5,
     .n_axes = WINDOW_AXES,
     .axes = window_axes,
     .path = window_path,
     .paths = window_paths},
    {.name = "constant",
     .meaning = "mean square of all returns so far: a challenger without memory",
     .step_ns = 2.0,
     .path = constant_path},
};

const struct volatility_model *volatility_row(size_t i)
{
    return i < sizeof models / sizeof *models ? &models[i] : NULL;
}

const struct volatility_model *volatility_find(const char *name)
{
    for (size_t i = 0; volatility_row(i) != NULL; i++)
        if (strcmp(models[i].name, name) == 0)
            return &models[i];
    return NULL;
}

size_t volatility_n_lanes(const struct volatility_model *model)
{
    return model->advance != NULL || model->paths != NULL ? KERNEL_LANES : 1;
}

double mean_square_until(const struct series *series, size_t t,
                         struct mean_square *so_far)
{
    while (so_far->t < t)
        if (!isnan(series->square[++so_far->t])) {
            so_far->sum += series->square[so_far->t];
            so_far->n += 1.0;
        }
    return so_far->sum / so_far->n;
}

double volatility_start(const struct series *series)
{
    struct mean_square so_far = {0};

    return mean_square_until(series, series->rules.warmup_bars, &so_far);
}

int constant_path(const struct volatility *of, const double *values, double *variance,
                  struct fits_report *report, struct err *err)
{
    struct mean_square so_far = {0};

    (void)values, (void)report, (void)err;
    for (size_t t = 0; t < of->series->n; t++)
        variance[t] = t < of->series->rules.warmup_bars
                          ? 0.0
                          : mean_square_until(of->series, t, &so_far);
    return 0;
}

enum { TILE = 128 }; /* bars that stay in the first cache: 16 KiB */

static struct range tile_from(size_t first, size_t n)
{
    return (struct range){first, first + TILE < n ? first + TILE : n};
}

int volatility_paths(const struct volatility *of, const double *parameter,
                     double *variance, struct err *err)
{
    const struct series *series = of->series;
    _Alignas(64) double tile[TILE * KERNEL_LANES];
    double state[VOLATILITY_STATE_MAX * KERNEL_LANES] = {0};

    if (of->model->paths != NULL)
        return of->model->paths(of, parameter, variance, err);
    if (of->model->advance == NULL)
        return volatility_path(of, parameter, variance, NULL, err);
    for (size_t t = 0; t < series->n; t += TILE) {
        const struct range bars = tile_from(t, series->n);

        of->model->advance(of->kernels, series, bars, parameter, state, tile);
        of->kernels->turn(bars.end - bars.first, tile, series->n, variance + t);
    }
    return 0;
}

/* The first of KERNEL_LANES lanes that are all alike. */
static void one_lane(const struct volatility *of, const double *values,
                     double *variance)
{
    const struct series *series = of->series;
    _Alignas(64) double tile[TILE * KERNEL_LANES];
    double parameter[AXES_MAX * KERNEL_LANES];
    double state[VOLATILITY_STATE_MAX * KERNEL_LANES] = {0};

    for (size_t i = 0; i < of->model->n_axes * KERNEL_LANES; i++)
        parameter[i] = values[i / KERNEL_LANES];
    for (size_t t = 0; t < series->n; t += TILE) {
        const struct range bars = tile_from(t, series->n);

        of->model->advance(of->kernels, series, bars, parameter, state, tile);
        for (size_t i = bars.first; i < bars.end; i++)
            variance[i] = tile[(i - bars.first) * KERNEL_LANES];
    }
}

int volatility_path(const struct volatility *of, const double *values, double *variance,
                    struct fits_report *report, struct err *err)
{
    struct fits_report unread;

    if (report == NULL)
        report = &unread;
    *report = fits_report_none();
    if (of->model->path != NULL)
        return of->model->path(of, values, variance, report, err);
    one_lane(of, values, variance);
    return 0;
}
