#include "coordinator/backtest_options.h"
#include "coordinator/command.h"
#include "coordinator/table_file.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int report_forecast(const struct backtest_request *request,
                           const struct backtest_series *series,
                           const struct forecast *forecast, struct err *err)
{
    struct fit_report report;

    fit_report_start(&report, request->data.as_json, stdout);
    if (forecast != NULL)
        forecast_report(&request->forecast, forecast, &report);
    if (backtest_report(&request->plan, series, &report, err) != 0) {
        json_abandon(&report.json);
        return -1;
    }
    return fit_report_finish(&report, err);
}

/* ---- a table of losses and forecasts ----------------------------------------------
 */

/* Losses are positive: a VaR that is below 0 all along is minus the VaR. */
static int check_sign(const struct backtest_request *request,
                      const struct table_file *table, const double *var,
                      struct err *err)
{
    for (size_t t = 0; t < table->n; t++)
        if (isnan(var[t]) || var[t] >= 0.0)
            return 0;
    return err_set(
        err, ERR_INPUT,
        "%s: column '%s': every VaR is below 0, and none missing; losses and "
        "VaR are positive (loss = -return)",
        request->data.series, request->column[VAR]);
}

static int test_table(const struct backtest_request *request,
                      const struct table_file *table, double *column[BACKTEST_COLUMNS],
                      struct err *err)
{
    const struct backtest_series series = {.n = table->n,
                                           .loss = column[LOSS],
                                           .var = column[VAR],
                                           .es = column[ES],
                                           .mean = column[MEAN],
                                           .scale = column[SCALE]};

    if (check_sign(request, table, column[VAR], err) != 0)
        return -1;
    if (table->n < request->plan.horizon_bars)
        return err_set(err, ERR_INPUT, "%s: %zu rows are fewer than a horizon of %zu",
                       request->data.series, table->n, request->plan.horizon_bars);
    for (size_t t = 0; request->data.column != NULL && t < table->n; t++)
        column[LOSS][t] = -column[LOSS][t]; /* it holds returns */
    return report_forecast(request, &series, NULL, err);
}

/* Columns that are not named are looked for by their own names. */
static void look_for_columns(const struct table_header *header,
                             struct backtest_request *request)
{
    static const char *const usual[] = {"loss", "var", "es", "mean", "scale"};
    const bool has_law =
        table_header_has(header, "mean") && table_header_has(header, "scale");

    if (request->data.column != NULL)
        request->column[LOSS] = request->data.column;
    if (request->column[LOSS] == NULL)
        request->column[LOSS] = usual[LOSS];
    if (request->column[VAR] == NULL)
        request->column[VAR] = usual[VAR];
    if (request->column[ES] == NULL && table_header_has(header, usual[ES]))
        request->column[ES] = usual[ES];
    if (request->column[MEAN] == NULL && has_law) {
        request->column[MEAN] = usual[MEAN];
        request->column[SCALE] = usual[SCALE];
    }
}

static int from_table(const struct table_header *header,
                      struct backtest_request *request, struct err *err)
{
    const char *names[BACKTEST_COLUMNS];
    double **place[BACKTEST_COLUMNS];
    double *column[BACKTEST_COLUMNS] = {NULL};
    struct table_file table;
    size_t n = 0;

