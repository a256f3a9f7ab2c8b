/* read.h -- which format is this file in, and which rows does it hold?
 *
 * Functions over bytes in memory: nothing here opens a file. */
#ifndef MARKET_READ_H
#define MARKET_READ_H

#include "market/format.h"
#include "market/rows.h"

#include <stdbool.h>
#include <stddef.h>

enum { READ_WHY_MAX = 200 };

struct read_choice {
    const struct format *format; /* NULL: an empty JSON array, which is all of them */
    char why[READ_WHY_MAX];      /* what it was recognised by                       */
    bool by_index;               /* rows are numbered by array index, not by line   */
};

/* What the caller knows of the file already. */
struct read_wish {
    const char *name;             /* the format's; NULL: recognise it        */
    const struct format *formats; /* [n_formats] instead of the table's; NULL */
    size_t n_formats;
};

/* The formats that the wish leaves to try. */
const struct format *read_formats(const struct read_wish *wish, size_t *n);

/* Is the row one of those by name? */
bool read_wants(const struct read_wish *wish, const struct format *format);

/* Read the file as wished and append its rows to `rows` (whose marks from enum
 * rows_mark widen the format's).  ERR_INPUT if the format is not the file's, if none
 * or several fit, or if the file is damaged as a whole. */
int read_rows(const char *bytes, size_t n_bytes, const struct read_wish *wish,
              struct rows *rows, struct read_choice *choice, struct err *err);

/* One cell of a row as its reader found it: text, or a whole number of an array. */
struct read_cell {
    const char *text;
    size_t n_chars;
};

/* Turn the cells of a row by field (text NULL where there is none) into a bar, and
 * keep or reject it.  Shared by the readers of text. */
int read_take_cells(const struct format *format,
                    const struct read_cell cell[FORMAT_N_FIELDS], uint32_t number,
                    struct rows *rows, struct err *err);

/* What is wrong with a file that fits none, and where to look for what does. */
int read_unknown(const char *what, const char *name, struct err *err);

/* The readers by shape; read_rows picks among them. */
int read_csv(const char *bytes, size_t n_bytes, const struct read_wish *wish,
             struct rows *rows, struct read_choice *choice, struct err *err);
int read_json(const char *bytes, size_t n_bytes, const struct read_wish *wish,
              struct rows *rows, struct read_choice *choice, struct err *err);
int read_arrow(const char *bytes, size_t n_bytes, const struct read_wish *wish,
               struct rows *rows, struct read_choice *choice, struct err *err);

#endif /* MARKET_READ_H */
