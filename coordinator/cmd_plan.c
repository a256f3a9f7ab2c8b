#include "coordinator/calibrate.h"
#include "coordinator/command.h"
#include "coordinator/job.h"
#include "coordinator/sizing.h"
#include "coordinator/universe.h"
#include "core/json.h"
#include "core/text.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: plimsoll plan JOB.yaml [--history FILE] [--set KEY=VALUE]... [--ranks N]\n"
    "                     [--ranks-per-node N] [--seconds S] [--json]\n"
    "\n"
    "Say, before submission, what a job will take: units, time on N ranks, memory a "
    "rank\n"
    "and a node, and an sbatch line to copy. A few instruments are worked on for some\n"
    "seconds on this machine, which should be like those that the job will run on.\n"
    "\n"
    "  --history FILE      history store, instead of the job's `history`\n"
    "  --set KEY=VALUE     replace a key of the job\n"
    "  --ranks N           time on N ranks; without it a number that suits the job\n"
    "  --ranks-per-node N  for the memory of a node (64)\n"
    "  --seconds S         measure for about so long (3)\n"
    "  --json              one JSON object\n"
    "\n"
    "The time runs from the first unit to the last answer; starting MPI and writing "
    "the\n"
    "results come on top, some seconds.\n";

enum { SETTINGS_MAX = 256, UNITS_A_RANK = 50, RANKS_MAX = 1 << 20 };

struct options {
    const char *job, *history;
    size_t n_settings;
    const char *settings[SETTINGS_MAX];
    int64_t n_ranks, ranks_a_node, seconds;
    bool json, help;
};

static int take_count(const char *name, int64_t *count, struct err *err)
{
    if (text_to_integer(optarg, strlen(optarg), 1, RANKS_MAX, count, NULL) == 0)
        return 0;
    return err_set(err, ERR_USAGE, "%s: '%s' is not a count from 1 to %d", name, optarg,
                   RANKS_MAX);
}

static int take_option(int letter, const char *said, struct options *options,
                       struct err *err)
{
    switch (letter) {
    case 'H':
        options->history = optarg;
        return 0;
    case 's':
        if (options->n_settings == SETTINGS_MAX)
            return err_set(err, ERR_USAGE, "more than %d settings", SETTINGS_MAX);
        options->settings[options->n_settings++] = optarg;
        return 0;
    case 'r':
        return take_count("--ranks", &options->n_ranks, err);
    case 'n':
        return take_count("--ranks-per-node", &options->ranks_a_node, err);
    case 't':
        return take_count("--seconds", &options->seconds, err);
    case 'j':
        options->json = true;
        return 0;
    case 'h':
        options->help = true;
        return 0;
    default:
        return err_set(err, ERR_USAGE, "plan: %s is not an option, or has no value",
                       said);
    }
}

