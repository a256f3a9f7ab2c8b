#include "market/read.h"

#include "core/text.h"
#include "market/layout.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MAX_COLUMNS = 256, MAX_HEADER = 8192 };

struct text {
    const char *bytes;
    size_t n;
};

/* The line at *at without its end; moves *at behind it.  False at the end. */
static bool next_line(struct text text, size_t *at, struct read_cell *line)
{
    if (*at >= text.n)
        return false;
    const char *start = text.bytes + *at;
    const char *end = memchr(start, '\n', text.n - *at);
    size_t n_chars = end != NULL ? (size_t)(end - start) : text.n - *at;

    *at += n_chars + (end != NULL);
    if (n_chars > 0 && start[n_chars - 1] == '\r')
        n_chars--;
    *line = (struct read_cell){start, n_chars};
    return true;
}

static struct read_cell trimmed(const char *text, size_t n_chars)
{
    while (n_chars > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        n_chars--;
    }
    while (n_chars > 0 && (text[n_chars - 1] == ' ' || text[n_chars - 1] == '\t'))
        n_chars--;
    if (n_chars >= 2 && text[0] == '"' && text[n_chars - 1] == '"') {
        text++;
        n_chars -= 2;
    }
    return (struct read_cell){text, n_chars};
}

/* Cut a line; a separator inside quotes is text.  Returns how many cells there are,
 * of which the first MAX_COLUMNS are stored. */
static size_t split(struct read_cell line, char separator,
                    struct read_cell cell[MAX_COLUMNS])
{
    size_t n = 0, start = 0;
    bool quoted = false;

    for (size_t i = 0; i <= line.n_chars; i++) {
        if (i < line.n_chars && line.text[i] == '"')
            quoted = !quoted;
        if (i < line.n_chars && (quoted || line.text[i] != separator))
            continue;
        if (n < MAX_COLUMNS)
            cell[n] = trimmed(line.text + start, i - start);
        n++;
        start = i + 1;
    }
    return n;
}

static int take_line(const struct layout *layout, struct read_cell line,
                     uint32_t number, struct rows *rows, struct err *err)
{
    struct read_cell all[MAX_COLUMNS], cell[FORMAT_N_FIELDS] = {{NULL, 0}};
    const size_t n = split(line, layout->separator, all);

    if (n != layout->n_columns) {
        char reason[ROWS_REASON_MAX];

        snprintf(reason, sizeof reason, "%zu columns where there should be %zu", n,
                 layout->n_columns);
        return rows_reject(rows, number, reason, err);
    }
    for (int f = 0; f < FORMAT_N_FIELDS; f++)
        if (layout->place[f] != FORMAT_NONE)
            cell[f] = all[layout->place[f]];
    return read_take_cells(layout->format, cell, number, rows, err);
}

/* Read at most max_rows rows that the layout describes; blank lines are no rows. */
static int take_lines(const void *file, const struct layout *layout, size_t max_rows,
                      struct rows *rows, struct err *err)
{
    const struct text text = *(const struct text *)file;
    size_t at = layout->first_byte;
    uint32_t number = layout->first_line;
    struct read_cell line;

    for (size_t n = 0; n < max_rows && next_line(text, &at, &line); number++) {
        if (trimmed(line.text, line.n_chars).n_chars == 0)
            continue;
        if (take_line(layout, line, number, rows, err) != 0)
            return -1;
        n++;
    }
    return 0;
}

/* The separator that the line has most of, among those that the row allows.  One ';' or
 * tab outweighs commas, which may be inside numbers. */
static char pick_separator(const char *separators, struct read_cell line)
{
    char best = separators[0];
    size_t most = 0;

    for (const char *s = separators; *s != '\0'; s++) {
        size_t n = 0;

        for (size_t i = 0; i < line.n_chars; i++)
            n += line.text[i] == *s;
        if (*s != ',')
            n *= 1000;
        if (n > most) {
            most = n;
            best = *s;
        }
    }
    return best;
}

/* Does the header name what the row needs?  Fills separator, columns and places. */
static bool match_header(struct read_cell line, struct layout *layout)
{
    struct read_cell cell[MAX_COLUMNS];
    const char *name[MAX_COLUMNS];
    char copy[MAX_HEADER];
    size_t used = 0;

    layout->separator = pick_separator(layout->format->separators, line);
    layout->n_columns = split(line, layout->separator, cell);
    if (layout->n_columns > MAX_COLUMNS ||
        line.n_chars + layout->n_columns >= MAX_HEADER)
        return false;
    for (size_t c = 0; c < layout->n_columns; c++) {
        memcpy(copy + used, cell[c].text, cell[c].n_chars);
        name[c] = copy + used;
        used += cell[c].n_chars;
        copy[used++] = '\0';
    }
    return format_match_names(layout->format, layout->n_columns, name, layout->place);
}

static bool contains(struct read_cell line, const char *lower_case)
{
    const size_t n = strlen(lower_case);

    for (size_t i = 0; i + n <= line.n_chars; i++)
        if (strncasecmp(line.text + i, lower_case, n) == 0)
            return true;
    return false;
}

