/* series_shim.c -- what does a job do while the bytes of a series are slow to come, or
 * cannot be had?
 *
 * A library for LD_PRELOAD that stands between a program and one file, on all ranks of
 * a node together:
 *
 *     SERIES_SHIM_FILE   the file, an absolute path
 *     SERIES_SHIM_STATE  a file for what the processes have in common; made where it is
 *                        not there
 *     SERIES_SHIM_TRACE  a file that gets a line a call: "advice FROM TO", "read FROM
 *                        TO", "fault FROM TO"
 *     SERIES_SHIM_RANK   the only rank it happens to; without it, all
 *     SERIES_SHIM_AT     "FROM TO": reads of these bytes are the ones it happens to;
 *                        without it, all
 *
 *     SERIES_SHIM_FAULTS     so many of them, on whatever rank, fail with EIO
 *     SERIES_SHIM_SLOW_MS    bytes come so long after they were first asked for, by a
 *                            read or by POSIX_FADV_WILLNEED, and are there from then on
 *     SERIES_SHIM_DEAF       ... and advice is not heard
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RANGES_MAX = 4096 };

/* Bytes that have been asked for, and when they are there. */
struct range {
    off_t from, to;
    int64_t ready_ns;
};

/* What the processes have in common; whoever uses it holds the lock of its file. */
struct state {
    uint64_t n_faults, n_ranges;
    struct range range[RANGES_MAX];
};

static struct {
    const char *file, *trace;
    off_t from, to;
    uint64_t n_faults;
    int64_t slow_ns;
    bool is_deaf, is_here;
} plan;
static struct state *state;
static int lock_fd = -1;
static dev_t device;
static ino_t inode;

static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);

    if (function == NULL)
        abort();
    return function;
}

static uint64_t number_of(const char *name)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static void map_state(const char *path)
{
    lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_fd < 0 || ftruncate(lock_fd, sizeof *state) != 0)
        abort();
    state = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, lock_fd, 0);
    if (state == MAP_FAILED)
        abort();
}

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("SERIES_SHIM_AT"), *only = getenv("SERIES_SHIM_RANK");
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");
    const char *path = getenv("SERIES_SHIM_STATE");
    struct stat stat_of;
    long from = 0, to = INT64_MAX;

    plan.file = getenv("SERIES_SHIM_FILE");
    if (plan.file == NULL || path == NULL || stat(plan.file, &stat_of) != 0)
        return;
    device = stat_of.st_dev;
    inode = stat_of.st_ino;
    if (at != NULL && sscanf(at, "%ld %ld", &from, &to) != 2)
        abort();
    plan.from = from;
    plan.to = to;
    plan.trace = getenv("SERIES_SHIM_TRACE");
    plan.n_faults = number_of("SERIES_SHIM_FAULTS");
    plan.slow_ns = (int64_t)number_of("SERIES_SHIM_SLOW_MS") * 1000000;
    plan.is_deaf = getenv("SERIES_SHIM_DEAF") != NULL;
    plan.is_here = only == NULL || (rank != NULL && strcmp(rank, only) == 0);
    map_state(path);
}

static bool is_watched(int fd, off_t from)
{
    struct stat stat_of;

    return state != NULL && plan.is_here && from >= plan.from && from < plan.to &&
           fstat(fd, &stat_of) == 0 && stat_of.st_dev == device &&
           stat_of.st_ino == inode;
}

static void trace(const char *what, off_t from, off_t to)
{
    if (plan.trace == NULL)
        return;
    const int fd = open(plan.trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    dprintf(fd, "%s %lld %lld\n", what, (long long)from, (long long)to);
    close(fd);
}

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* When the bytes are there that somebody asks for now, or has asked for before. */
static int64_t ask_for(off_t from, off_t to)
{
    const int64_t ready_ns = now_ns() + plan.slow_ns;

    for (uint64_t i = 0; i < state->n_ranges; i++)
        if (state->range[i].from <= from && from < state->range[i].to)
            return state->range[i].ready_ns;
    if (state->n_ranges < RANGES_MAX)
        state->range[state->n_ranges++] = (struct range){from, to, ready_ns};
    return ready_ns;
}

static void wait_until(int64_t ready_ns)
{
    const struct timespec then = {ready_ns / 1000000000, ready_ns % 1000000000};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &then, NULL) == EINTR)
        ;
}

/* Is this read one that fails?  Waits until it may go on. */
static bool meet(off_t from, off_t to)
{
    int64_t ready_ns = 0;

    flock(lock_fd, LOCK_EX);
    const bool fails = state->n_faults < plan.n_faults;
    state->n_faults += fails;
    if (!fails && plan.slow_ns > 0)
        ready_ns = ask_for(from, to);
    trace(fails ? "fault" : "read", from, to);
    flock(lock_fd, LOCK_UN);
    if (ready_ns > 0)
        wait_until(ready_ns);
    return fails;
}

ssize_t pread(int fd, void *bytes, size_t n_bytes, off_t at)
{
    if (is_watched(fd, at) && meet(at, at + (off_t)n_bytes)) {
        errno = EIO;
        return -1;
    }
    return ((__typeof__(&pread))real("pread"))(fd, bytes, n_bytes, at);
}

ssize_t pread64(int fd, void *bytes, size_t n_bytes, off_t at)
    __attribute__((alias("pread")));

int posix_fadvise(int fd, off_t from, off_t n_bytes, int advice)
{
    if (advice == POSIX_FADV_WILLNEED && is_watched(fd, from)) {
        flock(lock_fd, LOCK_EX);
        if (!plan.is_deaf && plan.slow_ns > 0)
            ask_for(from, from + n_bytes);
        trace("advice", from, from + n_bytes);
        flock(lock_fd, LOCK_UN);
    }
    return ((__typeof__(&posix_fadvise))real("posix_fadvise"))(fd, from, n_bytes,
                                                               advice);
}

int posix_fadvise64(int fd, off_t from, off_t n_bytes, int advice)
    __attribute__((alias("posix_fadvise")));
