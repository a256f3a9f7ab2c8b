#include "worker/liquidity.h"
#include "worker/spa.h"

#include <gsl/gsl_fit.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double DAY_S = 86400.0;
const double liquidity_rung[LIQUIDITY_RUNGS] = {5e-4, 10e-4, 25e-4, 50e-4, 100e-4};
enum { TEN_BP = 1 };

static const struct {
    const char *name, *unit;
} words[LIQUIDITY_FIGURES] = {
    [LIQUIDITY_ADV] = {"adv", "quote a day"},
    [LIQUIDITY_SIGMA] = {"volatility_1d", "of the price"},
    [LIQUIDITY_SPREAD] = {"spread", "of the mid"},
    [LIQUIDITY_DEPTH] = {"depth_5bp", "quote"},
    [LIQUIDITY_DEPTH + 1] = {"depth_10bp", "quote"},
    [LIQUIDITY_DEPTH + 2] = {"depth_25bp", "quote"},
    [LIQUIDITY_DEPTH + 3] = {"depth_50bp", "quote"},
    [LIQUIDITY_DEPTH + 4] = {"depth_100bp", "quote"},
    [LIQUIDITY_SLOPE] = {"slope", "exponent"},
    [LIQUIDITY_HALFLIFE] = {"halflife_s", "s"},
    [LIQUIDITY_BOOK_DELTA] = {"book_delta", "exponent"},
    [LIQUIDITY_BOOK_Y] = {"book_y", "Y"},
    [LIQUIDITY_FLOW_DELTA] = {"flow_delta", "exponent"},
    [LIQUIDITY_FLOW_Y] = {"flow_y", "Y"},
};

const char *liquidity_name(enum liquidity_figure figure)
{
    return words[figure].name;
}

const char *liquidity_unit(enum liquidity_figure figure)
{
    return words[figure].unit;
}

/* A resample: the places of the samples that are counted; those of returns and pairs
 * look at the sample behind the place, so the last of all is none. */
struct view {
    const struct liquidity_series *series;
    const size_t *place; /* [n] */
    size_t n;
};

static const struct liquidity_sample *at(const struct view *view, size_t i)
{
    return &view->series->sample[view->place[i]];
}

static bool has_next(const struct view *view, size_t i)
{
    return view->place[i] + 1 < view->series->n;
}

static double return_of(const struct view *view, size_t i)
{
    const struct liquidity_sample *sample = at(view, i);

    return log(sample[1].mid / sample[0].mid);
}

/* ---- figures ---- */

static void measure_means(const struct view *view, double figure[])
{
    double volume = 0.0, square = 0.0, spread = 0.0, depth[LIQUIDITY_RUNGS] = {0};
    size_t n_returns = 0;

    for (size_t i = 0; i < view->n; i++) {
        const struct liquidity_sample *sample = at(view, i);

        volume += sample->volume;
        spread += sample->spread;
        for (size_t k = 0; k < LIQUIDITY_RUNGS; k++)
            depth[k] += sample->depth[k];
        if (has_next(view, i)) {
            const double r = return_of(view, i);

            square += r * r;
            n_returns++;
        }
    }
    const double n = (double)view->n, steps = DAY_S / view->series->step_s;
    figure[LIQUIDITY_ADV] =
        isnan(view->series->adv) ? volume / n * steps : view->series->adv;
    figure[LIQUIDITY_SIGMA] = isnan(view->series->sigma)
                                  ? sqrt(square / (double)n_returns * steps)
                                  : view->series->sigma;
    figure[LIQUIDITY_SPREAD] = spread / n;
    for (size_t k = 0; k < LIQUIDITY_RUNGS; k++)
        figure[LIQUIDITY_DEPTH + k] = depth[k] / n;
}

static void measure_slope(double figure[])
{
    double x[LIQUIDITY_RUNGS], y[LIQUIDITY_RUNGS], c0, c00, c01, c11, sum;
    size_t n = 0;

    for (size_t k = 0; k < LIQUIDITY_RUNGS; k++) {
        if (!(figure[LIQUIDITY_DEPTH + k] > 0.0))
            continue;
        x[n] = log(liquidity_rung[k]);
        y[n++] = log(figure[LIQUIDITY_DEPTH + k]);
    }
    if (n >= 2)
        gsl_fit_linear(x, 1, y, 1, n, &c0, &figure[LIQUIDITY_SLOPE], &c00, &c01, &c11,
                       &sum);
}

static void measure_halflife(const struct view *view, double figure[])
{
    const double mean = figure[LIQUIDITY_DEPTH + TEN_BP];
    double product = 0.0, square = 0.0;

    for (size_t i = 0; i < view->n; i++) {
        if (!has_next(view, i))
            continue;
        const double d = at(view, i)->depth[TEN_BP] - mean;

        product += d * (at(view, i)[1].depth[TEN_BP] - mean);
        square += d * d;
    }
    const double a = product / square;
    if (a > 0.0 && a < 1.0)
        figure[LIQUIDITY_HALFLIFE] = log(0.5) / log(a) * view->series->step_s;
}

/* Mean cost of a size beyond half the spread; NaN where more than a twentieth of the
 * samples are not so deep. */
static double mean_cost(const struct view *view, size_t k)
{
    double sum = 0.0;
    size_t n = 0;

    for (size_t i = 0; i < view->n; i++) {
        const struct liquidity_sample *sample = at(view, i);

        if (isnan(sample->cost[k]))
            continue;
        sum += sample->cost[k] - 0.5 * sample->spread;
        n++;
    }
    return n * 20 >= view->n * 19 ? sum / (double)n : NAN;
}

