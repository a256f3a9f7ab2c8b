/* given.h -- which units are out and not answered yet, and since when? */
#ifndef MPI_GIVEN_H
#define MPI_GIVEN_H

#include "core/err.h"
#include "mpi/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A unit that is out.  Those that are out form a list, the longest out first. */
struct given_unit {
    struct given_unit *older, *newer; /* in the list   */
    struct given_unit *next;          /* in its bucket */
    int64_t since_ns;
    int n_times;           /* given: 1, or more where it was late            */
    bool late;             /* and no longer counted among its group's units */
    struct wire_unit head; /* .rank: whom it was given to last */
    unsigned char bytes[]; /* [head.n_bytes], its request      */
};

struct given {
    struct given_unit **bucket; /* [n_buckets], a power of two */
    size_t n_buckets, n;
    struct given_unit *oldest, *newest;
};

int given_add(struct given *given, const struct wire_unit *head, const void *bytes,
              int64_t now_ns, struct err *err);
/* NULL: it is not out (any more). */
struct given_unit *given_find(const struct given *given, uint64_t number);
void given_remove(struct given *given, struct given_unit *unit);
/* It goes out once more, to this rank, and becomes the newest. */
void given_again(struct given *given, struct given_unit *unit, int rank,
                 int64_t now_ns);
void given_free(struct given *given);

#endif /* MPI_GIVEN_H */
