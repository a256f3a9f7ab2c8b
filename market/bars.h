/* bars.h -- the bars of one instrument at one interval, as columns */
#ifndef MARKET_BARS_H
#define MARKET_BARS_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

/* Bar t starts at time[t] (ns since 1970 UTC, strictly ascending) and lasts
 * interval_ns.  Prices are in the quote currency and > 0; volume is as the vendor
 * counts it, >= 0.  Where time[t] - time[t-1] != interval_ns there is a gap: gaps
 * stay gaps. */
struct bars {
    size_t n, capacity;
    int64_t interval_ns;
    int64_t *time;
    double *open, *high, *low, *close, *volume;

    const char *instrument; /* whose they are, borrowed; NULL: nobody said          */
    struct bars *finer;     /* the same span in shorter bars, owned; NULL: none are */
};

struct bar {
    int64_t time;
    double open, high, low, close, volume;
};

/* Append one bar; the columns grow.  No order or value is checked here. */
int bars_append(struct bars *bars, const struct bar *bar, struct err *err);
/* Room for n bars in all; existing ones stay. */
int bars_reserve(struct bars *bars, size_t n, struct err *err);
struct bar bars_at(const struct bars *bars, size_t t);
/* Of n ascending times the first that is not before the moment; n where all are. */
size_t bars_first_from(size_t n, const int64_t time[], int64_t moment_ns);
/* Free the columns and empty the struct; takes NULL. */
void bars_free(struct bars *bars);

#endif /* MARKET_BARS_H */