static void measure_book(const struct view *view, double figure[])
{
    double x[LIQUIDITY_SIZES], y[LIQUIDITY_SIZES], c, delta, c00, c01, c11, sum;
    size_t n = 0;

    for (size_t k = 0; k < LIQUIDITY_SIZES; k++) {
        const double cost = mean_cost(view, k);

        if (!(cost > 0.0))
            continue;
        x[n] = log(view->series->size[k] / figure[LIQUIDITY_ADV]);
        y[n++] = log(cost / figure[LIQUIDITY_SIGMA]);
    }
    if (n < 3)
        return;
    gsl_fit_linear(x, 1, y, 1, n, &c, &delta, &c00, &c01, &c11, &sum);
    figure[LIQUIDITY_BOOK_DELTA] = delta;
    figure[LIQUIDITY_BOOK_Y] = (1.0 + delta) * exp(c);
}

/* What the best scale explains of the returns at this exponent, and the scale. */
static double explained(const struct view *view, double adv, double delta,
                        double *scale)
{
    double rx = 0.0, xx = 0.0;

    for (size_t i = 0; i < view->n; i++) {
        /* the flow that stands in the next sample came with the return up to it */
        if (!has_next(view, i))
            continue;
        const double flow = at(view, i)[1].flow;
        const double x = copysign(pow(fabs(flow) / adv, delta), flow);

        rx += return_of(view, i) * x;
        xx += x * x;
    }
    *scale = xx > 0.0 ? rx / xx : 0.0;
    return *scale > 0.0 ? rx * rx / xx : 0.0;
}

/* The exponent in [0.05, 1.5] that explains most: a grid, then thirds. */
static void measure_flow(const struct view *view, double figure[])
{
    enum { GRID = 30, THIRDS = 24 };
    const double adv = figure[LIQUIDITY_ADV], first = 0.05, width = 1.45 / (GRID - 1);
    double best = 0.0, scale = 0.0, low = first;

    for (int i = 0; i < GRID; i++) {
        const double now = explained(view, adv, first + width * i, &scale);

        if (now > best) {
            best = now;
            low = first + width * (i - 1);
        }
    }
    if (!(best > 0.0))
        return;
    double high = fmin(low + 2.0 * width, 1.5);
    low = fmax(low, first);
    for (int i = 0; i < THIRDS; i++) {
        const double a = low + (high - low) / 3.0, b = high - (high - low) / 3.0;

        if (explained(view, adv, a, &scale) < explained(view, adv, b, &scale))
            low = a;
        else
            high = b;
    }
    figure[LIQUIDITY_FLOW_DELTA] = 0.5 * (low + high);
    explained(view, adv, figure[LIQUIDITY_FLOW_DELTA], &scale);
    figure[LIQUIDITY_FLOW_Y] = scale / figure[LIQUIDITY_SIGMA];
}

static void measure(const struct view *view, double figure[LIQUIDITY_FIGURES])
{
    for (int f = 0; f < LIQUIDITY_FIGURES; f++)
        figure[f] = NAN;
    measure_means(view, figure);
    measure_slope(figure);
    measure_halflife(view, figure);
    measure_book(view, figure);
    measure_flow(view, figure);
}

/* ---- intervals ---- */

/* Percentiles of the replicates in which the figure is defined. */
static void set_interval(size_t n_replicates, const double *figures, int f,
                         double sorted[], struct liquidity_estimate *estimate)
{
    size_t n = 0;

    for (size_t b = 0; b < n_replicates; b++)
        if (isfinite(figures[b * LIQUIDITY_FIGURES + (size_t)f]))
            sorted[n++] = figures[b * LIQUIDITY_FIGURES + (size_t)f];
    estimate->n_replicates = n;
    estimate->low = estimate->high = NAN;
    if (isnan(estimate->value) || n < 2)
        return;
    gsl_sort(sorted, 1, n);
    estimate->low = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.025);
    estimate->high = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.975);
}

static void resample(const struct liquidity_series *series, uint64_t seed,
                     size_t n_replicates, size_t place[], double *figures)
{
    const struct view view = {series, place, series->n};
    const double block = fmax(1.0, cbrt((double)series->n));

    for (size_t b = 0; b < n_replicates; b++) {
        spa_draw(seed, b, series->n, block, place);
        measure(&view, figures + b * LIQUIDITY_FIGURES);
    }
}

int liquidity_estimate(const struct liquidity_series *series, uint64_t seed,
                       size_t n_replicates,
                       struct liquidity_estimate estimate[LIQUIDITY_FIGURES],
                       struct err *err)
{
    double value[LIQUIDITY_FIGURES];

    if (series->n < LIQUIDITY_FEWEST)
        return err_set(err, ERR_INPUT, "%zu samples are fewer than %d", series->n,
                       LIQUIDITY_FEWEST);
    size_t *place = malloc(series->n * sizeof *place);
    double *figures = malloc((n_replicates + 1) * LIQUIDITY_FIGURES * sizeof *figures);
    double *sorted = malloc((n_replicates + 1) * sizeof *sorted);
    const bool has_room = place != NULL && figures != NULL && sorted != NULL;

    if (has_room) {
        for (size_t i = 0; i < series->n; i++)
            place[i] = i;
        measure(&(struct view){series, place, series->n}, value);
        resample(series, seed, n_replicates, place, figures);
    }
    for (int f = 0; has_room && f < LIQUIDITY_FIGURES; f++) {
        estimate[f].value = value[f];
        set_interval(n_replicates, figures, f, sorted, &estimate[f]);
    }
    free(place);
    free(figures);
    free(sorted);
    return has_room
               ? 0
               : err_set(err, ERR_MEMORY, "no memory for %zu replicates", n_replicates);
}
