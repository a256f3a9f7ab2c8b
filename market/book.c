#include "market/book.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void book_free(struct book *book)
{
    for (int side = 0; side < BOOK_SIDES; side++)
        free(book->level[side]);
    *book = (struct book){0};
}

void book_clear(struct book *book)
{
    book->n[BOOK_BID] = book->n[BOOK_ASK] = 0;
}

/* Is price a better than b? */
static bool is_better(enum book_side side, double a, double b)
{
    return side == BOOK_BID ? a > b : a < b;
}

/* The first level that is not better than the price. */
static size_t find(const struct book *book, enum book_side side, double price)
{
    size_t low = 0, high = book->n[side];

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (is_better(side, book->level[side][middle].price, price))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int make_room(struct book *book, enum book_side side, struct err *err)
{
    if (book->n[side] < book->room[side])
        return 0;
    const size_t room = book->room[side] > 0 ? 2 * book->room[side] : 256;
    struct book_level *level = realloc(book->level[side], room * sizeof *level);
    if (level == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a book of %zu levels", room);
    book->level[side] = level;
    book->room[side] = room;
    return 0;
}

int book_set(struct book *book, enum book_side side, struct book_level level,
             struct err *err)
{
    if (make_room(book, side, err) != 0)
        return -1;
    const size_t at = find(book, side, level.price);
    struct book_level *here = &book->level[side][at];
    const size_t n_behind = book->n[side] - at;
    const bool is_there = n_behind > 0 && here->price == level.price;

    if (level.quantity > 0.0 && !is_there) {
        memmove(here + 1, here, n_behind * sizeof *here);
        book->n[side]++;
    }
    if (level.quantity > 0.0) {
        *here = level;
    } else if (is_there) {
        memmove(here, here + 1, (n_behind - 1) * sizeof *here);
        book->n[side]--;
    }
    return 0;
}

bool book_is_whole(const struct book *book)
{
    return book->n[BOOK_BID] > 0 && book->n[BOOK_ASK] > 0 &&
           book->level[BOOK_BID][0].price < book->level[BOOK_ASK][0].price;
}

double book_mid(const struct book *book)
{
    return 0.5 * (book->level[BOOK_BID][0].price + book->level[BOOK_ASK][0].price);
}

static double notional_of(const struct book_level *level, double face)
{
    return level->quantity * (face > 0.0 ? face : level->price);
}

double book_cost(const struct book *book, enum book_side side, double notional,
                 double face)
{
    const double mid = book_mid(book);
    double left = notional, paid = 0.0; /* sum of notional * distance */

    for (size_t i = 0; i < book->n[side] && left > 0.0; i++) {
        const struct book_level *level = &book->level[side][i];
        const double taken = fmin(left, notional_of(level, face));

        paid += taken * fabs(level->price - mid) / mid;
        left -= taken;
    }
    return left > 0.0 ? NAN : paid / notional;
}

double book_depth(const struct book *book, enum book_side side, double within,
                  double face)
{
    const double mid = book_mid(book);
    double depth = 0.0;

    for (size_t i = 0; i < book->n[side]; i++) {
        const struct book_level *level = &book->level[side][i];

        if (fabs(level->price - mid) > within * mid)
            break;
        depth += notional_of(level, face);
    }
    return depth;
}
