#include "coordinator/fit.h"
#include "coordinator/table_file.h"
#include "core/clock.h"
#include "market/history.h"
#include "worker/returns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void fit_data_free(struct fit_data *data)
{
    if (data == NULL)
        return;
    free(data->value);
    bars_free(&data->bars);
    free(data->time);
    *data = (struct fit_data){0};
}

static int take_returns(struct fit_data *data, struct err *err)
{
    data->n = data->bars.n;
    data->has_bars = true;
    data->value = malloc((data->n + 1) * sizeof *data->value);
    if (data->value == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", data->n);
    returns_of_bars(&data->bars, data->value);
    return 0;
}

static int copy_times(struct fit_data *data, struct err *err)
{
    data->time = malloc((data->n + 1) * sizeof *data->time);
    if (data->time == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", data->n);
    memcpy(data->time, data->bars.time, data->n * sizeof *data->time);
    return 0;
}

static int read_entry(const struct fit_request *request, const struct history *history,
                      const struct history_entry *entry, struct fit_data *data,
                      struct err *err)
{
    const struct table_span *span = &request->span;
    char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];

    if (history_read(history, entry, span->from_ns, span->to_ns, &data->bars, err) != 0)
        return -1;
    if (data->bars.n == 0)
        return err_set(err, ERR_INPUT,
                       "%s: no bar of %s stands between --from and --to; they run from "
                       "%s to %s",
                       request->history, entry->instrument,
                       clock_moment_text(entry->first_ns, first),
                       clock_moment_text(entry->last_ns, last));
    memcpy(data->sha256, entry->sha256, sizeof data->sha256);
    return take_returns(data, err) == 0 ? copy_times(data, err) : -1;
}

static int read_store(const struct fit_request *request, struct fit_data *data,
                      struct err *err)
{
    struct history *history;
    int done = -1;

    if (history_open(request->history, &history, err) != 0)
        return -1;
    const struct history_entry *entry =
        history_find(history, request->instrument, request->interval);
    if (entry != NULL)
        done = read_entry(request, history, entry, data, err);
    else
        history_refuse(history, request->instrument, request->interval, err);
    history_close(history);
    return done;
}

/* Rows of a table follow on each other: bars of a day without gaps. */
static int append_rows(const struct fit_request *request,
                       const struct table_file *table, bool whole, struct bars *bars,
                       struct err *err)
{
    bars->interval_ns = CLOCK_DAY;
    for (size_t t = 0; t < table->n; t++) {
        const double close = table->column[whole ? 3 : 0][t];
        const struct bar bar = {
            .time = (int64_t)t * CLOCK_DAY,
            .open = whole ? table->column[0][t] : close,
            .high = whole ? table->column[1][t] : close,
            .low = whole ? table->column[2][t] : close,
            .close = close,
        };

        if (!(bar.low > 0.0 && bar.open > 0.0 && bar.close > 0.0 &&
              bar.high >= bar.low))
            return err_set(err, ERR_INPUT,
                           "%s: row %zu: prices must be above 0, the high not below "
                           "the low (%g %g %g %g)",
                           request->series, t + 1, bar.open, bar.high, bar.low,
                           bar.close);
        if (bars_append(bars, &bar, err) != 0)
            return -1;
    }
    return 0;
}

static void take_times(struct table_file *table, struct fit_data *data)
{
    data->time = table->time;
    table->time = NULL;
}

static int read_prices(const struct fit_request *request, bool whole,
                       struct fit_data *data, struct err *err)
{
    const char *const columns[] = {"open", "high", "low", "close"};
    const struct table_ask ask = {.n_names = whole ? 4 : 1,
                                  .names = whole ? columns : &request->column,
                                  .span = request->span};
    struct table_file table;

    if (table_file_read(request->series, &ask, &table, err) != 0)
        return -1;
    memcpy(data->sha256, table.sha256, sizeof data->sha256);
    int done = append_rows(request, &table, whole, &data->bars, err);
    if (done == 0)
        done = take_returns(data, err);
    data->has_bars = whole;
    take_times(&table, data);
    table_file_free(&table);
    return done;
}

static int read_column(const struct fit_request *request, struct fit_data *data,
                       struct err *err)
{
    const struct table_ask ask = {1, &request->column, request->span};
    struct table_file table;

    if (table_file_read(request->series, &ask, &table, err) != 0)
        return -1;
    memcpy(data->sha256, table.sha256, sizeof data->sha256);
    data->n = table.n;
    data->value = table.column[0];
    table.column[0] = NULL;
    take_times(&table, data);
    table_file_free(&table);
    for (size_t t = 0; request->variances && t < data->n; t++)
        if (data->value[t] < 0.0)
            return err_set(err, ERR_INPUT, "%s: row %zu: %g is no variance",
                           request->series, t + 1, data->value[t]);
    return 0;
}

int fit_data_read(const struct fit_request *request, bool wants_prices,
                  struct fit_data *data, struct err *err)
{
    int done;

    *data = (struct fit_data){0};
    if (request->history != NULL)
        done = read_store(request, data, err);
    else if (wants_prices || request->prices)
        done = read_prices(request, wants_prices, data, err);
    else
        done = read_column(request, data, err);
    if (done != 0)
        fit_data_free(data);
    return done;
}

int fit_check_source(const struct fit_request *request, struct err *err)
{
    const struct table_span *span = &request->span;
    int64_t unread;

    if ((request->series == NULL) == (request->history == NULL))
        return err_set(err, ERR_USAGE, "give --series or --history, one of them");
    if ((request->history == NULL) != (request->instrument == NULL))
        return err_set(err, ERR_USAGE, "--history goes with --instrument");
    if (request->history != NULL &&
        (request->column != NULL || request->prices || span->time != NULL))
        return err_set(err, ERR_USAGE,
                       "--column, --prices and --time are a table's (--series)");
    if (span->to_ns <= span->from_ns)
        return err_set(err, ERR_USAGE, "--to is not after --from");
    if (clock_parse_duration(request->interval, strlen(request->interval), &unread,
                             err) == 0)
        return 0;
    err->kind = ERR_USAGE;
    return err_add(err, "--interval");
}

static const char *const usual[2][5] = {
    {"r", "return", "returns", "log_return", NULL},
    {"close", "price", "adj close", NULL}, /* --prices */
};

static bool is_called_price(const char *name)
{
    for (size_t i = 0; usual[true][i] != NULL; i++)
        if (strcasecmp(name, usual[true][i]) == 0)
            return true;
    return false;
}

static int guess_column(const struct fit_request *request, char name[FIT_COLUMN_MAX],
                        struct err *err)
{
    const char *const *names = usual[request->prices];
    struct table_header header;

    if (table_file_header(request->series, &header, err) != 0)
        return -1;
    for (size_t i = 0; header.n_cells > 1 && names[i] != NULL; i++)
        if (table_header_has(&header, names[i])) {
            snprintf(name, FIT_COLUMN_MAX, "%s", names[i]);
            return 0;
        }
    if (header.n_cells > 1)
        return err_set(err, ERR_USAGE,
                       "which --column of %s? The first line has %zu: %s",
                       request->series, header.n_cells, header.names);
    snprintf(name, FIT_COLUMN_MAX, "%s",
             is_called_price(header.name[0]) ? header.name[0] : "1");
    return 0;
}

int fit_column_settle(struct fit_request *request, char name[FIT_COLUMN_MAX],
                      struct err *err)
{
    if (request->column == NULL) {
        if (guess_column(request, name, err) != 0)
            return -1;
        request->column = name;
    }
    if (!request->prices && !request->variances && !request->losses &&
        is_called_price(request->column))
        return err_set(err, ERR_USAGE,
                       "%s: column '%s' is called a price: --prices takes log returns "
                       "of it (or name it by its number, if it holds returns)",
                       request->series, request->column);
    return 0;
}
