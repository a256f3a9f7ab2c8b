/* capture.h -- what did an exchange's stream say of its book and its trades?
 *
 * A capture is text, plain or in an archive: a line a message, whatever stands before
 * its JSON (the receiver's clock, an address) left alone.  Read are messages of
 * Binance's shape, in a `{"stream": ..., "data": ...}` or bare:
 *
 *     depth snapshot   {"lastUpdateId", "bids", "asks"}
 *     depth change     {"e": "depthUpdate", "E", "U", "u", "pu", "b", "a"}
 *     trade            {"e": "trade" or "aggTrade", "E", "p", "q", "m"}
 *
 * Other messages are counted.  Changes are taken from the snapshot on, also those
 * that came while it was asked for, in an unbroken chain of their ids; where it breaks
 * the book is unknown until the next snapshot. */
#ifndef MARKET_CAPTURE_H
#define MARKET_CAPTURE_H

#include "core/err.h"
#include "market/book.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_trade {
    int64_t time_ns;
    double price, quantity;
    bool is_buy; /* the taker bought */
};

/* Either may be NULL. */
struct capture_listener {
    void *context;
    /* The book changed; it is whole. */
    int (*book)(void *context, int64_t time_ns, const struct book *book,
                struct err *err);
    int (*trade)(void *context, const struct capture_trade *trade, struct err *err);
};

struct capture_counts {
    uint64_t n_lines, n_snapshots, n_changes, n_early, n_breaks, n_trades, n_others;
};

/* ERR_INPUT "FILE: line 7: ..." at a line of these messages that cannot be read. */
int capture_read(const char *path, const struct capture_listener *listener,
                 struct capture_counts *counts, struct err *err);

#endif /* MARKET_CAPTURE_H */
