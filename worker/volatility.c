#include "worker/volatility.h"

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

static const struct volatility_model models[] = {
    {.name = "ewma",
     .meaning = "exponentially weighted moving average (RiskMetrics 1996)",
     .n_axes = sizeof ewma_axes / sizeof *ewma_axes,
     .axes = ewma_axes,
     .paths = ewma_paths},
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

void volatility_scale(const struct series *series, const double *variance,
                      double *scaled)
{
    const double h = (double)series->rules.horizon_bars;

    for (size_t t = 0; t < series->n; t++)
        scaled[t] = sqrt(h * variance[t]);
}
