#include "client/keyfile.h"
#include "core/clock.h"
#include "tests/system/chaos/chaos.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

const char *world_path(const struct world *world, const char *fmt, ...)
{
    static char path[8][FILE_PATH_MAX];
    static int turn;
    char name[256];
    va_list ap;

    turn = (turn + 1) % 8;
    va_start(ap, fmt);
    vsnprintf(name, sizeof name, fmt, ap);
    va_end(ap);
    snprintf(path[turn], FILE_PATH_MAX, "%s/%s", world->directory, name);
    return path[turn];
}

/* ---- keys and lists ---- */

static int put_text(const struct world *world, const char *name, const char *text,
                    size_t n, struct err *err)
{
    const char *path = world_path(world, "%s", name);

    return file_replace(path, text, n, err) != 0 || chmod(path, 0600) != 0 ? -1 : 0;
}

/* A key NAME.secret and NAME.public; its line goes to the list. */
static int add_key(struct world *world, enum key_kind kind, const char *name,
                   FILE *list, struct key *key, struct err *err)
{
    char hex[KEY_HEX_MAX];

    if (key_generate(kind, name, key, err) != 0 ||
        key_write(key, world_path(world, "%s", name), err) != 0)
        return -1;
    fprintf(list, "%s %s %s\n", key_kind_text(kind), key_text(key->public, hex), name);
    return 0;
}

static int make_list(struct world *world, enum key_kind kind, const char *list,
                     const char *stem, size_t n, struct key *last, struct err *err)
{
    char *text, name[KEY_NAME_MAX];
    size_t n_text;
    FILE *out = open_memstream(&text, &n_text);
    int status = 0;

    for (size_t i = 0; status == 0 && i < n; i++) {
        if (n == RELAYS)
            snprintf(name, sizeof name, "%s-%c", stem, (char)('a' + i));
        else
            snprintf(name, sizeof name, "%s-%zu", stem, i);
        status = add_key(world, kind, name, out, last, err);
    }
    fclose(out);
    if (status == 0)
        status = put_text(world, list, text, n_text, err);
    free(text);
    return status;
}

static int make_keys(struct world *world, struct err *err)
{
    struct key key;

    if (make_list(world, KEY_SIGNING, "signers", "signer", 1, &world->signer, err) !=
            0 ||
        make_list(world, KEY_CURVE, "publishers", "publisher", 1, &key, err) != 0 ||
        make_list(world, KEY_CURVE, "relays", "relay", RELAYS, &key, err) != 0)
        return -1;
    return make_list(world, KEY_CURVE, "subscribers", "engine", world->n_subscribers,
                     &key, err);
}

/* ---- relays ---- */

static int make_relay(struct world *world, size_t i, struct err *err)
{
    struct relay_process *relay = &world->relay[i];
    const char own = (char)('a' + i), other = (char)('a' + 1 - i);
    char text[4096];

    snprintf(relay->name, sizeof relay->name, "%c", own);
    snprintf(relay->address, sizeof relay->address, "%s.%zu", world->network, i + 1);
    snprintf(relay->store, sizeof relay->store, "%s",
             world_path(world, "store-%c", own));
    snprintf(relay->config, sizeof relay->config, "%s",
             world_path(world, "relay-%c.yaml", own));
    const char *d = world->directory;
    const int n = snprintf(
        text, sizeof text,
        "store: %.200s\n"
        "keys: {relay: %.200s/relay-%c.secret, signers: %.200s/signers, publishers: "
        "%.200s/publishers,\n  subscribers: %.200s/subscribers, relays: "
        "%.200s/relays}\n"
        "listen: {intake: 'tcp://%s:7710', subscribers: 'tcp://%s:7700', feed: "
        "'tcp://%s:7712'}\n"
        "groups: [{name: all}]\n"
        "follow: {address: 'tcp://%s.%zu:7712', key: %.200s/relay-%c.public, "
        "takeover_after: %ds, first: %s}\n",
        relay->store, d, own, d, d, d, d, relay->address, relay->address,
        relay->address, world->network, 2 - i, d, other, TAKEOVER_S,
        i == 0 ? "true" : "false");
    return file_replace(relay->config, text, (size_t)n, err);
}

static int make_directory(struct world *world, struct err *err)
{
    const char *where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    snprintf(world->directory, sizeof world->directory, "%s/plimsoll-chaos-XXXXXX",
             where);
    if (mkdtemp(world->directory) == NULL)
        return err_set(err, ERR_IO, "%s: %s", world->directory, strerror(errno));
    return 0;
}