    if (backtest_options_check_table(request, err) != 0)
        return -1;
    look_for_columns(header, request);
    for (int i = 0; i < BACKTEST_COLUMNS; i++)
        if (request->column[i] != NULL) {
            names[n] = request->column[i];
            place[n++] = &column[i];
        }
    const struct table_ask ask = {n, names, request->data.span};
    if (table_file_read(request->data.series, &ask, &table, err) != 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        *place[i] = table.column[i];
    const int status = test_table(request, &table, column, err);
    table_file_free(&table);
    return status;
}

/* ---- forecasts of a model ----------------------------------------------------------
 */

static void put_cell(FILE *out, double value, char end)
{
    char text[TEXT_REAL_MAX];

    fprintf(out, "%s%c", isfinite(value) ? text_from_real(value, text) : "", end);
}

static void put_row(FILE *out, const struct forecast *forecast, size_t t)
{
    const double *const column[] = {forecast->loss, forecast->var, forecast->es,
                                    forecast->mean, forecast->scale};

    for (size_t c = 0; c < sizeof column / sizeof *column; c++)
        put_cell(out, column[c] == NULL ? (double)NAN : column[c][t], ',');
    fputs(backtest_hit(forecast->loss[t], forecast->var[t]) == BACKTEST_MISSING ? "\n"
          : forecast->loss[t] > forecast->var[t]                                ? "1\n"
                                                                                : "0\n",
          out);
}

static int write_forecast(const struct backtest_request *request,
                          const struct fit_data *data, const struct forecast *forecast,
                          struct err *err)
{
    const size_t n_before = forecast->n - data->n; /* the close before returns */
    char *bytes = NULL, moment[CLOCK_TEXT_MAX];
    size_t n_bytes = 0;
    FILE *out = open_memstream(&bytes, &n_bytes);

    if (out == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu rows", forecast->n);
    fputs("t,time,loss,var,es,mean,scale,exceeds\n", out);
    for (size_t t = 0; t < forecast->n; t++) {
        fprintf(out, "%zu,%s,", t,
                t < n_before ? "" : fit_moment(data, t - n_before, moment));
        put_row(out, forecast, t);
    }
    const int status =
        fclose(out) != 0
            ? err_set(err, ERR_MEMORY, "no memory for %zu rows", forecast->n)
            : file_replace(request->data.write, bytes, n_bytes, err);
    free(bytes);
    return status;
}

static int test_forecast(struct backtest_request *request, const struct fit_data *data,
                         struct forecast *forecast, struct err *err)
{
    if (forecast_make(&request->forecast, data, forecast, err) != 0)
        return err_add(err, "backtest: %s",
                       request->data.series != NULL ? request->data.series
                                                    : request->data.instrument);
    const struct backtest_series series = {forecast->n,    forecast->loss,
                                           forecast->var,  forecast->es,
                                           forecast->mean, forecast->scale};
    int status = 0;

    request->plan.law = forecast->law;
    if (request->data.write != NULL)
        status = write_forecast(request, data, forecast, err);
    if (status == 0)
        status = report_forecast(request, &series, forecast, err);
    forecast_free(forecast);
    return status;
}

static int from_model(struct backtest_request *request, struct err *err)
{
    const struct fit_model *model = fit_model_find(request->forecast.model);
    const bool wants_prices = model != NULL && model->wants_prices;
    char column[FIT_COLUMN_MAX];
    struct forecast forecast;
    struct fit_data data;

    if (forecast_settle(&request->forecast, &forecast, err) != 0)
        return err_add(err, "backtest");
    if (request->forecast.rules.loss == LOSS_PATH && request->data.history == NULL &&
        !wants_prices)
        return err_set(err, ERR_USAGE,
                       "backtest: --path needs the highs and lows of bars (--history)");
    if (request->data.series != NULL && !wants_prices &&
        fit_column_settle(&request->data, column, err) != 0)
        return err_add(err, "backtest");
    if (fit_data_read(&request->data, wants_prices, &data, err) != 0)
        return -1;
    const int status = test_forecast(request, &data, &forecast, err);
    fit_data_free(&data);
    return status;
}

int cmd_backtest(int argc, char **argv, struct err *err)
{
    struct backtest_request request;
    struct table_header header;

    if (backtest_options_parse(argc, argv, &request, err) != 0)
        return -1;
    if (request.help) {
        backtest_options_help();
        return 0;
    }
    const bool has_var = request.column[VAR] != NULL;

    if (request.wants_model || (request.data.column != NULL && !has_var))
        return from_model(&request, err);
    if (table_file_header(request.data.series, &header, err) != 0)
        return -1;
    /* losses and forecasts, unless it has nothing but returns */
    return has_var || request.column[LOSS] != NULL ||
                   table_header_has(&header, "var") || table_header_has(&header, "loss")
               ? from_table(&header, &request, err)
               : from_model(&request, err);
}
