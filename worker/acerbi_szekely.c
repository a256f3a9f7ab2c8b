#include "worker/acerbi_szekely.h"

#include <gsl/gsl_sort_double.h>
#include <stdbool.h>

struct shape {
    size_t t, k;          /* bars scored, floor(T p)              */
    double expected;      /* E e*                                 */
    bool ratios, sizes;   /* Z1 and Z2; Z3: can they be computed? */
    double sum_of_lever;  /* sum of scale / (mean + scale E e*)   */
    double sum_of_centre; /* sum of mean / (mean + scale E e*)    */
};

static bool is_scored(const struct backtest_series *s, size_t i)
{
    return backtest_hit(s->loss[i], s->var[i]) != BACKTEST_MISSING &&
           !isnan(s->es[i]) &&
           (s->mean == NULL || s->scale == NULL ||
            (!isnan(s->mean[i]) && !isnan(s->scale[i])));
}

/* What does not depend on the losses' values. */
static struct shape shape_of(const struct acerbi_szekely_law *law,
                             const struct backtest_series *s)
{
    struct shape shape = {.ratios = law->p > 0.0 && law->p < 1.0, .expected = NAN};

    for (size_t i = 0; i < s->n; i++)
        if (is_scored(s, i)) {
            shape.t++;
            shape.ratios = shape.ratios && s->es[i] > 0.0 && s->es[i] < INFINITY;
        }
    shape.sizes = law->p > 0.0 && law->p < 1.0 && s->mean != NULL && s->scale != NULL &&
                  tail_law_is_meant(&law->law);
    /* T p that is a whole number but for a rounding is that number */
    if (shape.sizes)
        shape.k = (size_t)((double)shape.t * law->p * (1.0 + 0x1p-50));
    if (shape.k == 0)
        return shape;
    shape.expected = tail_law_mean_of_largest(&law->law, shape.t, shape.k);
    for (size_t i = 0; i < s->n; i++)
        if (is_scored(s, i)) {
            const double es = s->mean[i] + s->scale[i] * shape.expected;

            shape.sizes = shape.sizes && s->scale[i] > 0.0 && es > 0.0;
            shape.sum_of_lever += s->scale[i] / es;
            shape.sum_of_centre += s->mean[i] / es;
        }
    return shape;
}

/* Keep the k largest seen, ascending. */
static void keep(size_t k, size_t seen, double e, double largest[])
{
    size_t i = seen < k ? seen : k;

    if (seen < k) {
        for (; i > 0 && largest[i - 1] > e; i--)
            largest[i] = largest[i - 1];
        largest[i] = e;
        return;
    }
    if (!(e > largest[0]))
        return;
    for (i = 0; i + 1 < k && largest[i + 1] < e; i++)
        largest[i] = largest[i + 1];
    largest[i] = e;
}

static struct acerbi_szekely nothing_yet(const struct shape *shape)
{
    struct acerbi_szekely of = {.n_bars = shape->t, .z = {NAN, NAN, NAN}};

    for (int test = 0; test < ACERBI_TESTS; test++)
        of.status[test] = shape->t == 0 ? BACKTEST_NO_DATA : BACKTEST_OK;
    if (shape->t > 0 && !shape->ratios)
        of.status[ACERBI_Z1] = of.status[ACERBI_Z2] = BACKTEST_BAD_INPUT;
    return of;
}

