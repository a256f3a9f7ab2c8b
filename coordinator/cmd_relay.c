#include "coordinator/command.h"
#include "coordinator/relay_control.h"
#include "coordinator/relay_serve.h"
#include "coordinator/relay_view.h"
#include "coordinator/settings.h"
#include "core/file.h"
#include "core/options.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll relay CONFIG.yaml [--set KEY=VALUE]...\n"
    "       plimsoll relay --status STORE|ipc://ADDRESS [--json]\n"
    "\n"
    "Takes parameter sets from publishers, checks signatures, order and guard-rails,\n"
    "keeps them in its store, and serves them to engines, group after group, until\n"
    "SIGTERM or SIGINT. Started again it goes on where it was, also after kill -9. A\n"
    "second relay (`follow:`) takes over when the first falls silent. Lists of keys "
    "are\n"
    "read again when they change.\n"
    "\n"
    "  --set KEY=VALUE  replace a key of the configuration\n"
    "  --status WHERE   how does the relay stand whose store is the directory WHERE?\n"
    "                   Also what it last said if it does not run; or ask the one "
    "that\n"
    "                   is controlled at ipc://...\n"
    "  --json           the same as JSON\n"
    "  --help           this text\n"
    "\n"
    "`plimsoll help relay` lists every key, configs/relay.yaml is one to copy.\n"
    "By hand: plimsoll freeze, unfreeze, promote, withdraw, approve, rollback. All of "
    "it\n"
    "is in STORE/audit.log (plimsoll audit). Exit codes: 0 stopped by a signal; 3 bad\n"
    "configuration, key or store; 70 a socket fails.\n";

struct asked {
    const char *path, *status_of;
    struct settings settings;
    bool json, help;
};

/* a signal may come to any thread: lock-free, so that a handler may set it */
static atomic_int stop_asked;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a handler may not set it");

static void ask_stop(int signal_number)
{
    if (signal_number != SIGHUP) /* which only wakes the loop: lists are looked at */
        stop_asked = 1;
}

static void catch_signals(void)
{
    const struct sigaction action = {.sa_handler = ask_stop}; /* interrupts waiting */

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static int take_setting(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    return settings_add(&asked->settings, value, err);
}

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"set", OPTIONS_CALL, .take = take_setting},
    {"status", OPTIONS_TEXT, AT(status_of)},
    {"json", OPTIONS_FLAG, AT(json)},
};
#undef AT

static const struct options_table table = {"relay", "", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked = (struct asked){0};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    if (rest.n_words != (asked->status_of == NULL))
        return err_set(err, ERR_USAGE,
                       "relay: which one configuration? (plimsoll relay --help)");
    asked->path = rest.word[0];
    return 0;
}

static int read_status(const char *place, char **bytes, size_t *n_bytes,
                       struct err *err)
{
    const struct relay_command command = {.verb = "status"};
    char path[FILE_PATH_MAX];

    if (strncmp(place, "ipc://", 6) != 0)
        return file_join(place, RELAY_STATUS_NAME, path, err) != 0
                   ? -1
                   : file_read(path, SIZE_MAX, bytes, n_bytes, err);
    if (relay_control_ask(place, &command, bytes, err) != 0)
        return -1;
    *n_bytes = strlen(*bytes);
    return 0;
}

static int show_status(const struct asked *asked, struct err *err)
{
    size_t n_bytes;
    char *bytes;
    int status = 0;

    if (read_status(asked->status_of, &bytes, &n_bytes, err) != 0)
        return err_add(err, "relay");
    if (asked->json)
        fwrite(bytes, 1, n_bytes, stdout);
    else if (relay_view_print(bytes, n_bytes, stdout, err) != 0)
        status = err_add(err, "%s", asked->status_of);
    free(bytes);
    return status;
}

int cmd_relay(int argc, char **argv, struct err *err)
{
    struct relay_config config;
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (asked.status_of != NULL)
        return show_status(&asked, err);
    const struct conf_source source = {.path = asked.path,
                                       .n_settings = asked.settings.n,
                                       .settings = asked.settings.text};
    if (relay_config_read(&source, &config, err) != 0)
        return -1;
    catch_signals();
    int status = relay_serve(&config, &stop_asked, err);
    if (status != 0)
        err_add(err, "relay");
    relay_config_free(&config);
    return status;
}
