#include "worker/rangevol.h"
#include "worker/refit.h"
#include "worker/volatility_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum range_model range_of(const struct volatility *of)
{
    int model = 0;

    while (strcmp(range_model_name((enum range_model)model), of->model->name) != 0)
        model++;
    return (enum range_model)model;
}

/* The estimator's values of W and later; where there is none the one before holds, and
 * what has had nothing to hold is the mean square so far. */
static void finish_path(const struct series *series, double *variance)
{
    const size_t warmup = series->rules.warmup_bars;
    struct mean_square so_far = {0};

    for (size_t t = 1; t < series->n; t++)
        if (isnan(variance[t]))
            variance[t] = variance[t - 1];
    for (size_t t = warmup; t < series->n && isnan(variance[t]); t++)
        variance[t] = mean_square_until(series, t, &so_far);
    memset(variance, 0, warmup * sizeof *variance);
}

int window_path(const struct volatility *of, const double *values, double *variance,
                struct fits_report *report, struct err *err)
{
    const size_t window = (size_t)values[0];

    (void)report;
    if (refit_check_window(of, "window", window, err) != 0 ||
        range_variances(range_of(of), window, of->series->bars, variance, err) != 0)
        return -1;
    finish_path(of->series, variance);
    return 0;
}

enum { TILE = 128 }; /* bars that stay in the first cache: 16 KiB */

static void advance_all(const struct volatility *of, const struct range_sums *sums,
                        const double *window, double *variance)
{
    _Alignas(64) double tile[TILE * KERNEL_LANES];
    double state[2 * KERNEL_LANES] = {0};
    const size_t n = of->series->n;

    for (size_t t = 0; t < n; t += TILE) {
        const struct range bars = {t, t + TILE < n ? t + TILE : n};

        range_advance(of->kernels, sums, bars, window, state, tile);
        of->kernels->turn(bars.end - bars.first, tile, n, variance + t);
    }
    for (size_t lane = 0; lane < KERNEL_LANES; lane++)
        finish_path(of->series, variance + lane * n);
}

int window_paths(const struct volatility *of, const double *parameter, double *variance,
                 struct err *err)
{
    const enum range_model model = range_of(of);
    const size_t n = of->series->n;

    for (size_t lane = 0; lane < KERNEL_LANES; lane++)
        if (refit_check_window(of, "window", (size_t)parameter[lane], err) != 0)
            return -1;
    double *room = malloc((RANGE_TERMS * n + range_sums_room(model, n)) * sizeof *room);
    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    double *const term[RANGE_TERMS] = {room, room + n, room + 2 * n};
    range_terms(model, of->series->bars, term);
    const struct range_sums sums = range_sum(model, n, term, room + RANGE_TERMS * n);
    advance_all(of, &sums, parameter, variance);
    free(room);
    return 0;
}