/* The statistics of other losses at the same bars; loss may be series->loss itself. */
static struct acerbi_szekely statistics_of(const struct acerbi_szekely_law *law,
                                           const struct backtest_series *s,
                                           const struct shape *shape,
                                           const double loss[], double largest[])
{
    struct acerbi_szekely of = nothing_yet(shape);
    double ratio = 0.0, sum = 0.0;
    size_t seen = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (!is_scored(s, i))
            continue;
        if (loss[i] > s->var[i]) {
            of.n_hits++;
            ratio += loss[i] / s->es[i];
        }
        if (shape->sizes && shape->k > 0)
            keep(shape->k, seen++, (loss[i] - s->mean[i]) / s->scale[i], largest);
    }
    of.n_missing = s->n - shape->t;
    if (of.status[ACERBI_Z1] == BACKTEST_OK && of.n_hits == 0)
        of.status[ACERBI_Z1] = BACKTEST_NO_HIT;
    if (of.status[ACERBI_Z1] == BACKTEST_OK)
        of.z[ACERBI_Z1] = 1.0 - ratio / (double)of.n_hits;
    if (of.status[ACERBI_Z2] == BACKTEST_OK)
        of.z[ACERBI_Z2] = 1.0 - ratio / ((double)shape->t * law->p);
    if (of.status[ACERBI_Z3] == BACKTEST_OK)
        of.status[ACERBI_Z3] = s->mean == NULL || s->scale == NULL ? BACKTEST_NO_DATA
                               : !shape->sizes                     ? BACKTEST_BAD_INPUT
                               : shape->k == 0                     ? BACKTEST_TOO_FEW
                                                                   : BACKTEST_OK;
    if (of.status[ACERBI_Z3] != BACKTEST_OK)
        return of;
    for (size_t i = 0; i < shape->k; i++)
        sum += largest[i];
    of.z[ACERBI_Z3] =
        1.0 - (shape->sum_of_centre + shape->sum_of_lever * sum / (double)shape->k) /
                  (double)shape->t;
    return of;
}

struct acerbi_szekely acerbi_szekely_of(const struct acerbi_szekely_law *law,
                                        const struct backtest_series *series,
                                        double largest[])
{
    const struct shape shape = shape_of(law, series);

    return statistics_of(law, series, &shape, series->loss, largest);
}

/* Ascending, NaN last; how many are none. */
static size_t sort(size_t n, double z[])
{
    size_t n_there = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(z[i]))
            z[n_there++] = z[i];
    for (size_t i = n_there; i < n; i++)
        z[i] = NAN;
    gsl_sort(z, 1, n_there);
    return n_there;
}

enum backtest_status acerbi_szekely_simulate(const struct acerbi_szekely_law *law,
                                             const struct backtest_series *series,
                                             const struct acerbi_szekely_null *null,
                                             double work[],
                                             double *const z[ACERBI_TESTS],
                                             size_t n_there[ACERBI_TESTS])
{
    double *const loss = work, *const largest = loss + series->n;

    if (series->mean == NULL || series->scale == NULL || !tail_law_is_meant(&law->law))
        return BACKTEST_BAD_INPUT;
    const struct shape shape = shape_of(law, series);

    for (size_t sample = 0; sample < null->n_samples; sample++) {
        struct random random = random_at(null->seed, 0, sample, 0);

        for (size_t i = 0; i < series->n; i++)
            if (is_scored(series, i))
                loss[i] = series->mean[i] +
                          series->scale[i] * tail_law_draw(&law->law, &random);
        const struct acerbi_szekely of =
            statistics_of(law, series, &shape, loss, largest);

        for (int test = 0; test < ACERBI_TESTS; test++)
            z[test][sample] = of.z[test];
    }
    for (int test = 0; test < ACERBI_TESTS; test++)
        n_there[test] = sort(null->n_samples, z[test]);
    return BACKTEST_OK;
}

double acerbi_szekely_p_value(size_t n, const double sorted[], double z)
{
    size_t low = 0, high = n; /* how many are at most z */

    if (isnan(z))
        return NAN;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (sorted[middle] <= z)
            low = middle + 1;
        else
            high = middle;
    }
    return backtest_simulated_p((double)low, (double)n);
}

double acerbi_szekely_critical(size_t n, const double sorted[], double level)
{
    const double rank = ceil((double)n * level);

    return sorted[rank < 1.0 ? 0 : rank > (double)n ? n - 1 : (size_t)rank - 1];
}
