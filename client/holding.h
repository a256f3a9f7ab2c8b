/* holding.h -- which parameter set is held, and may this one take its place?
 *
 * With a directory, the set is DIR/parameters.json, byte for byte as published, and
 * DIR/state.json names it (client/state.h); one process at a time.  A set is held only
 * after it is on disk.  Nothing here knows of ZeroMQ. */
#ifndef CLIENT_HOLDING_H
#define CLIENT_HOLDING_H

#include "client/set.h"
#include "client/stream.h"
#include "core/err.h"

struct holding;

/* Open the directory (made where missing), or hold in memory only (NULL).  A stored set
 * that is not the one that the state names is not used: see holding_fault. */
int holding_open(const char *directory, struct holding **holding, struct err *err);
void holding_close(struct holding *holding); /* takes NULL */

/* Why the stored set is not used; NULL where it is, or there is none. */
const char *holding_fault(const struct holding *holding);

/* The held set, NULL where there is none, and the one before it (NULL: none since
 * holding_open).  Both stay as they are until the next holding_offer. */
const struct plimsoll_set *holding_set(const struct holding *holding);
const struct plimsoll_set *holding_previous(const struct holding *holding);

/* The name of the held set, or of the last one; version 0 where there was none ever. */
const struct stream_name *holding_name(const struct holding *holding);

/* ERR_REFUSED unless a set of this name may follow what is held: not a lower one, and
 * not another one under the same version. */
int holding_check_order(const struct holding *holding, const struct stream_name *name,
                        struct err *err);

/* Take these bytes: order, length, digest, schema, disk.  1 taken, 0 held already, -1
 * refused: what was held is held still. */
int holding_offer(struct holding *holding, const struct stream_name *name,
                  const void *bytes, size_t n_bytes, struct err *err);

#endif /* CLIENT_HOLDING_H */
