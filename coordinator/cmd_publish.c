#include "client/set.h"
#include "client/state.h"
#include "coordinator/acknowledged.h"
#include "coordinator/command.h"
#include "coordinator/publisher.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/text.h"

#include <getopt.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll publish parameters.json [--bind tcp://127.0.0.1:7700]\n"
    "                        [--snapshot tcp://127.0.0.1:7701] [--state DIR]\n"
    "                        [--for 60s] [--until-acknowledged N] [--insecure]\n"
    "\n"
    "Sends a parameter set to the engines that subscribe, until SIGTERM or SIGINT.\n"
    "\n"
    "  --bind      where updates and heartbeats are sent (port *: a free one)\n"
    "  --snapshot  where late subscribers get the set\n"
    "  --state     directory of publish.json, which holds the last version; default: "
    "the\n"
    "              set's own.  Publishing from the same one goes on counting; the "
    "same\n"
    "              set again keeps its version.  One publisher at a time.\n"
    "  --for       stop after this long\n"
    "  --until-acknowledged N\n"
    "              stop when N subscribers (1 to 1024) said that they hold the set; "
    "exit 75\n"
    "              where fewer did before the end\n"
    "  --insecure  allow other addresses than this machine's loopback: the stream is\n"
    "              neither encrypted nor signed yet, so anyone on that network can "
    "read\n"
    "              it, and anyone on the way can forge it\n";

struct asked {
    const char *path, *bind, *snapshot, *state;
    int64_t for_ns;         /* 0: without end                     */
    int64_t n_acknowledged; /* 0: however many may acknowledge it */
    bool insecure, help;
};

/* What must be given back, in reverse. */
struct running {
    char *bytes;
    struct lock *lock;
    struct publisher *publisher;
    struct publication publication;
    size_t n_instruments;
};

static volatile sig_atomic_t stop_asked;

static void ask_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = ask_stop}; /* interrupts waiting */

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

static int read_for(const char *text, int64_t *for_ns, struct err *err)
{
    if (clock_parse_duration(text, strlen(text), for_ns, err) != 0) {
        err_add(err, "publish: --for");
        if (err != NULL)
            err->kind = ERR_USAGE;
        return -1;
    }
    return 0;
}

static int read_count(const char *text, int64_t *n, struct err *err)
{
    if (text_to_integer(text, strlen(text), 1, ACKNOWLEDGED_MAX, n, err) != 0) {
        err_add(err, "publish: --until-acknowledged");
        if (err != NULL)
            err->kind = ERR_USAGE;
        return -1;
    }
    return 0;
}

