#include "market/rows.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int grow(void **items, size_t *capacity, size_t n, size_t size, struct err *err)
{
    const size_t wanted = n < 512 ? 1024 : 2 * n;
    void *grown;

    if (n < *capacity)
        return 0;
    grown = reallocarray(*items, wanted, size);
    if (grown == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu rows", wanted);
    *items = grown;
    *capacity = wanted;
    return 0;
}

int rows_reject(struct rows *rows, uint32_t number, const char *reason, struct err *err)
{
    void *items = rows->rejected;

    if (grow(&items, &rows->rejected_capacity, rows->n_rejected, sizeof *rows->rejected,
             err) != 0)
        return -1;
    rows->rejected = items;
    struct rejected_row *rejected = &rows->rejected[rows->n_rejected++];

    rejected->number = number;
    rejected->is_blank = false;
    snprintf(rejected->reason, sizeof rejected->reason, "%s", reason);
    for (char *c = rejected->reason; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = '?'; /* a vendor's bytes go to the terminal and to JSON */
    return 0;
}

int rows_reject_blank(struct rows *rows, uint32_t number, const char *reason,
                      struct err *err)
{
    if (rows_reject(rows, number, reason, err) != 0)
        return -1;
    rows->rejected[rows->n_rejected - 1].is_blank = true;
    rows->n_blank++;
    return 0;
}

static bool wrong_price(const char *name, double price, char *reason)
{
    if (price > 0.0 && isfinite(price))
        return false;
    snprintf(reason, ROWS_REASON_MAX, "%s %g is not a price above 0", name, price);
    return true;
}

static bool outside(const char *name, double price, const struct bar *bar, char *reason)
{
    if (price >= bar->low && price <= bar->high)
        return false;
    snprintf(reason, ROWS_REASON_MAX, "%s %g is outside low %g to high %g", name, price,
             bar->low, bar->high);
    return true;
}

static bool is_wrong(const struct bar *bar, unsigned marks,
                     char reason[ROWS_REASON_MAX])
{
    if (wrong_price("open", bar->open, reason) ||
        wrong_price("high", bar->high, reason) ||
        wrong_price("low", bar->low, reason) ||
        wrong_price("close", bar->close, reason))
        return true;
    if (!(bar->volume >= 0.0) || !isfinite(bar->volume)) {
        snprintf(reason, ROWS_REASON_MAX, "volume %g is not 0 or more", bar->volume);
        return true;
    }
    if (bar->high < bar->low) {
        snprintf(reason, ROWS_REASON_MAX, "high %g is below low %g", bar->high,
                 bar->low);
        return true;
    }
    if (!(marks & (ROWS_OPEN_FREE | ROWS_FREE)) &&
        outside("open", bar->open, bar, reason))
        return true;
    return !(marks & ROWS_FREE) && outside("close", bar->close, bar, reason);
}

/* Few files have more than one symbol, and rows of a symbol come together or in
 * turn: the search starts at the symbol of the row before. */
static int find_symbol(struct rows *rows, const char *symbol, uint32_t *index,
                       struct err *err)
{
    const size_t start = rows->n > 0 ? rows->row[rows->n - 1].symbol : 0;

    for (size_t i = 0; i < rows->n_symbols; i++) {
        const size_t s = (start + i) % rows->n_symbols;

        if (strcmp(rows->symbol[s], symbol) == 0) {
            *index = (uint32_t)s;
            return 0;
        }
    }
    if (rows->n_symbols == ROWS_SYMBOLS_MAX)
        return err_set(err, ERR_INPUT, "more than %d symbols in one file",
                       ROWS_SYMBOLS_MAX);
    if ((rows->n_symbols & (rows->n_symbols - 1)) == 0) { /* 0 or a power of two */
        const size_t n = rows->n_symbols == 0 ? 1 : 2 * rows->n_symbols;
        void *grown = reallocarray(rows->symbol, n, sizeof *rows->symbol);

        if (grown == NULL)
            return err_set(err, ERR_MEMORY, "no memory for %zu symbols", n);
        rows->symbol = grown;
    }
    snprintf(rows->symbol[rows->n_symbols], ROWS_SYMBOL_MAX, "%s", symbol);
    *index = (uint32_t)rows->n_symbols++;
    return 0;
}

int rows_offer(struct rows *rows, uint32_t number, const struct bar *bar,
               const char *symbol, struct err *err)
{
    char reason[ROWS_REASON_MAX];
    void *items = rows->row;
    uint32_t index = 0;

    if (is_wrong(bar, rows->marks, reason))
        return rows_reject(rows, number, reason, err);
    if (find_symbol(rows, symbol, &index, err) != 0 ||
        grow(&items, &rows->capacity, rows->n, sizeof *rows->row, err) != 0)
        return -1;
    rows->row = items;
    rows->row[rows->n++] = (struct row){*bar, number, index};
    return 0;
}

void rows_free(struct rows *rows)
{
    const unsigned marks = rows->marks;

    free(rows->row);
    free(rows->rejected);
    free(rows->symbol);
    *rows = (struct rows){.marks = marks};
}
