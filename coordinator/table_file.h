/* table_file.h -- the columns of a plain table of numbers: comma, semicolon, tab,
 * blanks
 *
 * One record a line, all of them with as many cells as the first.  The first line is a
 * header if it holds a name that is asked for, or a word in a column asked for by
 * number.  Cells may stand in double quotes, which may hold the separator; blanks
 * around them do not count; lines that are empty or start with # are passed over; a
 * byte-order mark and any line end will do; a gzip file is unpacked.  How the separator
 * is found: table_line.h. */
#ifndef COORDINATOR_TABLE_FILE_H
#define COORDINATOR_TABLE_FILE_H

#include "coordinator/table_time.h"
#include "core/sha256.h"

#include <stdbool.h>
#include <stddef.h>

enum { TABLE_FILE_COLUMNS = 8, TABLE_FILE_NAMES = 64, TABLE_FILE_NAME = 64 };

/* Columns: a header's name, letters' case aside, or the number of a column, 1 the
 * first. */
struct table_ask {
    size_t n_names; /* at most TABLE_FILE_COLUMNS */
    const char *const *names;
    struct table_span span;
};

struct table_file {
    size_t n;                           /* rows                                  */
    double *column[TABLE_FILE_COLUMNS]; /* [n] each, in the order asked          */
    int64_t *time;                      /* [n] ns since 1970 UTC, NULL: no times */
    char sha256[SHA256_TEXT_MAX];       /* of the file                           */
};

/* Read the columns asked for, of the rows asked for.  Every cell must be a finite
 * number, or missing (empty, NA, N/A, NaN, null): NaN.  ERR_INPUT names the file, the
 * line, the column and the cell. */
int table_file_read(const char *path, const struct table_ask *ask,
                    struct table_file *table, struct err *err);
void table_file_free(struct table_file *table);

/* The cells of the first line, longer names cut. */
struct table_header {
    size_t n_cells;
    char name[TABLE_FILE_NAMES][TABLE_FILE_NAME];
    char names[TABLE_NAMES_MAX]; /* "open, high, low", for an error */
};

int table_file_header(const char *path, struct table_header *header, struct err *err);
bool table_header_has(const struct table_header *header, const char *name);

#endif /* COORDINATOR_TABLE_FILE_H */
