#include "market/read.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_COLUMNS = 256,
    SAMPLE_ROWS = 300,
    LONG_SAMPLE_ROWS = 200000, /* where the first rows do not tell */
    MAX_HEADER = 8192,
};

/* How one table row reads one file. */
struct layout {
    const struct format *format;
    char separator;
    size_t n_columns;
    int place[FORMAT_N_FIELDS];
    size_t first_byte;                 /* of the first data row */
    uint32_t first_line;               /* its number, from 1    */
    double share;                      /* of right rows in the sample */
    char reason[ROWS_REASON_MAX + 32]; /* why the sample's first wrong row is wrong */
};

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
static int take_lines(struct text text, const struct layout *layout, size_t max_rows,
                      struct rows *rows, struct err *err)
{
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

/* The separator that the line has most of, among those that the row allows. */
static char pick_separator(const char *separators, struct read_cell line)
{
    char best = separators[0];
    size_t most = 0;

    for (const char *s = separators; *s != '\0'; s++) {
        size_t n = 0;

        for (size_t i = 0; i < line.n_chars; i++)
            n += line.text[i] == *s;
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

static bool match_headed(struct text text, struct layout *layout)
{
    struct read_cell line;

    if (!next_line(text, &layout->first_byte, &line))
        return false;
    layout->first_line = 2;
    if (layout->format->comment != NULL) {
        if (!contains(line, layout->format->comment) ||
            !next_line(text, &layout->first_byte, &line))
            return false;
        layout->first_line = 3;
    }
    return match_header(line, layout);
}

static bool match_bare(struct text text, struct layout *layout)
{
    struct read_cell line, cell[MAX_COLUMNS];
    size_t at = layout->first_byte;

    if (!next_line(text, &at, &line))
        return false;
    layout->separator = pick_separator(layout->format->separators, line);
    layout->n_columns = split(line, layout->separator, cell);
    layout->first_line = 1;
    return format_match_places(layout->format, layout->n_columns, layout->place) &&
           line.n_chars > 0 && isdigit((unsigned char)line.text[0]);
}

/* Which share of the first rows is right when it is read this way? */
static int score(struct text text, struct layout *layout, size_t n_sample,
                 struct err *err)
{
    const bool open_free = layout->format->marks & FORMAT_OPEN_FREE;
    struct rows rows = {.marks = open_free ? ROWS_OPEN_FREE : 0};
    const int failed = take_lines(text, layout, n_sample, &rows, err);
    const size_t n = rows.n + rows.n_rejected;

    layout->share = n == 0 ? 0.0 : (double)rows.n / (double)n;
    if (n == 0)
        snprintf(layout->reason, sizeof layout->reason, "there are no rows");
    else if (rows.n_rejected > 0)
        snprintf(layout->reason, sizeof layout->reason, "line %u: %s",
                 (unsigned)rows.rejected[0].number, rows.rejected[0].reason);
    rows_free(&rows);
    return failed;
}

struct candidates {
    struct layout best, second; /* format NULL: none */
    struct layout worst_fit;    /* right columns, wrong values */
};

static void consider(struct candidates *candidates, const struct layout *layout)
{
    if (layout->share < READ_LEAST_SHARE) {
        if (candidates->worst_fit.format == NULL)
            candidates->worst_fit = *layout;
        return;
    }
    if (candidates->best.format == NULL || layout->share > candidates->best.share) {
        candidates->second = candidates->best;
        candidates->best = *layout;
    } else if (candidates->second.format == NULL ||
               layout->share > candidates->second.share) {
        candidates->second = *layout;
    }
}

/* Try the table's rows.  A header says which columns are which, so the first row
 * that it fits ends the search; without one the values must tell. */
static int find_layouts(struct text text, const char *name, size_t first_byte,
                        struct candidates *found, struct err *err)
{
    memset(found, 0, sizeof *found);
    for (size_t i = 0; i < format_count; i++) {
        struct layout layout = {.format = &format_table[i], .first_byte = first_byte};
        const bool headed = layout.format->shape == FORMAT_HEADED;

        if (name != NULL && strcmp(name, layout.format->name) != 0)
            continue;
        if (!headed && layout.format->shape != FORMAT_BARE)
            continue;
        if (!(headed ? match_headed : match_bare)(text, &layout))
            continue;
        if (score(text, &layout, SAMPLE_ROWS, err) != 0)
            return -1;
        consider(found, &layout);
        if (headed && layout.share >= READ_LEAST_SHARE)
            break;
    }
    return 0;
}

static int unknown(struct text text, size_t first_byte, struct err *err)
{
    char what[64];
    struct read_cell line = {"", 0};
    size_t n;

    next_line(text, &first_byte, &line);
    n = line.n_chars < 40 ? line.n_chars : 40;
    snprintf(what, sizeof what, "line 1, '%.*s'", (int)n, line.text);
    for (char *c = what; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = '?';
    return read_unknown(what, NULL, err);
}

/* "... it reads like ninjabot", where the file is of another format than asked for. */
static int refuse(struct text text, const char *name, size_t first_byte,
                  const struct candidates *found, struct err *err)
{
    struct candidates other;
    char hint[80] = "", what[sizeof found->worst_fit.reason + 32];

    if (name != NULL) {
        if (find_layouts(text, NULL, first_byte, &other, err) != 0)
            return -1;
        if (other.best.format != NULL)
            snprintf(hint, sizeof hint, "; it reads like %s", other.best.format->name);
    }
    if (found->worst_fit.format != NULL) {
        snprintf(what, sizeof what, "%s", found->worst_fit.reason);
        return err_set(err, ERR_INPUT,
                       "its columns are those of %s, but most rows are wrong (%s)%s",
                       found->worst_fit.format->name, what, hint);
    }
    if (name != NULL)
        return err_set(err, ERR_INPUT, "line 1 is not that of a %s file%s", name, hint);
    return unknown(text, first_byte, err);
}

/* The right order makes next to no wrong row; a wrong one makes some wherever prices
 * move.  Histories may begin with thousands of bars that do not. */
static bool is_decided(const struct candidates *found)
{
    const double best = found->best.share, second = found->second.share;

    return found->second.format == NULL || best - second >= 0.3 ||
           (best >= 0.99 && second < 0.98);
}

static int decide(struct text text, struct candidates *found, struct err *err)
{
    if (is_decided(found))
        return 0;
    if (score(text, &found->best, LONG_SAMPLE_ROWS, err) != 0 ||
        score(text, &found->second, LONG_SAMPLE_ROWS, err) != 0)
        return -1;
    if (found->second.share > found->best.share) {
        const struct layout swapped = found->best;

        found->best = found->second;
        found->second = swapped;
    }
    if (is_decided(found))
        return 0;
    return err_set(err, ERR_INPUT,
                   "without a header it may be %s or %s: say which with --format",
                   found->best.format->name, found->second.format->name);
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

int read_csv(const char *bytes, size_t n_bytes, const char *name, struct rows *rows,
             struct read_choice *choice, struct err *err)
{
    const struct text text = {bytes, n_bytes};
    const size_t first_byte =
        n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    struct candidates found;

    if (find_layouts(text, name, first_byte, &found, err) != 0)
        return -1;
    if (found.best.format == NULL)
        return refuse(text, name, first_byte, &found, err);
    if (decide(text, &found, err) != 0)
        return -1;
    explain(&found.best, choice);
    const unsigned asked = rows->marks;

    if (found.best.format->marks & FORMAT_OPEN_FREE)
        rows->marks |= ROWS_OPEN_FREE;
    const int failed = take_lines(text, &found.best, SIZE_MAX, rows, err);
    rows->marks = asked;
    return failed;
}
