#include "coordinator/evidence.h"
#include "coordinator/fits.h"
#include "coordinator/inspect.h"
#include "coordinator/job.h"
#include "coordinator/universe.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"
#include "core/h5.h"
#include "core/json.h"
#include "core/text.h"
#include "worker/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a calibration file says about the job that made it. */
struct origin {
    char *job_file, *in_force, *axes, *history, *history_sha256;
};

static void origin_free(struct origin *origin)
{
    free(origin->job_file);
    free(origin->in_force);
    free(origin->axes);
    free(origin->history);
    free(origin->history_sha256);
}

static int read_origin(const struct h5 *file, struct origin *origin, struct err *err)
{
    *origin = (struct origin){0};
    if (h5_get_text(file, "/", "job_file", &origin->job_file, err) == 0 &&
        h5_get_text(file, "/", "job_in_force", &origin->in_force, err) == 0 &&
        h5_get_text(file, "/", "axes", &origin->axes, err) == 0 &&
        h5_get_text(file, "/", "history", &origin->history, err) == 0 &&
        h5_get_text(file, "/", "history_sha256", &origin->history_sha256, err) == 0)
        return 0;
    origin_free(origin);
    return -1;
}

/* The settings that make the job anew with one point for its grid: the lines in force,
 * those of the axes replaced. */
struct settings {
    size_t n;
    char **text;
};

static void settings_free(struct settings *settings)
{
    for (size_t i = 0; i < settings->n; i++)
        free(settings->text[i]);
    free(settings->text);
}

static int add_setting(struct settings *settings, const char *key, size_t n_key,
                       const char *value, size_t n_value, struct err *err)
{
    char **grown = realloc(settings->text, (settings->n + 1) * sizeof *grown);

    if (grown == NULL)
        return err_set(err, ERR_MEMORY, "no memory for settings");
    settings->text = grown;
    if (asprintf(&settings->text[settings->n], "%.*s=%.*s", (int)n_key, key,
                 (int)n_value, value) < 0)
        return err_set(err, ERR_MEMORY, "no memory for settings");
    settings->n++;
    return 0;
}

/* The value of an axis in "q=3.1,lambda=0.97"; NULL where it is not named. */
static const char *find_in_point(const char *point, const char *axis, size_t n_axis,
                                 size_t *n_value)
{
    while (point != NULL && *point != '\0') {
        const size_t n = strcspn(point, ",");

        if (n > n_axis && strncmp(point, axis, n_axis) == 0 && point[n_axis] == '=') {
            *n_value = n - n_axis - 1;
            return point + n_axis + 1;
        }
        point += n + (point[n] == ',');
    }
    return NULL;
}

