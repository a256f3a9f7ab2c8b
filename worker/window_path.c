#include "worker/rangevol.h"
#include "worker/refit.h"
#include "worker/volatility_rows.h"

#include <math.h>
#include <string.h>

static enum range_model range_of(const struct volatility *of)
{
    int model = 0;

    while (strcmp(range_model_name((enum range_model)model), of->model->name) != 0)
        model++;
    return (enum range_model)model;
}

int window_path(const struct volatility *of, const double *values, double *variance,
                struct volatility_report *report, struct err *err)
{
    const struct series *series = of->series;
    const size_t window = (size_t)values[0], warmup = series->rules.warmup_bars;
    struct mean_square so_far = {0};

    (void)report;
    if (refit_check_window(of, "window", window, err) != 0 ||
        range_variances(range_of(of), window, series->bars, variance, err) != 0)
        return -1;
    for (size_t t = 1; t < series->n; t++)
        if (isnan(variance[t]))
            variance[t] = variance[t - 1];
    /* what is still missing has had nothing to hold */
    for (size_t t = warmup; t < series->n && isnan(variance[t]); t++)
        variance[t] = mean_square_until(series, t, &so_far);
    memset(variance, 0, warmup * sizeof *variance);
    return 0;
}
