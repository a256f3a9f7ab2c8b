#include "coordinator/command.h"
#include "coordinator/walkforward.h"
#include "core/options.h"
#include "mpi/team.h"

#include <stddef.h>
#include <stdio.h>

static const char usage[] =
    "usage: plimsoll walkforward JOB.yaml|DIR [--instrument X] [--history FILE]\n"
    "                            [--set KEY=VALUE]... [--output DIR] [--seed N]\n"
    "                            [--json] [--quiet]\n"
    "\n"
    "Would the job's way of choosing have held?  Parameters are chosen on each "
    "training\n"
    "span and scored on the span behind it; in-sample and unseen figures stand side "
    "by\n"
    "side, with how far the choice moves, the probability that the choice is overfit "
    "and\n"
    "Hansen's test against simple challengers, and the set in production where the "
    "job\n"
    "names it (`incumbent`).  Runs alone, under mpirun and srun, with the same bytes.\n"
    "\n"
    "  JOB.yaml, DIR      a job, or what a calibration left in DIR\n"
    "  --history FILE     history store, instead of the one that DIR or the job names\n"
    "  --set KEY=VALUE    e.g. --set validation.folds=8 --set "
    "validation.window=rolling\n"
    "  --output DIR       write walkforward.json there\n"
    "  --seed N           of the bootstrap (1)\n"
    "\n"
    "Exit: 0 every instrument holds, 5 some do not, 3 bad input.  Definitions:\n"
    "worker/README.md, \"Overfitting\"; keys: `plimsoll help job`, validation.*\n";

enum { SETTINGS_MAX = 256 };

struct asked {
    struct walkforward_options options;
    const char *settings[SETTINGS_MAX];
    int64_t seed;
};

static int take_setting(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    if (asked->options.subject.n_settings == SETTINGS_MAX)
        return err_set(err, ERR_USAGE, "more than %d", SETTINGS_MAX);
    asked->settings[asked->options.subject.n_settings++] = value;
    return 0;
}

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"instrument", OPTIONS_TEXT, AT(options.subject.instrument)},
    {"history", OPTIONS_TEXT, AT(options.subject.history)},
    {"set", OPTIONS_CALL, .take = take_setting},
    {"output", OPTIONS_TEXT, AT(options.output)},
    {"seed", OPTIONS_INTEGER, AT(seed), .max = INT64_MAX},
    {"json", OPTIONS_FLAG, AT(options.as_json)},
    {"quiet", OPTIONS_FLAG, AT(options.quiet)},
};
static const struct options_table table = {"walkforward", "one job file or directory",
                                           rows, sizeof rows / sizeof *rows};

int cmd_walkforward(int argc, char **argv, struct err *err)
{
    struct asked asked = {.seed = 1};
    struct options_rest rest;
    struct team team;

    if (options_read(&table, argc, argv, &asked, &rest, err) != 0)
        return -1;
    if (rest.help)
        return fputs(usage, stdout) == EOF;
    asked.options.seed = (uint64_t)asked.seed;
    asked.options.subject.settings = asked.settings;
    asked.options.subject.path = rest.word[0];
    if (team_start(&argc, &argv, &team, err) != 0)
        return -1;
    const int status = walkforward(&team, &asked.options, err);
    if (team.rank != 0)
        err->text[0] = '\0'; /* rank 0 says it for all */
    team_end(&team);
    return status;
}
