/* lock.h -- who may write this file now?
 *
 * A lock is an flock on the file "PATH.lock", which holds the writer's process and host
 * for the message that others get.  The system drops it when the process dies. */
#ifndef CORE_LOCK_H
#define CORE_LOCK_H

#include "core/err.h"

struct lock;

/* Take the lock on path, or fail at once: "history.h5: is being written by process
 * 4711 on node7 (history.h5.lock)".  What killed writers of path have left beside it
 * (core/file.h) is removed. */
int lock_take(const char *path, struct lock **lock, struct err *err);

/* Give it back and remove the file; takes NULL. */
void lock_release(struct lock *lock);

#endif /* CORE_LOCK_H */
