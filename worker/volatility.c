#include "worker/volatility.h"

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

static const struct volatility_model models[] = {
    {.name = "ewma",
     .meaning = "exponentially weighted moving average (RiskMetrics 1996)",
     .step_ns = 0.1,
     .n_axes = sizeof ewma_axes / sizeof *ewma_axes,
     .axes = ewma_axes,
     .advance = ewma_advance},
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

enum { TILE = 128 }; /* bars that stay in the first cache: 16 KiB */

static struct range tile_from(size_t first, size_t n)
{
    return (struct range){first, first + TILE < n ? first + TILE : n};
}

void volatility_paths(const struct volatility_model *model,
                      const struct kernels *kernels, const struct series *series,
                      const double *parameter, double *variance)
{
    double tile[TILE * KERNEL_LANES];
    double state[VOLATILITY_STATE_MAX * KERNEL_LANES] = {0};

    for (size_t t = 0; t < series->n; t += TILE) {
        const struct range bars = tile_from(t, series->n);

        model->advance(kernels, series, bars, parameter, state, tile);
        kernels->turn(bars.end - bars.first, tile, series->n, variance + t);
    }
}

void volatility_path(const struct volatility_model *model,
                     const struct kernels *kernels, const struct series *series,
                     const double *values, double *variance)
{
    double tile[TILE * KERNEL_LANES];
    double parameter[AXES_MAX * KERNEL_LANES];
    double state[VOLATILITY_STATE_MAX * KERNEL_LANES] = {0};

    for (size_t i = 0; i < model->n_axes * KERNEL_LANES; i++)
        parameter[i] = values[i / KERNEL_LANES];
    for (size_t t = 0; t < series->n; t += TILE) {
        const struct range bars = tile_from(t, series->n);

        model->advance(kernels, series, bars, parameter, state, tile);
        for (size_t i = bars.first; i < bars.end; i++)
            variance[i] = tile[(i - bars.first) * KERNEL_LANES];
    }
}
