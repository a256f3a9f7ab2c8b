/* reference.h -- tables that other programs made, and real series where they are
 *
 * Tables stand in tests/oracle/reference beside the scripts that made them.  Real
 * series are looked for in the directory $PLIMSOLL_DATA, by default ../shared/data from
 * the root of the project; a test that does not find them says so. */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include "market/archive.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCE_COLUMNS = 64, REFERENCE_CELL = 64, REFERENCE_PATH = 1024 };

/* A plain CSV without quotes, ',' or ';' between the cells; those beyond the last are
 * empty. */
struct reference {
    size_t n_columns, n_rows;
    char name[REFERENCE_COLUMNS][REFERENCE_CELL];
    char (*cell)[REFERENCE_COLUMNS][REFERENCE_CELL]; /* [n_rows] */
};

static inline void reference_split(const char *line, size_t n_chars,
                                   char cell[REFERENCE_COLUMNS][REFERENCE_CELL],
                                   size_t *n_cells)
{
    *n_cells = 0;
    memset(cell, 0, sizeof(char[REFERENCE_COLUMNS][REFERENCE_CELL]));
    for (size_t i = 0, first = 0; i <= n_chars; i++) {
        if (i < n_chars && line[i] != ',' && line[i] != ';')
            continue;
        size_t from = first, length = i - first;
        while (length > 0 && strchr(" \r\"", line[from]) != NULL)
            from++, length--;
        while (length > 0 && strchr(" \r\"", line[from + length - 1]) != NULL)
            length--;
        if (*n_cells < REFERENCE_COLUMNS && length < REFERENCE_CELL)
            memcpy(cell[(*n_cells)++], line + from, length);
        first = i + 1;
    }
}

static inline int reference_take(void *of, const struct archive_member *member,
                                 struct err *err)
{
    struct reference *table = of;
    size_t n_lines = 0, n_cells;

    (void)err;
    for (size_t i = 0; i < member->n_bytes; i++)
        n_lines += member->bytes[i] == '\n';
    table->cell = calloc(n_lines + 1, sizeof *table->cell);
    for (const char *line = member->bytes; table->cell != NULL && *line != '\0';) {
        const size_t n_chars = strcspn(line, "\n");

        if (table->n_columns == 0)
            reference_split(line, n_chars, table->name, &table->n_columns);
        else if (n_chars > 0)
            reference_split(line, n_chars, table->cell[table->n_rows++], &n_cells);
        line += n_chars + (line[n_chars] == '\n');
    }
    return table->cell != NULL ? 0 : -1;
}

/* tests/oracle/reference/NAME */
static inline bool reference_open(const char *name, struct reference *table)
{
    char path[REFERENCE_PATH], sha256[SHA256_TEXT_MAX];

    *table = (struct reference){0};
    snprintf(path, sizeof path, "%s/tests/oracle/reference/%s", PLIMSOLL_SOURCE, name);
    return archive_read(path, NULL, reference_take, table, sha256, NULL) == 0;
}

/* A real series; says so where it is absent. */
static inline bool reference_open_data(const char *name, struct reference *table)
{
    char path[REFERENCE_PATH], sha256[SHA256_TEXT_MAX];
    const char *data = getenv("PLIMSOLL_DATA");
    struct err err = {0};

    *table = (struct reference){0};
    if (data != NULL)
        snprintf(path, sizeof path, "%s/%s", data, name);
    else
        snprintf(path, sizeof path, "%s/../shared/data/%s", PLIMSOLL_SOURCE, name);
    if (archive_read(path, NULL, reference_take, table, sha256, &err) == 0)
        return true;
    printf("(left out: %s) ", err.text);
    return false;
}

static inline void reference_close(struct reference *table)
{
    free(table->cell);
    *table = (struct reference){0};
}

static inline const char *reference_text(const struct reference *table, size_t row,
                                         const char *column)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (strcmp(table->name[i], column) == 0)
            return table->cell[row][i];
    fprintf(stderr, "no column '%s'\n", column);
    return "";
}

/* NaN where the cell is empty. */
static inline double reference_real(const struct reference *table, size_t row,
                                    const char *column)
{
    const char *text = reference_text(table, row, column);

    return text[0] == '\0' ? NAN : strtod(text, NULL);
}

#endif /* TESTS_REFERENCE_H */
