/* io_shim.c -- what does the program do when its n-th call on a file fails?
 *
 * A library for LD_PRELOAD.  It counts the calls that touch what is below one
 * directory, and makes one of them go wrong:
 *
 *     IO_SHIM_ROOT    the directory, an absolute path without a slash at its end
 *     IO_SHIM_TRACE   a file that gets a line a call: "NUMBER TRAITS CALL PATH"
 *     IO_SHIM_CALL    the number of the call, from 1; "end": when the program has ended
 *     IO_SHIM_KIND    what happens there:
 *
 *     eio, enospc     it fails, with this number
 *     half            it reads or writes half of what it should, which is allowed
 *     full            as half, and what needs space fails from then on with ENOSPC
 *     dead            it and all that follow fail with EIO
 *     kill            the process is killed before it
 *     power           the process is killed and the disk holds what was synced
 *     names, torn     the same, but every name is kept, and no byte, or half of the
 *                     bytes, that were not synced (io_disk.h)
 *
 * TRAITS are of "rws-": reads, writes, needs space. */
#include "tests/system/faults/io_disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { FDS_MAX = 4096 };
enum step { GO, HALVE, FAIL };

static struct {
    const char *root, *kind, *trace;
    unsigned long call;
} plan;
static unsigned long n_calls;
static bool is_inside;         /* our own calls are not counted */
static char *path_of[FDS_MAX]; /* of an open file below root, or NULL */

/* The library's own function of this name. */
static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);

    if (function == NULL)
        abort();
    return function;
}
#define REAL(name) ((__typeof__(&name))real(#name))

static bool is_kind(const char *kind)
{
    return strcmp(plan.kind, kind) == 0;
}

static void die(void)
{
    is_inside = true;
    if (is_kind("power"))
        io_disk_lose(IO_LOSS_ALL);
    else if (is_kind("names"))
        io_disk_lose(IO_LOSS_BYTES);
    else if (is_kind("torn"))
        io_disk_lose(IO_LOSS_HALF);
    kill(getpid(), SIGKILL);
}

static bool is_deadly(void)
{
    return is_kind("kill") || is_kind("power") || is_kind("names") || is_kind("torn");
}

__attribute__((constructor)) static void start(void)
{
    const char *call = getenv("IO_SHIM_CALL");

    plan.root = getenv("IO_SHIM_ROOT");
    plan.kind = getenv("IO_SHIM_KIND");
    plan.trace = getenv("IO_SHIM_TRACE");
    plan.call = call != NULL ? strtoul(call, NULL, 10) : 0;
    plan.kind = plan.kind != NULL ? plan.kind : "";
    is_inside = true;
    if (plan.root != NULL && is_deadly())
        io_disk_start(plan.root);
    is_inside = false;
}

/* Of the processes that a program starts, only the one that has made the calls. */
__attribute__((destructor)) static void end(void)
{
    const char *call = getenv("IO_SHIM_CALL");

    if (n_calls > 0 && call != NULL && strcmp(call, "end") == 0 && is_deadly())
        die();
}

static bool is_below(const char *path)
{
    const size_t n = plan.root != NULL ? strlen(plan.root) : 0;

    return !is_inside && n > 0 && strncmp(path, plan.root, n) == 0 &&
           (path[n] == '/' || path[n] == '\0');
}

static const char *watched(int fd)
{
    return is_inside || fd < 0 || fd >= FDS_MAX ? NULL : path_of[fd];
}