/* The winner's value of an axis, kept in the file. */
static int winner_value(const struct h5 *file, const char *instrument, const char *axis,
                        size_t n_axis, char out[TEXT_REAL_MAX], struct err *err)
{
    char path[256];
    struct h5_array array;

    snprintf(path, sizeof path, "/%s/points/%.*s", instrument, (int)n_axis, axis);
    if (!h5_exists(file, path))
        return err_set(err, ERR_USAGE,
                       "--point must name %.*s: no point of %s was kept", (int)n_axis,
                       axis, instrument);
    if (h5_describe(file, path, &array, err) != 0)
        return -1;
    if (array.type != H5_TYPE_REAL64 || array.n_dims != 1 || array.extent[0] == 0)
        return err_set(err, ERR_INPUT, "%s: %s is not a column of numbers",
                       h5_path(file), path);
    double *value = calloc(array.extent[0], sizeof *value);
    if (value == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", array.extent[0]);
    const int status = h5_read(file, path, &array, value, err);
    if (status == 0)
        text_from_real(value[0], out);
    free(value);
    return status;
}

static int add_axis(const struct h5 *file, const struct inspect_options *options,
                    const char *key, size_t n_key, struct settings *settings,
                    struct err *err)
{
    static const size_t n_prefix = sizeof "axes." - 1;
    char kept[TEXT_REAL_MAX];
    size_t n_value;
    const char *value =
        find_in_point(options->point, key + n_prefix, n_key - n_prefix, &n_value);

    if (value == NULL) {
        if (winner_value(file, options->instrument, key + n_prefix, n_key - n_prefix,
                         kept, err) != 0)
            return -1;
        value = kept;
        n_value = strlen(kept);
    }
    return add_setting(settings, key, n_key, value, n_value, err);
}

/* Is the axis among "lambda q floor buffer release"? */
static bool is_of_grid(const char *axes, const char *axis, size_t n_axis)
{
    while (*axes != '\0') {
        const size_t n = strcspn(axes, " ");

        if (n == n_axis && strncmp(axes, axis, n) == 0)
            return true;
        axes += n + (axes[n] == ' ');
    }
    return false;
}

/* "key: value" as it was in force; "none", unquoted, stands where nothing was given. */
static int add_in_force(struct settings *settings, const char *key, size_t n_key,
                        const char *value, size_t n_value, struct err *err)
{
    static const char none[] = "none";

    if (n_value == sizeof none - 1 && strncmp(value, none, n_value) == 0)
        return 0;
    return add_setting(settings, key, n_key, value, n_value, err);
}

static int collect_settings(const struct h5 *file,
                            const struct inspect_options *options,
                            const struct origin *origin, struct settings *settings,
                            struct err *err)
{
    for (const char *line = origin->in_force; *line != '\0';) {
        const size_t n = strcspn(line, "\n"), n_key = strcspn(line, ":\n");
        int status = 0;

        if (strncmp(line, "axes.", 5) == 0) {
            if (is_of_grid(origin->axes, line + 5, n_key - 5))
                status = add_axis(file, options, line, n_key, settings, err);
        } else if (n > n_key + 2) {
            status = add_in_force(settings, line, n_key, line + n_key + 2,
                                  n - n_key - 2, err);
        }
        if (status != 0)
            return -1;
        line += n + (line[n] == '\n');
    }
    return 0;
}

/* "lambda=0.97,p=3": p is no axis of the job. */
static int check_point(const char *point, const struct origin *origin, struct err *err)
{
    while (point != NULL && *point != '\0') {
        const size_t n = strcspn(point, ","), n_axis = strcspn(point, "=,");

        if (n_axis == n || !is_of_grid(origin->axes, point, n_axis))
            return err_set(err, ERR_USAGE,
                           "--point: '%.*s' is not AXIS=VALUE with an axis of %s",
                           (int)n, point, origin->axes);
        point += n + (point[n] == ',');
    }
    return 0;
}

static int read_job(const struct h5 *file, const struct inspect_options *options,
                    const struct origin *origin, struct job *job, struct err *err)
{
    struct settings settings = {0};
    int status = -1;

    if (check_point(options->point, origin, err) == 0 &&
        collect_settings(file, options, origin, &settings, err) == 0) {
        const struct conf_source source = {
            .path = h5_path(file),
            .bytes = origin->job_file,
            .n_bytes = strlen(origin->job_file),
            .n_settings = settings.n,
            .settings = (const char *const *)settings.text,
        };
        status = job_read(&source, job, err);
    }
    settings_free(&settings);
    if (status == 0 && grid_n_points(&job->plan.grid) != 1) {
        job_free(job);
        return err_set(err, ERR_USAGE, "--point: one value for each axis");
    }
    return status;
}

/* ---- scoring it again ---- */

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
    const struct study *study = job->plan.study;
    double value[AXES_MAX];
    struct bars bars = {0};
    void *work = NULL;
    int status = -1;

    if (history_read(history, entry, job->keys.from_ns, job->keys.to_ns, &bars, err) ==
            0 &&
        study->prepare(&job->plan, &bars, &work, err) == 0) {
        grid_values(&job->plan.grid, 0, value);
        status = study->judge(work, value, verdict, err);
        study->release(work);
    }
    bars_free(&bars);
    return status == 0 ? 0 : err_add(err, "%s", entry->instrument);
}

/* Only the history that made the calibration gives its figures. */
static int check_history(const struct job *job, const struct history *history,
                         const char *path, const struct origin *origin, struct err *err)
{
    struct universe universe;

    if (universe_new(job, history, &universe, err) != 0)
        return -1;
    const bool same = strcmp(universe.sha256, origin->history_sha256) == 0;
    universe_free(&universe);
    if (!same)
        return err_set(err, ERR_INPUT,
                       "%s: is not the history that this calibration was made from",
                       path);
    return 0;
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
    else if (check_history(job, history, path, origin, err) == 0 &&
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
    int status = read_origin(file, &origin, err);
    if (status == 0) {
        status = read_job(file, options, &origin, &job, err);
        if (status == 0) {
            status = score(&job, options, &origin, err);
            job_free(&job);
        }
        origin_free(&origin);
    }
    h5_close(file);
    return status;
}