/* The first line that is not blank; leaves the layout behind it. */
static bool first_line(struct text text, struct layout *layout, struct read_cell *line)
{
    while (next_line(text, &layout->first_byte, line)) {
        layout->first_line++;
        if (trimmed(line->text, line->n_chars).n_chars > 0)
            return true;
    }
    return false;
}

static bool match_headed(struct text text, struct layout *layout)
{
    const char *comment = layout->format->comment;
    struct read_cell line;

    if (!first_line(text, layout, &line))
        return false;
    if (comment != NULL &&
        (!contains(line, comment) || !first_line(text, layout, &line)))
        return false;
    layout->first_line++;
    return match_header(line, layout);
}

static bool begins_with_digit(struct read_cell line)
{
    const struct read_cell text = trimmed(line.text, line.n_chars);
    const size_t quoted = text.n_chars > 0 && text.text[0] == '"';

    return text.n_chars > quoted && isdigit((unsigned char)text.text[quoted]);
}

/* Where the caller says which column is which, a header is passed over. */
static bool match_bare(struct text text, struct layout *layout)
{
    struct read_cell line, cell[MAX_COLUMNS];
    struct layout behind = *layout;

    if (!first_line(text, &behind, &line))
        return false;
    layout->separator = pick_separator(layout->format->separators, line);
    layout->n_columns = split(line, layout->separator, cell);
    if (!format_match_places(layout->format, layout->n_columns, layout->place))
        return false;
    layout->first_line = 1;
    if (begins_with_digit(line))
        return true;
    layout->first_byte = behind.first_byte;
    layout->first_line = behind.first_line + 1;
    return layout->format->marks & FORMAT_MORE_COLUMNS;
}

/* Try the formats.  A header says which columns are which, so the first row that it
 * fits ends the search; without one the values must tell. */
static int find_layouts(const struct layout_file *file, const struct read_wish *wish,
                        struct layouts *found, struct err *err)
{
    const struct text text = *(const struct text *)file->file;
    size_t n_formats;
    const struct format *formats = read_formats(wish, &n_formats);

    memset(found, 0, sizeof *found);
    for (size_t i = 0; i < n_formats; i++) {
        struct layout layout = {.format = &formats[i]};
        const enum format_shape shape = formats[i].shape;
        const bool headed = shape == FORMAT_HEADED;

        if (!read_wants(wish, &formats[i]) ||
            !(headed || shape == FORMAT_BARE || shape == FORMAT_BY_PLACE) ||
            !(headed ? match_headed : match_bare)(text, &layout))
            continue;
        if (layout_score(file, LAYOUT_SAMPLE_ROWS, &layout, err) != 0)
            return -1;
        layout_consider(found, &layout);
        if (headed && layout.share >= LAYOUT_LEAST_SHARE)
            break;
    }
    return 0;
}

static int unknown(struct text text, struct err *err)
{
    char start[41], shown[48], what[64];
    struct read_cell line = {"", 0};
    size_t first_byte = 0;

    next_line(text, &first_byte, &line);
    snprintf(start, sizeof start, "%.*s",
             (int)(line.n_chars < sizeof start ? line.n_chars : sizeof start - 1),
             line.text);
    text_show(start, shown, sizeof shown);
    snprintf(what, sizeof what, "line 1, '%s'", shown);
    return read_unknown(what, NULL, err);
}

/* "... it reads like ninjabot", where the file is of another format than asked for. */
static int refuse(const struct layout_file *file, const struct read_wish *wish,
                  const struct layouts *found, struct err *err)
{
    static const struct read_wish any = {NULL};
    struct layouts other;
    char hint[80] = "";

    if (wish->name != NULL) {
        if (find_layouts(file, &any, &other, err) != 0)
            return -1;
        if (other.best.format != NULL)
            snprintf(hint, sizeof hint, "; it reads like %s", other.best.format->name);
    }
    if (found->worst_fit.format != NULL)
        return layout_refuse(found, hint, err);
    if (wish->name != NULL)
        return err_set(err, ERR_INPUT, "line 1 is not that of a %s file%s", wish->name,
                       hint);
    if (wish->formats != NULL)
        return err_set(err, ERR_INPUT, "line 1 does not have what --columns names");
    return unknown(*(const struct text *)file->file, err);
}

static void explain(const struct layout *layout, struct read_choice *choice)
{
    if (layout->format->shape == FORMAT_HEADED)
        snprintf(choice->why, sizeof choice->why, "%sthe header has its columns",
                 layout->format->comment != NULL ? "line 1 names the vendor, " : "");
    else
        snprintf(choice->why, sizeof choice->why,
                 "no header, %zu columns, %.0f of 100 sampled rows are right in "
                 "this order",
                 layout->n_columns, 100.0 * layout->share);
    choice->format = layout->format;
}

int read_csv(const char *bytes, size_t n_bytes, const struct read_wish *wish,
             struct rows *rows, struct read_choice *choice, struct err *err)
{
    const struct text text = {bytes, n_bytes};
    const struct layout_file file = {take_lines, &text, "line", rows->marks};
    struct layouts found;

    if (find_layouts(&file, wish, &found, err) != 0)
        return -1;
    if (found.best.format == NULL)
        return refuse(&file, wish, &found, err);
    if (layout_decide(&file, &found, err) != 0)
        return -1;
    explain(&found.best, choice);
    return layout_take(&file, &found.best, rows, err);
}
