#include "market/format.h"

#include <fnmatch.h>
#include <stdbool.h>
#include <string.h>

#define OPEN_HIGH_LOW_CLOSE                                                            \
    [FIELD_OPEN] = "open", [FIELD_HIGH] = "high", [FIELD_LOW] = "low",                 \
    [FIELD_CLOSE] = "close"

const struct format format_table[] = {
    {
        .name = "cryptodatadownload",
        .about =
            "CryptoDataDownload CSV, all layouts: comment line, header, newest first",
        .shape = FORMAT_HEADED,
        .separators = ",",
        .comment = "cryptodatadownload",
        .names = {[FIELD_TIME] = "unix|unix timestamp|date",
                  OPEN_HIGH_LOW_CLOSE,
                  [FIELD_VOLUME] = "volume_*|volume *|volume",
                  [FIELD_SYMBOL] = "symbol"},
        .stamp = {STAMP_S | STAMP_MS | STAMP_TEXT, STAMP_UTC},
    },
    {
        .name = "binance-vision",
        .about = "Binance Vision kline CSV, 12 columns with a header, epoch ms or us",
        .shape = FORMAT_HEADED,
        .separators = ",",
        .names = {[FIELD_TIME] = "open_time",
                  OPEN_HIGH_LOW_CLOSE,
                  [FIELD_VOLUME] = "volume"},
        .also = "close_time,quote_volume,count,taker_buy_volume",
        .stamp = {STAMP_MS | STAMP_US, STAMP_UTC},
    },
    {
        .name = "binance-vision",
        .about = "the same without a header",
        .shape = FORMAT_BARE,
        .separators = ",",
        .places = "tohlcv------",
        .stamp = {STAMP_MS | STAMP_US, STAMP_UTC},
    },
    {
        .name = "binance-klines",
        .about = "Binance klines exported with another header; time as text or epoch",
        .shape = FORMAT_HEADED,
        .separators = ",",
        .names = {[FIELD_TIME] = "open_time|open time|opentime",
                  OPEN_HIGH_LOW_CLOSE,
                  [FIELD_VOLUME] = "volume"},
        .also = "close_time|close time|closetime,quote*,*trades|count,taker*",
        .stamp = {STAMP_MS | STAMP_US | STAMP_TEXT, STAMP_UTC},
    },
    {
        .name = "multi-venue-8h",
        .about = "venues, pairs and contracts in one CSV; times on London's clock",
        .shape = FORMAT_HEADED,
        .separators = ",",
        .names = {[FIELD_TIME] = "time",
                  OPEN_HIGH_LOW_CLOSE,
                  [FIELD_VOLUME] = "volume",
                  [FIELD_SYMBOL] = "pair",
                  [FIELD_VENUE] = "exchange",
                  [FIELD_KIND] = "contract"},
        .also = "crypto,funding rate",
        .stamp = {STAMP_TEXT, STAMP_LONDON},
    },
    {
        .name = "deribit-dvol",
        .about = "Deribit volatility index, dvol_open ... dvol_close, without volume",
        .shape = FORMAT_HEADED,
        .separators = ",",
        .names = {[FIELD_TIME] = "timestamp",
                  [FIELD_OPEN] = "dvol_open",
                  [FIELD_HIGH] = "dvol_high",
                  [FIELD_LOW] = "dvol_low",
                  [FIELD_CLOSE] = "dvol_close",
                  [FIELD_VOLUME] = "volume"},
        .stamp = {STAMP_MS, STAMP_UTC},
        .marks = FORMAT_VOLUME_OPTIONAL,
    },
    {
        .name = "kaggle-bitstamp",
        .about = "Kaggle Bitstamp CSV: Timestamp in seconds as a float, forward-filled",
        .shape = FORMAT_HEADED,
        .separators = ",",
        .names = {[FIELD_TIME] = "timestamp",
                  OPEN_HIGH_LOW_CLOSE,
                  [FIELD_VOLUME] = "volume"},
        .stamp = {STAMP_S, STAMP_UTC},
        .marks = FORMAT_EXACT_HEADER,
    },
    {
        .name = "csv",
        .about = "any CSV whose header names time, open, high, low, close (and volume)",
        .shape = FORMAT_HEADED,
        .separators = ",;\t",
        .names = {[FIELD_TIME] =
                      "timestamp|open_time|open time|time|datetime|date|unix|"
                      "unix timestamp|epoch|ts",
                  OPEN_HIGH_LOW_CLOSE,
                  [FIELD_VOLUME] = "volume|vol|volume_*|volume *",
                  [FIELD_SYMBOL] = "symbol|ticker|pair|instrument",
                  [FIELD_VENUE] = "exchange|venue"},
        .stamp = {STAMP_ANY, STAMP_UTC},
        .marks = FORMAT_VOLUME_OPTIONAL,
    },
    {
        .name = "kraken",
        .about =
            "Kraken OHLCVT CSV, no header: s, open, high, low, close, volume, trades",
        .shape = FORMAT_BARE,
        .separators = ",",
        .places = "tohlcv-",
        .stamp = {STAMP_S, STAMP_UTC},
        .marks = FORMAT_SPARSE,
    },
    {
        .name = "ninjabot",
        .about = "ninjabot CSV, no header: s, open, close, low, high, volume, trades",
        .shape = FORMAT_BARE,
        .separators = ",",
        .places = "toclhv-",
        .stamp = {STAMP_S, STAMP_UTC},
    },
    {
        .name = "gocryptotrader",
        .about = "gocryptotrader CSV, no header: s, volume, open, high, low, close",
        .shape = FORMAT_BARE,
        .separators = ",",
        .places = "tvohlc",
        .stamp = {STAMP_S, STAMP_UTC},
    },
    {
        .name = "cdd-reexport",
        .about =
            "CryptoDataDownload re-exported without header, text times, oldest first",
        .shape = FORMAT_BARE,
        .separators = ",",
        .places = "tohlcv---s",
        .stamp = {STAMP_TEXT, STAMP_UTC},
    },
    {
        .name = "bitmex",
        .about = "BitMEX trade bins, JSON objects; time is the end of the bar",
        .shape = FORMAT_JSON_OBJECTS,
        .names = {[FIELD_TIME] = "timestamp",
                  OPEN_HIGH_LOW_CLOSE,
                  [FIELD_VOLUME] = "volume",
                  [FIELD_SYMBOL] = "symbol"},
        .also = "turnover,homenotional|vwap",
        .stamp = {STAMP_TEXT, STAMP_UTC},
        .marks = FORMAT_END_STAMPED | FORMAT_OPEN_FREE,
    },
    {
        .name = "binance-rest",
        .about = "Binance REST klines: JSON arrays of 12, prices as text",
        .shape = FORMAT_JSON_ARRAYS,
        .places = "tohlcv------",
        .stamp = {STAMP_MS | STAMP_US, STAMP_UTC},
    },
    {
        .name = "freqtrade-feather",
        .about = "freqtrade Feather (Arrow IPC): date, open, high, low, close, volume",
        .shape = FORMAT_ARROW,
        .names =
            {[FIELD_TIME] = "date", OPEN_HIGH_LOW_CLOSE, [FIELD_VOLUME] = "volume"},
        .stamp = {STAMP_ANY, STAMP_UTC},
    },
};