int world_make(struct world *world, const char *program, const char *self,
               size_t n_subscribers, uint64_t seed, struct err *err)
{
    const size_t n_each = n_subscribers <= 32 ? 2 : 8;
    const unsigned pid = (unsigned)getpid();

    *world = (struct world){.n_subscribers = n_subscribers,
                            .random = {seed},
                            .epoch = (uint64_t)clock_now(),
                            .n_workers = (n_subscribers + n_each - 1) / n_each};
    snprintf(world->program, sizeof world->program, "%s", program);
    snprintf(world->self, sizeof world->self, "%s", self);
    snprintf(world->network, sizeof world->network, "127.%u.%u", 1 + pid / 254 % 254,
             1 + pid % 254);
    world->seen = calloc(n_subscribers, sizeof *world->seen);
    if (world->seen == NULL || world->n_workers > CREW_MAX)
        return err_set(err, ERR_USAGE, "%zu subscribers are too many", n_subscribers);
    if (make_directory(world, err) != 0 || make_keys(world, err) != 0)
        return -1;
    for (size_t i = 0; i < RELAYS; i++)
        if (make_relay(world, i, err) != 0)
            return -1;
    for (size_t i = 0; i < world->n_workers; i++) {
        struct worker_process *worker = &world->worker[i];

        worker->first = i * n_each;
        worker->n = n_subscribers - worker->first < n_each
                        ? n_subscribers - worker->first
                        : n_each;
        snprintf(worker->log, sizeof worker->log, "%s",
                 world_path(world, "worker-%zu.log", i));
    }
    return 0;
}

void world_remove(struct world *world)
{
    char command[FILE_PATH_MAX + 16];

    snprintf(command, sizeof command, "rm -rf %s", world->directory);
    if (system(command) != 0)
        fprintf(stderr, "%s: is still there\n", world->directory);
    publication_free(world->newest);
    free(world->seen);
}

/* ---- processes ---- */

/* It dies with the driver; its output goes to a file. */
static int start(const struct world *world, char *const argv[], const char *output,
                 pid_t *pid, struct err *err)
{
    const char *path = world_path(world, "%s", output);
    const pid_t driver = getpid();

    *pid = fork();
    if (*pid < 0)
        return err_set(err, ERR_IO, "fork: %s", strerror(errno));
    if (*pid > 0)
        return 0;
    const int out = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (out < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 || getppid() != driver)
        _exit(127);
    execv(argv[0], argv);
    _exit(127);
}

int world_start_relay(struct world *world, size_t i, struct err *err)
{
    struct relay_process *relay = &world->relay[i];
    char command[] = "relay", output[32];
    char *const argv[] = {world->program, command, relay->config, NULL};

    snprintf(output, sizeof output, "relay-%s.out", relay->name);
    return start(world, argv, output, &relay->pid, err);
}

int world_start_worker(struct world *world, size_t i, struct err *err)
{
    struct worker_process *worker = &world->worker[i];
    char command[] = "worker", first[24], n[24], output[32];
    char *const argv[] = {
        world->self, command, world->directory, world->network, worker->log, first,
        n,           NULL};

    snprintf(first, sizeof first, "%zu", worker->first);
    snprintf(n, sizeof n, "%zu", worker->n);
    snprintf(output, sizeof output, "worker-%zu.out", i);
    return start(world, argv, output, &worker->pid, err);
}

void world_kill(pid_t *pid, bool *is_stopped)
{
    if (*pid <= 0)
        return;
    kill(*pid, SIGKILL);
    while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
        ;
    *pid = 0;
    *is_stopped = false;
}

void world_stop(pid_t pid, bool *is_stopped)
{
    kill(pid, SIGSTOP);
    *is_stopped = true;
}

void world_continue(pid_t pid, bool *is_stopped)
{
    if (*is_stopped)
        kill(pid, SIGCONT);
    *is_stopped = false;
}

static int check_one(pid_t pid, const char *what, size_t i, struct err *err)
{
    int status;

    if (pid <= 0 || waitpid(pid, &status, WNOHANG) != pid)
        return 0;
    return err_set(err, ERR_BUG, "%s %zu has ended by itself (status %d)", what, i,
                   status);
}

int world_check_alive(struct world *world, struct err *err)
{
    for (size_t i = 0; i < RELAYS; i++)
        if (check_one(world->relay[i].pid, "relay", i, err) != 0)
            return -1;
    for (size_t i = 0; i < world->n_workers; i++)
        if (check_one(world->worker[i].pid, "worker", i, err) != 0)
            return -1;
    return 0;
}
