#include "worker/sobol_indices.h"
#include "market/random.h"

#include <gsl/gsl_qrng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum purpose { PURPOSE_SOBOL = 102 };

int sobol_indices_design(size_t n, size_t k, double a[], double b[], struct err *err)
{
    double point[2 * SOBOL_INPUTS_MAX];

    if (k == 0 || k > SOBOL_INPUTS_MAX)
        return err_set(err, ERR_INPUT, "%zu inputs: from 1 to %d can be sampled", k,
                       SOBOL_INPUTS_MAX);
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)(2 * k));
    if (sequence == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a Sobol' sequence");
    for (size_t j = 0; j < n; j++) {
        gsl_qrng_get(sequence, point);
        memcpy(a + j * k, point, k * sizeof *a);
        memcpy(b + j * k, point + k, k * sizeof *b);
    }
    gsl_qrng_free(sequence);
    return 0;
}

/* V of f(A) and f(B) together over these rows, in two passes; distances from one of the
 * values, so that it is 0 where they are all the same. */
static double variance(const struct sobol_outputs *f, size_t n, const size_t row[])
{
    const double origin = f->a[row[0]];
    double mean = 0.0, squares = 0.0;

    for (size_t j = 0; j < n; j++)
        mean += (f->a[row[j]] - origin) + (f->b[row[j]] - origin);
    mean /= 2.0 * (double)n;
    for (size_t j = 0; j < n; j++) {
        const double a = f->a[row[j]] - origin - mean, b = f->b[row[j]] - origin - mean;

        squares += a * a + b * b;
    }
    return squares / (2.0 * (double)n);
}

static void jansen(const struct sobol_outputs *f, size_t i, double v, size_t n,
                   const size_t row[], double *first, double *total)
{
    const double *ab = f->ab + i * f->n;
    double from_a = 0.0, from_b = 0.0;

    for (size_t j = 0; j < n; j++) {
        const double a = f->a[row[j]] - ab[row[j]], b = f->b[row[j]] - ab[row[j]];

        from_a += a * a;
        from_b += b * b;
    }
    *first = v > 0.0 ? 1.0 - from_b / (2.0 * (double)n) / v : NAN;
    *total = v > 0.0 ? from_a / (2.0 * (double)n) / v : NAN;
}

static bool is_defined(const struct sobol_outputs *f, size_t j)
{
    double sum = f->a[j] + f->b[j];

    for (size_t i = 0; i < f->k; i++)
        sum += f->ab[i * f->n + j];
    return isfinite(sum);
}

static size_t list_rows(const struct sobol_outputs *f, size_t row[])
{
    size_t n = 0;

    for (size_t j = 0; j < f->n; j++)
        if (is_defined(f, j))
            row[n++] = j;
    return n;
}

/* One sample of the rows serves all inputs, as one sample of points did. */
static void replicate(const struct sobol_outputs *f, size_t r, size_t n,
                      const struct sobol_bootstrap *bootstrap,
                      const struct sobol_room *room)
{
    struct random random = random_at(bootstrap->seed, PURPOSE_SOBOL, (uint64_t)r, 0);
    const size_t n_all = bootstrap->n_replicates;

    for (size_t j = 0; j < n; j++) {
        const size_t drawn = (size_t)(random_uniform(&random) * (double)n);

        room->drawn[j] = room->row[drawn < n ? drawn : n - 1];
    }
    const double v = variance(f, n, room->drawn);
    for (size_t i = 0; i < f->k; i++)
        jansen(f, i, v, n, room->drawn, &room->replicate[2 * i * n_all + r],
               &room->replicate[(2 * i + 1) * n_all + r]);
}

static void take_interval(size_t n, double level, double value[], double *low,
                          double *high)
{
    size_t n_defined = 0;

    for (size_t r = 0; r < n; r++)
        if (!isnan(value[r]))
            value[n_defined++] = value[r];
    if (n_defined == 0)
        return;
    gsl_sort(value, 1, n_defined);
    *low = gsl_stats_quantile_from_sorted_data(value, 1, n_defined, (1 - level) / 2);
    *high = gsl_stats_quantile_from_sorted_data(value, 1, n_defined, (1 + level) / 2);
}

size_t sobol_indices(const struct sobol_outputs *f,
                     const struct sobol_bootstrap *bootstrap,
                     const struct sobol_room *room, struct sobol_index index[])
{
    const size_t n = list_rows(f, room->row), n_all = bootstrap->n_replicates;
    const double v = n > 1 ? variance(f, n, room->row) : NAN;

    for (size_t i = 0; i < f->k; i++) {
        index[i] = (struct sobol_index){NAN, NAN, NAN, NAN, NAN, NAN};
        if (n > 1)
            jansen(f, i, v, n, room->row, &index[i].first, &index[i].total);
    }
    if (!(v > 0.0))
        return n;
    for (size_t r = 0; r < n_all; r++)
        replicate(f, r, n, bootstrap, room);
    for (size_t i = 0; i < f->k; i++) {
        double *first = room->replicate + 2 * i * n_all;

        take_interval(n_all, bootstrap->level, first, &index[i].first_low,
                      &index[i].first_high);
        take_interval(n_all, bootstrap->level, first + n_all, &index[i].total_low,
                      &index[i].total_high);
    }
    return n;
}
