#include "market/read.h"

#include "core/text.h"
#include "market/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

static enum number_style style_of(unsigned marks)
{
    if (marks & ROWS_DECIMAL_COMMA)
        return NUMBER_COMMA;
    return marks & ROWS_DECIMAL_POINT ? NUMBER_POINT : NUMBER_PLAIN;
}

static struct stamp_rule rule_of(const struct format *format, unsigned marks)
{
    struct stamp_rule rule = format->stamp;

    if (marks & ROWS_DAY_FIRST)
        rule.order = DATE_DAY_FIRST;
    else if (marks & ROWS_MONTH_FIRST)
        rule.order = DATE_MONTH_FIRST;
    return rule;
}

static int parse_time(const struct format *format,
                      const struct read_cell cell[FORMAT_N_FIELDS], unsigned marks,
                      struct bar *bar, unsigned *unit, struct err *err)
{
    const struct read_cell day = cell[FIELD_TIME], clock = cell[FIELD_CLOCK];
    const struct stamp_rule rule = rule_of(format, marks);
    char both[2 * DATE_TEXT_MAX];

    if (day.n_chars == 0)
        return err_set(err, ERR_INPUT, "time is missing");
    if (clock.text == NULL)
        return stamp_from_text(day.text, day.n_chars, rule, &bar->time, unit, err);
    const int n =
        snprintf(both, sizeof both, "%.*sT%.*s",
                 (int)(day.n_chars < DATE_TEXT_MAX ? day.n_chars : 0), day.text,
                 (int)(clock.n_chars < DATE_TEXT_MAX ? clock.n_chars : 0), clock.text);

    return stamp_from_text(both, (size_t)n, rule, &bar->time, unit, err);
}

static int parse_volume(const struct format *format, struct read_cell cell,
                        enum number_style style, double *volume, struct err *err)
{
    const bool amounts = format->marks & FORMAT_AMOUNTS;

    *volume = 0.0;
    if (cell.text == NULL && (format->marks & FORMAT_VOLUME_OPTIONAL))
        return 0;
    if (amounts && number_is_absent(cell.text, cell.n_chars))
        return 0;
    if (cell.n_chars == 0)
        return err_set(err, ERR_INPUT, "volume is missing");
    if ((amounts ? number_from_amount : number_from_text)(cell.text, cell.n_chars,
                                                          style, volume, err) != 0)
        return err_add(err, "volume");
    return 0;
}

static int parse_cells(const struct format *format,
                       const struct read_cell cell[FORMAT_N_FIELDS], unsigned marks,
                       struct bar *bar, unsigned *unit, struct err *err)
{
    double *const value[] = {[FIELD_OPEN] = &bar->open,
                             [FIELD_HIGH] = &bar->high,
                             [FIELD_LOW] = &bar->low,
                             [FIELD_CLOSE] = &bar->close};
    const enum number_style style = style_of(marks);

    if (parse_time(format, cell, marks, bar, unit, err) != 0)
        return -1;
    for (int f = FIELD_OPEN; f <= FIELD_CLOSE; f++) {
        if (cell[f].n_chars == 0)
            return err_set(err, ERR_INPUT, "%s is missing", field_name[f]);
        if (number_from_text(cell[f].text, cell[f].n_chars, style, value[f], err) != 0)
            return err_add(err, "%s", field_name[f]);
    }
    return parse_volume(format, cell[FIELD_VOLUME], style, &bar->volume, err);
}

static bool is_word(struct read_cell cell, const char *a, const char *b)
{
    return (cell.n_chars == strlen(a) &&
            strncasecmp(cell.text, a, cell.n_chars) == 0) ||
           (cell.n_chars == strlen(b) && strncasecmp(cell.text, b, cell.n_chars) == 0);
}

/* A row that says itself that it is no bar: without any price, or not finished. */
static const char *blank_reason(const struct read_cell cell[FORMAT_N_FIELDS])
{
    int n_absent = 0;

    for (int f = FIELD_OPEN; f <= FIELD_CLOSE; f++)
        n_absent += number_is_absent(cell[f].text, cell[f].n_chars);
    if (n_absent == 4)
        return "no prices: no bar";
    return is_word(cell[FIELD_DONE], "0", "false") ? "the bar was not finished" : NULL;
}

/* What else a row says of itself. */
static int check_cells(const struct read_cell cell[FORMAT_N_FIELDS],
                       const struct bar *bar, struct err *err)
{
    const struct read_cell done = cell[FIELD_DONE], mean = cell[FIELD_MEAN];
    double price = 0.0;

    if (done.text != NULL && !is_word(done, "1", "true"))
        return err_set(err, ERR_INPUT,
                       "'%.*s' does not say whether the bar is finished",
                       (int)(done.n_chars < 40 ? done.n_chars : 40), done.text);
    if (mean.text == NULL)
        return 0;
    if (text_to_real(mean.text, mean.n_chars, &price, err) != 0)
        return err_add(err, "mean price");
    if (price != 0.0 && !(price >= bar->low && price <= bar->high))
        return err_set(err, ERR_INPUT, "mean price %g is outside low %g to high %g",
                       price, bar->low, bar->high);
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

    const char *blank = blank_reason(cell);

    if (blank != NULL)
        return rows_reject_blank(rows, number, blank, err);
    if (parse_cells(format, cell, rows->marks, &bar, &unit, &wrong) != 0 ||
        check_cells(cell, &bar, &wrong) != 0)
        return rows_reject(rows, number, wrong.text, err);
    rows->units |= unit;
    join_symbol(cell, symbol);
    return rows_offer(rows, number, &bar, symbol, err);
}

const struct format *read_formats(const struct read_wish *wish, size_t *n)
{
    *n = wish->formats != NULL ? wish->n_formats : format_count;
    return wish->formats != NULL ? wish->formats : format_table;
}

bool read_wants(const struct read_wish *wish, const struct format *format)
{
    return wish->name == NULL || strcmp(wish->name, format->name) == 0;
}

int read_unknown(const char *what, const char *name, struct err *err)
{
    if (name != NULL)
        return err_set(err, ERR_INPUT, "%s: this is not a %s file", what, name);
    return err_set(err, ERR_INPUT,
                   "%s: no known format (import --list-formats shows those, --columns "
                   "says which column is which)",
                   what);
}

int read_rows(const char *bytes, size_t n_bytes, const struct read_wish *wish,
              struct rows *rows, struct read_choice *choice, struct err *err)
{
    size_t start = 0;

    *choice = (struct read_choice){0};
    if (wish->name != NULL && format_find(wish->name) == NULL)
        return read_unknown(wish->name, NULL, err);
    if (n_bytes >= 6 && memcmp(bytes, "ARROW1", 6) == 0)
        return read_arrow(bytes, n_bytes, wish, rows, choice, err);
    if (n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        n_bytes -= 3;
    }
    while (start < n_bytes && bytes[start] != '\0' &&
           strchr(" \t\r\n", bytes[start]) != NULL)
        start++;
    if (start == n_bytes)
        return err_set(err, ERR_INPUT, "the file is empty");
    if (bytes[start] == '[' || bytes[start] == '{')
        return read_json(bytes, n_bytes, wish, rows, choice, err);
    return read_csv(bytes, n_bytes, wish, rows, choice, err);
}
