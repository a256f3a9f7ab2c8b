#include "worker/har.h"

#include "worker/rolling.h"

#include <gsl/gsl_multifit.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const char *const status_names[HAR_STATUSES] = {
    [HAR_ESTIMATED] = "estimated",
    [HAR_TOO_FEW] = "too few bars",
    [HAR_NO_UNIQUE] = "no unique estimate",
};

const char *har_status_name(enum har_status status)
{
    return status_names[status];
}

static void fill_means(size_t window, size_t n, const double x[], int column,
                       double *room, double regressor[][HAR_COEFFICIENTS])
{
    struct rolling rolling;

    rolling_start(&rolling, window, (struct moments *)room, room + 3 * (window + 1));
    for (size_t t = 0; t < n; t++) {
        const struct moments last = rolling_push(&rolling, x[t]);

        regressor[t][column] = last.n > 0.0 ? last.mean : NAN;
    }
}

int har_regressors(const struct har_spec *spec, size_t n, const double x[],
                   double regressor[][HAR_COEFFICIENTS], struct err *err)
{
    double *room = malloc((4 * spec->month + 3) * sizeof *room);

    if (room == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a month of %zu bars",
                       spec->month);
    fill_means(spec->day, n, x, HAR_DAY, room, regressor);
    fill_means(spec->week, n, x, HAR_WEEK, room, regressor);
    fill_means(spec->month, n, x, HAR_MONTH, room, regressor);
    for (size_t t = 0; t < n; t++) {
        regressor[t][HAR_CONSTANT] = 1.0;
        if (t + 1 < spec->month)
            regressor[t][HAR_MONTH] = NAN;
    }
    free(room);
    return 0;
}

static bool is_there(const double regressor[HAR_COEFFICIENTS])
{
    return !isnan(regressor[HAR_DAY] + regressor[HAR_WEEK] + regressor[HAR_MONTH]);
}

/* y[t]; NaN where an x is missing. */
static double target_of(const struct har_spec *spec, const double x[], size_t t)
{
    double sum = 0.0;

    for (size_t j = 1; j <= spec->horizon; j++)
        sum += x[t + j];
    return sum / (double)spec->horizon;
}

struct rows {
    size_t n;
    gsl_matrix *x;
    gsl_vector *y, *residual;
};

static size_t fill_rows(const struct har_spec *spec, size_t first, size_t end,
                        const double x[], double regressor[][HAR_COEFFICIENTS],
                        struct rows *rows)
{
    size_t n = 0;

    for (size_t t = first; t + spec->horizon < end; t++) {
        const double y = target_of(spec, x, t);

        if (!is_there(regressor[t]) || isnan(y))
            continue;
        if (rows != NULL) {
            for (size_t j = 0; j < HAR_COEFFICIENTS; j++)
                gsl_matrix_set(rows->x, n, j, regressor[t][j]);
            gsl_vector_set(rows->y, n, y);
        }
        n++;
    }
    return n;
}

/* (X'X)^-1 S (X'X)^-1,  S = sum over |l| <= L of (1 - |l|/(L+1)) sum of
 * e[t] e[t-l] x[t] x[t-l]' */
static void find_hac(const struct har_spec *spec, const struct rows *rows,
                     const double bread[HAR_COEFFICIENTS][HAR_COEFFICIENTS],
                     double error[HAR_COEFFICIENTS])
{
    enum { K = HAR_COEFFICIENTS };

    for (size_t j = 0; j < K; j++) {
        double sum =
            0.0; /* the j-th coefficient's influence a[t] = bread[j] x[t] e[t] */
        double *a = rows->residual->data;

        for (size_t t = 0; t < rows->n; t++) {
            double dot = 0.0;

            for (size_t k = 0; k < K; k++)
                dot += bread[j][k] * gsl_matrix_get(rows->x, t, k);
            a[rows->n + t] = dot * a[t];
        }
        a += rows->n;
        for (size_t l = 0; l <= spec->lags && l < rows->n; l++) {
            const double weight = 1.0 - (double)l / (double)(spec->lags + 1);
            double products = 0.0;

            for (size_t t = l; t < rows->n; t++)
                products += a[t] * a[t - l];
            sum += (l == 0 ? 1.0 : 2.0 * weight) * products;
        }
        error[j] = sqrt(sum);
    }
}

