#include "market/bars.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024 };

static int grow_column(void **column, size_t n, size_t size, struct err *err)
{
    void *grown = reallocarray(*column, n, size);

    if (grown == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    *column = grown;
    return 0;
}

int bars_reserve(struct bars *bars, size_t n, struct err *err)
{
    void *time = bars->time;
    double **price[] = {&bars->open, &bars->high, &bars->low, &bars->close,
                        &bars->volume};

    if (n <= bars->capacity)
        return 0;
    if (grow_column(&time, n, sizeof *bars->time, err) != 0)
        return -1;
    bars->time = time;
    for (size_t c = 0; c < sizeof price / sizeof *price; c++) {
        void *column = *price[c];

        if (grow_column(&column, n, sizeof(double), err) != 0)
            return -1;
        *price[c] = column;
    }
    bars->capacity = n;
    return 0;
}

int bars_append(struct bars *bars, const struct bar *bar, struct err *err)
{
    if (bars->n == bars->capacity &&
        bars_reserve(bars, bars->n < FIRST_CAPACITY ? FIRST_CAPACITY : 2 * bars->n,
                     err) != 0)
        return -1;
    bars->time[bars->n] = bar->time;
    bars->open[bars->n] = bar->open;
    bars->high[bars->n] = bar->high;
    bars->low[bars->n] = bar->low;
    bars->close[bars->n] = bar->close;
    bars->volume[bars->n] = bar->volume;
    bars->n++;
    return 0;
}

struct bar bars_at(const struct bars *bars, size_t t)
{
    return (struct bar){.time = bars->time[t],
                        .open = bars->open[t],
                        .high = bars->high[t],
                        .low = bars->low[t],
                        .close = bars->close[t],
                        .volume = bars->volume[t]};
}

size_t bars_first_from(size_t n, const int64_t time[], int64_t moment_ns)
{
    size_t low = 0, high = n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (time[middle] < moment_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void bars_free(struct bars *bars)
{
    if (bars == NULL)
        return;
    free(bars->time);
    free(bars->open);
    free(bars->high);
    free(bars->low);
    free(bars->close);
    free(bars->volume);
    bars_free(bars->finer);
    free(bars->finer);
    memset(bars, 0, sizeof *bars);
}
