/* rows.h -- what a reader takes from one file: rows that are right, and the others
 *
 * A row is wrong, and is rejected with the reason, when a price is not finite and
 * above 0, the volume is not finite and at least 0, high is below low, or open or
 * close lies outside high-low (ROWS_OPEN_FREE, ROWS_FREE let that pass). */
#ifndef MARKET_ROWS_H
#define MARKET_ROWS_H

#include "core/err.h"
#include "market/bars.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROWS_SYMBOL_MAX = 64, ROWS_REASON_MAX = 96, ROWS_SYMBOLS_MAX = 4096 };

enum rows_mark {
    ROWS_OPEN_FREE = 1,   /* open is the previous close: it may be outside high-low */
    ROWS_FREE = 2,        /* open and close may be outside high-low                 */
    ROWS_DAY_FIRST = 4,   /* 03/01/2023 is in January                               */
    ROWS_MONTH_FIRST = 8, /* 03/01/2023 is in March                                 */
    ROWS_DECIMAL_POINT = 16, /* 16,541 is above sixteen thousand */
    ROWS_DECIMAL_COMMA = 32, /* 16,541 is below seventeen */
};

struct row {
    struct bar bar;
    uint32_t number; /* physical line from 1, or index in an array from 0 */
    uint32_t symbol; /* index into rows.symbol                            */
};

struct rejected_row {
    uint32_t number;
    bool is_blank;
    char reason[ROWS_REASON_MAX];
};

struct rows {
    size_t n, capacity;
    struct row *row; /* in file order */
    size_t n_rejected, rejected_capacity;
    struct rejected_row *rejected;
    size_t
        n_blank; /* of the rejected: those that say themselves that they are no bar */
    size_t n_symbols;
    char (*symbol)[ROWS_SYMBOL_MAX]; /* "" where the file names none */
    unsigned units;                  /* enum stamp_unit bits that were seen */
    unsigned marks;                  /* enum rows_mark, set by the caller   */
};

/* Check the row and keep or reject it.  -1 only for want of memory or when a file
 * has more than ROWS_SYMBOLS_MAX symbols. */
int rows_offer(struct rows *rows, uint32_t number, const struct bar *bar,
               const char *symbol, struct err *err);

int rows_reject(struct rows *rows, uint32_t number, const char *reason,
                struct err *err);

/* The same for a row without any price, or of a bar that was not finished: it is
 * listed, and held against nobody. */
int rows_reject_blank(struct rows *rows, uint32_t number, const char *reason,
                      struct err *err);

/* Frees and empties; the marks stay. */
void rows_free(struct rows *rows);

#endif /* MARKET_ROWS_H */
