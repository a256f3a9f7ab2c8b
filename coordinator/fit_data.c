#include "coordinator/fit.h"
#include "coordinator/table_file.h"
#include "core/clock.h"
#include "market/history.h"
#include "worker/returns.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fit_data_free(struct fit_data *data)
{
    if (data == NULL)
        return;
    free(data->value);
    bars_free(&data->bars);
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

static int read_store(const struct fit_request *request, struct fit_data *data,
                      struct err *err)
{
    struct history *history;
    int done = -1;

    if (history_open(request->history, &history, err) != 0)
        return -1;
    const struct history_entry *entry =
        history_find(history, request->instrument, request->interval);
    if (entry == NULL)
        err_set(err, ERR_INPUT, "%s: holds no %s bars of %s", request->history,
                request->interval, request->instrument);
    else if (history_read(history, entry, INT64_MIN, INT64_MAX, &data->bars, err) ==
             0) {
        memcpy(data->sha256, entry->sha256, sizeof data->sha256);
        done = take_returns(data, err);
    }
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

static int read_prices(const struct fit_request *request, bool whole,
                       struct fit_data *data, struct err *err)
{
    const char *const columns[] = {"open", "high", "low", "close"};
    struct table_file table;

    if (table_file_read(request->series, whole ? 4 : 1,
                        whole ? columns : &request->column, &table, err) != 0)
        return -1;
    memcpy(data->sha256, table.sha256, sizeof data->sha256);
    int done = append_rows(request, &table, whole, &data->bars, err);
    if (done == 0)
        done = take_returns(data, err);
    data->has_bars = whole;
    table_file_free(&table);
    return done;
}

static int read_column(const struct fit_request *request, struct fit_data *data,
                       struct err *err)
{
    struct table_file table;

    if (table_file_read(request->series, 1, &request->column, &table, err) != 0)
        return -1;
    memcpy(data->sha256, table.sha256, sizeof data->sha256);
    data->n = table.n;
    data->value = table.column[0];
    table.column[0] = NULL;
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

int fit_column_guess(const char *path, bool prices, char name[FIT_COLUMN_MAX],
                     struct err *err)
{
    static const char *const usual[2][5] = {
        {"r", "return", "returns", "log_return", NULL},
        {"close", "price", "adj close", NULL},
    };
    const char *const *names = usual[prices];
    struct table_header header;

    if (table_file_header(path, &header, err) != 0)
        return -1;
    for (size_t i = 0; header.n_cells > 1 && names[i] != NULL; i++)
        if (table_header_has(&header, names[i])) {
            snprintf(name, FIT_COLUMN_MAX, "%s", names[i]);
            return 0;
        }
    if (header.n_cells > 1)
        return err_set(err, ERR_USAGE,
                       "which --column of %s? The first line has %zu: %s, %s ...", path,
                       header.n_cells, header.name[0], header.name[1]);
    snprintf(name, FIT_COLUMN_MAX, "1");
    return 0;
}
