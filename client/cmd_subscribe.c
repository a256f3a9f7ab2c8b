#include "client/cmd_subscribe.h"
#include "client/diff.h"
#include "client/subscriber.h"
#include "core/clock.h"
#include "core/log.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll subscribe --store DIR [--connect tcp://127.0.0.1:7700]\n"
    "                          [--snapshot tcp://127.0.0.1:7701] [--once | --follow]\n"
    "                          [--timeout 30s] [--insecure]\n"
    "\n"
    "Receives the current parameter set, verifies it and keeps it: "
    "DIR/parameters.json,\n"
    "byte for byte as published, and DIR/state.json (version and digest). Prints what\n"
    "changed. What is damaged, wrong or older than the held set is refused with a "
    "reason\n"
    "on standard error, and the held set stays.\n"
    "\n"
    "  --once      stop when the current set is held (the default)\n"
    "  --follow    go on until SIGTERM or SIGINT\n"
    "  --timeout   how long to wait for a first good set; then exit 70, or 5 where all "
    "that\n"
    "              came was refused\n"
    "  --insecure  allow other addresses than this machine's loopback: the stream is\n"
    "              neither encrypted nor signed yet\n";

enum { STEP_MS = 200 }; /* how soon a signal is seen that comes just before waiting */

struct asked {
    struct plimsoll_options options;
    int64_t timeout_ns;
    bool follow, help;
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

static int read_timeout(const char *text, int64_t *timeout_ns, struct err *err)
{
    if (clock_parse_duration(text, strlen(text), timeout_ns, err) != 0) {
        err_add(err, "subscribe: --timeout");
        if (err != NULL)
            err->kind = ERR_USAGE;
        return -1;
    }
    return 0;
}

static int take_option(int letter, char **argv, struct asked *asked, struct err *err)
{
    switch (letter) {
    case 'c':
        asked->options.updates = optarg;
        return 0;
    case 's':
        asked->options.snapshots = optarg;
        return 0;
    case 'd':
        asked->options.store = optarg;
        return 0;
    case 't':
        return read_timeout(optarg, &asked->timeout_ns, err);
    case 'o':
        asked->follow = false;
        return 0;
    case 'f':
        asked->follow = true;
        return 0;
    case 'i':
        asked->options.insecure = true;
        return 0;
    case 'h':
        asked->help = true;
        return 0;
    default:
        return err_set(err, ERR_USAGE,
                       "subscribe: %s is not an option, or has no value",
                       argv[optind - 1]);
    }
}

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {{"connect", required_argument, NULL, 'c'},
                                          {"snapshot", required_argument, NULL, 's'},
                                          {"store", required_argument, NULL, 'd'},
                                          {"timeout", required_argument, NULL, 't'},
                                          {"once", no_argument, NULL, 'o'},
                                          {"follow", no_argument, NULL, 'f'},
                                          {"insecure", no_argument, NULL, 'i'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    *asked = (struct asked){.options = {.updates = "tcp://127.0.0.1:7700",
                                        .snapshots = "tcp://127.0.0.1:7701"},
                            .timeout_ns = 30 * CLOCK_SECOND};
    opterr = 0;
    optind = 1;
    while (!asked->help && (letter = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if (take_option(letter, argv, asked, err) != 0)
            return -1;
    if (asked->help)
        return 0;
    if (optind != argc)
        return err_set(err, ERR_USAGE, "subscribe: %s is not an option", argv[optind]);
    if (asked->options.store == NULL)
        return err_set(err, ERR_USAGE,
                       "subscribe: where to keep the set? (--store DIR)");
    return 0;
}

static void print_set(const struct plimsoll_subscriber *subscriber, const char *what,
                      uint64_t version)
{
    const struct plimsoll_set *set = plimsoll_subscriber_set(subscriber);
    char as_of[CLOCK_TEXT_MAX];

    printf("version %llu %s: %zu instruments, as of %s, sha256 %s\n",
           (unsigned long long)version, what, plimsoll_set_count(set),
           clock_moment_text(plimsoll_set_head(set)->as_of_ns, as_of),
           plimsoll_set_sha256(set));
}

static void print_new(const struct plimsoll_subscriber *subscriber,
                      const struct plimsoll_event *event)
{
    const struct plimsoll_set *previous = plimsoll_subscriber_previous(subscriber);

    print_set(subscriber, "is held now", event->version);
    if (event->n_missed > 0)
        printf("%llu versions before it were not seen\n",
               (unsigned long long)event->n_missed);
    if (previous == NULL)
        puts("nothing was held before");
    else if (plimsoll_diff_print(previous, plimsoll_subscriber_set(subscriber),
                                 stdout) == 0)
        puts("no margin or parameter changed");
}

/* A refusal is told once, however often it comes again in a row. */
static void log_trouble(const struct plimsoll_event *event, char refusal[ERR_TEXT_MAX])
{
    const bool is_silent = event->kind == PLIMSOLL_SILENT;

    if (!is_silent && strcmp(refusal, event->text) == 0)
        return;
    if (!is_silent)
        memcpy(refusal, event->text, ERR_TEXT_MAX);
    log_line(is_silent ? "silent" : "refused", "held_version=%llu why=\"%s\"",
             (unsigned long long)event->version, event->text);
}

/* Is the current set held, after this event?  `refusal` is the last one that was told.
 */
static bool show(const struct plimsoll_subscriber *subscriber,
                 const struct plimsoll_event *event, char refusal[ERR_TEXT_MAX])
{
    const bool holds = plimsoll_subscriber_set(subscriber) != NULL;

    switch (event->kind) {
    case PLIMSOLL_NEW_SET:
        print_new(subscriber, event);
        break;
    case PLIMSOLL_CONFIRMED:
        print_set(subscriber, "is current", event->version);
        break;
    case PLIMSOLL_REFUSED:
    case PLIMSOLL_SILENT:
        log_trouble(event, refusal);
        return false;
    case PLIMSOLL_NOTHING:
        return false;
    }
    refusal[0] = '\0';
    fflush(stdout);
    return holds;
}

/* Why no set is held when the time is over. */
static int time_is_over(const struct asked *asked, enum err_kind cause,
                        const char *refusal, struct err *err)
{
    const char *updates = asked->options.updates;
    char timeout[CLOCK_TEXT_MAX];

    clock_duration_text(asked->timeout_ns, timeout);
    if (cause == ERR_IO)
        return err_set(err, ERR_IO, "subscribe: what came cannot be kept: %s", refusal);
    if (cause != ERR_NONE)
        return err_set(err, ERR_REFUSED,
                       "subscribe: all that came from %.100s in %s was refused: %s",
                       updates, timeout, refusal);
    return err_set(err, ERR_COMM, "subscribe: no set came from %.100s and %.100s in %s",
                   updates, asked->options.snapshots, timeout);
}

/* Until the current set is held; 1 where a signal came before. */
static int wait_first(const struct asked *asked, struct plimsoll_subscriber *subscriber,
                      struct err *err)
{
    const int64_t end_ns = clock_monotonic() + asked->timeout_ns;
    char refusal[ERR_TEXT_MAX] = "";
    enum err_kind cause = ERR_NONE;
    struct plimsoll_event event;

    while (!stop_asked && clock_monotonic() < end_ns) {
        if (plimsoll_subscriber_next(subscriber, STEP_MS, &event, err) != 0)
            return -1;
        if (show(subscriber, &event, refusal))
            return 0;
        if (event.kind == PLIMSOLL_REFUSED && event.cause != ERR_NONE)
            cause = event.cause;
    }
    if (stop_asked)
        return 1;
    return time_is_over(asked, cause, refusal, err);
}

static int follow(struct plimsoll_subscriber *subscriber, struct err *err)
{
    char refusal[ERR_TEXT_MAX] = "";
    struct plimsoll_event event;

    while (!stop_asked) {
        if (plimsoll_subscriber_next(subscriber, STEP_MS, &event, err) != 0)
            return -1;
        show(subscriber, &event, refusal);
    }
    return 0;
}

int cmd_subscribe(int argc, char **argv, struct err *err)
{
    struct plimsoll_subscriber *subscriber;
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    catch_signals();
    if (plimsoll_subscriber_open(&asked.options, &subscriber, err) != 0)
        return err_add(err, "subscribe");
    int status = wait_first(&asked, subscriber, err);
    if (status == 0 && asked.follow)
        status = follow(subscriber, err);
    plimsoll_subscriber_close(subscriber);
    if (status > 0 && !asked.follow)
        return err_set(err, ERR_STOPPED, "subscribe: stopped before a set came");
    return status < 0 ? -1 : 0;
}
