#include "coordinator/fit.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"

#include <math.h>
#include <stdlib.h>

struct residuals {
    size_t n, n_without_forecast, n_without_variance; /* all returns that are there */
    double mean, variance, skewness, kurtosis, least, most;
};

/* A variance that is nothing beside the returns' own, 2^-400 of it and less, is none:
 * EWMA's decays through frozen prices for as long as a double can hold it, and the
 * fourth power of a residual over it would be beyond one. */
static bool has_variance(double variance, double mean_square)
{
    return variance > 0x1p-400 * mean_square;
}

/* NaN where there is no return, no forecast or no variance. */
static double residual_at(const struct fit_data *data, const struct fit_paths *paths,
                          double mean_square, size_t t)
{
    const double v = paths->variance[t];

    return has_variance(v, mean_square) ? (data->value[t] - paths->mean) / sqrt(v)
                                        : (double)NAN;
}

static double mean_square_of(const struct fit_data *data)
{
    double sum = 0.0, n = 0.0;

    for (size_t t = 0; t < data->n; t++)
        if (!isnan(data->value[t])) {
            sum += data->value[t] * data->value[t];
            n++;
        }
    return sum / n;
}

static struct residuals residuals_of(const struct fit_data *data,
                                     const struct fit_paths *paths)
{
    struct residuals z = {.least = INFINITY, .most = -INFINITY};
    const double mean_square = mean_square_of(data);
    double sum[4] = {0};

    for (size_t t = 0; t < data->n; t++) {
        const double x = residual_at(data, paths, mean_square, t);

        z.n_without_forecast += !isnan(data->value[t]) && isnan(paths->variance[t]);
        z.n_without_variance += !isnan(data->value[t]) && !isnan(paths->variance[t]) &&
                                !has_variance(paths->variance[t], mean_square);
        if (!isfinite(x))
            continue;
        z.n++;
        z.least = fmin(z.least, x);
        z.most = fmax(z.most, x);
        sum[0] += x;
    }
    z.mean = sum[0] / (double)z.n;
    for (size_t t = 0; t < data->n; t++) {
        const double d = residual_at(data, paths, mean_square, t) - z.mean;

        for (int k = 1; isfinite(d) && k < 4; k++)
            sum[k] += pow(d, k + 1);
    }
    z.variance = sum[1] / (double)z.n;
    z.skewness = sum[2] / (double)z.n / pow(z.variance, 1.5);
    z.kurtosis = sum[3] / (double)z.n / (z.variance * z.variance);
    return z;
}

void fit_report_paths(const struct fit_request *request, const struct fit_data *data,
                      const struct fit_paths *paths, struct fit_report *report)
{
    const double forecast = paths->variance[data->n];

    fit_report_real(report, "forecast_variance", forecast);
    fit_report_real(report, "forecast_volatility", sqrt(forecast));
    if (request->variances)
        return;
    const struct residuals z = residuals_of(data, paths);
    fit_report_open(report, "residuals");
    fit_report_count(report, "n", z.n);
    fit_report_count(report, "without_forecast", z.n_without_forecast);
    fit_report_count(report, "without_variance", z.n_without_variance);
    fit_report_real(report, "mean", z.mean);
    fit_report_real(report, "variance", z.variance);
    fit_report_real(report, "skewness", z.skewness);
    fit_report_real(report, "kurtosis", z.kurtosis);
    fit_report_real(report, "least", z.n > 0 ? z.least : NAN);
    fit_report_real(report, "most", z.n > 0 ? z.most : NAN);
    fit_report_close(report);
}

const char *fit_moment(const struct fit_data *data, size_t t, char out[CLOCK_TEXT_MAX])
{
    return data->time == NULL || t >= data->n ? ""
                                              : clock_moment_text(data->time[t], out);
}

static void report_span(const struct fit_data *data, struct fit_report *report)
{
    char moment[CLOCK_TEXT_MAX];

    if (data->time == NULL)
        return;
    fit_report_text(report, "first", fit_moment(data, 0, moment));
    fit_report_text(report, "last", fit_moment(data, data->n - 1, moment));
}

void fit_report_series(const struct fit_request *request, const struct fit_data *data,
                       struct fit_report *report)
{
    size_t n_missing = 0;

    for (size_t t = 0; t < data->n; t++)
        n_missing += isnan(data->value[t]);
    fit_report_text(report, "model", request->model);
    fit_report_open(report, "series");
    fit_report_text(report, "file",
                    request->series != NULL ? request->series : request->history);
    if (request->history != NULL) {
        fit_report_text(report, "instrument", request->instrument);
        fit_report_text(report, "interval", request->interval);
    } else if (request->column != NULL) {
        fit_report_text(report, "column", request->column);
    }
    fit_report_text(report, "sha256", data->sha256);
    report_span(data, report);
    fit_report_count(report, "rows", data->n);
    fit_report_count(report, "missing", n_missing);
    fit_report_real(report, "mean_square", mean_square_of(data));
    fit_report_close(report);
}

static void put_cell(FILE *out, double value, char end)
{
    char text[TEXT_REAL_MAX];

    fprintf(out, "%s%c", isfinite(value) ? text_from_real(value, text) : "", end);
}

int fit_write_paths(const struct fit_request *request, const struct fit_data *data,
                    const struct fit_paths *paths, struct err *err)
{
    char *bytes = NULL, moment[CLOCK_TEXT_MAX];
    size_t n_bytes = 0;
    const double mean_square = mean_square_of(data);
    FILE *out = open_memstream(&bytes, &n_bytes);

    if (out == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu rows", data->n);
    fputs("t,time,value,variance,residual\n", out);
    for (size_t t = 0; t <= data->n; t++) {
        const bool last = t == data->n;

        fprintf(out, "%zu,%s,", t, fit_moment(data, t, moment));
        put_cell(out, last ? NAN : data->value[t], ',');
        put_cell(out, paths->variance[t], ',');
        put_cell(out,
                 last || request->variances ? NAN
                                            : residual_at(data, paths, mean_square, t),
                 '\n');
    }
    const bool failed = fclose(out) != 0;
    const int done = failed
                         ? err_set(err, ERR_MEMORY, "no memory for %zu rows", data->n)
                         : file_replace(request->write, bytes, n_bytes, err);
    free(bytes);
    return done;
}
