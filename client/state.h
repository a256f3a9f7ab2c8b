/* state.h -- which set was the last one that this side published or took?
 *
 * A small JSON file, replaced durably:
 *
 *     {"epoch": ..., "version": 3, "n_bytes": ..., "sha256": "...", "previous": {...}}
 *
 * `previous` (absent at first) is the one before.  A subscriber writes the state before
 * the set, so after a crash in between the set that is on disk is still named. */
#ifndef CLIENT_STATE_H
#define CLIENT_STATE_H

#include "client/stream.h"
#include "core/err.h"

#include <stdbool.h>

struct state {
    struct stream_name last, previous; /* version 0: there is none */
};

/* A missing file is a state of versions 0. */
int state_read(const char *path, struct state *state, struct err *err);
int state_write(const char *path, const struct state *state, struct err *err);

#endif /* CLIENT_STATE_H */
