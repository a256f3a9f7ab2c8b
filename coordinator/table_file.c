#include "coordinator/table_file.h"

#include "core/clock.h"
#include "core/text.h"
#include "market/archive.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reader {
    struct table_file table;
    const struct table_ask *ask;
    size_t capacity;
    struct table_time time;
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

/* Where each column stands, and whether the line is a header. */
static int place_columns(struct reader *reader, const struct table_line *first,
                         bool *header, struct err *err)
{
    *header = false;
    for (size_t i = 0; i < reader->ask->n_names; i++)
        if (table_line_find(first, reader->ask->names[i], &reader->place[i], header,
                            err) != 0)
            return -1;
    reader->n_cells = first->n_cells;
    return table_time_place(&reader->ask->span, first, &reader->time, header, err);
}

static int grow(struct reader *reader, struct err *err)
{
    struct table_file *table = &reader->table;

    if (table->n < reader->capacity)
        return 0;
    reader->capacity = reader->capacity == 0 ? 4096 : 2 * reader->capacity;
    int64_t *time = realloc(table->time, reader->capacity * sizeof *time);
    bool failed = time == NULL;
    if (!failed)
        table->time = time;
    for (size_t i = 0; i < reader->ask->n_names && !failed; i++) {
        double *column = realloc(table->column[i], reader->capacity * sizeof *column);

        failed = column == NULL;
        if (!failed)
            table->column[i] = column;
    }
    return failed ? err_set(err, ERR_MEMORY, "no memory for %zu rows", reader->capacity)
                  : 0;
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

static int take_cell(const struct table_cell *cell, double *value, struct err *err)
{
    *value = NAN;
    if (table_cell_is_missing(cell))
        return 0;
    if (text_to_real(cell->text, cell->n_chars, value, err) == 0)
        return 0;
    if (memchr(cell->text, ',', cell->n_chars) == NULL)
        return -1;
    return err_set(err, ERR_INPUT,
                   "'%.*s' is not a number: a decimal point, and nothing between "
                   "thousands",
                   (int)(cell->n_chars < 40 ? cell->n_chars : 40), cell->text);
}

static int take_row(struct reader *reader, const struct table_line *line,
                    struct err *err)
{
    const size_t t = reader->table.n;
    bool inside;

    if (check_cells(reader, line, err) != 0 || grow(reader, err) != 0 ||
        table_time_take(&reader->time, line, &reader->table.time[t], &inside, err) != 0)
        return -1;
    for (size_t i = 0; i < reader->ask->n_names && inside; i++)
        if (take_cell(&line->cell[reader->place[i]], &reader->table.column[i][t],
                      err) != 0)
            return err_add(err, "line %zu: column '%s'", line->number,
                           reader->ask->names[i]);
    reader->table.n += inside;
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

static int refuse_empty(const struct reader *reader, const char *path, struct err *err)
{
    char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];

    if (reader->time.n_rows == 0)
        return err_set(err, ERR_INPUT, "%s: holds no row of numbers", path);
    return err_set(err, ERR_INPUT,
                   "%s: no row stands between --from and --to; its times run from %s "
                   "to %s",
                   path, clock_moment_text(reader->time.first_ns, first),
                   clock_moment_text(reader->time.last_ns, last));
}

int table_file_read(const char *path, const struct table_ask *ask,
                    struct table_file *table, struct err *err)
{
    struct reader reader = {.ask = ask};
    int status =
        archive_read(path, NULL, take_member, &reader, reader.table.sha256, err);

    if (status == 0 && reader.table.n == 0)
        status = refuse_empty(&reader, path, err);
    if (status != 0) {
        table_file_free(&reader.table);
        return -1;
    }
    if (!reader.time.is_there) {
        free(reader.table.time);
        reader.table.time = NULL;
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
    free(table->time);
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
    table_line_names(&line, header->names);
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
