#include "coordinator/evidence.h"
#include "coordinator/fits.h"
#include "coordinator/inspect.h"
#include "coordinator/job.h"
#include "coordinator/origin.h"
#include "coordinator/probe.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"
#include "core/h5.h"
#include "core/json.h"
#include "worker/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_json(const struct job *job, const struct history_entry *entry,
                       const struct verdict *verdict)
{
    static const char *const names[JUDGED_RANGES] = {"training", "test"};
    const struct study *study = job->plan.study;
    char as_of[CLOCK_TEXT_MAX];
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "instrument", entry->instrument);
    json_put_text(&json, "as_of", clock_moment_text(verdict->as_of_ns, as_of));
    json_put_object(&json, "point");
    for (size_t a = 0; a < job->plan.grid.n_axes; a++)
        json_put_real(&json, job->plan.grid.axis[a].rule->name,
                      job->plan.grid.axis[a].value[0]);
    json_end(&json);
    json_put_real(&json, "last_margin", verdict->last);
    for (int range = 0; range < JUDGED_RANGES; range++) {
        if (range == JUDGED_TEST && job->plan.holdout == 0.0)
            continue;
        figures_put(&json, names[range], study, verdict->figure[range]);
    }
    fits_put(&json, &job->plan.path, &verdict->fits);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, NULL) != 0)
        return;
    fputs(bytes, stdout);
    free(bytes);
}

static void print_table(const struct job *job, const struct history_entry *entry,
                        const struct verdict *verdict)
{
    const struct study *study = job->plan.study;

    printf("%s", entry->instrument);
    for (size_t a = 0; a < job->plan.grid.n_axes; a++)
        printf("  %s %g", job->plan.grid.axis[a].rule->name,
               job->plan.grid.axis[a].value[0]);
    printf("\n\n%-20s %16s %16s  unit\n", "metric", "training", "test (unseen)");
    for (size_t m = 0; m < study->n_metrics; m++)
        if (!study->metrics[m].is_optional ||
            !isnan(verdict->figure[JUDGED_TRAINING][m]))
            printf("%-20s %16.8g %16.8g  %s\n", study->metrics[m].name,
                   verdict->figure[JUDGED_TRAINING][m], verdict->figure[JUDGED_TEST][m],
                   study->metrics[m].unit);
}

static int judge(const struct job *job, const struct history *history,
                 const struct history_entry *entry, struct verdict *verdict,
                 struct err *err)
{
    double value[AXES_MAX];
    struct probe *probe;

    if (probe_new(job, history, entry, &probe, err) != 0)
        return -1;
    grid_values(&job->plan.grid, 0, value);
    const int status = probe_judge(probe, value, verdict, err);
    probe_free(probe);
    return status == 0 ? 0 : err_add(err, "%s", entry->instrument);
}

static int score(const struct job *job, const struct inspect_options *options,
                 const struct origin *origin, struct err *err)
{
    const char *path = options->history != NULL ? options->history : origin->history;
    struct history *history = NULL;
    struct verdict *verdict = NULL;
    char interval[CLOCK_TEXT_MAX];
    int status = -1;

    if (history_open(path, &history, err) != 0)
        return -1;
    clock_duration_text(job->keys.interval_ns, interval);
    const struct history_entry *entry =
        history_find(history, options->instrument, interval);
    if (entry == NULL)
        err_set(err, ERR_USAGE, "%s: has no %s bars of %s", path, interval,
                options->instrument);
    else if (origin_check_history(origin, job, history, path, err) == 0 &&
             verdicts_new(&job->plan, 1, &verdict, err) == 0)
        status = judge(job, history, entry, verdict, err);
    if (status == 0) {
        if (options->as_json)
            print_json(job, entry, verdict);
        else
            print_table(job, entry, verdict);
    }
    verdicts_free(verdict);
    history_close(history);
    return status;
}

int inspect_point(const struct inspect_options *options, struct err *err)
{
    struct origin origin;
    struct h5 *file;
    struct job job;

    if (h5_open(options->path, EVIDENCE_KIND, &file, err) != 0)
        return -1;
    int status = origin_read(file, &origin, err);
    if (status == 0) {
        status = origin_job_at(file, &origin, options->instrument, options->point, &job,
                               err);
        if (status == 0) {
            status = score(&job, options, &origin, err);
            job_free(&job);
        }
        origin_free(&origin);
    }
    h5_close(file);
    return status;
}
