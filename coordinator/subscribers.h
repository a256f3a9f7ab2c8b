/* subscribers.h -- who is connected, and who was?
 *
 * A row a connection.  With keys, who comes back gets its row again, so that an engine
 * that was restarted is one row; in plain mode nobody can be told from another. */
#ifndef COORDINATOR_SUBSCRIBERS_H
#define COORDINATOR_SUBSCRIBERS_H

#include "coordinator/gate.h"
#include "coordinator/server.h"
#include "core/err.h"

struct subscriber {
    struct server_subscriber is;
    struct gate_peer peer;
    int fd;                        /* of its last message */
    int64_t heard_ns, answered_ns; /* monotonic */
    struct subscriber *next;       /* of the same hash */
};

enum { SUBSCRIBERS_HASH = 8192 };

struct subscribers {
    size_t n, n_allocated, n_absent;
    struct subscriber **row;                   /* [n], by first appearance */
    struct subscriber *hash[SUBSCRIBERS_HASH]; /* those who are there */
};

void subscribers_free(struct subscribers *all);

/* Who is there by this connection; NULL: nobody yet. */
struct subscriber *subscribers_find(struct subscribers *all,
                                    const struct gate_peer *peer);

/* A new connection.  ERR_REFUSED where its key has too many. */
int subscribers_add(struct subscribers *all, const struct gate_message *from,
                    struct subscriber **subscriber, struct err *err);

/* Its connection has ended: the row stays, until there are too many such, or is dropped
 * where its key is there by another connection. */
void subscribers_part(struct subscribers *all, struct subscriber *subscriber);

#endif /* COORDINATOR_SUBSCRIBERS_H */
