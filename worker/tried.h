/* tried.h -- which points has a search tried, and what came of them?
 *
 * A point is its values and the share of the history that it was rated on; what is
 * equal in both is one point, tried once.  Points are numbered in the order in which
 * they were first asked for. */
#ifndef WORKER_TRIED_H
#define WORKER_TRIED_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What rating a point says of it: less is better, the violation first. */
struct rating {
    double violation; /* 0: every constraint holds                                */
    double cost;      /* NaN: undefined, and the point out of the choice          */
    double slack;     /* to the nearest limit, on the violations' scale; -violation
                         where one is broken                                      */
};

_Static_assert(sizeof(struct rating) == 24, "ratings travel as bytes");

struct tried_point {
    struct rating rating;
    double share;        /* of the training bars                    */
    uint32_t generation; /* of the search, or its rung              */
    uint32_t is_rated;
};

struct tried {
    size_t n_axes, n, capacity;
    double *value; /* [n][n_axes] */
    struct tried_point *point;
    size_t n_buckets; /* a power of two; each the number of a point + 1, or 0 */
    size_t *bucket;
};

void tried_start(size_t n_axes, struct tried *tried);
void tried_free(struct tried *tried); /* and start anew */

/* The number of the point of these values [n_axes] and this share, which is added where
 * it is not there; *is_new tells.  -1: no memory. */
int tried_take(struct tried *tried, const double value[], double share, size_t *number,
               bool *is_new, struct err *err);

/* Is there such a point, and which? */
bool tried_find(const struct tried *tried, const double value[], double share,
                size_t *number);

static inline const double *tried_value(const struct tried *tried, size_t number)
{
    return tried->value + number * tried->n_axes;
}

#endif /* WORKER_TRIED_H */
