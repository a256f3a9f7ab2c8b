#include "coordinator/calibrate.h"
#include "coordinator/command.h"
#include "coordinator/job.h"
#include "coordinator/settings.h"
#include "core/log.h"
#include "core/options.h"
#include "mpi/team.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll calibrate JOB.yaml [--history FILE] [--output DIR]\n"
    "                          [--incumbent FILE]\n"
    "                          [--set KEY=VALUE]... [--time-limit 6h] [--restart]\n"
    "                          [--prometheus FILE] [--quiet]\n"
    "\n"
    "Search the grid of every instrument the job names, judge the best points bar by\n"
    "bar, and write parameters.json, calibration.h5, run.json and run.log into DIR.\n"
    "Runs alone, under mpirun and under srun --mpi=pmix; the bytes of parameters.json\n"
    "are the same on any number of ranks. While it runs `plimsoll status DIR` tells "
    "how\n"
    "far it is.\n"
    "\n"
    "  --history FILE     history store, instead of the job's `history`\n"
    "  --output DIR       where the results go, instead of the job's `output`\n"
    "  --incumbent FILE   parameters.json in production: it is scored too, the search\n"
    "                     also starts around it, and it stays where nothing is better\n"
    "                     by the job's `hysteresis`\n"
    "  --set KEY=VALUE    replace a key of the job, e.g. --set axes.lambda=0.94,0.97\n"
    "  --time-limit TIME  stop by itself after this long (90s, 30m, 6h): exit 75\n"
    "  --restart          drop what an earlier run left in DIR's journal\n"
    "  --prometheus FILE  figures of the run for Prometheus, instead of into\n"
    "                     DIR/plimsoll.prom\n"
    "  --quiet            no table, only errors\n"
    "\n"
    "A run that was stopped or killed goes on where its journal ends when the same\n"
    "command is given again, also on another number of ranks. SIGTERM, SIGUSR1 and a\n"
    "file DIR/stop stop it softly: units under way are finished, exit 75.\n"
    "\n"
    "`plimsoll help job` lists every key, `plimsoll help metrics` every figure.\n"
    "Exit: 0 all calibrated, 4 some instruments have no calibrated value, 5 a "
    "guard-rail\n"
    "of `publication:` refuses the set (it is written, and not to be published), 3 "
    "bad\n"
    "input.\n";

struct options {
    const char *job;
    struct settings settings;
    struct calibrate_options calibrate;
    bool help;
};

static int take_history(void *into, const char *value, struct err *err)
{
    struct options *options = into;

    return settings_add_path(&options->settings, "history", value, err);
}

static int take_output(void *into, const char *value, struct err *err)
{
    struct options *options = into;

    return settings_add_path(&options->settings, "output", value, err);
}

static int take_incumbent(void *into, const char *value, struct err *err)
{
    struct options *options = into;

    return settings_add_path(&options->settings, "incumbent", value, err);
}

static int take_setting(void *into, const char *value, struct err *err)
{
    struct options *options = into;

    return settings_add(&options->settings, value, err);
}

#define AT(field) .offset = offsetof(struct options, field)
static const struct options_row rows[] = {
    {"history", OPTIONS_CALL, .take = take_history},
    {"output", OPTIONS_CALL, .take = take_output},
    {"incumbent", OPTIONS_CALL, .take = take_incumbent},
    {"set", OPTIONS_CALL, .take = take_setting},
    {"time-limit", OPTIONS_DURATION, AT(calibrate.limit_ns)},
    {"restart", OPTIONS_FLAG, AT(calibrate.restart)},
    {"prometheus", OPTIONS_TEXT, AT(calibrate.prometheus)},
    {"quiet", OPTIONS_FLAG, AT(calibrate.quiet)},
};
#undef AT

static const struct options_table table = {"calibrate", "job file", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct options *options, struct err *err)
{
    struct options_rest rest;

    *options = (struct options){0};
    if (options_read(&table, argc, argv, options, &rest, err) != 0)
        return -1;
    options->help = rest.help;
    if (rest.help)
        return 0;
    options->job = rest.word[0];
    return 0;
}

/* A job that cannot be read is told at once, by one rank, before MPI has started. */
static int check_job(const struct conf_source *source, struct err *err)
{
    struct job job;

    if (job_read(source, &job, err) == 0) {
        job_free(&job);
        return 0;
    }
    if (team_rank_to_be() != 0)
        err->text[0] = '\0';
    return -1;
}

int cmd_calibrate(int argc, char **argv, struct err *err)
{
    struct options options;
    struct team team;

    if (parse(argc, argv, &options, err) != 0)
        return -1;
    if (options.help) {
        fputs(usage, stdout);
        return 0;
    }
    options.calibrate.job = (struct conf_source){.path = options.job,
                                                 .n_settings = options.settings.n,
                                                 .settings = options.settings.text};
    if (check_job(&options.calibrate.job, err) != 0 ||
        team_start(&argc, &argv, &team, err) != 0)
        return -1;
    log_be_quiet(team.rank != 0);
    const int status = calibrate(&team, &options.calibrate, err);
    if (team.rank != 0)
        err->text[0] = '\0'; /* rank 0 says it for all */
    team_end(&team);
    return status;
}
