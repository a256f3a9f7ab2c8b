#include "client/set.h"
#include "core/clock.h"
#include "core/sha256.h"
#include "tests/system/chaos/chaos.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- what subscribers hold ---- */

static void wrong(struct world *world, size_t i, uint64_t version, const char *why)
{
    world->n_wrong++;
    printf("WRONG: engine %zu holds version %" PRIu64 ": %s\n", i, version, why);
    fflush(stdout);
}

/* Signed, whole, and not older than what it held before, over all its lives. */
static void check_held(struct world *world, size_t i, int64_t at_ns, uint64_t epoch,
                       uint64_t version, const char *sha256)
{
    struct seen *seen = &world->seen[i];
    char signed_sha256[STREAM_DIGEST_MAX];

    world->n_held++;
    if (epoch != world->epoch || version == 0 || version > world->n_versions)
        wrong(world, i, version, "was never signed");
    else if (strcmp(sha256,
                    stream_digest_text(world->sha256[version], signed_sha256)) != 0)
        wrong(world, i, version, "its bytes are not those that were signed");
    else if (version < seen->version)
        wrong(world, i, version, "is older than what it held before");
    if (version != seen->version)
        *seen = (struct seen){epoch, version, at_ns};
}

static void read_line(struct world *world, const char *line)
{
    uint64_t epoch, version;
    char sha256[80];
    int64_t at_ns;
    size_t i;

    if (line[0] == '#')
        return;
    if (sscanf(line, "%zu %" SCNd64 " %" SCNu64 " %" SCNu64 " %79s", &i, &at_ns, &epoch,
               &version, sha256) != 5 ||
        i >= world->n_subscribers) {
        world->n_wrong++;
        printf("WRONG: a line of a log: %s\n", line);
        return;
    }
    check_held(world, i, at_ns, epoch, version, sha256);
}

static void read_log(struct world *world, struct worker_process *worker)
{
    const int fd = open(worker->log, O_RDONLY | O_CLOEXEC);
    char bytes[1 << 14];
    ssize_t n;

    if (fd < 0)
        return; /* it has said nothing yet */
    while ((n = pread(fd, bytes, sizeof bytes - 1, worker->n_read)) > 0) {
        char *line = bytes, *end;

        bytes[n] = '\0';
        while ((end = strchr(line, '\n')) != NULL) {
            *end = '\0';
            read_line(world, line);
            line = end + 1;
        }
        if (line == bytes)
            break; /* half a line */
        worker->n_read += line - bytes;
    }
    close(fd);
}

void watch_read(struct world *world)
{
    for (size_t i = 0; i < world->n_workers; i++)
        read_log(world, &world->worker[i]);
}

size_t watch_count_missing(const struct world *world, bool undisturbed_alone,
                           int64_t *last_ns)
{
    size_t n_missing = 0;

    *last_ns = 0;
    for (size_t w = 0; w < world->n_workers; w++) {
        const struct worker_process *worker = &world->worker[w];

        if (undisturbed_alone && worker->is_disturbed)
            continue;
        for (size_t i = worker->first; i < worker->first + worker->n; i++) {
            const struct seen *seen = &world->seen[i];

            if (seen->version != world->n_versions)
                n_missing++;
            else if (seen->at_ns > *last_ns)
                *last_ns = seen->at_ns;
        }
    }
    return n_missing;
}

void watch_check_stores(struct world *world)
{
    char sha256[SHA256_TEXT_MAX], want[STREAM_DIGEST_MAX];

    stream_digest_text(world->sha256[world->n_versions], want);
    for (size_t i = 0; i < world->n_subscribers; i++) {
        const char *path = world_path(world, "engine-%zu/parameters.json", i);
        struct err err = {0};

        if (sha256_of_file(path, sha256, &err) != 0)
            wrong(world, i, 0, err.text);
        else if (strcmp(sha256, want) != 0)
            wrong(world, i, world->n_versions, "its store has another set");
    }
}

/* ---- how busy the machine is ---- */

static atomic_llong worst_ns;

static void *beat(void *context)
{
    static const int64_t STEP_NS = 2000000;

    (void)context;
    for (;;) {
        const struct timespec step = {.tv_nsec = STEP_NS};
        const int64_t start_ns = clock_monotonic();

        nanosleep(&step, NULL);
        const int64_t late_ns = clock_monotonic() - start_ns - STEP_NS;
        if (late_ns > atomic_load(&worst_ns))
            atomic_store(&worst_ns, late_ns);
    }
    return NULL;
}

int watch_start_pulse(struct err *err)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, beat, NULL) == 0
               ? 0
               : err_set(err, ERR_MEMORY, "no thread for the pulse");
}

double watch_worst_lateness_s(void)
{
    return (double)atomic_exchange(&worst_ns, 0) / (double)CLOCK_SECOND;
}