static int take_option(int letter, char **argv, struct asked *asked, struct err *err)
{
    switch (letter) {
    case 'b':
        asked->bind = optarg;
        return 0;
    case 's':
        asked->snapshot = optarg;
        return 0;
    case 'd':
        asked->state = optarg;
        return 0;
    case 'f':
        return read_for(optarg, &asked->for_ns, err);
    case 'n':
        return read_count(optarg, &asked->n_acknowledged, err);
    case 'i':
        asked->insecure = true;
        return 0;
    case 'h':
        asked->help = true;
        return 0;
    default:
        return err_set(err, ERR_USAGE, "publish: %s is not an option, or has no value",
                       argv[optind - 1]);
    }
}

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {
        {"bind", required_argument, NULL, 'b'},
        {"snapshot", required_argument, NULL, 's'},
        {"state", required_argument, NULL, 'd'},
        {"for", required_argument, NULL, 'f'},
        {"until-acknowledged", required_argument, NULL, 'n'},
        {"insecure", no_argument, NULL, 'i'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    int letter;

    *asked = (struct asked){.bind = "tcp://127.0.0.1:7700",
                            .snapshot = "tcp://127.0.0.1:7701"};
    opterr = 0;
    optind = 1;
    while (!asked->help && (letter = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if (take_option(letter, argv, asked, err) != 0)
            return -1;
    if (asked->help)
        return 0;
    if (optind + 1 != argc)
        return err_set(err, ERR_USAGE,
                       "publish: which one parameter set? (plimsoll publish --help)");
    asked->path = argv[optind];
    if (stream_check_address(asked->bind, asked->insecure, err) != 0 ||
        stream_check_address(asked->snapshot, asked->insecure, err) != 0)
        return err_add(err, "publish");
    return 0;
}

/* The bytes of a set that an engine would accept. */
static int read_set(const char *path, struct running *running, struct err *err)
{
    struct plimsoll_set *set;
    size_t n_bytes;

    if (file_read(path, PLIMSOLL_SET_BYTES_MAX, &running->bytes, &n_bytes, err) != 0)
        return -1;
    if (plimsoll_set_parse(running->bytes, n_bytes, &set, err) != 0)
        return err_add(err, "%s", path);
    running->n_instruments = plimsoll_set_count(set);
    plimsoll_set_free(set);
    running->publication.bytes = running->bytes;
    running->publication.name = stream_name_make(0, 0, running->bytes, n_bytes);
    return 0;
}

static int find_state(const struct asked *asked, char path[FILE_PATH_MAX],
                      struct err *err)
{
    char copy[FILE_PATH_MAX];

    if (asked->state != NULL)
        return file_make_directory(asked->state, err) != 0
                   ? -1
                   : file_join(asked->state, "publish.json", path, err);
    snprintf(copy, sizeof copy, "%s", asked->path);
    return file_join(dirname(copy), "publish.json", path, err);
}

/* The version of this set: the last one's if it is the same set, else the next, which
 * is on disk before anyone sees it. */
static int take_version(const char *path, struct stream_name *name, struct err *err)
{
    struct state state;

    if (state_read(path, &state, err) != 0)
        return -1;
    name->epoch = state.last.version != 0 ? state.last.epoch : (uint64_t)clock_now();
    name->version = state.last.version;
    if (name->version != 0 && stream_name_same(name, &state.last))
        return 0;
    if (name->version == INT64_MAX)
        return err_set(err, ERR_INPUT, "%s: there is no version after the last", path);
    name->version++;
    state = (struct state){.last = *name, .previous = state.last};
    return state_write(path, &state, err);
}

static int start(const struct asked *asked, struct running *running, struct err *err)
{
    char state[FILE_PATH_MAX];

    if (read_set(asked->path, running, err) != 0 ||
        find_state(asked, state, err) != 0 ||
        lock_take(state, &running->lock, err) != 0 ||
        publisher_open(asked->bind, asked->snapshot, &running->publisher, err) != 0)
        return -1;
    return take_version(state, &running->publication.name, err);
}

static void print_start(const struct running *running)
{
    const struct stream_name *name = &running->publication.name;
    char sha256[STREAM_DIGEST_MAX];

    printf("publishing version %llu, %zu instruments, %llu bytes, sha256 %s\n",
           (unsigned long long)name->version, running->n_instruments,
           (unsigned long long)name->n_bytes, stream_digest_text(name->sha256, sha256));
    printf("updates at %s, snapshots at %s\n", publisher_updates(running->publisher),
           publisher_snapshots(running->publisher));
    fflush(stdout);
}

static size_t count_acknowledged(const struct running *running)
{
    return publisher_tally(running->publisher).n_acknowledged;
}

static bool is_enough(const struct asked *asked, const struct running *running)
{
    return asked->n_acknowledged > 0 &&
           count_acknowledged(running) >= (size_t)asked->n_acknowledged;
}

/* A signal that comes just before the waiting is seen one heartbeat later. */
static int serve(const struct asked *asked, const struct running *running,
                 struct err *err)
{
    const int64_t end_ns =
        asked->for_ns > 0 ? clock_monotonic() + asked->for_ns : INT64_MAX;
    int64_t now_ns;

    while (!stop_asked && !is_enough(asked, running) &&
           (now_ns = clock_monotonic()) < end_ns) {
        const int64_t next_ns = now_ns + STREAM_HEARTBEAT_MS * (CLOCK_SECOND / 1000);

        if (publisher_serve(running->publisher, &running->publication,
                            next_ns < end_ns ? next_ns : end_ns, err) != 0)
            return -1;
    }
    return 0;
}

static int check_enough(const struct asked *asked, const struct running *running,
                        struct err *err)
{
    if (asked->n_acknowledged == 0 || is_enough(asked, running))
        return 0;
    return err_set(err, ERR_STOPPED,
                   "publish: version %llu was acknowledged by %zu of %lld subscribers",
                   (unsigned long long)running->publication.name.version,
                   count_acknowledged(running), (long long)asked->n_acknowledged);
}

static int publish(const struct asked *asked, struct running *running, struct err *err)
{
    if (start(asked, running, err) != 0)
        return -1;
    print_start(running);
    if (publisher_send(running->publisher, &running->publication, err) != 0 ||
        serve(asked, running, err) != 0)
        return -1;
    const struct publisher_tally tally = publisher_tally(running->publisher);
    log_line("publisher", "version=%llu snapshots=%zu acknowledged=%zu refused=%zu",
             (unsigned long long)running->publication.name.version, tally.n_snapshots,
             tally.n_acknowledged, tally.n_refused);
    return check_enough(asked, running, err);
}

int cmd_publish(int argc, char **argv, struct err *err)
{
    struct running running = {0};
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    catch_signals();
    const int status = publish(&asked, &running, err);
    publisher_close(running.publisher);
    lock_release(running.lock);
    free(running.bytes);
    return status;
}
