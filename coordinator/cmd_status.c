#include "coordinator/command.h"
#include "coordinator/run_status.h"
#include "core/clock.h"

#include <getopt.h>
#include <stdbool.h>
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

enum how { AS_TEXT, AS_JSON, AS_LINE };

struct asked {
    const char *path;
    enum how how;
    bool help;
};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {{"json", no_argument, NULL, 'j'},
                                          {"line", no_argument, NULL, 'l'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    *asked = (struct asked){0};
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (letter == '?')
            return err_set(err, ERR_USAGE, "status: %s is not an option",
                           argv[optind - 1]);
        asked->help = asked->help || letter == 'h';
        asked->how = letter == 'j' ? AS_JSON : letter == 'l' ? AS_LINE : asked->how;
    }
    if (asked->help)
        return 0;
    if (optind + 1 != argc)
        return err_set(err, ERR_USAGE,
                       "status: which one directory? (plimsoll status --help)");
    asked->path = argv[optind];
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
    if (asked.how == AS_TEXT)
        run_status_print(&status, clock_now(), stdout);
    else if (asked.how == AS_LINE)
        puts(run_status_line(&status, line));
    else if (print_json(&status, err) != 0)
        return -1;
    return end_like(&status, err);
}
