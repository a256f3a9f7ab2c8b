#include "core/lock.h"
#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct lock {
    int fd;
    char path[FILE_PATH_MAX];
};

enum { HOLDER_MAX = 128 };

static int held_by_other(const struct lock *lock, const char *path, struct err *err)
{
    char holder[HOLDER_MAX] = "";

    const ssize_t n = pread(lock->fd, holder, sizeof holder - 1, 0);
    holder[n > 0 ? n : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    return err_set(err, ERR_IO, "%s: is being written by %s (%s)", path,
                   holder[0] != '\0' ? holder : "another process", lock->path);
}

/* The former holder may have removed the file between our open and our flock. */
static bool is_still_there(const struct lock *lock)
{
    struct stat ours, there;

    return fstat(lock->fd, &ours) == 0 && stat(lock->path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* For the message that others get, and for that alone: on a full disk it is empty. */
static void write_holder(const struct lock *lock)
{
    char host[64] = "", holder[HOLDER_MAX];

    gethostname(host, sizeof host - 1);
    const int n =
        snprintf(holder, sizeof holder, "process %ld on %s\n", (long)getpid(), host);
    if (ftruncate(lock->fd, 0) != 0)
        return;
    for (ssize_t at = 0; at < n;) {
        const ssize_t put = pwrite(lock->fd, holder + at, (size_t)(n - at), (off_t)at);

        if (put < 0 && errno != EINTR)
            return;
        at += put > 0 ? put : 0;
    }
}

static int take(struct lock *lock, const char *path, struct err *err)
{
    for (;;) {
        lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (lock->fd < 0)
            return err_set(err, ERR_IO, "%s: %s", lock->path, strerror(errno));
        if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK)
                return held_by_other(lock, path, err);
            return err_set(err, ERR_IO, "%s: cannot be locked: %s", lock->path,
                           strerror(errno));
        }
        if (is_still_there(lock))
            break;
        close(lock->fd);
    }
    write_holder(lock);
    return 0;
}

int lock_take(const char *path, struct lock **lock, struct err *err)
{
    struct lock *new = malloc(sizeof *new);

    if (new == NULL)
        return err_set(err, ERR_MEMORY, "%s: no memory for its lock", path);
    const int n = snprintf(new->path, sizeof new->path, "%s.lock", path);
    new->fd = -1;
    int status = n < 0 || (size_t)n >= sizeof new->path
                     ? err_set(err, ERR_INPUT, "%.60s...: the path is too long", path)
                     : take(new, path, err);
    if (status != 0) {
        if (new->fd >= 0)
            close(new->fd);
        free(new);
        return -1;
    }
    file_discard_abandoned(path);
    *lock = new;
    return 0;
}

void lock_release(struct lock *lock)
{
    if (lock == NULL)
        return;
    unlink(lock->path); /* before the lock goes: see is_still_there */
    close(lock->fd);
    free(lock);
}
