/* holding_inside.h -- what is held is made of, for the files that make it */
#ifndef CLIENT_HOLDING_INSIDE_H
#define CLIENT_HOLDING_INSIDE_H

#include "client/holding.h"
#include "client/limits.h"
#include "client/watched.h"
#include "core/file.h"
#include "core/lock.h"

#include <stdbool.h>
#include <stdint.h>

struct held {
    const struct publication *publication; /* NULL: none */
    struct plimsoll_set *set;
};

struct holding {
    bool on_disk;
    char held_path[FILE_PATH_MAX], set_path[FILE_PATH_MAX],
        manifest_path[FILE_PATH_MAX];
    struct lock *lock;
    struct trust_watch *signers; /* NULL: not asked for */
    bool has_limits;
    struct watched limits_file;
    struct limits *limits;
    struct stream_name name, pending_name;
    struct held now, pending;
    struct plimsoll_set *previous;
    bool end_is_told;
    int64_t look_due_ns; /* monotonic */
    struct err fault;
};

/* Signatures, manifest, digest, schema, limits, validity; *is_early where it is good,
 * but not valid yet.  The caller drops what is found. */
int holding_examine(const struct holding *holding,
                    const struct publication_parts *parts, struct held *found,
                    bool *is_early, struct err *err);

/* Take the lock and read what is there. */
int holding_store_open(struct holding *holding, const char *directory, struct err *err);
/* On the disk, if there is a store, before anything is held. */
int holding_store_put(const struct holding *holding,
                      const struct publication *publication, struct err *err);

#endif /* CLIENT_HOLDING_INSIDE_H */