static int parse(int argc, char **argv, struct options *options, struct err *err)
{
    static const struct option longs[] = {
        {"history", required_argument, NULL, 'H'},
        {"set", required_argument, NULL, 's'},
        {"ranks", required_argument, NULL, 'r'},
        {"ranks-per-node", required_argument, NULL, 'n'},
        {"seconds", required_argument, NULL, 't'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    int letter;

    *options = (struct options){.ranks_a_node = 64, .seconds = 3};
    opterr = 0;
    optind = 1;
    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1)
        if (take_option(letter, argv[optind - 1], options, err) != 0)
            return -1;
    if (options->help)
        return 0;
    if (optind + 1 != argc)
        return err_set(err, ERR_USAGE, "plan: %s (plimsoll plan --help)",
                       optind == argc ? "which job file?" : "more than one job file");
    options->job = argv[optind];
    return 0;
}

/* So many that each has some fifty units, and no more than make it faster. */
static int64_t suit(const struct sizing *sizing)
{
    const int64_t most = (int64_t)(sizing->n_units / UNITS_A_RANK);
    const double whole = sizing_elapsed_s(sizing, 1);
    const int64_t useful = (int64_t)ceil(whole / sizing_elapsed_s(sizing, RANKS_MAX));
    const int64_t n = most < useful ? most : useful;

    return n < 1 ? 1 : n > RANKS_MAX ? RANKS_MAX : n;
}

static double mib(uint64_t bytes)
{
    return (double)bytes / (double)(1 << 20);
}

/* What to ask Slurm for: half as much again and a minute, memory by the rank with the
 * shared history spread over a node's. */
static void print_sbatch(const struct options *options, const struct sizing *sizing,
                         int64_t n_ranks, char *text, size_t size)
{
    const int64_t a_node =
        n_ranks < options->ranks_a_node ? n_ranks : options->ranks_a_node;
    const double seconds = 60.0 + 1.5 * sizing_elapsed_s(sizing, (int)n_ranks);
    const long total = (long)ceil(seconds / 60.0);
    const double each = 1.25 * mib(sizing->rank_bytes) +
                        mib(sizing->shared_bytes) / (double)a_node + 32.0;

    snprintf(
        text, size,
        "sbatch --ntasks=%lld --mem-per-cpu=%.0fM --time=%ld:%02ld:00 "
        "--signal=USR1@60 --requeue --wrap='srun --mpi=pmix plimsoll calibrate %s'",
        (long long)n_ranks, ceil(each), total / 60, total % 60, options->job);
}

static void print_people(const struct sizing *sizing, int64_t n_ranks,
                         const char *sbatch, const struct options *options)
{
    const double node =
        (double)(n_ranks < options->ranks_a_node ? n_ranks : options->ranks_a_node) *
            mib(sizing->rank_bytes) +
        mib(sizing->shared_bytes);

    printf("%llu instruments of up to %llu bars, %llu points each in %llu boxes: %llu "
           "units\n",
           (unsigned long long)sizing->n_instruments,
           (unsigned long long)sizing->most_bars, (unsigned long long)sizing->n_points,
           (unsigned long long)sizing->n_boxes, (unsigned long long)sizing->n_units);
    printf("work on one rank: %.3g s reading, %.3g s searching, %.3g s judging (%.2f "
           "times the cost model)\n",
           sizing->read_s, sizing->search_s, sizing->judge_s, sizing->times_model);
    printf("on %lld rank%s: about %.3g s, %.0f units a rank of up to %.3g s\n",
           (long long)n_ranks, n_ranks == 1 ? "" : "s",
           sizing_elapsed_s(sizing, (int)n_ranks),
           (double)sizing->n_units / (double)n_ranks, sizing->unit_s);
    printf("memory: %.0f MiB a rank, %.0f MiB a node with %.0f MiB of shared history\n",
           mib(sizing->rank_bytes), node, mib(sizing->shared_bytes));
    printf("\n  %s\n", sbatch);
}

static int print_json(const struct sizing *sizing, int64_t n_ranks, const char *sbatch,
                      struct err *err)
{
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_integer(&json, "instruments", (int64_t)sizing->n_instruments);
    json_put_integer(&json, "points", (int64_t)sizing->n_points);
    json_put_integer(&json, "boxes", (int64_t)sizing->n_boxes);
    json_put_integer(&json, "units", (int64_t)sizing->n_units);
    json_put_integer(&json, "ranks", n_ranks);
    json_put_real(&json, "elapsed_s", sizing_elapsed_s(sizing, (int)n_ranks));
    json_put_real(&json, "read_s", sizing->read_s);
    json_put_real(&json, "search_s", sizing->search_s);
    json_put_real(&json, "judge_s", sizing->judge_s);
    json_put_real(&json, "unit_s", sizing->unit_s);
    json_put_real(&json, "times_model", sizing->times_model);
    json_put_integer(&json, "rank_bytes", (int64_t)sizing->rank_bytes);
    json_put_integer(&json, "shared_bytes", (int64_t)sizing->shared_bytes);
    json_put_text(&json, "sbatch", sbatch);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, stdout);
    free(bytes);
    return 0;
}

static int tell(const struct options *options, const struct sizing *sizing,
                struct err *err)
{
    const int64_t n_ranks = options->n_ranks > 0 ? options->n_ranks : suit(sizing);
    char sbatch[1024];

    print_sbatch(options, sizing, n_ranks, sbatch, sizeof sbatch);
    if (options->json)
        return print_json(sizing, n_ranks, sbatch, err);
    print_people(sizing, n_ranks, sbatch, options);
    return 0;
}

static int look(const struct options *options, struct err *err)
{
    const struct conf_source source = {.path = options->job,
                                       .n_settings = options->n_settings,
                                       .settings = options->settings};
    struct universe universe = {0};
    struct history *history = NULL;
    struct sizing sizing;
    struct job job;
    int status = -1;

    if (job_read(&source, &job, err) != 0)
        return -1;
    const char *path = options->history != NULL ? options->history : job.keys.history;
    if (path == NULL)
        err_set(err, ERR_USAGE,
                "which history? give --history FILE or the key `history`");
    else if (history_open(path, &history, err) == 0 &&
             universe_new(&job, history, &universe, err) == 0 &&
             universe_read_incumbents(&job, &universe, err) == 0 &&
             job_size_boxes(&job, universe_most_bars(&universe), err) == 0 &&
             sizing_measure(&job, history, &universe, (double)options->seconds, &sizing,
                            err) == 0)
        status = tell(options, &sizing, err);
    universe_free(&universe);
    history_close(history);
    job_free(&job);
    return status;
}

int cmd_plan(int argc, char **argv, struct err *err)
{
    struct options options;

    if (parse(argc, argv, &options, err) != 0)
        return -1;
    if (options.help) {
        fputs(usage, stdout);
        return 0;
    }
    return look(&options, err);
}
