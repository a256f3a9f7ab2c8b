#include "market/read.h"

#include "core/text.h"

#include <stdio.h>
#include <string.h>

static const char *const field_name[FORMAT_N_FIELDS] = {
    [FIELD_TIME] = "time",     [FIELD_OPEN] = "open",   [FIELD_HIGH] = "high",
    [FIELD_LOW] = "low",       [FIELD_CLOSE] = "close", [FIELD_VOLUME] = "volume",
    [FIELD_SYMBOL] = "symbol", [FIELD_VENUE] = "venue", [FIELD_KIND] = "kind",
};

/* VENUE-SYMBOL-KIND of those that there are. */
static void join_symbol(const struct read_cell cell[FORMAT_N_FIELDS],
                        char out[ROWS_SYMBOL_MAX])
{
    static const int order[] = {FIELD_VENUE, FIELD_SYMBOL, FIELD_KIND};
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const struct read_cell *c = &cell[order[i]];
        const size_t room = ROWS_SYMBOL_MAX - 2 - n;

        if (c->text == NULL || c->n_chars == 0 || n + 2 >= ROWS_SYMBOL_MAX)
            continue;
        const size_t n_chars = c->n_chars < room ? c->n_chars : room;

        if (n > 0)
            out[n++] = '-';
        memcpy(out + n, c->text, n_chars);
        n += n_chars;
        out[n] = '\0';
    }
}

static int parse_cells(const struct format *format,
                       const struct read_cell cell[FORMAT_N_FIELDS], struct bar *bar,
                       unsigned *unit, struct err *err)
{
    double *const value[] = {[FIELD_OPEN] = &bar->open,
                             [FIELD_HIGH] = &bar->high,
                             [FIELD_LOW] = &bar->low,
                             [FIELD_CLOSE] = &bar->close,
                             [FIELD_VOLUME] = &bar->volume};

    if (cell[FIELD_TIME].n_chars == 0)
        return err_set(err, ERR_INPUT, "time is missing");
    if (stamp_from_text(cell[FIELD_TIME].text, cell[FIELD_TIME].n_chars, format->stamp,
                        &bar->time, unit, err) != 0)
        return -1;
    bar->volume = 0.0;
    for (int f = FIELD_OPEN; f <= FIELD_VOLUME; f++) {
        if (cell[f].text == NULL && f == FIELD_VOLUME &&
            (format->marks & FORMAT_VOLUME_OPTIONAL))
            continue;
        if (cell[f].n_chars == 0)
            return err_set(err, ERR_INPUT, "%s is missing", field_name[f]);
        if (text_to_real(cell[f].text, cell[f].n_chars, value[f], err) != 0)
            return err_add(err, "%s", field_name[f]);
    }
    return 0;
}

int read_take_cells(const struct format *format,
                    const struct read_cell cell[FORMAT_N_FIELDS], uint32_t number,
                    struct rows *rows, struct err *err)
{
    char symbol[ROWS_SYMBOL_MAX];
    struct err wrong;
    struct bar bar;
    unsigned unit;

    if (parse_cells(format, cell, &bar, &unit, &wrong) != 0)
        return rows_reject(rows, number, wrong.text, err);
    rows->units |= unit;
    join_symbol(cell, symbol);
    return rows_offer(rows, number, &bar, symbol, err);
}

int read_unknown(const char *what, const char *name, struct err *err)
{
    char names[FORMAT_NAMES_MAX];

    if (name != NULL)
        return err_set(err, ERR_INPUT, "%s: this is not a %s file", what, name);
    return err_set(err, ERR_INPUT, "%s: no known format (known are %s)", what,
                   format_names(names));
}

int read_rows(const char *bytes, size_t n_bytes, const char *name, struct rows *rows,
              struct read_choice *choice, struct err *err)
{
    size_t start = 0;

    *choice = (struct read_choice){0};
    if (name != NULL && format_find(name) == NULL)
        return read_unknown(name, NULL, err);
    if (n_bytes >= 6 && memcmp(bytes, "ARROW1", 6) == 0)
        return read_arrow(bytes, n_bytes, name, rows, choice, err);
    while (start < n_bytes && strchr(" \t\r\n", bytes[start]) != NULL &&
           bytes[start] != '\0')
        start++;
    if (start == n_bytes)
        return err_set(err, ERR_INPUT, "the file is empty");
    if (bytes[start] == '[' || bytes[start] == '{')
        return read_json(bytes, n_bytes, name, rows, choice, err);
    return read_csv(bytes, n_bytes, name, rows, choice, err);
}
