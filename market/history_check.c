#include "core/clock.h"
#include "market/history_inside.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

#define FIELD(name, type_, size)                                                       \
    {                                                                                  \
#name, type_, offsetof(struct history_entry, name), size                       \
    }

static const struct h5_field fields[] = {
    FIELD(instrument, H5_TYPE_TEXT, HISTORY_NAME_MAX),
    FIELD(interval, H5_TYPE_TEXT, HISTORY_INTERVAL_MAX),
    FIELD(sha256, H5_TYPE_TEXT, SHA256_TEXT_MAX),
    FIELD(interval_ns, H5_TYPE_INT64, 0),
    FIELD(first_ns, H5_TYPE_INT64, 0),
    FIELD(last_ns, H5_TYPE_INT64, 0),
    FIELD(n_bars, H5_TYPE_UINT64, 0),
    FIELD(n_gaps, H5_TYPE_UINT64, 0),
    FIELD(n_flagged, H5_TYPE_UINT64, 0),
};

const struct h5_table history_catalogue = {
    .row_size = sizeof(struct history_entry),
    .n_fields = sizeof fields / sizeof *fields,
    .field = fields,
};

const char *const history_column_names[HISTORY_N_COLUMNS] = {"time", "open",  "high",
                                                             "low",  "close", "volume"};

void *history_column_values(const struct bars *bars, size_t c)
{
    void *const values[HISTORY_N_COLUMNS] = {bars->time, bars->open,  bars->high,
                                             bars->low,  bars->close, bars->volume};

    return values[c];
}

struct h5_array history_column_array(size_t c, size_t n_bars)
{
    return (struct h5_array){
        .type = c == 0 ? H5_TYPE_INT64 : H5_TYPE_REAL64,
        .storage = H5_APART,
        .n_dims = 1,
        .extent = {n_bars},
    };
}

char *history_path(const struct history_entry *entry, const char *column,
                   char out[HISTORY_PATH_MAX])
{
    snprintf(out, HISTORY_PATH_MAX, "/%s/%s%s%s", entry->instrument, entry->interval,
             column != NULL ? "/" : "", column != NULL ? column : "");
    return out;
}

int history_compare(const struct history_entry *a, const struct history_entry *b)
{
    const int by_name = strcmp(a->instrument, b->instrument);

    if (by_name != 0)
        return by_name;
    return (a->interval_ns > b->interval_ns) - (a->interval_ns < b->interval_ns);
}

void history_digest(const struct bars *bars, char sha256[SHA256_TEXT_MAX])
{
    struct sha256 sha;

    sha256_start(&sha);
    for (size_t c = 0; c < HISTORY_N_COLUMNS; c++)
        sha256_add(&sha, history_column_values(bars, c), bars->n * sizeof(double));
    sha256_text(&sha, sha256);
}

static int check_time(const struct bars *bars, size_t t, struct err *err)
{
    char moment[CLOCK_TEXT_MAX], before[CLOCK_TEXT_MAX];

    if (bars->time[t] < 0)
        return err_set(err, ERR_INPUT, "time, bar %zu: %lld ns is before 1970", t,
                       (long long)bars->time[t]);
    if (t > 0 && bars->time[t] <= bars->time[t - 1])
        return err_set(err, ERR_INPUT, "time, bar %zu: %s is not after %s", t,
                       clock_moment_text(bars->time[t], moment),
                       clock_moment_text(bars->time[t - 1], before));
    return 0;
}

static int check_values(const struct bars *bars, size_t t, struct err *err)
{
    const double price[] = {bars->open[t], bars->high[t], bars->low[t], bars->close[t]};

    for (size_t c = 0; c < 4; c++)
        if (!(price[c] > 0.0 && price[c] <= DBL_MAX)) /* refuses NaN too */
            return err_set(err, ERR_INPUT, "%s, bar %zu: %g is not a price above 0",
                           history_column_names[c + 1], t, price[c]);
    if (!(bars->volume[t] >= 0.0 && bars->volume[t] <= DBL_MAX))
        return err_set(err, ERR_INPUT, "volume, bar %zu: %g is not 0 or more", t,
                       bars->volume[t]);
    if (bars->low[t] > bars->high[t])
        return err_set(err, ERR_INPUT, "low, bar %zu: %.17g is above the high, %.17g",
                       t, bars->low[t], bars->high[t]);
    return 0;
}

int history_check_bars(const struct bars *bars, struct err *err)
{
    for (size_t t = 0; t < bars->n; t++)
        if (check_time(bars, t, err) != 0 || check_values(bars, t, err) != 0)
            return -1;
    return 0;
}

int history_check_name(const char *instrument, struct err *err)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    const size_t length = strlen(instrument);

    if (length == 0 || length >= HISTORY_NAME_MAX || instrument[0] == '.' ||
        strspn(instrument, allowed) != length)
        return err_set(err, ERR_INPUT,
                       "'%.80s' is not an instrument's name: 1 to %d of A-Z a-z 0-9 "
                       ". _ - and no '.' in front",
                       instrument, HISTORY_NAME_MAX - 1);
    if (strcmp(instrument, HISTORY_CATALOGUE + 1) == 0)
        return err_set(err, ERR_INPUT, "an instrument cannot be called '%s'",
                       instrument);
    return 0;
}
