/* relay_store.h -- what has this relay decided, so that a crash takes nothing of it?
 *
 * DIR/publications.plr: "PLIMSOLL RELAY STORE 1", a checksum, and a chain of records
 * (coordinator/chain.h, coordinator/relay_record.h).  A record is on the disk before
 * anybody sees what it decides.  Opening reads the file whole, and the state is the
 * fold over it.  A tail that a crash has torn is cut off and a copy kept beside it;
 * damage before the tail is refused with its offset: then the other relay's store, or a
 * copy, is to be put in its place. */
#ifndef COORDINATOR_RELAY_STORE_H
#define COORDINATOR_RELAY_STORE_H

#include "coordinator/relay_state.h"

#define RELAY_STORE_NAME "publications.plr"

struct relay_store;

/* Take the lock, read what there is or begin.  *mended: a torn tail was cut off. */
int relay_store_open(const char *directory, struct relay_store **store, bool *mended,
                     struct err *err);
/* Only to look at; without the lock, so what the relay is writing just now may be
 * missing.  Nothing can be put. */
int relay_store_look(const char *directory, struct relay_store **store,
                     struct err *err);
void relay_store_close(struct relay_store *store); /* takes NULL */

const struct relay_state *relay_store_state(const struct relay_store *store);
uint64_t relay_store_n_records(const struct relay_store *store);

/* Check against the state, append, fsync, and go on by it.  On failure the state is as
 * it was; after ERR_IO nothing more can be put. */
int relay_store_put(struct relay_store *store, const struct relay_record *record,
                    struct err *err);

/* The i-th record, of any kind; its spans lie in *buffer. */
int relay_store_get(const struct relay_store *store, uint64_t i, struct buffer *buffer,
                    struct relay_record *record, struct err *err);
/* Which record offered the publication; relay_store_n_records: none. */
uint64_t relay_store_find(const struct relay_store *store,
                          const struct stream_name *name);
/* The record that offered the publication, its signatures as they are now. */
int relay_store_get_entry(const struct relay_store *store,
                          const struct relay_entry *entry, struct buffer *buffer,
                          struct relay_record *record, struct err *err);
/* The publication of that record; publication_free it. */
int relay_store_load(const struct relay_store *store, const struct relay_entry *entry,
                     struct publication **publication, struct err *err);

#endif /* COORDINATOR_RELAY_STORE_H */
