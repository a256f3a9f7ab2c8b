#include "coordinator/command.h"
#include "coordinator/crew.h"
#include "coordinator/ledger.h"
#include "coordinator/progress.h"
#include "coordinator/report.h"
#include "coordinator/run_files.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/log.h"
#include "mpi/agree.h"
#include "mpi/team.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: plimsoll calibrate JOB.yaml [--history FILE] [--output DIR]\n"
    "                          [--set KEY=VALUE]... [--quiet]\n"
    "\n"
    "Search the grid of every instrument the job names, judge the best points bar by\n"
    "bar, and write parameters.json, calibration.h5, run.json and run.log into DIR.\n"
    "Runs alone, under mpirun and under srun --mpi=pmix; the bytes of parameters.json\n"
    "are the same on any number of ranks.\n"
    "\n"
    "  --history FILE     history store, instead of the job's `history`\n"
    "  --output DIR       where the results go, instead of the job's `output`\n"
    "  --set KEY=VALUE    replace a key of the job, e.g. --set axes.lambda=0.94,0.97\n"
    "  --quiet            no table, only errors\n"
    "\n"
    "`plimsoll help job` lists every key, `plimsoll help metrics` every figure.\n"
    "Exit: 0 all calibrated, 4 some instruments have no calibrated value, 3 bad "
    "input.\n";

enum { SETTINGS_MAX = 256 };

struct options {
    const char *job;
    size_t n_settings;
    const char *settings[SETTINGS_MAX];
    char text[2][FILE_PATH_MAX + 16]; /* history=... and output=... as settings */
    bool quiet, help;
};

/* --history FILE is --set history="FILE": one way in for every key. */
static int add_path(struct options *options, int which, const char *key,
                    const char *path, struct err *err)
{
    const int n = snprintf(options->text[which], sizeof options->text[which],
                           "%s=\"%s\"", key, path);

    if (n < 0 || (size_t)n >= sizeof options->text[which])
        return err_set(err, ERR_USAGE, "--%s: the path is too long", key);
    options->settings[options->n_settings++] = options->text[which];
    return 0;
}

