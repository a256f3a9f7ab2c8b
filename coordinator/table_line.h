/* table_line.h -- how does a line of a plain table fall into cells? */
#ifndef COORDINATOR_TABLE_LINE_H
#define COORDINATOR_TABLE_LINE_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { TABLE_LINE_CELLS = 256 };

struct table_cell {
    const char *text; /* without the blanks and quotes around it */
    size_t n_chars;
};

struct table_line {
    size_t number; /* from 1 */
    size_t n_cells;
    struct table_cell cell[TABLE_LINE_CELLS];
};

/* The lines of a text, one after the other: '\n', or '\r' in a text without '\n'. */
struct table_lines {
    const char *at, *end;
    char line_end;
    size_t number; /* of the line taken last */
};

struct table_lines table_lines_of(const char *bytes, size_t n_bytes);
/* The next line that is neither empty nor a comment (#); false: there is none. */
bool table_lines_next(struct table_lines *lines, const char **text, size_t *n_chars);

/* Tab, semicolon or comma, the first of them that stands outside of quotes in the
 * first line; a blank where both it and the second line have none of these but blanks
 * between cells. */
char table_separator_of(const struct table_lines *lines);

/* Cells in quotes may hold the separator; blanks that separate may be many. */
int table_line_split(const char *text, size_t n_chars, char separator,
                     struct table_line *line, struct err *err);

/* Where does the column of this name, or else of this number (1 the first), stand?
 * *header is set where the line proves to be a header: it has the name, or a word in
 * the numbered column.  ERR_INPUT: no such column, or two of the name. */
int table_line_find(const struct table_line *first, const char *name, size_t *place,
                    bool *header, struct err *err);

/* "open, high, low", as many cells as there is room for.  Returns out. */
enum { TABLE_NAMES_MAX = 160 };
char *table_line_names(const struct table_line *line, char out[TABLE_NAMES_MAX]);

bool table_cell_is(const struct table_cell *cell, const char *name); /* case aside */
/* Empty, NA, N/A, NaN or null, as other programs write what they do not have. */
bool table_cell_is_missing(const struct table_cell *cell);
/* Letters that are no number and not missing either: a header's. */
bool table_cell_is_word(const struct table_cell *cell);

#endif /* COORDINATOR_TABLE_LINE_H */
