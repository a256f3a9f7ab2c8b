/* intervals_shared.h -- how sure are parameters that instruments chose together?
 *
 * A replicate draws the same blocks of the calendar for all instruments of a pool, so
 * that what hits all of them at once stays together, and chooses the nested minimum
 * (worker/nested.h) of their figures there. */
#ifndef COORDINATOR_INTERVALS_SHARED_H
#define COORDINATOR_INTERVALS_SHARED_H

#include "coordinator/intervals_unit.h"
#include "coordinator/walk_shared.h"
#include "core/buffer.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

/* Even blocks of time, the last one ending where the pool's training does. */
struct interval_calendar {
    size_t n_blocks, block_bars; /* bars of a series without gaps */
    int64_t end_ns, block_ns;
};

/* What a rank knows of all instruments: the shared cell that each chooses with all
 * training bars, when those are, and the calendar of its pool. */
struct interval_shared {
    size_t *cell; /* [universe->n]; SIZE_MAX: it failed */
    struct interval_span {
        int64_t from_ns, end_ns; /* of its training bars; end_ns 0: it has none */
    } * span;
    struct interval_calendar *calendar; /* [universe->n] */
};

/* Found once a rank, by searching every instrument.  ERR_INPUT: this one has no say, or
 * its pool has too little time. */
int intervals_shared_find(struct interval_worker *worker, size_t instrument,
                          const struct interval_calendar **calendar, struct err *err);
void intervals_shared_free(struct interval_shared *shared); /* takes NULL */

/* The bars of a range in block b. */
struct range interval_calendar_bars(const struct interval_calendar *calendar,
                                    const struct bars *bars, struct range range,
                                    size_t b);

/* Rank 0: what one instrument answered. */
struct interval_drawn {
    struct candidate *best;    /* [n_replicates][cells]; NULL: it has no say */
    struct candidate *watched; /* [n_replicates][n_watched]                  */
    size_t n_watched;
};
int intervals_get_draws(struct reader *answer, size_t n_replicates, size_t n_cells,
                        size_t n_watched, struct interval_drawn *drawn);
void intervals_drawn_free(struct interval_drawn *drawn);

/* The figures of every instrument that has a say: answer, drawn [universe->n]. */
int intervals_shared_join(const struct subject *subject, size_t n_replicates,
                          const struct interval_drawn drawn[],
                          struct interval_answer *const answer[], struct err *err);

#endif /* COORDINATOR_INTERVALS_SHARED_H */
