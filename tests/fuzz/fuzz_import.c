/* fuzz_import.c -- do the readers of vendor files survive any bytes?
 *
 * Built and run by tests/fuzz/run.  The first byte chooses the format: a blank or less
 * recognises, others name one. */
#include "market/read.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n);

/* Rows that were kept passed every check, whatever the bytes were. */
static void check(const struct rows *rows, const struct err *err, int failed)
{
    if (failed && (err->kind == ERR_NONE || err->text[0] == '\0'))
        abort();
    for (size_t i = 0; i < rows->n; i++) {
        const struct bar *bar = &rows->row[i].bar;

        if (!(bar->open > 0.0 && bar->low > 0.0 && bar->low <= bar->high &&
              bar->close >= bar->low && bar->close <= bar->high && bar->volume >= 0.0))
            abort();
        if (!isfinite(bar->high) || !isfinite(bar->volume) ||
            rows->row[i].symbol >= rows->n_symbols)
            abort();
    }
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t n)
{
    struct rows rows = {.n = 0};
    struct read_choice choice;
    struct err err = {0};

    if (n == 0)
        return 0;
    const char *name =
        data[0] <= ' ' ? NULL : format_table[data[0] % format_count].name;
    const int failed =
        read_rows((const char *)data + 1, n - 1, &(struct read_wish){.name = name},
                  &rows, &choice, &err);

    check(&rows, &err, failed);
    rows_free(&rows);
    return 0;
}