static void trace(const char *traits, const char *call, const char *path)
{
    if (plan.trace == NULL)
        return;
    is_inside = true;
    const int fd = open(plan.trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    dprintf(fd, "%lu %s %s %s\n", n_calls, traits, call, path);
    close(fd);
    is_inside = false;
}

static enum step fail(int number)
{
    errno = number;
    return FAIL;
}

/* Count this call and say how it goes. */
static enum step meet(const char *traits, const char *call, const char *path)
{
    const bool needs_space = strchr(traits, 's') != NULL;
    const bool moves_bytes = strpbrk(traits, "rw") != NULL;

    n_calls++;
    trace(traits, call, path);
    if (plan.call == 0 || n_calls < plan.call)
        return GO;
    if (is_kind("dead"))
        return fail(EIO);
    if (is_kind("full") && needs_space)
        return n_calls == plan.call && moves_bytes ? HALVE : fail(ENOSPC);
    if (n_calls > plan.call)
        return GO;
    if (is_deadly())
        die();
    if (is_kind("eio"))
        return fail(EIO);
    if (is_kind("enospc"))
        return fail(ENOSPC);
    return is_kind("half") && moves_bytes ? HALVE : GO;
}

static size_t part(enum step step, size_t n_bytes)
{
    return step == HALVE && n_bytes > 1 ? n_bytes / 2 : n_bytes;
}

/* ---- opening and closing ---- */

static int watch(int fd, const char *path, bool is_made)
{
    if (fd < 0 || fd >= FDS_MAX)
        return fd;
    free(path_of[fd]);
    path_of[fd] = strdup(path);
    is_inside = true;
    if (is_made && is_deadly())
        io_disk_made(fd);
    is_inside = false;
    return fd;
}

static int open_with(__typeof__(&open) real_open, const char *path, int flags,
                     mode_t mode)
{
    if (!is_below(path))
        return real_open(path, flags, mode);
    const bool is_made = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
    if (meet(flags & O_CREAT ? "s" : "-", "open", path) == FAIL)
        return -1;
    return watch(real_open(path, flags, mode), path, is_made);
}

static mode_t mode_of(int flags, va_list ap)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(ap, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list ap;

    va_start(ap, flags);
    const mode_t mode = mode_of(flags, ap);
    va_end(ap);
    return open_with(REAL(open), path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

/* Only where the path is absolute or of the working directory. */
int openat(int directory, const char *path, int flags, ...)
{
    va_list ap;

    va_start(ap, flags);
    const mode_t mode = mode_of(flags, ap);
    va_end(ap);
    if (is_below(path))
        return open_with(REAL(open), path, flags, mode);
    return REAL(openat)(directory, path, flags, mode);
}

int close(int fd)
{
    const char *path = watched(fd);

    if (path == NULL)
        return REAL(close)(fd);
    const enum step step = meet("-", "close", path);
    const int number = errno;
    free(path_of[fd]);
    path_of[fd] = NULL;
    const int status = REAL(close)(fd); /* as Linux: closed in any case */
    if (step != FAIL)
        return status;
    errno = number;
    return -1;
}

/* ---- bytes ---- */

ssize_t write(int fd, const void *bytes, size_t n_bytes)
{
    const char *path = watched(fd);
    const enum step step = path == NULL ? GO : meet("ws", "write", path);

    return step == FAIL ? -1 : REAL(write)(fd, bytes, part(step, n_bytes));
}

ssize_t pwrite(int fd, const void *bytes, size_t n_bytes, off_t at)
{
    const char *path = watched(fd);
    const enum step step = path == NULL ? GO : meet("ws", "pwrite", path);

    return step == FAIL ? -1 : REAL(pwrite)(fd, bytes, part(step, n_bytes), at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t n_bytes, off_t at)
    __attribute__((alias("pwrite")));

ssize_t read(int fd, void *bytes, size_t n_bytes)
{
    const char *path = watched(fd);
    const enum step step = path == NULL ? GO : meet("r", "read", path);

    return step == FAIL ? -1 : REAL(read)(fd, bytes, part(step, n_bytes));
}

ssize_t pread(int fd, void *bytes, size_t n_bytes, off_t at)
{
    const char *path = watched(fd);
    const enum step step = path == NULL ? GO : meet("r", "pread", path);

    return step == FAIL ? -1 : REAL(pread)(fd, bytes, part(step, n_bytes), at);
}

ssize_t pread64(int fd, void *bytes, size_t n_bytes, off_t at)
    __attribute__((alias("pread")));

/* What this library would not see does not go by unseen. */
ssize_t writev(int fd, const struct iovec *parts, int n_parts)
{
    if (watched(fd) != NULL)
        abort();
    return REAL(writev)(fd, parts, n_parts);
}

int ftruncate(int fd, off_t size)
{
    const char *path = watched(fd);

    if (path != NULL && meet("s", "ftruncate", path) == FAIL)
        return -1;
    return REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));

/* ---- syncing ---- */

static int sync_with(int (*real_sync)(int), const char *call, int fd)
{
    const char *path = watched(fd);

    if (path == NULL)
        return real_sync(fd);
    if (meet("s", call, path) == FAIL || real_sync(fd) != 0)
        return -1;
    is_inside = true;
    if (is_deadly())
        io_disk_synced(fd);
    is_inside = false;
    return 0;
}

int fsync(int fd)
{
    return sync_with(REAL(fsync), "fsync", fd);
}

int fdatasync(int fd)
{
    return sync_with(REAL(fdatasync), "fdatasync", fd);
}

/* ---- names ---- */

int rename(const char *from, const char *to)
{
    if ((is_below(from) || is_below(to)) && meet("s", "rename", to) == FAIL)
        return -1;
    return REAL(rename)(from, to);
}

int unlink(const char *path)
{
    if (is_below(path) && meet("-", "unlink", path) == FAIL)
        return -1;
    return REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
    struct stat stat;

    if (is_below(path) && lstat(path, &stat) != 0 && meet("s", "mkdir", path) == FAIL)
        return -1;
    return REAL(mkdir)(path, mode);
}

int flock(int fd, int operation)
{
    const char *path = watched(fd);

    if (path != NULL && meet("-", "flock", path) == FAIL)
        return -1;
    return REAL(flock)(fd, operation);
}

/* ---- streams, which reach the system from inside the C library ---- */

static ssize_t stream_read(void *cookie, char *bytes, size_t n_bytes)
{
    return read((int)(intptr_t)cookie, bytes, n_bytes);
}

/* As glibc does for a file: half a write is gone on with; what is written until an
 * error counts. */
static ssize_t stream_write(void *cookie, const char *bytes, size_t n_bytes)
{
    size_t at = 0;

    while (at < n_bytes) {
        const ssize_t n = write((int)(intptr_t)cookie, bytes + at, n_bytes - at);

        if (n < 0)
            break;
        at += (size_t)n;
    }
    return (ssize_t)at;
}

static int stream_close(void *cookie)
{
    return close((int)(intptr_t)cookie);
}

FILE *fopen(const char *path, const char *mode)
{
    const cookie_io_functions_t functions = {
        .read = stream_read, .write = stream_write, .close = stream_close};
    const int flags = mode[0] == 'w'   ? O_WRONLY | O_CREAT | O_TRUNC
                      : mode[0] == 'a' ? O_WRONLY | O_CREAT | O_APPEND
                                       : O_RDONLY;

    if (!is_below(path))
        return REAL(fopen)(path, mode);
    const int fd = open(path, flags | O_CLOEXEC, 0666);
    return fd < 0 ? NULL : fopencookie((void *)(intptr_t)fd, mode, functions);
}

FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));
