/* draws.h -- which random number is it, of which run, instrument, point and path?
 *
 * A number is known by its place alone (market/random.h), so any rank finds the same.
 * Points share their numbers unless the job says otherwise: then differences between
 * points are the points' own. */
#ifndef WORKER_DRAWS_H
#define WORKER_DRAWS_H

#include "market/random.h"

#include <stddef.h>
#include <stdint.h>

/* What a number decides; patience takes one for each bidder from DRAW_PATIENCE on. */
enum draw { DRAW_SIZE = 64, DRAW_SLACK, DRAW_BIDDER, DRAW_PATIENCE = 96 };

/* Where the numbers of one path come from. */
struct draws {
    uint64_t seed; /* of run and point */
    uint64_t who;  /* instrument       */
    uint32_t path; /* where it starts  */
};

/* The seed of a run, with a point's own where its values are given (n > 0). */
uint64_t draws_seed(uint64_t run, size_t n, const double value[]);

/* The numbers of this purpose from this index on. */
static inline struct random draws_at(const struct draws *draws, uint8_t purpose,
                                     uint32_t index)
{
    struct random random = random_at(draws->seed, purpose, draws->who, draws->path);

    random.n_drawn = index;
    return random;
}

#endif /* WORKER_DRAWS_H */
