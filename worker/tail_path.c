#include "worker/refit.h"
#include "worker/rolling_quantile.h"
#include "worker/volatility_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Before any loss is known a tail stands at so many sigmas; a quantile below 0 asks for
 * next to nothing. */
static const double SIGMAS_AT_FIRST = 3.0;
static const double SIGMAS_AT_LEAST = 0x1p-20;

struct tail_work {
    struct ranks ranks;
    double *sigma; /* [n], over the horizon; 0 before W          */
    double *known; /* [n], the value that becomes known at a bar */
};

static bool is_filtered(const struct volatility *of)
{
    return strcmp(of->model->name, "filtered") == 0;
}

static int work_new(size_t n, struct tail_work *work, struct err *err)
{
    double *room = malloc(2 * n * sizeof *room);

    *work = (struct tail_work){.sigma = room, .known = room + n};
    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    if (ranks_new(n, &work->ranks, err) == 0)
        return 0;
    free(room);
    return -1;
}

static void work_free(struct tail_work *work)
{
    ranks_free(&work->ranks);
    free(work->sigma);
}

/* s[t] = sqrt(h v[t]), v by EWMA of this lambda, or the mean square so far. */
static int fill_sigma(const struct volatility *of, double lambda, double *sigma,
                      struct err *err)
{
    const struct series *series = of->series;
    const struct volatility ewma = {volatility_find("ewma"), of->kernels, series};
    const double h = (double)series->rules.horizon_bars;
    struct mean_square so_far = {0};

    if (is_filtered(of) && volatility_path(&ewma, &lambda, sigma, NULL, err) != 0)
        return -1;
    for (size_t t = 0; t < series->n; t++) {
        if (t < series->rules.warmup_bars)
            sigma[t] = 0.0;
        else if (is_filtered(of))
            sigma[t] = sqrt(h * sigma[t]);
        else
            sigma[t] = sqrt(h * mean_square_until(series, t, &so_far));
    }
    return 0;
}

/* known[t + h] = L[t], filtered: L[t] / s[t]:  what is lost from t on is known h bars
 * later. */
static void fill_known(const struct volatility *of, const double *sigma, double *known)
{
    const struct series *series = of->series;
    const size_t h = series->rules.horizon_bars, warmup = series->rules.warmup_bars;

    for (size_t t = 0; t < series->n; t++)
        known[t] = t < h + warmup       ? (double)NAN
                   : !is_filtered(of)   ? series->loss[t - h]
                   : sigma[t - h] > 0.0 ? series->loss[t - h] / sigma[t - h]
                                        : (double)NAN;
}

/* The quantile becomes the variance whose root over the horizon it is. */
static void to_variance(const struct volatility *of, const double *sigma,
                        double *variance)
{
    const struct series *series = of->series;
    const double h = (double)series->rules.horizon_bars;

    for (size_t t = 0; t < series->n; t++) {
        const double tail = isnan(variance[t]) ? SIGMAS_AT_FIRST * sigma[t]
                            : is_filtered(of)  ? variance[t] * sigma[t]
                                               : variance[t];
        const double least = SIGMAS_AT_LEAST * sigma[t];
        const double rate = tail > least ? tail : least;

        variance[t] = t < series->rules.warmup_bars ? 0.0 : rate * rate / h;
    }
}

/* Paths of one lambda and window at several levels; values as of the model's axes. */
static int follow_levels(const struct volatility *of, struct tail_work *work,
                         const double *values, size_t n_levels, const double *level,
                         double *variance)
{
    const size_t n = of->series->n, window = (size_t)values[TAIL_WINDOW];

    if (fill_sigma(of, values[TAIL_LAMBDA], work->sigma, NULL) != 0)
        return -1;
    fill_known(of, work->sigma, work->known);
    ranks_of(&work->ranks, n, work->known);
    rolling_quantiles(&work->ranks, window, 1, n_levels, level, variance);
    for (size_t l = 0; l < n_levels; l++)
        to_variance(of, work->sigma, variance + l * n);
    return 0;
}

/* Values of one lane in the order of the filtered model's axes. */
static void values_of(const struct volatility *of, size_t n_lanes, size_t lane,
                      const double *parameter, double value[TAIL_AXES])
{
    const size_t first = is_filtered(of) ? 0 : 1;

    value[TAIL_LAMBDA] = 0.0;
    for (size_t a = first; a < TAIL_AXES; a++)
        value[a] = parameter[(a - first) * n_lanes + lane];
}

static int follow_lanes(const struct volatility *of, size_t n_lanes,
                        const double *parameter, double *variance, struct err *err)
{
    double value[TAIL_AXES], next[TAIL_AXES], level[KERNEL_LANES];
    struct tail_work work;
    int status = 0;

    for (size_t lane = 0; lane < n_lanes; lane++) {
        values_of(of, n_lanes, lane, parameter, value);
        if (refit_check_window(of, "tail_window", (size_t)value[TAIL_WINDOW], err) != 0)
            return -1;
    }
    if (work_new(of->series->n, &work, err) != 0)
        return -1;
    for (size_t lane = 0, n_levels; status == 0 && lane < n_lanes; lane += n_levels) {
        values_of(of, n_lanes, lane, parameter, value);
        for (n_levels = 0; lane + n_levels < n_lanes; n_levels++) {
            values_of(of, n_lanes, lane + n_levels, parameter, next);
            if (next[TAIL_LAMBDA] != value[TAIL_LAMBDA] ||
                next[TAIL_WINDOW] != value[TAIL_WINDOW])
                break;
            level[n_levels] = next[TAIL_LEVEL];
        }
        status = follow_levels(of, &work, value, n_levels, level,
                               variance + lane * of->series->n);
    }
    work_free(&work);
    return status;
}

int tail_path(const struct volatility *of, const double *values, double *variance,
              struct volatility_report *report, struct err *err)
{
    (void)report;
    return follow_lanes(of, 1, values, variance, err);
}

int tail_paths(const struct volatility *of, const double *parameter, double *variance,
               struct err *err)
{
    return follow_lanes(of, KERNEL_LANES, parameter, variance, err);
}
