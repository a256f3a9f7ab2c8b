/* holding.h -- which publication is held, and may this one take its place?
 *
 * With a directory, what is held is DIR/held.publication, one file that is replaced by
 * rename (publication_pack).  DIR/parameters.json and DIR/publication.json are copies
 * of its parts, for readers who link nothing.  One process at a time.  A publication is
 * held only after it is on the disk.  Nothing here knows of ZeroMQ. */
#ifndef CLIENT_HOLDING_H
#define CLIENT_HOLDING_H

#include "client/publication.h"
#include "client/set.h"
#include "client/stream.h"
#include "core/err.h"

#include <stdbool.h>

struct holding;

struct holding_options {
    const char *store;   /* directory, made where missing; NULL: memory only        */
    const char *signers; /* trust file; NULL: signatures are not asked for          */
    const char *limits;  /* the owner's limits (client/limits.h); NULL: none        */
};

/* Reads what is stored.  What is not sound, not signed as it must be, expired or
 * outside the limits is not used: see holding_fault. */
int holding_open(const struct holding_options *options, struct holding **holding,
                 struct err *err);
void holding_close(struct holding *holding); /* takes NULL */

/* Why what is stored is not used, or a copy of it was not mended; NULL: all is well. */
const char *holding_fault(const struct holding *holding);

/* The held set and its publication, NULL where there is none, and the set before it
 * (NULL: none since holding_open).  They stay until the next holding_offer or _look. */
struct plimsoll_set *holding_set(const struct holding *holding);
struct plimsoll_set *holding_previous(const struct holding *holding);
const struct publication *holding_publication(const struct holding *holding);

/* The name of what is held, or was last; version 0 where there was nothing ever. */
const struct stream_name *holding_name(const struct holding *holding);
/* Of what waits until it is valid; version 0: nothing does. */
const struct stream_name *holding_pending(const struct holding *holding);

/* ERR_REFUSED unless a publication of this name may follow what is held: not a lower
 * one, not another one under the same version, not of an epoch yet to come. */
int holding_check_order(const struct holding *holding, const struct stream_name *name,
                        struct err *err);

enum holding_answer {
    HOLDING_REFUSED = -1, /* what was held is held still           */
    HOLDING_SAME,         /* it is held already                    */
    HOLDING_TAKEN,        /* it is the held one now                */
    HOLDING_WAITS,        /* it is good, and not valid yet: kept   */
};

/* Order, signatures, manifest, digest, schema, limits, validity, disk; in this order,
 * so that nothing of an unsigned manifest or set is parsed. */
enum holding_answer holding_offer(struct holding *holding,
                                  const struct stream_name *name,
                                  const struct publication_parts *parts,
                                  struct err *err);

/* Is the time of what is held over, by the clock and the limits as they are now? */
bool holding_is_expired(const struct holding *holding);

enum holding_news {
    HOLDING_NO_NEWS,
    HOLDING_IS_VALID,  /* what waited is the held one now                      */
    HOLDING_HAS_ENDED, /* what is held has expired; it stays until another     */
    HOLDING_COMPLAINS, /* err: a file that is broken, a held set that signers  */
                       /* or limits would not let in now                       */
};

/* What is due by the clock: call it about once a second until there is no news. */
enum holding_news holding_look(struct holding *holding, struct err *err);

#endif /* CLIENT_HOLDING_H */
