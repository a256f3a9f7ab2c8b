#include "core/file.h"
#include "tests/bench/bench.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A whole job as a user runs it: 24 simulated instruments, units of about ten
 * milliseconds; 829,440 points an instrument, or 207,360 of which four surfaces and 64
 * runners-up are kept. Where its time went stands in its run.json. */
static const struct asked {
    const char *name, *settings;
} jobs[] = {
    {"job", "--set 'axes.lambda={from: 0.9, to: 0.995, count: 240}'"},
    {"job_surfaces", "--set 'axes.lambda={from: 0.9, to: 0.995, count: 60}' "
                     "--set 'surfaces=[coverage, mean_margin, mean_shortfall, "
                     "peak_to_trough]' --set search.runners_up=63"},
};

static const char script[] =
    "cd '%s' && { [ -s '%s/h.h5' ] || '%s/plimsoll' simulate --quiet "
    "configs/quickstart-market.yaml --history '%s/h.h5'; } && rm -rf '%s/out' && "
    "{ tests/system/with-ranks %d '%s/plimsoll' calibrate configs/hourly.yaml "
    "--history '%s/h.h5' --output '%s/out' --quiet %s >'%s/log' 2>&1; "
    "[ -s '%s/out/parameters.json' ]; }";

static double sum_of(const json_t *ranks, const char *member)
{
    double sum = 0.0;
    size_t i;
    json_t *rank;

    json_array_foreach(ranks, i, rank) sum +=
        json_number_value(json_object_get(rank, member));
    return sum;
}

/* Seconds of all ranks.  Compute is what is worked out of the bars, each of the three
 * told beside the sum: returns and losses of a series (prepare), volatility paths and
 * the sweep of boxes (search), the walk of those that are kept (judge).  Writing is the
 * journal's and the products'; all else is waiting, messages and the book. */
static void put(struct json *json, const char *name, const json_t *run)
{
    static const char *const parts[] = {"prepare_s", "search_s", "judge_s"};
    const json_t *ranks = json_object_get(run, "ranks");
    const double elapsed_s = json_number_value(json_object_get(run, "elapsed_s"));
    const double journal_s = json_number_value(json_object_get(run, "journal_s"));
    const double write_s = json_number_value(json_object_get(run, "write_s"));
    const double read_s = sum_of(ranks, "read_s");
    const double units = sum_of(ranks, "units");
    double compute_s = 0.0;

    json_put_object(json, name);
    json_put_integer(json, "ranks", (int64_t)json_array_size(ranks));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        json_put_real(json, parts[i], sum_of(ranks, parts[i]));
        compute_s += sum_of(ranks, parts[i]);
    }
    json_put_real(json, "points", json_number_value(json_object_get(run, "points")));
    json_put_real(json, "elapsed_s", elapsed_s);
    json_put_real(json, "unit_ms", units > 0.0 ? 1e3 * compute_s / units : 0.0);
    json_put_real(json, "compute_share",
                  compute_s / (elapsed_s * (double)json_array_size(ranks)));
    json_put_real(json, "read_s", read_s);
    json_put_real(json, "compute_s", compute_s);
    json_put_real(json, "communicate_s",
                  elapsed_s * (double)json_array_size(ranks) - read_s - compute_s -
                      journal_s);
    json_put_real(json, "write_s", write_s + journal_s);
    json_put_real(json, "write_share", (write_s + journal_s) / compute_s);
    json_end(json);
}

/* The folder of this program: the one that is measured stands beside it. */
static int own_folder(char folder[FILE_PATH_MAX], struct err *err)
{
    const ssize_t n = readlink("/proc/self/exe", folder, FILE_PATH_MAX - 1);

    if (n < 0)
        return err_set(err, ERR_IO, "/proc/self/exe cannot be read");
    folder[n] = '\0';
    *strrchr(folder, '/') = '\0';
    return 0;
}

/* Run it on so many ranks; *run is its run.json. */
static int run_job(const char *work, const char *build, const struct asked *asked,
                   int n_ranks, json_t **run, struct err *err)
{
    char command[8 * FILE_PATH_MAX], path[64];
    const int n =
        snprintf(command, sizeof command, script, PLIMSOLL_SOURCE, work, build, work,
                 work, n_ranks, build, work, work, asked->settings, work, work);

    if (n < 0 || (size_t)n >= sizeof command)
        return err_set(err, ERR_INPUT, "%s: the path is too long", build);
    if (system(command) != 0)
        return err_set(err, ERR_IO, "the job does not run (%s/log)", work);
    snprintf(path, sizeof path, "%s/out/run.json", work);
    *run = json_load_file(path, 0, NULL);
    return *run != NULL ? 0 : err_set(err, ERR_IO, "%s: cannot be read", path);
}

static int begin(char work[], char build[FILE_PATH_MAX], struct err *err)
{
    if (mkdtemp(work) == NULL)
        return err_set(err, ERR_IO, "/tmp cannot be written");
    return own_folder(build, err);
}

static int end(const char *work, struct err *err)
{
    char command[64];

    snprintf(command, sizeof command, "rm -rf %s", work);
    return system(command) == 0 ? 0 : err_set(err, ERR_IO, "%s: stays behind", work);
}

static int measure(const struct asked *asked, struct json *json, struct err *err)
{
    char work[] = "/tmp/plimsoll-bench-XXXXXX", build[FILE_PATH_MAX];
    json_t *run;

    if (begin(work, build, err) != 0 || run_job(work, build, asked, 2, &run, err) != 0)
        return -1;
    put(json, asked->name, run);
    json_decref(run);
    return end(work, err);
}

int bench_job(struct json *json, struct err *err)
{
    return measure(&jobs[0], json, err);
}

int bench_job_surfaces(struct json *json, struct err *err)
{
    return measure(&jobs[1], json, err);
}

/* One rank against two, in turns. */
int bench_scaling(struct json *json, struct err *err)
{
    enum { ROUNDS = 3 };
    char work[] = "/tmp/plimsoll-bench-XXXXXX", build[FILE_PATH_MAX];
    double elapsed_s[2][ROUNDS];
    json_t *run;

    if (begin(work, build, err) != 0)
        return -1;
    for (int i = 0; i < 2 * ROUNDS; i++) {
        if (run_job(work, build, &jobs[0], 1 + i % 2, &run, err) != 0)
            return -1;
        elapsed_s[i % 2][i / 2] = json_number_value(json_object_get(run, "elapsed_s"));
        json_decref(run);
    }
    const double one_s = bench_median(ROUNDS, elapsed_s[0]);
    const double two_s = bench_median(ROUNDS, elapsed_s[1]);
    json_put_object(json, "scaling");
    json_put_real(json, "one_rank_s", one_s);
    json_put_real(json, "two_ranks_s", two_s);
    json_put_real(json, "ratio", one_s / two_s);
    json_end(json);
    return end(work, err);
}
