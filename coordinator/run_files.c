#include "coordinator/run_files.h"
#include "coordinator/calibration.h"
#include "coordinator/environment.h"
#include "coordinator/parameters.h"
#include "coordinator/run_status.h"
#include "coordinator/stress_found.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/json.h"
#include "worker/cost.h"

#include <stdlib.h>

static double seconds(int64_t ns)
{
    return (double)ns / (double)CLOCK_SECOND;
}

/* What the search should take on one rank by the model that sized its boxes. */
static double predict(const struct result *result)
{
    const struct plan *plan = &result->job->plan;
    double ns = 0.0;

    for (size_t i = 0; i < result->universe->n; i++) {
        const uint64_t n_bars = result->universe->entry[i]->n_bars;

        ns += search_is_grid(plan->search.method)
                  ? cost_box_ns(plan, n_bars, grid_n_points(&plan->grid))
                  : cost_search_ns(plan, n_bars);
        if (result->walk != NULL)
            ns +=
                (double)(result->walk->rules.n_folds + 1) * cost_walk_ns(plan, n_bars);
    }
    return ns / (double)CLOCK_SECOND;
}

/* How evenly was the work spread, and what did the coordinator have to do with it?
 * imbalance: the busiest rank's time above the mean, as a share of the mean. */
static void put_schedule(struct json *json, const struct result *result)
{
    const struct result_balance balance = result_balance(result);

    json_put_object(json, "schedule");
    json_put_integer(json, "points_a_box", (int64_t)result->job->plan.max_points);
    json_put_integer(json, "units", (int64_t)balance.n_units);
    json_put_real(json, "predicted_s", predict(result));
    json_put_integer(json, "given_again", (int64_t)result->figures.n_given_again);
    json_put_integer(json, "leaders", result->figures.n_leaders);
    json_put_integer(json, "messages", (int64_t)result->figures.n_messages);
    json_put_integer(json, "absent", result->figures.n_absent);
    json_put_real(json, "utilisation", balance.utilisation);
    json_put_real(json, "imbalance", balance.imbalance);
    json_put_real(json, "coordinator_load", balance.coordinator_load);
    json_end(json);
}

static void put_ranks(struct json *json, const struct result *result)
{
    json_put_array(json, "ranks");
    for (int rank = 0; rank < result->n_ranks; rank++) {
        json_put_object(json, NULL);
        json_put_integer(json, "rank", rank);
        json_put_text(json, "host", result->place[rank].host);
        json_put_integer(json, "units", (int64_t)result->share[rank].n_units);
        json_put_integer(json, "leader", result->share[rank].leader);
        json_put_flag(json, "absent", result->share[rank].absent);
        json_put_real(json, "busy_s", result->share[rank].busy_s);
        json_put_real(json, "serving_s", result->share[rank].serving_s);
        json_put_real(json, "elapsed_s", result->share[rank].elapsed_s);
        json_put_real(json, "utilisation", schedule_utilisation(&result->share[rank]));
        json_put_real(json, "read_s", result->times[rank].read_s);
        json_put_real(json, "prepare_s", result->times[rank].prepare_s);
        json_put_real(json, "search_s", result->times[rank].search_s);
        json_put_real(json, "judge_s", result->times[rank].judge_s);
        json_put_real(json, "cpu_s", result->times[rank].cpu_s);
        json_put_real(json, "memory_bytes", result->times[rank].memory_bytes);
        json_put_real(json, "shared_bytes", result->times[rank].shared_bytes);
        json_put_integer(json, "series_read", (int64_t)result->times[rank].n_read);
        json_end(json);
    }
    json_end(json);
}

static void put_run(struct json *json, const struct result *result)
{
    const double elapsed_s = seconds(result->end_ns - result->start_ns);
    char text[CLOCK_TEXT_MAX];
    double n_points = 0.0;

    for (size_t i = 0; i < result->universe->n; i++)
        n_points += (double)result->outcome[i].found.n_points;
    json_put_text(json, "program", result_program());
    json_put_text(json, "build", PLIMSOLL_BUILD);
    json_put_text(json, "job", result->job->keys.name);
    json_put_text(json, "job_sha256", result->job->sha256);
    json_put_text(json, "history", result->history_path);
    json_put_text(json, "history_sha256", result->universe->sha256);
    json_put_text(json, "started", clock_moment_text(result->start_ns, text));
    json_put_text(json, "ended", clock_moment_text(result->end_ns, text));
    json_put_real(json, "elapsed_s", elapsed_s);
    json_put_real(json, "write_s", result->write_s);
    json_put_real(json, "journal_s", result->journal_s);
    json_put_integer(json, "instruments", (int64_t)result->universe->n);
    json_put_real(json, "points", n_points);
    json_put_real(json, "points_per_s", elapsed_s > 0.0 ? n_points / elapsed_s : 0.0);
}

static int write_run(const struct result *result, const char *path, struct err *err)
{
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    put_run(&json, result);
    put_schedule(&json, result);
    put_ranks(&json, result);
    environment_put(&json, (size_t)result->n_ranks, result->place);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_replace(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}

/* The folds and what they say, of who came as far as that. */
static int write_walk(const struct result *result, const char *directory,
                      struct err *err)
{
    char path[FILE_PATH_MAX], *bytes;
    size_t n_bytes;

    if (result->walk == NULL)
        return 0;
    if (file_join(directory, "walkforward.json", path, err) != 0 ||
        walk_make_json(result->walk, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = file_replace(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}

void run_files_clean(const char *directory)
{
    static const char *const names[] = {
        "calibration.h5",    "run.json",      "parameters.json",  "walkforward.json",
        STRESS_LIBRARY_NAME, RUN_STATUS_NAME, RUN_PROMETHEUS_NAME};
    char path[FILE_PATH_MAX];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (file_join(directory, names[i], path, NULL) == 0)
            file_discard_abandoned(path);
}

int run_files_write(struct result *result, const char *directory, struct err *err)
{
    char calibration[FILE_PATH_MAX], run[FILE_PATH_MAX], parameters[FILE_PATH_MAX];
    const int64_t start = clock_monotonic();
    char *bytes;
    size_t n_bytes;

    if (file_join(directory, "calibration.h5", calibration, err) != 0 ||
        file_join(directory, "run.json", run, err) != 0 ||
        file_join(directory, "parameters.json", parameters, err) != 0)
        return -1;
    if (calibration_write(result, calibration, err) != 0 ||
        write_walk(result, directory, err) != 0 ||
        stress_found_write(result, directory, err) != 0 ||
        parameters_make(result, &bytes, &n_bytes, err) != 0)
        return -1;
    result->write_s = seconds(clock_monotonic() - start);
    int status = write_run(result, run, err);
    if (status == 0) /* who sees the set sees all */
        status = file_replace(parameters, bytes, n_bytes, err);
    free(bytes);
    return status;
}
