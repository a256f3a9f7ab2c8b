/* import.h -- which series do these vendor files make?
 *
 * Files (and the files in their archives) are read, their rows sorted into
 * instruments, joined in time order, freed of duplicates, cut where a ticker was
 * reused, and examined.  The same files in another order make the same series: where
 * rows of one time differ, the row kept is that of the file whose first bar is
 * earlier (then of the smaller SHA-256), and inside a file the first. */
#ifndef MARKET_IMPORT_H
#define MARKET_IMPORT_H

#include "core/err.h"
#include "core/sha256.h"
#include "market/bars.h"
#include "market/columns.h"
#include "market/history.h"
#include "market/quality.h"
#include "market/read.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct import_options {
    const char *format; /* of format_table; NULL: recognise each file          */
    const struct columns *columns; /* instead of the table; NULL: the table        */
    const char *instrument;        /* a name in which {name}, {stem}, {symbol} stand for
                                      the member's file name up to the first character that
                                      is no letter or digit, up to its extension, and the
                                      symbol in the file (VENUE-SYMBOL-KIND)              */
    const char *match;      /* glob: only members of that file name; NULL: all     */
    const char *symbol;     /* glob: only rows of that symbol; NULL: all           */
    int64_t interval_ns;    /* 0: the most common step                             */
    int64_t from_ns, to_ns; /* bars that start in [from, to); INT64_MIN, INT64_MAX */
    int64_t split_gap_ns;   /* a longer step starts the next instrument; 0: never  */
    int64_t max_rejected;   /* rows an instrument; -1: one of a hundred            */
    unsigned marks;         /* of enum rows_mark: ROWS_FREE, and how to read dates
                               and numbers                                         */
};

enum { IMPORT_FILE_MAX = 160 };

/* One file that was given, as far as it feeds one series (or all, in import.file). */
struct import_file {
    char name[IMPORT_FILE_MAX]; /* base name */
    char sha256[SHA256_TEXT_MAX];
    const struct format *format; /* of its first member that has rows */
    char why[READ_WHY_MAX];      /* and what that was recognised by   */
    unsigned units;              /* enum stamp_unit bits of its times */
    uint64_t n_members, n_rows, n_kept, n_rejected;
    int64_t first_ns, last_ns; /* as the vendor stamps; 0 without rows */
};

struct import_series {
    char instrument[HISTORY_NAME_MAX];
    struct bars bars;
    struct quality quality;
    const struct format *format; /* of its first file */
    bool sparse;                 /* every file leaves out bars without trades */
    uint64_t n_outside_span;     /* rows that --from and --to left out        */
    size_t n_files;
    struct import_file *file; /* ordered by name, then sha256; counts of this
                                 instrument alone */
};

struct import_rejected {
    char file[IMPORT_FILE_MAX]; /* "outer.zip/member.csv" */
    uint32_t number;            /* line from 1, or index from 0 where by_index */
    bool by_index, is_blank;
    char reason[ROWS_REASON_MAX];
};

struct import {
    size_t n_series;
    struct import_series *series; /* ordered by instrument */
    size_t n_rejected;
    struct import_rejected *rejected; /* ordered by file and number */
};

/* Read the files.  ERR_INPUT for a bad file, an ambiguous format, several symbols
 * under one name, no regular interval, too many rejected or conflicting rows, or
 * no rows at all.  On failure *import is empty. */
int import_read(size_t n_paths, const char *const paths[],
                const struct import_options *options, struct import *import,
                struct err *err);
void import_free(struct import *import);

/* "BTCUSDT.csv:123: high 3 is below low 4", or "a.json[12]: ..." by index. */
void import_print_rejected(const struct import_rejected *rejected, FILE *out);

/* What stands beside the series in the store: JSON of its sources; free() it. */
int import_sources_json(const struct import_series *series, char **text,
                        struct err *err);

/* The report of one series: files, span, findings. */
void import_print_series(const struct import_series *series, FILE *out);

#endif /* MARKET_IMPORT_H */
