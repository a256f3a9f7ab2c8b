#include "coordinator/table_line.h"

#include "core/text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* ---- lines ------------------------------------------------------------------------
 */

struct table_lines table_lines_of(const char *bytes, size_t n_bytes)
{
    struct table_lines lines = {.at = bytes, .end = bytes + n_bytes, .line_end = '\n'};

    if (n_bytes >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        lines.at += 3;
    if (memchr(bytes, '\n', n_bytes) == NULL)
        lines.line_end = '\r';
    return lines;
}

static struct table_cell trimmed(const char *text, size_t n_chars)
{
    while (n_chars > 0 && (isspace((unsigned char)*text) || *text == '"'))
        text++, n_chars--;
    while (n_chars > 0 &&
           (isspace((unsigned char)text[n_chars - 1]) || text[n_chars - 1] == '"'))
        n_chars--;
    return (struct table_cell){text, n_chars};
}

static bool is_blank(const char *text, size_t n_chars)
{
    for (size_t i = 0; i < n_chars; i++)
        if (!isspace((unsigned char)text[i]))
            return false;
    return true;
}

bool table_lines_next(struct table_lines *lines, const char **text, size_t *n_chars)
{
    while (lines->at < lines->end) {
        const size_t left = (size_t)(lines->end - lines->at);
        const char *stop = memchr(lines->at, lines->line_end, left);

        *text = lines->at;
        *n_chars = stop == NULL ? left : (size_t)(stop - lines->at);
        lines->at += *n_chars + (stop != NULL);
        lines->number++;
        if (!is_blank(*text, *n_chars) && (*text)[0] != '#')
            return true;
    }
    return false;
}

/* ---- separators ------------------------------------------------------------------ */

static bool has_outside_quotes(const char *text, size_t n_chars, char wanted)
{
    bool in_quotes = false;

    for (size_t i = 0; i < n_chars; i++) {
        in_quotes ^= text[i] == '"';
        if (!in_quotes && text[i] == wanted)
            return true;
    }
    return false;
}

/* Blanks between cells and nothing else that separates? */
static bool is_blank_separated(const char *text, size_t n_chars)
{
    static const char others[] = "\t;,";

    while (n_chars > 0 && isspace((unsigned char)text[0]))
        text++, n_chars--;
    while (n_chars > 0 && isspace((unsigned char)text[n_chars - 1]))
        n_chars--;
    for (size_t i = 0; others[i] != '\0'; i++)
        if (has_outside_quotes(text, n_chars, others[i]))
            return false;
    return has_outside_quotes(text, n_chars, ' ');
}

char table_separator_of(const struct table_lines *lines)
{
    static const char separators[] = "\t;,";
    struct table_lines from = *lines;
    const char *first, *second;
    size_t n_first, n_second;

    if (!table_lines_next(&from, &first, &n_first))
        return ',';
    for (size_t i = 0; separators[i] != '\0'; i++)
        if (has_outside_quotes(first, n_first, separators[i]))
            return separators[i];
    return is_blank_separated(first, n_first) &&
                   table_lines_next(&from, &second, &n_second) &&
                   is_blank_separated(second, n_second)
               ? ' '
               : ',';
}

/* ---- cells ------------------------------------------------------------------------
 */

static int add_cell(struct table_line *line, const char *text, size_t n_chars,
                    struct err *err)
{
    if (line->n_cells == TABLE_LINE_CELLS)
        return err_set(err, ERR_INPUT, "line %zu has more than %d cells", line->number,
                       TABLE_LINE_CELLS);
    line->cell[line->n_cells++] = trimmed(text, n_chars);
    return 0;
}

int table_line_split(const char *text, size_t n_chars, char separator,
                     struct table_line *line, struct err *err)
{
    bool in_quotes = false;
    size_t first = 0;

    line->n_cells = 0;
    for (size_t i = 0; i <= n_chars; i++) {
        const bool at_end = i == n_chars;

        in_quotes ^= !at_end && text[i] == '"';
        if (!at_end && (in_quotes || text[i] != separator))
            continue;
        if ((separator != ' ' || trimmed(text + first, i - first).n_chars > 0) &&
            add_cell(line, text + first, i - first, err) != 0)
            return -1;
        first = i + 1;
    }
    if (in_quotes)
        return err_set(err, ERR_INPUT, "line %zu: a quote is not closed", line->number);
    return 0;
}

bool table_cell_is(const struct table_cell *cell, const char *name)
{
    return strlen(name) == cell->n_chars &&
           strncasecmp(cell->text, name, cell->n_chars) == 0;
}

bool table_cell_is_missing(const struct table_cell *cell)
{
    static const char *const words[] = {"", "na", "n/a", "nan", "-nan", "null"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (table_cell_is(cell, words[i]))
            return true;
    return false;
}

bool table_cell_is_word(const struct table_cell *cell)
{
    return !table_cell_is_missing(cell) && !table_cell_is(cell, "inf") &&
           !table_cell_is(cell, "infinity") && isalpha((unsigned char)cell->text[0]);
}

/* ---- columns ----------------------------------------------------------------------
 */

char *table_line_names(const struct table_line *line, char out[TABLE_NAMES_MAX])
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < line->n_cells; i++) {
        const struct table_cell *cell = &line->cell[i];

        if (n + cell->n_chars + sizeof ", ..." >= TABLE_NAMES_MAX) {
            snprintf(out + n, TABLE_NAMES_MAX - n, "...");
            break;
        }
        n +=
            (size_t)snprintf(out + n, TABLE_NAMES_MAX - n, "%.*s%s", (int)cell->n_chars,
                             cell->text, i + 1 < line->n_cells ? ", " : "");
    }
    return out;
}

/* The one cell of this name; n_cells where there is none. */
static int find_name(const struct table_line *line, const char *name, size_t *place,
                     struct err *err)
{
    *place = line->n_cells;
    for (size_t i = 0; i < line->n_cells; i++) {
        if (!table_cell_is(&line->cell[i], name))
            continue;
        if (*place < line->n_cells)
            return err_set(
                err, ERR_INPUT,
                "line %zu: two columns are called '%s' (a number says which)",
                line->number, name);
        *place = i;
    }
    return 0;
}

int table_line_find(const struct table_line *first, const char *name, size_t *place,
                    bool *header, struct err *err)
{
    char names[TABLE_NAMES_MAX];
    int64_t number;

    if (find_name(first, name, place, err) != 0)
        return -1;
    if (*place < first->n_cells) {
        *header = true;
        return 0;
    }
    if (text_to_integer(name, strlen(name), 1, (int64_t)first->n_cells, &number,
                        NULL) != 0)
        return err_set(err, ERR_INPUT,
                       "line %zu: there is no column '%s' among %zu: %s", first->number,
                       name, first->n_cells, table_line_names(first, names));
    *place = (size_t)number - 1;
    *header |= table_cell_is_word(&first->cell[*place]);
    return 0;
}