static void tell(const struct har_spec *spec, const struct rows *rows,
                 const gsl_vector *c, const gsl_matrix *covariance, double rss,
                 struct har_fit *fit)
{
    const double s2 = rss / (double)(rows->n - HAR_COEFFICIENTS);
    double bread[HAR_COEFFICIENTS][HAR_COEFFICIENTS];
    struct moments y = {0};

    for (size_t t = 0; t < rows->n; t++) {
        double fitted = 0.0;

        for (size_t j = 0; j < HAR_COEFFICIENTS; j++)
            fitted += gsl_vector_get(c, j) * gsl_matrix_get(rows->x, t, j);
        rows->residual->data[t] = gsl_vector_get(rows->y, t) - fitted;
        y = moments_add(y, gsl_vector_get(rows->y, t));
    }
    for (size_t j = 0; j < HAR_COEFFICIENTS; j++) {
        fit->coefficient[j] = gsl_vector_get(c, j);
        fit->error[j] = sqrt(gsl_matrix_get(covariance, j, j));
        for (size_t k = 0; k < HAR_COEFFICIENTS; k++)
            bread[j][k] = gsl_matrix_get(covariance, j, k) / s2;
    }
    fit->rss = rss;
    fit->mean = y.mean;
    fit->r_squared = 1.0 - rss / y.m2;
    find_hac(spec, rows, bread, fit->error_hac);
}

static int solve(const struct har_spec *spec, const struct rows *rows,
                 struct har_fit *fit, struct err *err)
{
    const double tolerance = 1e-10; /* of the singular values, columns balanced */
    gsl_multifit_linear_workspace *work =
        gsl_multifit_linear_alloc(rows->n, HAR_COEFFICIENTS);
    gsl_vector *c = gsl_vector_alloc(HAR_COEFFICIENTS);
    gsl_matrix *covariance = gsl_matrix_alloc(HAR_COEFFICIENTS, HAR_COEFFICIENTS);
    size_t rank = 0;
    double rss = NAN;
    int done = 0;

    if (work == NULL || c == NULL || covariance == NULL)
        done =
            err_set(err, ERR_MEMORY, "no memory for a regression of %zu rows", rows->n);
    else if (gsl_multifit_linear_tsvd(rows->x, rows->y, tolerance, c, covariance, &rss,
                                      &rank, work) != 0 ||
             rank < HAR_COEFFICIENTS || !(rss > 0.0))
        fit->status = HAR_NO_UNIQUE;
    else
        tell(spec, rows, c, covariance, rss, fit);
    if (work != NULL)
        gsl_multifit_linear_free(work);
    gsl_vector_free(c);
    gsl_matrix_free(covariance);
    return done;
}

static void say_nothing(struct har_fit *fit)
{
    *fit = (struct har_fit){.mean = NAN, .rss = NAN, .r_squared = NAN};
    for (int j = 0; j < HAR_COEFFICIENTS; j++)
        fit->coefficient[j] = fit->error[j] = fit->error_hac[j] = NAN;
}

int har_fit(const struct har_spec *spec, size_t first, size_t end, const double x[],
            double regressor[][HAR_COEFFICIENTS], struct har_fit *fit, struct err *err)
{
    struct rows rows = {.n = fill_rows(spec, first, end, x, regressor, NULL)};
    int done = 0;

    say_nothing(fit);
    fit->n = rows.n;
    if (rows.n < HAR_FEWEST) {
        fit->status = HAR_TOO_FEW;
        return 0;
    }
    rows.x = gsl_matrix_alloc(rows.n, HAR_COEFFICIENTS);
    rows.y = gsl_vector_alloc(rows.n);
    rows.residual = gsl_vector_alloc(2 * rows.n);
    if (rows.x == NULL || rows.y == NULL || rows.residual == NULL) {
        done =
            err_set(err, ERR_MEMORY, "no memory for a regression of %zu rows", rows.n);
    } else {
        fill_rows(spec, first, end, x, regressor, &rows);
        done = solve(spec, &rows, fit, err);
    }
    gsl_matrix_free(rows.x);
    gsl_vector_free(rows.y);
    gsl_vector_free(rows.residual);
    return done;
}

double har_forecast(const struct har_fit *fit, const double regressor[HAR_COEFFICIENTS])
{
    double sum = 0.0;

    if (!is_there(regressor))
        return NAN;
    for (size_t j = 0; j < HAR_COEFFICIENTS; j++)
        sum += fit->coefficient[j] * regressor[j];
    return sum > 0.0 ? sum : fit->mean;
}
