#include "coordinator/command.h"
#include "coordinator/job.h"
#include "coordinator/settings.h"
#include "coordinator/sizing.h"
#include "coordinator/submission.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/options.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: plimsoll plan JOB.yaml [--history FILE] [--output DIR] [--set "
    "KEY=VALUE]...\n"
    "                     [--ranks N] [--ranks-a-node N] [--within 15m]\n"
    "                     [--measure 5s | --no-measure] [--json]\n"
    "\n"
    "Say before a job is submitted what it asks for: units, memory of a rank and of a\n"
    "node, seconds on so many ranks, and a line for sbatch. The time is the cost\n"
    "model's, corrected by a few units that are worked on here and now, on as many "
    "cores\n"
    "as a node's ranks will have; plan on a machine like the nodes.\n"
    "\n"
    "  --history FILE      history store, instead of the job's `history`\n"
    "  --output DIR        for the line, instead of the job's `output`\n"
    "  --set KEY=VALUE     replace a key of the job\n"
    "  --ranks N           on so many ranks; without it as few as end --within, each\n"
    "                      with at least four units\n"
    "  --ranks-a-node N    ranks that a node has cores for; without it, as many as\n"
    "                      this machine\n"
    "  --within TIME       see --ranks; 15m\n"
    "  --measure TIME      measure for about so long; 5s\n"
    "  --no-measure        only the model's constants: of some server, perhaps far "
    "off\n"
    "  --json              as JSON\n"
    "  --help              this text\n"
    "\n"
    "Exit codes: 0 done, 2 usage, 3 bad input.\n";

struct asked {
    const char *job;
    struct settings settings;
    struct submission submission; /* of the line: ranks, how many a node */
    int64_t within_ns, measure_ns;
    bool no_measure, as_json, help;
};

static int take_history(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    return settings_add_path(&asked->settings, "history", value, err);
}

static int take_output(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    return settings_add_path(&asked->settings, "output", value, err);
}

static int take_setting(void *into, const char *value, struct err *err)
{
    struct asked *asked = into;

    return settings_add(&asked->settings, value, err);
}

#define AT(field) .offset = offsetof(struct asked, field)
static const struct options_row rows[] = {
    {"history", OPTIONS_CALL, .take = take_history},
    {"output", OPTIONS_CALL, .take = take_output},
    {"set", OPTIONS_CALL, .take = take_setting},
    {"ranks", OPTIONS_SIZE, AT(submission.n_ranks), .min = 1, .max = 1 << 20},
    {"ranks-a-node", OPTIONS_SIZE, AT(submission.n_a_node), .min = 1, .max = 1 << 20},
    {"within", OPTIONS_DURATION, AT(within_ns)},
    {"measure", OPTIONS_DURATION, AT(measure_ns)},
    {"no-measure", OPTIONS_FLAG, AT(no_measure)},
    {"json", OPTIONS_FLAG, AT(as_json)},
};
#undef AT

static const struct options_table table = {"plan", "job file", rows,
                                           sizeof rows / sizeof *rows};

static int parse(int argc, char **argv, struct asked *asked, struct err *err)
{
    struct options_rest rest;

    *asked =
        (struct asked){.within_ns = 15 * CLOCK_MINUTE, .measure_ns = 5 * CLOCK_SECOND};
    if (options_read(&table, argc, argv, asked, &rest, err) != 0)
        return -1;
    asked->help = rest.help;
    if (rest.help)
        return 0;
    asked->job = rest.word[0];
    return 0;
}

/* ---- what is told ---- */

static void put_work(struct json *json, const char *name,
                     const struct sizing_work *work)
{
    json_put_object(json, name);
    json_put_real(json, "read_s", work->read_s);
    json_put_real(json, "search_s", work->search_s);
    json_put_real(json, "judge_s", work->judge_s);
    json_end(json);
}

static int print_json(const struct job *job, const struct sizing *sizing,
                      const struct submission *submission, const char *line,
                      struct err *err)
{
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "job", job->keys.name);
    json_put_integer(&json, "instruments", (int64_t)sizing->n_instruments);
    json_put_integer(&json, "bars", (int64_t)sizing->n_bars);
    json_put_integer(&json, "points", (int64_t)sizing->n_points);
    json_put_integer(&json, "units", (int64_t)sizing->n_units);
    json_put_integer(&json, "ranks", (int64_t)submission->n_ranks);
    json_put_integer(
        &json, "ranks_that_work",
        (int64_t)sizing_workers(job, submission->n_ranks, submission->n_a_node));
    json_put_integer(&json, "nodes", (int64_t)submission_nodes(submission));
    json_put_real(&json, "seconds", submission->seconds);
    json_put_real(&json, "seconds_here", submission->seconds * sizing->slowdown);
    json_put_integer(&json, "boxes_measured", (int64_t)sizing->n_boxes_measured);
    put_work(&json, "work", &sizing->work);
    put_work(&json, "work_by_the_model", &sizing->model);
    json_put_real(&json, "rank_bytes", sizing->rank_bytes);
    json_put_real(&json, "first_rank_bytes", sizing->first_rank_bytes);
    json_put_real(&json, "shared_bytes", sizing->shared_bytes);
    json_put_real(&json, "node_bytes", submission->node_bytes);
    json_put_text(&json, "sbatch", line);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, stdout);
    free(bytes);
    return 0;
}

static double mib(double bytes)
{
    return ceil(bytes / (1024.0 * 1024.0));
}

