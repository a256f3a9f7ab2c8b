#include "coordinator/command.h"
#include "coordinator/walkforward.h"
#include "core/text.h"
#include "mpi/team.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

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
    bool help;
};

static int take_seed(struct asked *asked, struct err *err)
{
    int64_t seed;

    if (text_to_integer(optarg, strlen(optarg), 0, INT64_MAX, &seed, err) != 0) {
        err->kind = ERR_USAGE;
        return err_add(err, "--seed");
    }
    asked->options.seed = (uint64_t)seed;
    return 0;
}

static int take_option(int letter, const char *said, struct asked *asked,
                       struct err *err)
{
    switch (letter) {
    case 'i':
        asked->options.subject.instrument = optarg;
        return 0;
    case 'H':
        asked->options.subject.history = optarg;
        return 0;
    case 's':
        if (asked->options.subject.n_settings == SETTINGS_MAX)
            return err_set(err, ERR_USAGE, "--set: more than %d", SETTINGS_MAX);
        asked->settings[asked->options.subject.n_settings++] = optarg;
        return 0;
    case 'o':
        asked->options.output = optarg;
        return 0;
    case 'S':
        return take_seed(asked, err);
    case 'j':
        asked->options.as_json = true;
        return 0;
    case 'q':
        asked->options.quiet = true;
        return 0;
    case 'h':
        asked->help = true;
        return 0;
    default:
        return err_set(err, ERR_USAGE,
                       "walkforward: %s is not an option, or has no value", said);
    }
}

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    static const struct option longs[] = {{"instrument", required_argument, NULL, 'i'},
                                          {"history", required_argument, NULL, 'H'},
                                          {"set", required_argument, NULL, 's'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"seed", required_argument, NULL, 'S'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter;

    *asked = (struct asked){.options = {.seed = 1}};
    asked->options.subject.settings = asked->settings;
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if (take_option(letter, argv[optind - 1], asked, err) != 0)
            return -1;
    if (asked->help)
        return 0;
    if (optind + 1 != argc)
        return err_set(err, ERR_USAGE,
                       "walkforward: which one job file or directory? (plimsoll "
                       "walkforward --help)");
    asked->options.subject.path = argv[optind];
    return 0;
}

int cmd_walkforward(int argc, char **argv, struct err *err)
{
    struct asked asked;
    struct team team;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (team_start(&argc, &argv, &team, err) != 0)
        return -1;
    const int status = walkforward(&team, &asked.options, err);
    if (team.rank != 0)
        err->text[0] = '\0'; /* rank 0 says it for all */
    team_end(&team);
    return status;
}
