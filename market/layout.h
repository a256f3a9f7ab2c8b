/* layout.h -- which of the layouts that a file may have is its own?
 *
 * A layout is a row of the format table laid over one file.  Where names say which
 * column is which, the first layout that fits is taken; where places do, the values
 * must tell.  Two things tell: rows read in a wrong order break low <= open, close <=
 * high; and a bar opens near the close before it, so that open and close that were
 * exchanged, which break no rule, give themselves away. */
#ifndef MARKET_LAYOUT_H
#define MARKET_LAYOUT_H

#include "market/format.h"
#include "market/rows.h"

#include <stdbool.h>

struct layout {
    const struct format *format;
    int place[FORMAT_N_FIELDS]; /* of columns and arrays, FORMAT_NONE: it has none */
    const char *key[FORMAT_N_FIELDS]; /* of objects, NULL: it has none */
    size_t n_columns;
    char separator;
    size_t first_byte;   /* of the first data row */
    uint32_t first_line; /* its number, from 1    */

    /* What a sample of the rows says. */
    double share;                      /* of right rows among those that are bars */
    bool exchanged;                    /* open and close are */
    char reason[ROWS_REASON_MAX + 32]; /* why the first wrong row is wrong */
};

/* A part of the rows' share of right ones below this says: not this format. */
#define LAYOUT_LEAST_SHARE 0.4

enum { LAYOUT_SAMPLE_ROWS = 300, LAYOUT_LONG_SAMPLE_ROWS = 200000 };

/* Append at most max_rows rows of the file, read by the layout. */
typedef int (*layout_take_fn)(const void *file, const struct layout *layout,
                              size_t max_rows, struct rows *rows, struct err *err);

struct layout_file {
    layout_take_fn take;
    const void *file;
    const char *counted; /* how its rows are counted: "line", "element" */
    unsigned marks;      /* enum rows_mark that the caller asks for */
};

struct layouts {
    struct layout best, second; /* format NULL: none */
    struct layout worst_fit;    /* right columns, wrong values */
};

/* Fill share, exchanged and reason from the first n_sample rows. */
int layout_score(const struct layout_file *file, size_t n_sample, struct layout *layout,
                 struct err *err);

/* Keep a scored layout where it is among the two best. */
void layout_consider(struct layouts *found, const struct layout *layout);

/* Leave the file's own layout in found->best, which is there.  ERR_INPUT where two fit
 * the values alike. */
int layout_decide(const struct layout_file *file, struct layouts *found,
                  struct err *err);

/* Why no layout fits although the columns of found->worst_fit do. */
int layout_refuse(const struct layouts *found, const char *hint, struct err *err);

/* Take all rows by the layout.  ERR_INPUT where too few of them are right. */
int layout_take(const struct layout_file *file, const struct layout *layout,
                struct rows *rows, struct err *err);

#endif /* MARKET_LAYOUT_H */