static void print_text(const struct job *job, const struct sizing *sizing,
                       const struct submission *submission, const char *line)
{
    const struct sizing_work *work = &sizing->work;

    printf("%s: %zu instrument%s, %llu bars, %llu points each\n", job->keys.name,
           sizing->n_instruments, sizing->n_instruments == 1 ? "" : "s",
           (unsigned long long)sizing->n_bars, (unsigned long long)sizing->n_points);
    printf("units       %llu: %llu boxes and a judging an instrument\n",
           (unsigned long long)sizing->n_units, (unsigned long long)sizing->n_boxes);
    printf("one core    %.3g s of reading, %.3g s of search, %.3g s of judging",
           work->read_s, work->search_s, work->judge_s);
    if (sizing->n_boxes_measured > 0)
        printf(" (%zu boxes measured here)\n", sizing->n_boxes_measured);
    else
        printf(" (by the model's constants, not measured)\n");
    printf("%4zu ranks  %.3g s on %zu node%s of %zu, %zu ranks that work",
           submission->n_ranks, submission->seconds, submission_nodes(submission),
           submission_nodes(submission) == 1 ? "" : "s", submission->n_a_node,
           sizing_workers(job, submission->n_ranks, submission->n_a_node));
    if (sizing->slowdown > 1.05)
        printf("; on this machine, loaded as it is now, %.3g s",
               submission->seconds * sizing->slowdown);
    printf("\nmemory      %.0f MiB a rank, %.0f MiB a node; rank 0 %.0f MiB more, %.0f "
           "MiB "
           "of history in common\n\n%s\n",
           mib(sizing->rank_bytes), mib(submission->node_bytes),
           mib(sizing->first_rank_bytes), mib(sizing->shared_bytes), line);
}

/* ---- planning ---- */

/* As few ranks as end in time, none of them with less than four units. */
static size_t choose_ranks(const struct asked *asked, const struct job *job,
                           const struct sizing *sizing)
{
    enum { UNITS_A_RANK = 4 };
    const double within_s = (double)asked->within_ns / (double)CLOCK_SECOND;
    const size_t most = sizing->n_units / UNITS_A_RANK > 1
                            ? (size_t)(sizing->n_units / UNITS_A_RANK)
                            : 1;
    size_t n = 1;

    while (n < most &&
           sizing_seconds(sizing, job, n, asked->submission.n_a_node) > within_s)
        n += n / 16 + 1;
    return n < most ? n : most;
}

static int tell(struct asked *asked, const struct job *job, const struct sizing *sizing,
                struct err *err)
{
    struct submission *submission = &asked->submission;
    char *line;

    if (submission->n_ranks == 0)
        submission->n_ranks = choose_ranks(asked, job, sizing);
    if (submission->n_a_node > submission->n_ranks)
        submission->n_a_node = submission->n_ranks;
    submission->seconds =
        sizing_seconds(sizing, job, submission->n_ranks, submission->n_a_node);
    submission->node_bytes = sizing_node_bytes(sizing, submission->n_a_node);
    submission->job_path = asked->job;
    submission->settings = &asked->settings;
    submission->name = job->keys.name;
    submission->has_output = job->keys.output != NULL;
    if (submission_line(submission, &line, err) != 0)
        return -1;
    int status = 0;
    if (asked->as_json)
        status = print_json(job, sizing, submission, line, err);
    else
        print_text(job, sizing, submission, line);
    free(line);
    return status;
}

/* Processes that measure beside this one: as many as ranks share a node, where there
 * are cores for them. */
static size_t count_beside(const struct submission *submission, size_t n_cores)
{
    size_t n = n_cores < submission->n_a_node ? n_cores : submission->n_a_node;

    if (submission->n_ranks > 0 && submission->n_ranks < n)
        n = submission->n_ranks;
    return n - 1;
}

static int plan_on(struct asked *asked, struct job *job,
                   const struct universe *universe, struct err *err)
{
    const size_t n_cores = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    struct sizing sizing;

    if (asked->submission.n_a_node == 0)
        asked->submission.n_a_node = n_cores;

    if (job_size_boxes(job, universe_most_bars(universe), err) != 0)
        return -1;
    sizing_count(job, universe, &sizing);
    if (!asked->no_measure &&
        sizing_measure(job, universe, (double)asked->measure_ns / (double)CLOCK_SECOND,
                       count_beside(&asked->submission, n_cores), &sizing, err) != 0)
        return -1;
    return tell(asked, job, &sizing, err);
}

static int plan(struct asked *asked, struct err *err)
{
    const struct conf_source source = {.path = asked->job,
                                       .n_settings = asked->settings.n,
                                       .settings = asked->settings.text};
    struct history *history = NULL;
    struct universe universe = {0};
    struct job job;
    int status = -1;

    if (job_read(&source, &job, err) != 0)
        return -1;
    if (job.keys.history == NULL)
        err_set(err, ERR_USAGE,
                "which history? give --history FILE or the key `history`");
    else if (history_open(job.keys.history, &history, err) == 0 &&
             universe_new(&job, history, &universe, err) == 0)
        status = plan_on(asked, &job, &universe, err);
    universe_free(&universe);
    history_close(history);
    job_free(&job);
    return status;
}

int cmd_plan(int argc, char **argv, struct err *err)
{
    struct asked asked;

    if (parse(argc, argv, &asked, err) != 0)
        return -1;
    if (asked.help) {
        fputs(usage, stdout);
        return 0;
    }
    return plan(&asked, err);
}