static int parse(int argc, char **argv, struct options *options, struct err *err)
{
    static const struct option longs[] = {{"history", required_argument, NULL, 'H'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"set", required_argument, NULL, 's'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int letter, status = 0;

    *options = (struct options){0};
    opterr = 0;
    optind = 1;
    while (status == 0 && (letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (options->n_settings + 2 > SETTINGS_MAX)
            return err_set(err, ERR_USAGE, "more than %d settings", SETTINGS_MAX - 2);
        switch (letter) {
        case 'H':
            status = add_path(options, 0, "history", optarg, err);
            break;
        case 'o':
            status = add_path(options, 1, "output", optarg, err);
            break;
        case 's':
            options->settings[options->n_settings++] = optarg;
            break;
        case 'q':
            options->quiet = true;
            break;
        case 'h':
            options->help = true;
            return 0;
        default:
            return err_set(err, ERR_USAGE,
                           "calibrate: %s is not an option, or has no value",
                           argv[optind - 1]);
        }
    }
    if (status == 0 && optind + 1 != argc)
        return err_set(err, ERR_USAGE, "calibrate: %s (plimsoll calibrate --help)",
                       optind == argc ? "which job file?" : "more than one job file");
    options->job = argv[optind];
    return status;
}

/* What a rank holds while the job runs. */
struct scene {
    struct team team;
    struct job job;
    struct history *history;
    struct universe universe;
    struct crew crew;
    struct ledger *ledger; /* rank 0 */
    struct result result;  /* rank 0 */
};

static int check_places(const struct job *job, struct err *err)
{
    if (job->keys.history == NULL)
        return err_set(err, ERR_USAGE,
                       "which history? give --history FILE or the key `history`");
    if (job->keys.output == NULL)
        return err_set(err, ERR_USAGE,
                       "where to? give --output DIR or the key `output`");
    return 0;
}

static int open_scene(struct scene *scene, const struct options *options,
                      struct err *err)
{
    const struct conf_source source = {.path = options->job,
                                       .n_settings = options->n_settings,
                                       .settings = options->settings};
    struct job *job = &scene->job;

    if (job_read(&source, job, err) != 0 || check_places(job, err) != 0 ||
        history_open(job->keys.history, &scene->history, err) != 0)
        return -1;
    if (universe_new(job, scene->history, &scene->universe, err) != 0)
        return -1;
    return crew_new(job, scene->history, &scene->universe, &scene->crew, err);
}

/* Rank 0 alone: where the results go and the book. */
static int open_desk(struct scene *scene, struct err *err)
{
    const size_t n = (size_t)scene->team.size;
    char log[FILE_PATH_MAX];
    struct result *result = &scene->result;

    if (scene->team.rank != 0)
        return 0;
    *result = (struct result){.job = &scene->job,
                              .universe = &scene->universe,
                              .history_path = scene->job.keys.history,
                              .n_ranks = scene->team.size,
                              .host = calloc(n, sizeof *result->host),
                              .share = calloc(n, sizeof *result->share)};
    if (result->host == NULL || result->share == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu ranks", n);
    if (file_make_directory(scene->job.keys.output, err) != 0 ||
        file_join(scene->job.keys.output, "run.log", log, err) != 0 ||
        log_open(log, err) != 0)
        return -1;
    return ledger_new(&scene->job, &scene->universe, scene->team.size, &scene->ledger,
                      err);
}

static void close_scene(struct scene *scene)
{
    ledger_free(scene->ledger);
    free(scene->result.host);
    free(scene->result.share);
    crew_free(&scene->crew);
    universe_free(&scene->universe);
    history_close(scene->history);
    job_free(&scene->job);
    log_close();
}

static int run(struct scene *scene, struct err *err)
{
    struct progress progress;
    const struct schedule schedule = {
        .source = {.context = scene->ledger, .next = ledger_next, .take = ledger_take},
        .worker = {.context = &scene->crew, .work = crew_work},
        .tick = progress_tick,
        .tick_context = &progress,
    };

    team_hosts(&scene->team, scene->result.host);
    scene->result.start_ns = clock_now();
    if (scene->ledger != NULL)
        progress_start(&progress, scene->ledger);
    const int status =
        schedule_run(scene->team.comm, &schedule, scene->result.share, err);
    if (scene->ledger != NULL)
        progress_end(&progress);
    scene->result.end_ns = clock_now();
    return status;
}

/* Rank 0 writes; every rank learns whether that went well. */
static int finish(struct scene *scene, const struct options *options, struct err *err)
{
    struct result *result = &scene->result;
    int status = 0;

    if (scene->team.rank == 0) {
        result->outcome = ledger_outcomes(scene->ledger);
        status = run_files_write(result, scene->job.keys.output, err);
        if (status == 0 && !options->quiet)
            report_print(result, stdout);
    }
    return agree(scene->team.comm, status != 0, err);
}

/* Not a fault, but not an answer for every instrument either: exit code 4. */
static int tell_incomplete(const struct scene *scene, struct err *err)
{
    if (scene->team.rank != 0)
        return 0;
    const size_t n = scene->universe.n;
    const size_t n_calibrated = result_count(&scene->result, STATUS_CALIBRATED);

    if (n_calibrated == n)
        return 0;
    return err_set(
        err, ERR_INCOMPLETE,
        "%zu of %zu instruments have no calibrated value; the reasons are in "
        "%s/parameters.json",
        n - n_calibrated, n, scene->job.keys.output);
}

static int calibrate(struct scene *scene, const struct options *options,
                     struct err *err)
{
    if (agree(scene->team.comm, open_scene(scene, options, err) != 0, err) != 0 ||
        agree(scene->team.comm, open_desk(scene, err) != 0, err) != 0 ||
        run(scene, err) != 0 || finish(scene, options, err) != 0)
        return -1;
    return tell_incomplete(scene, err);
}

int cmd_calibrate(int argc, char **argv, struct err *err)
{
    struct options options;
    struct scene scene = {0};

    if (parse(argc, argv, &options, err) != 0)
        return -1;
    if (options.help) {
        fputs(usage, stdout);
        return 0;
    }
    if (team_start(&argc, &argv, &scene.team, err) != 0)
        return -1;
    log_be_quiet(scene.team.rank != 0);
    const int status = calibrate(&scene, &options, err);
    if (scene.team.rank != 0)
        err->text[0] = '\0'; /* rank 0 says it for all */
    close_scene(&scene);
    team_end(&scene.team);
    return status;
}
