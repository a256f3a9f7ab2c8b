/* format.h -- how does each vendor lay out its bars?
 *
 * One table describes every format; the readers know none by name.  A new vendor, or
 * a new layout of a known one, is a new row: layouts that share a name are tried in
 * the table's order, so the particular stands before the general. */
#ifndef MARKET_FORMAT_H
#define MARKET_FORMAT_H

#include "market/stamp.h"

#include <stddef.h>
#include <stdio.h>

enum format_shape {
    FORMAT_HEADED,       /* delimited text; the header names the columns   */
    FORMAT_BARE,         /* delimited text without a header                */
    FORMAT_JSON_OBJECTS, /* a JSON array of objects                        */
    FORMAT_JSON_ARRAYS,  /* a JSON array of arrays                         */
    FORMAT_JSON_COLUMNS, /* a JSON object with an array for each column    */
    FORMAT_BY_PLACE,     /* FORMAT_BARE and FORMAT_JSON_ARRAYS             */
    FORMAT_ARROW,        /* an Arrow IPC file: Feather version 2           */
};

enum format_field {
    FIELD_TIME,
    FIELD_OPEN,
    FIELD_HIGH,
    FIELD_LOW,
    FIELD_CLOSE,
    FIELD_VOLUME,
    FIELD_SYMBOL, /* several instruments may be in one file, told apart by */
    FIELD_VENUE,  /* VENUE-SYMBOL-KIND, of which a format has some or none */
    FIELD_KIND,
    FIELD_CLOCK, /* the time of day, where FIELD_TIME is the date alone     */
    FIELD_DONE,  /* 0 or false: the bar was not finished when it was written */
    FIELD_MEAN,  /* a mean price: between low and high, or 0                */
    FORMAT_N_FIELDS,
};

enum { FORMAT_NONE = -1 }; /* a field that the file does not have */

enum format_mark {
    FORMAT_END_STAMPED = 1,     /* time is the end of the bar, not its start     */
    FORMAT_OPEN_FREE = 2,       /* open is the previous close: ROWS_OPEN_FREE    */
    FORMAT_VOLUME_OPTIONAL = 4, /* without the column volume is 0                */
    FORMAT_SPARSE = 8,          /* a bar without trades is left out              */
    FORMAT_EXACT_HEADER = 16,   /* the header has the row's columns and no other */
    FORMAT_AMOUNTS = 32,        /* volume as 62.33K, "-" where there is none     */
    FORMAT_MORE_COLUMNS = 64,   /* columns behind those of `places` are allowed  */
};

struct format {
    const char *name;  /* what --format takes */
    const char *about; /* one line            */
    enum format_shape shape;
    const char *separators; /* of delimited text; the one in the first line counts */
    const char *comment;    /* what the line above the header contains, or NULL    */

    /* With names (headed, objects, columns, Arrow): the names a field may have, '|'
     * between them, best first; '*' stands for any text, and case matters only where
     * names differ in nothing else. */
    const char *names[FORMAT_N_FIELDS];
    const char *also; /* other columns that tell this vendor apart: "a|b,c": a or b,
                         and c */

    /* By place (bare, arrays): one letter a column, t o h l c v = time, open, high,
     * low, close, volume; s = symbol, d = done, m = mean; '-' = not read. */
    const char *places;

    struct stamp_rule stamp;
    unsigned marks; /* enum format_mark */
};

/* The table, in order of trial. */
extern const struct format format_table[];
extern const size_t format_count;

/* The first row of this name; NULL if there is none. */
const struct format *format_find(const char *name);

/* Every name once, with what it is: what `--list-formats` prints. */
void format_list(FILE *out);

/* All names in one line, ", " between them.  Returns out. */
enum { FORMAT_NAMES_MAX = 480 };
char *format_names(char out[FORMAT_NAMES_MAX]);

/* Where does each field stand among these column names?  place[field] is an index or
 * FORMAT_NONE.  False if a column that the row needs is missing. */
_Bool format_match_names(const struct format *format, size_t n_columns,
                         const char *const columns[], int place[FORMAT_N_FIELDS]);

/* The same for a row by place: true if n_columns is its number of columns. */
_Bool format_match_places(const struct format *format, size_t n_columns,
                          int place[FORMAT_N_FIELDS]);

#endif /* MARKET_FORMAT_H */
