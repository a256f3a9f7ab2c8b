#include "coordinator/table_file.h"

#include "core/text.h"
#include "market/archive.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CELLS_MAX = 256 };

struct cell {
    const char *text;
    size_t n_chars;
};

struct line {
    size_t number, n_cells;
    struct cell cell[CELLS_MAX];
};

struct reader {
    struct table_file table;
    size_t n_names, capacity;
    const char *const *names;
    size_t place[TABLE_FILE_COLUMNS]; /* of each name among the cells */
    char separator;
};

static char separator_of(const char *line, size_t n_chars)
{
    return memchr(line, '\t', n_chars) != NULL  ? '\t'
           : memchr(line, ';', n_chars) != NULL ? ';'
                                                : ',';
}

static struct cell trimmed(const char *text, size_t n_chars)
{
    while (n_chars > 0 && (isspace((unsigned char)*text) || *text == '"'))
        text++, n_chars--;
    while (n_chars > 0 &&
           (isspace((unsigned char)text[n_chars - 1]) || text[n_chars - 1] == '"'))
        n_chars--;
    return (struct cell){text, n_chars};
}

static int split(const char *text, size_t n_chars, char separator, struct line *line,
                 struct err *err)
{
    size_t first = 0;

    line->n_cells = 0;
    for (size_t i = 0; i <= n_chars; i++) {
        if (i < n_chars && text[i] != separator)
            continue;
        if (line->n_cells == CELLS_MAX)
            return err_set(err, ERR_INPUT, "line %zu has more than %d cells",
                           line->number, CELLS_MAX);
        line->cell[line->n_cells++] = trimmed(text + first, i - first);
        first = i + 1;
    }
    return 0;
}

static bool is_named(const struct cell *cell, const char *name)
{
    return strlen(name) == cell->n_chars &&
           strncasecmp(cell->text, name, cell->n_chars) == 0;
}

/* Words that stand where a number is missing: they make no header. */
static bool is_word(const struct cell *cell)
{
    static const char *const missing[] = {"nan", "na",       "n/a",
                                          "inf", "infinity", "null"};

    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        if (is_named(cell, missing[i]))
            return false;
    return cell->n_chars > 0 && isalpha((unsigned char)cell->text[0]);
}

/* Where each column stands, a name before a number, and whether the line is a header.
 */
static int place_columns(struct reader *reader, const struct line *first, bool *header,
                         struct err *err)
{
    *header = false;
    for (size_t i = 0; i < reader->n_names; i++) {
        const char *name = reader->names[i];
        size_t place = 0;
        int64_t number;

        while (place < first->n_cells && !is_named(&first->cell[place], name))
            place++;
        if (place < first->n_cells)
            *header = true;
        else if (text_to_integer(name, strlen(name), 1, (int64_t)first->n_cells,
                                 &number, NULL) == 0)
            *header |= is_word(&first->cell[place = (size_t)number - 1]);
        else
            return err_set(err, ERR_INPUT,
                           "line %zu: there is no column '%s' among %zu", first->number,
                           name, first->n_cells);
        reader->place[i] = place;
    }
    return 0;
}

static int grow(struct reader *reader, struct err *err)
{
    if (reader->table.n < reader->capacity)
        return 0;
    reader->capacity = reader->capacity == 0 ? 4096 : 2 * reader->capacity;
    for (size_t i = 0; i < reader->n_names; i++) {
        double *column =
            realloc(reader->table.column[i], reader->capacity * sizeof *column);

        if (column == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu rows", reader->capacity);
        reader->table.column[i] = column;
    }
    return 0;
}

static int take_row(struct reader *reader, const struct line *line, struct err *err)
{
    if (grow(reader, err) != 0)
        return -1;
    for (size_t i = 0; i < reader->n_names; i++) {
        const size_t place = reader->place[i];

        if (place >= line->n_cells)
            return err_set(err, ERR_INPUT, "line %zu: has no column '%s'", line->number,
                           reader->names[i]);
        reader->table.column[i][reader->table.n] = NAN;
        if (line->cell[place].n_chars > 0 &&
            text_to_real(line->cell[place].text, line->cell[place].n_chars,
                         &reader->table.column[i][reader->table.n], err) != 0)
            return err_add(err, "line %zu: column '%s'", line->number,
                           reader->names[i]);
    }
    reader->table.n++;
    return 0;
}

static int take_line(struct reader *reader, const char *text, size_t n_chars,
                     struct line *line, struct err *err)
{
    const bool first = reader->separator == '\0';

    if (trimmed(text, n_chars).n_chars == 0 || text[0] == '#')
        return 0;
    if (first)
        reader->separator = separator_of(text, n_chars);
    if (split(text, n_chars, reader->separator, line, err) != 0)
        return -1;
    if (first) {
        bool header;

        if (place_columns(reader, line, &header, err) != 0)
            return -1;
        if (header)
            return 0;
    }
    return take_row(reader, line, err);
}

static int take_member(void *of, const struct archive_member *member, struct err *err)
{
    struct reader *reader = of;
    struct line line = {0};
    const char *text = member->bytes, *end = member->bytes + member->n_bytes;

    if (member->n_bytes >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        const size_t n_chars = (size_t)((stop == NULL ? end : stop) - text);

        line.number++;
        if (take_line(reader, text, n_chars, &line, err) != 0)
            return -1;
        text += n_chars + 1;
    }
    return 0;
}

int table_file_read(const char *path, size_t n_names, const char *const names[],
                    struct table_file *table, struct err *err)
{
    struct reader reader = {.n_names = n_names, .names = names};

    if (archive_read(path, NULL, take_member, &reader, reader.table.sha256, err) != 0) {
        table_file_free(&reader.table);
        return -1;
    }
    if (reader.table.n == 0) {
        table_file_free(&reader.table);
        return err_set(err, ERR_INPUT, "%s: holds no row of numbers", path);
    }
    *table = reader.table;
    return 0;
}

void table_file_free(struct table_file *table)
{
    if (table == NULL)
        return;
    for (size_t i = 0; i < TABLE_FILE_COLUMNS; i++)
        free(table->column[i]);
    *table = (struct table_file){0};
}
