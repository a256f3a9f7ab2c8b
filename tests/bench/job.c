#include "core/file.h"
#include "tests/bench/bench.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A whole job as a user runs it: 24 simulated instruments, units of about ten
 * milliseconds. Where its time went stands in its run.json. */
static const char script[] =
    "cd '%s' && { [ -s '%s/h.h5' ] || '%s/plimsoll' simulate --quiet "
    "configs/quickstart-market.yaml --history '%s/h.h5'; } && rm -rf '%s/out' && "
    "{ tests/system/with-ranks %d '%s/plimsoll' calibrate configs/hourly.yaml "
    "--history '%s/h.h5' --output '%s/out' --quiet "
    "--set 'axes.lambda={from: 0.9, to: 0.995, count: 240}' >'%s/log' 2>&1; "
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

static void put(struct json *json, const json_t *run)
{
    const json_t *ranks = json_object_get(run, "ranks");
    const double elapsed_s = json_number_value(json_object_get(run, "elapsed_s"));
    const double read_s = sum_of(ranks, "read_s");
    const double compute_s = sum_of(ranks, "prepare_s") + sum_of(ranks, "search_s") +
                             sum_of(ranks, "judge_s");
    const double units = sum_of(ranks, "units");

    json_put_object(json, "job");
    json_put_integer(json, "ranks", (int64_t)json_array_size(ranks));
    json_put_real(json, "points", json_number_value(json_object_get(run, "points")));
    json_put_real(json, "elapsed_s", elapsed_s);
    json_put_real(json, "unit_ms", units > 0.0 ? 1e3 * compute_s / units : 0.0);
    json_put_real(json, "compute_share",
                  compute_s / (elapsed_s * (double)json_array_size(ranks)));
    json_put_real(json, "read_s", read_s);
    json_put_real(json, "compute_s", compute_s);
    json_put_real(json, "communicate_s",
                  elapsed_s * (double)json_array_size(ranks) - read_s - compute_s);
    json_put_real(json, "write_s", json_number_value(json_object_get(run, "write_s")));
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
static int run_job(const char *work, const char *build, int n_ranks, json_t **run,
                   struct err *err)
{
    char command[8 * FILE_PATH_MAX], path[64];
    const int n = snprintf(command, sizeof command, script, PLIMSOLL_SOURCE, work,
                           build, work, work, n_ranks, build, work, work, work, work);

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

int bench_job(struct json *json, struct err *err)
{
    char work[] = "/tmp/plimsoll-bench-XXXXXX", build[FILE_PATH_MAX];
    json_t *run;

    if (begin(work, build, err) != 0 || run_job(work, build, 2, &run, err) != 0)
        return -1;
    put(json, run);
    json_decref(run);
    return end(work, err);
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
        if (run_job(work, build, 1 + i % 2, &run, err) != 0)
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