const size_t format_count = sizeof format_table / sizeof *format_table;

const struct format *format_find(const char *name)
{
    for (size_t i = 0; i < format_count; i++)
        if (strcmp(format_table[i].name, name) == 0)
            return &format_table[i];
    return NULL;
}

void format_list(FILE *out)
{
    for (size_t i = 0; i < format_count; i++)
        if (format_find(format_table[i].name) == &format_table[i])
            fprintf(out, "  %-20s %s\n", format_table[i].name, format_table[i].about);
}

char *format_names(char out[FORMAT_NAMES_MAX])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < format_count && n < FORMAT_NAMES_MAX; i++)
        if (format_find(format_table[i].name) == &format_table[i])
            n += (size_t)snprintf(out + n, FORMAT_NAMES_MAX - n, "%s%s", n ? ", " : "",
                                  format_table[i].name);
    return out;
}

/* The column that the first of the alternatives "a|b|c" finds. */
static int find_column(const char *alternatives, size_t n_columns,
                       const char *const columns[])
{
    while (*alternatives != '\0') {
        const size_t n_chars = strcspn(alternatives, "|,");
        char pattern[64];

        snprintf(pattern, sizeof pattern, "%.*s", (int)n_chars, alternatives);
        for (size_t c = 0; c < n_columns; c++)
            if (fnmatch(pattern, columns[c], FNM_CASEFOLD) == 0)
                return (int)c;
        alternatives += n_chars;
        if (*alternatives != '|')
            break;
        alternatives++;
    }
    return FORMAT_NONE;
}

static bool has_also(const struct format *format, size_t n_columns,
                     const char *const columns[])
{
    const char *also = format->also;

    while (also != NULL) {
        if (find_column(also, n_columns, columns) == FORMAT_NONE)
            return false;
        also = strchr(also, ',');
        if (also != NULL)
            also++;
    }
    return true;
}

static bool is_needed(const struct format *format, int field)
{
    if (field == FIELD_VOLUME)
        return !(format->marks & FORMAT_VOLUME_OPTIONAL);
    return field < FIELD_VOLUME;
}

_Bool format_match_names(const struct format *format, size_t n_columns,
                         const char *const columns[], int place[FORMAT_N_FIELDS])
{
    size_t n_found = 0;

    for (int f = 0; f < FORMAT_N_FIELDS; f++) {
        place[f] = format->names[f] == NULL
                       ? FORMAT_NONE
                       : find_column(format->names[f], n_columns, columns);
        if (place[f] == FORMAT_NONE && is_needed(format, f))
            return false;
        n_found += place[f] != FORMAT_NONE;
    }
    if ((format->marks & FORMAT_EXACT_HEADER) && n_found != n_columns)
        return false;
    return has_also(format, n_columns, columns);
}

_Bool format_match_places(const struct format *format, size_t n_columns,
                          int place[FORMAT_N_FIELDS])
{
    static const char letters[] = "tohlcvs"; /* in the order of enum format_field */

    for (int f = 0; f < FORMAT_N_FIELDS; f++)
        place[f] = FORMAT_NONE;
    if (strlen(format->places) != n_columns)
        return false;
    for (size_t c = 0; c < n_columns; c++) {
        const char *letter = strchr(letters, format->places[c]);

        if (letter != NULL)
            place[letter - letters] = (int)c;
    }
    return true;
}
