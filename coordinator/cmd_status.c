#include "coordinator/command.h"
#include "coordinator/run_status.h"
#include "core/clock.h"
#include "core/options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: plimsoll status DIR [--json | --line]\n"
    "\n"
    "How far is the calibration whose output directory is DIR, or how did it end? "
    "Reads\n"
    "DIR/status.json, which rank 0 replaces about every second: units done, rate, "
    "time\n"
    "left, the rank that has done the least work, instruments that failed, faults.\n"
    "A run whose process is not there any more is told as gone.\n"
    "\n"
    "  --json  the same as JSON\n"
    "  --line  one line, for a mail's subject; also the last line of DIR/run.log\n"
    "  --help  this text\n"
    "\n"
    "Exit codes: of a run that has ended, its own: 0 done, 3 bad input or a file "
    "system\n"
    "that refuses, 4 some instruments have no calibrated value, 70 internal, 75 "
    "stopped\n"
    "early. 0 while it runs; 75 where it is gone: the same command goes on. 2 usage, "
    "3\n"
    "where there is no status to read.\n";

struct asked {
    const char *path;
    bool as_json, as_line, help;
};

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"json", OPTIONS_FLAG, AT(as_json)},
    {"line", OPTIONS_FLAG, AT(as_line)},
};
#undef AT

static const struct options_table table = {"status", "directory", rows,
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
    asked->path = rest.word[0];
    return 0;
}

static int print_json(const struct run_status *status, struct err *err)
{
    char *bytes;
    size_t n_bytes;

    if (run_status_make(status, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, stdout);
    free(bytes);
    return 0;
}

/* The run's own exit code, without a word: what there is to say is on standard
 * output. */
static int end_like(const struct run_status *status, struct err *err)
{
    static const enum err_kind kinds[] = {ERR_INPUT, ERR_INCOMPLETE, ERR_REFUSED,
                                          ERR_STOPPED, ERR_BUG};

    if (run_state_is_active(status->state) || status->state == RUN_DONE)
        return 0;
    *err = (struct err){.kind = ERR_STOPPED};
    for (size_t i = 0; status->state != RUN_GONE && i < sizeof kinds / sizeof *kinds;
         i++) {
        err->kind = kinds[i];
        if (err_exit_code(err) == status->exit_code)
            return -1;
    }
    return -1;
}

int cmd_status(int argc, char **argv, struct err *err)
{
    struct asked asked;
    struct run_status status;
    char line[RUN_LINE_MAX];

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (run_status_read(asked.path, &status, err) != 0)
        return -1;
    if (asked.as_line)
        puts(run_status_line(&status, line));
    else if (!asked.as_json)
        run_status_print(&status, clock_now(), stdout);
    else if (print_json(&status, err) != 0)
        return -1;
    return end_like(&status, err);
}
