/* table_file.h -- the columns of a plain table of numbers: comma, semicolon or tab
 *
 * One record a line.  The first line is a header if it holds a name that is asked for,
 * or a word in a column asked for by number; "NaN" and "NA" are no words. Cells may
 * stand in double quotes, blanks around them do not count, lines that are empty or
 * start with # are passed over; a gzip file is unpacked.  The separator is the one of
 * the first line: tab before semicolon before comma. */
#ifndef COORDINATOR_TABLE_FILE_H
#define COORDINATOR_TABLE_FILE_H

#include "core/err.h"
#include "core/sha256.h"

#include <stddef.h>

enum { TABLE_FILE_COLUMNS = 8 };

struct table_file {
    size_t n;                           /* rows                       */
    double *column[TABLE_FILE_COLUMNS]; /* [n] each, in the order asked */
    char sha256[SHA256_TEXT_MAX];       /* of the file                */
};

/* Read the n_names columns of these names: a header's name, letters' case aside, or the
 * number of a column, 1 the first.  Every cell asked for must be a finite number, or
 * empty: missing, NaN.  ERR_INPUT names the file, the line, the column and the cell. */
int table_file_read(const char *path, size_t n_names, const char *const names[],
                    struct table_file *table, struct err *err);
void table_file_free(struct table_file *table);

#endif /* COORDINATOR_TABLE_FILE_H */
