/* watched.h -- has this small file other bytes than at the last look? */
#ifndef CLIENT_WATCHED_H
#define CLIENT_WATCHED_H

#include "core/err.h"
#include "core/file.h"

#include <stdbool.h>
#include <stddef.h>

struct watched {
    char path[FILE_PATH_MAX];
    size_t limit; /* bytes that it may have */
    char *seen;   /* of the last look; NULL: it could not be read */
    size_t n_seen;
    bool is_unreadable;
};

int watched_start(struct watched *watched, const char *path, size_t limit,
                  struct err *err);
void watched_stop(struct watched *watched);

/* 1: there are new bytes in `seen`; 0: none; -1: it cannot be read, or others than its
 * user and root can write it, which is told once until that has changed. */
int watched_look(struct watched *watched, struct err *err);

#endif /* CLIENT_WATCHED_H */
