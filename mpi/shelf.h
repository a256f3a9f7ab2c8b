/* shelf.h -- one copy a node of what all its ranks read
 *
 * A shared window (MPI_Win_allocate_shared) with a place for each item. Whichever rank
 * of the node asks for an item first fills its place; the others find it there, or wait
 * while it is being filled. What does not fit the limit, or could not be filled, is not
 * on the shelf, and each rank sees to it itself. */
#ifndef MPI_SHELF_H
#define MPI_SHELF_H

#include "core/err.h"
#include "mpi/team.h"

#include <stdbool.h>
#include <stddef.h>

struct shelf;

/* Collective over the team.  Item i takes n_bytes[i]; items are given places in order
 * while they fit limit_bytes and half of what is free in /dev/shm.  The lengths and the
 * limit must be the same on every rank. */
int shelf_new(const struct team *team, size_t n_items, const size_t n_bytes[],
              size_t limit_bytes, struct shelf **shelf, struct err *err);
/* Collective over the team; takes NULL. */
void shelf_free(struct shelf *shelf);

struct shelf_filler {
    void *context;
    /* Write the item into its place of n_bytes[item]; -1: it cannot be had. */
    int (*fill)(void *context, size_t item, void *place);
};

/* Local.  The item's place, filled; NULL where it is not on the shelf.  Waits for a
 * rank that is filling it no longer than SHELF_PATIENCE_S. */
enum { SHELF_PATIENCE_S = 60 };
const void *shelf_get(struct shelf *shelf, size_t item,
                      const struct shelf_filler *filler);

/* Local.  Bytes of the items that have a place. */
size_t shelf_bytes(const struct shelf *shelf);

#endif /* MPI_SHELF_H */
