#include "coordinator/table_file.h"

#include "coordinator/table_line.h"
#include "core/text.h"
#include "market/archive.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reader {
    struct table_file table;
    size_t n_names, capacity;
    const char *const *names;
    size_t place[TABLE_FILE_COLUMNS]; /* of each name among the cells */
    size_t n_cells;                   /* of the first line             */
};

/* A line of UTF-16 is half NULs. */
static int check_text(const struct archive_member *member, struct err *err)
{
    if (memchr(member->bytes, '\0', member->n_bytes) == NULL)
        return 0;
    return err_set(err, ERR_INPUT, "is no plain text (UTF-16? save it as UTF-8)");
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

/* Where each column stands, a name before a number, and whether the line is a header.
 */
static int place_columns(struct reader *reader, const struct table_line *first,
                         bool *header, struct err *err)
{
    *header = false;
    for (size_t i = 0; i < reader->n_names; i++) {
        const char *name = reader->names[i];
        size_t place;
        int64_t number;

        if (find_name(first, name, &place, err) != 0)
            return -1;
        if (place < first->n_cells)
            *header = true;
        else if (text_to_integer(name, strlen(name), 1, (int64_t)first->n_cells,
                                 &number, NULL) == 0)
            *header |= table_cell_is_word(&first->cell[place = (size_t)number - 1]);
        else
            return err_set(err, ERR_INPUT,
                           "line %zu: there is no column '%s' among %zu", first->number,
                           name, first->n_cells);
        reader->place[i] = place;
    }
    reader->n_cells = first->n_cells;
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

/* A line that is shifted must not be read in the wrong column; what is empty behind the
 * last cell does not shift anything. */
static int check_cells(const struct reader *reader, const struct table_line *line,
                       struct err *err)
{
    size_t n = line->n_cells;

    while (n > reader->n_cells && line->cell[n - 1].n_chars == 0)
        n--;
    if (n == reader->n_cells)
        return 0;
    return err_set(err, ERR_INPUT, "line %zu has %zu cells where the first has %zu",
                   line->number, n, reader->n_cells);
}

static int take_row(struct reader *reader, const struct table_line *line,
                    struct err *err)
{
    if (check_cells(reader, line, err) != 0 || grow(reader, err) != 0)
        return -1;
    for (size_t i = 0; i < reader->n_names; i++) {
        const struct table_cell *cell = &line->cell[reader->place[i]];
        double *value = &reader->table.column[i][reader->table.n];

        *value = NAN;
        if (!table_cell_is_missing(cell) &&
            text_to_real(cell->text, cell->n_chars, value, err) != 0)
            return err_add(err, "line %zu: column '%s'", line->number,
                           reader->names[i]);
    }
    reader->table.n++;
    return 0;
}

static int take_member(void *of, const struct archive_member *member, struct err *err)
{
    struct reader *reader = of;
    struct table_lines lines = table_lines_of(member->bytes, member->n_bytes);
    const char separator = table_separator_of(&lines);
    struct table_line line;
    const char *text;
    size_t n_chars;
    bool header, is_first = reader->n_cells == 0;

    if (check_text(member, err) != 0)
        return -1;
    while (table_lines_next(&lines, &text, &n_chars)) {
        line.number = lines.number;
        if (table_line_split(text, n_chars, separator, &line, err) != 0)
            return -1;
        if (is_first && place_columns(reader, &line, &header, err) != 0)
            return -1;
        if (!(is_first && header) && take_row(reader, &line, err) != 0)
            return -1;
        is_first = false;
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

/* ---- headers ----------------------------------------------------------------------
 */

static int take_header(void *of, const struct archive_member *member, struct err *err)
{
    struct table_header *header = of;
    struct table_lines lines = table_lines_of(member->bytes, member->n_bytes);
    const char separator = table_separator_of(&lines);
    struct table_line line;
    const char *text;
    size_t n_chars;

    if (check_text(member, err) != 0)
        return -1;
    if (header->n_cells > 0 || !table_lines_next(&lines, &text, &n_chars))
        return 0;
    line.number = lines.number;
    if (table_line_split(text, n_chars, separator, &line, err) != 0)
        return -1;
    header->n_cells = line.n_cells;
    for (size_t i = 0; i < line.n_cells && i < TABLE_FILE_NAMES; i++)
        snprintf(header->name[i], TABLE_FILE_NAME, "%.*s", (int)line.cell[i].n_chars,
                 line.cell[i].text);
    return 0;
}

int table_file_header(const char *path, struct table_header *header, struct err *err)
{
    char sha256[SHA256_TEXT_MAX];

    *header = (struct table_header){0};
    if (archive_read(path, NULL, take_header, header, sha256, err) != 0)
        return -1;
    if (header->n_cells == 0)
        return err_set(err, ERR_INPUT, "%s: holds no row of numbers", path);
    return 0;
}

bool table_header_has(const struct table_header *header, const char *name)
{
    for (size_t i = 0; i < header->n_cells && i < TABLE_FILE_NAMES; i++)
        if (strcasecmp(header->name[i], name) == 0)
            return true;
    return false;
}
