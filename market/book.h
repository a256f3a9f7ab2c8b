/* book.h -- what could be bought and sold now, and at which prices?
 *
 * The levels of both sides, best first, as a snapshot and the changes behind it leave
 * them.  Prices are those of the messages; equal ones are one level. */
#ifndef MARKET_BOOK_H
#define MARKET_BOOK_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>

enum book_side { BOOK_BID, BOOK_ASK, BOOK_SIDES };

struct book_level {
    double price, quantity;
};

struct book {
    size_t n[BOOK_SIDES], room[BOOK_SIDES];
    struct book_level *level[BOOK_SIDES];
};

void book_free(struct book *book); /* all zeros is an empty book */
void book_clear(struct book *book);

/* Put a level in the place of that price; quantity 0 takes it out.  ERR_MEMORY. */
int book_set(struct book *book, enum book_side side, struct book_level level,
             struct err *err);

/* Both sides there and bid < ask? */
bool book_is_whole(const struct book *book);
double book_mid(const struct book *book);

/* What an order of this notional that takes the side pays or gets on average, away from
 * the mid, as a share of it; NaN where the side does not have as much.  The notional of
 * a level is quantity * value(price): price for linear contracts (face = 0), face for
 * contracts of a fixed face in the quote. */
double book_cost(const struct book *book, enum book_side side, double notional,
                 double face);

/* Notional of the side within a share of the mid. */
double book_depth(const struct book *book, enum book_side side, double within,
                  double face);

#endif /* MARKET_BOOK_H */
