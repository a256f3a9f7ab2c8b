/* chaos.h -- two relays, many subscribers, and what befalls them
 *
 *     driver ---- offers ----> relay a | relay b ----> worker processes, each with some
 *        |                                             subscribers in threads of their
 * own
 *        +-- kill -9, SIGSTOP, restart of any of them
 *
 * Each subscriber writes every set that it holds into its worker's log; the driver
 * reads the logs and holds them against the list of what it has signed.  Everything
 * speaks CURVE over TCP on a loopback network of the run's own (127.x.y.0/24). */
#ifndef TESTS_SYSTEM_CHAOS_H
#define TESTS_SYSTEM_CHAOS_H

#include "client/publication.h"
#include "client/stream.h"
#include "core/err.h"
#include "core/file.h"
#include "tests/sample.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    RELAYS = 2,
    CREW_MAX = 64, /* worker processes             */
    EACH_MAX = 16, /* subscribers of one of them   */
    VERSIONS_MAX = 4096,
    TAKEOVER_S = 1,
};

struct relay_process {
    char name[8], address[32], store[FILE_PATH_MAX], config[FILE_PATH_MAX];
    pid_t pid; /* 0: does not run */
    bool is_stopped;
};

struct worker_process {
    size_t first, n; /* subscribers first .. first + n - 1 */
    pid_t pid;       /* 0: does not run                    */
    bool is_stopped, is_disturbed;
    char log[FILE_PATH_MAX];
    off_t n_read; /* of the log */
};

/* What a subscriber said last, and how often it was wrong. */
struct seen {
    uint64_t epoch, version;
    int64_t at_ns; /* monotonic */
};

struct world {
    char directory[512], network[16], program[FILE_PATH_MAX], self[FILE_PATH_MAX];
    struct relay_process relay[RELAYS];
    size_t n_workers, n_subscribers;
    struct worker_process worker[CREW_MAX];
    struct seen *seen; /* [n_subscribers] */
    struct key signer;

    /* what was signed: version v is entry v */
    uint64_t epoch, n_versions;
    uint8_t sha256[VERSIONS_MAX][32];
    struct publication *newest;

    uint64_t n_held, n_wrong; /* lines read, and those that must not be */
    uint64_t n_again;         /* offers made again                       */
    struct sample random;
};

/* ---- chaos_world.c ---- */

/* Keys, lists and configurations in a directory of its own. */
int world_make(struct world *world, const char *program, const char *self,
               size_t n_subscribers, uint64_t seed, struct err *err);
void world_remove(struct world *world);

int world_start_relay(struct world *world, size_t i, struct err *err);
int world_start_worker(struct world *world, size_t i, struct err *err);
/* kill -9 and wait for its end. */
void world_kill(pid_t *pid, bool *is_stopped);
void world_stop(pid_t pid, bool *is_stopped);     /* SIGSTOP */
void world_continue(pid_t pid, bool *is_stopped); /* SIGCONT */
/* Has one of those that should run ended by itself? */
int world_check_alive(struct world *world, struct err *err);

/* "DIRECTORY/name" in one of eight buffers that take turns. */
const char *world_path(const struct world *world, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- chaos_publish.c ---- */

/* Sign the next version. */
int publish_next(struct world *world, struct err *err);
/* Offer the newest to each relay in turn, until it is taken or until_ns. */
int publish_offer(struct world *world, size_t first, int64_t until_ns, struct err *err);
/* Which relay serves?  RELAYS: none, or both. */
size_t publish_who_serves(const struct world *world);
/* Does exactly one serve, and has the other all that it has? */
bool publish_is_settled(const struct world *world);

/* How long one subscriber works on a set, now, on this machine: s. */
double publish_unit_s(const struct world *world);

/* ---- chaos_watch.c ---- */

/* Read what is new in the logs; every line is checked. */
void watch_read(struct world *world);
/* How many of those that are looked at (undisturbed alone, or all) do not hold the
 * newest; *last_ns: when the last of the others got it. */
size_t watch_count_missing(const struct world *world, bool undisturbed_alone,
                           int64_t *last_ns);
/* At the end: what lies in the subscribers' stores. */
void watch_check_stores(struct world *world);

/* How late the machine wakes who sleeps: the worst since the last call, s. */
int watch_start_pulse(struct err *err);
double watch_worst_lateness_s(void);

/* ---- chaos_worker.c ---- */

/* The main of a worker process: "worker DIRECTORY NETWORK LOG FIRST N". */
int worker_main(int argc, char **argv);

#endif /* TESTS_SYSTEM_CHAOS_H */
