#include "core/file.h"
#include "tests/bench/bench.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A whole job on two ranks, as a user runs it: 24 simulated instruments, units of about
 * ten milliseconds. Where its time went stands in its run.json. */
static const char script[] =
    "cd '%s' && '%s/plimsoll' simulate configs/quickstart-market.yaml --quiet "
    "--history '%s/h.h5' && tests/system/with-ranks 2 '%s/plimsoll' calibrate "
    "configs/hourly.yaml --history '%s/h.h5' --output '%s/out' --quiet "
    "--set 'axes.lambda={from: 0.9, to: 0.995, count: 240}' "
    "--set search.max_points=32768 >'%s/log' 2>&1; "
    "[ $? = 0 ] || [ -s '%s/out/parameters.json' ]";

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
    const double compute_s = sum_of(ranks, "search_s") + sum_of(ranks, "judge_s");
    const double units = sum_of(ranks, "units");

    json_put_object(json, "job");
    json_put_integer(json, "ranks", (int64_t)json_array_size(ranks));
    json_put_real(json, "points", json_number_value(json_object_get(run, "points")));
    json_put_real(json, "elapsed_s", elapsed_s);
    json_put_real(json, "unit_ms", units > 0.0 ? 1e3 * compute_s / units : 0.0);
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

static int run_job(const char *work, const char *build, struct err *err)
{
    char command[4 * FILE_PATH_MAX];
    const int n = snprintf(command, sizeof command, script, PLIMSOLL_SOURCE, build,
                           work, build, work, work, work, work);

    if (n < 0 || (size_t)n >= sizeof command)
        return err_set(err, ERR_INPUT, "%s: the path is too long", build);
    return system(command) == 0
               ? 0
               : err_set(err, ERR_IO, "the job does not run (%s/log)", work);
}

int bench_job(struct json *json, struct err *err)
{
    char work[] = "/tmp/plimsoll-bench-XXXXXX", build[FILE_PATH_MAX], path[64];

    if (mkdtemp(work) == NULL)
        return err_set(err, ERR_IO, "/tmp cannot be written");
    if (own_folder(build, err) != 0 || run_job(work, build, err) != 0)
        return -1;
    snprintf(path, sizeof path, "%s/out/run.json", work);
    json_t *run = json_load_file(path, 0, NULL);
    if (run == NULL)
        return err_set(err, ERR_IO, "%s: cannot be read", path);
    put(json, run);
    json_decref(run);
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", work);
    return system(command) == 0 ? 0 : err_set(err, ERR_IO, "%s: stays behind", work);
}
