/* walk_book.h -- which answers of a walk-forward are there, and what do they say?
 *
 * Rank 0's book of instruments, each with its folds and its overfitting (walk_unit.h),
 * for the command and for a calibration that is gated by folds. */
#ifndef COORDINATOR_WALK_BOOK_H
#define COORDINATOR_WALK_BOOK_H

#include "coordinator/subject.h"
#include "coordinator/walk_result.h"
#include "core/buffer.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct walk_book {
    struct walk_result result;
    size_t first;                /* place of its first instrument in the universe */
    struct cscv_choice **choice; /* [universe->n] where axes are shared           */
};

/* n instruments of the subject's universe from the first on; nothing is answered.  The
 * subject must outlive the book. */
int walk_book_open(const struct subject *subject, size_t first, size_t n, uint64_t seed,
                   struct walk_book *book, struct err *err);
void walk_book_close(struct walk_book *book);

/* NULL: an instrument that nobody asked for. */
struct walk_instrument *walk_book_at(const struct walk_book *book, size_t instrument);

/* What a rank answered about unit k of an instrument of the universe: fold k, or the
 * overfitting where k is the number of folds. */
int walk_book_take(struct walk_book *book, size_t instrument, size_t k,
                   struct reader answer, struct err *err);

/* All units of these instruments are answered: decide, and let the scores of bars go.
 * Where axes are shared they are a pool's, all of it. */
int walk_book_conclude(struct walk_book *book, size_t n, const size_t instrument[],
                       struct err *err);

#endif /* COORDINATOR_WALK_BOOK_H */
