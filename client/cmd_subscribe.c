#include "client/cmd_subscribe.h"
#include "client/diff.h"
#include "client/subscriber.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/options.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll subscribe --store DIR --connect ADDRESS --relay-key KEY.public\n"
    "                          [--connect ADDRESS --relay-key KEY.public] --key "
    "KEY.secret\n"
    "                          --signers LIST [--limits FILE] [--once | --follow]\n"
    "                          [--timeout 30s]\n"
    "       plimsoll subscribe --store DIR --plain [--connect ADDRESS] [--signers "
    "LIST] "
    "...\n"
    "\n"
    "Receives the current parameter set, verifies it and keeps it: "
    "DIR/held.publication,\n"
    "with its manifest and signatures, and copies of its parts, DIR/parameters.json, "
    "byte\n"
    "for byte as published, and DIR/publication.json. Prints what changed as a table. "
    "What is\n"
    "forged, damaged, expired or older than the held set is refused with a reason on\n"
    "standard error, and the held set stays.\n"
    "\n"
    "  --connect    a relay or publisher: tcp://HOST:PORT or ipc://PATH; up to 4, all "
    "in "
    "use\n"
    "               at once, each with its --relay-key; default tcp://127.0.0.1:7700\n"
    "  --relay-key  the public curve key of the relay named before\n"
    "  --key        the secret curve key of this engine\n"
    "  --signers    list of those whose signatures count, read again while it runs\n"
    "  --limits     what this engine does not accept, whoever has signed it\n"
    "  --once       stop when the current set is held (the default)\n"
    "  --follow     go on until SIGTERM or SIGINT\n"
    "  --timeout    how long to wait for a first good set; then exit 70, or 5 where "
    "all "
    "that\n"
    "               came was refused\n"
    "  --plain      without encryption and keys, on this machine alone; unsigned sets "
    "are\n"
    "               taken unless --signers is given\n"
    "\n"
    "Exit codes: 0 the current set is held, 2 usage, 3 a file cannot be read or "
    "written, 5\n"
    "all that came was refused, 70 nothing came, 75 stopped by a signal before.\n";

enum { STEP_MS = 200 }; /* how soon a signal is seen that comes just before waiting */

struct asked {
    struct plimsoll_options options;
    size_t n_relays;
    int64_t timeout_ns;
    bool once, follow, has_stray_key, help;
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

static int take_relay(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    if (asked->n_relays == PLIMSOLL_RELAYS_MAX)
        return err_set(err, ERR_USAGE, "more than %d", PLIMSOLL_RELAYS_MAX);
    asked->options.relay[asked->n_relays++].address = value;
    return 0;
}

static int take_relay_key(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;
    struct plimsoll_relay *relay = asked->options.relay;

    (void)err;
    if (asked->n_relays == 0 || relay[asked->n_relays - 1].key != NULL)
        asked->has_stray_key = true;
    else
        relay[asked->n_relays - 1].key = value;
    return 0;
}

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"connect", OPTIONS_CALL, .take = take_relay},
    {"relay-key", OPTIONS_CALL, .take = take_relay_key},
    {"key", OPTIONS_TEXT, AT(options.key)},
    {"signers", OPTIONS_TEXT, AT(options.signers)},
    {"limits", OPTIONS_TEXT, AT(options.limits)},
    {"store", OPTIONS_TEXT, AT(options.store)},
    {"timeout", OPTIONS_DURATION, AT(timeout_ns)},
    {"once", OPTIONS_FLAG, AT(once)},
    {"follow", OPTIONS_FLAG, AT(follow)},
    {"plain", OPTIONS_FLAG, AT(options.plain)},
};
#undef AT

static const struct options_table table = {"subscribe", NULL, rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked = (struct asked){.timeout_ns = 30 * CLOCK_SECOND};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    if (asked->has_stray_key)
        return err_set(err, ERR_USAGE,
                       "subscribe: --relay-key belongs behind its --connect");
    if (asked->once && asked->follow)
        return err_set(err, ERR_USAGE, "subscribe: --once and --follow are both given");
    if (asked->options.store == NULL)
        return err_set(err, ERR_USAGE,
                       "subscribe: where to keep the set? (--store DIR)");
    if (asked->n_relays == 0)
        asked->options.relay[asked->n_relays++].address = "tcp://127.0.0.1:7700";
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
    static const char *const label[] = {[PLIMSOLL_REFUSED] = "refused",
                                        [PLIMSOLL_WAITING] = "waiting",
                                        [PLIMSOLL_EXPIRED] = "expired",
                                        [PLIMSOLL_SILENT] = "silent"};

    if (event->kind == PLIMSOLL_REFUSED) {
        if (strcmp(refusal, event->text) == 0)
            return;
        memcpy(refusal, event->text, ERR_TEXT_MAX);
    }
    log_line(label[event->kind], "held_version=%llu why=\"%s\"",
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
    case PLIMSOLL_WAITING:
    case PLIMSOLL_EXPIRED:
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
    const struct plimsoll_relay *relay = asked->options.relay;
    const bool has_two = asked->n_relays > 1;
    char timeout[CLOCK_TEXT_MAX];

    clock_duration_text(asked->timeout_ns, timeout);
    if (cause == ERR_IO)
        return err_set(err, ERR_IO, "subscribe: what came cannot be kept: %s", refusal);
    if (cause != ERR_NONE)
        return err_set(err, ERR_REFUSED,
                       "subscribe: all that came from %.100s%s in %s was refused: %s",
                       relay[0].address, has_two ? " and others" : "", timeout,
                       refusal);
    return err_set(err, ERR_COMM, "subscribe: no set came from %.100s%s in %s",
                   relay[0].address, has_two ? " and others" : "", timeout);
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
