#include "coordinator/origin.h"
#include "coordinator/universe.h"
#include "core/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void origin_free(struct origin *origin)
{
    free(origin->job_file);
    free(origin->in_force);
    free(origin->axes);
    free(origin->history);
    free(origin->history_sha256);
}

int origin_read(const struct h5 *file, struct origin *origin, struct err *err)
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

/* The point that the job is wanted with; without an instrument, all of its grid. */
struct wanted {
    const char *instrument, *point;
    size_t n_settings; /* in place of lines in force */
    const char *const *settings;
};

static bool is_replaced(const struct wanted *wanted, const char *key, size_t n_key)
{
    for (size_t i = 0; i < wanted->n_settings; i++)
        if (strncmp(wanted->settings[i], key, n_key) == 0 &&
            wanted->settings[i][n_key] == '=')
            return true;
    return false;
}

/* The settings that make the job anew: the lines in force, those of the axes replaced
 * where one point is wanted. */
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

static int add_axis(const struct h5 *file, const struct wanted *wanted, const char *key,
                    size_t n_key, struct settings *settings, struct err *err)
{
    static const size_t n_prefix = sizeof "axes." - 1;
    char kept[TEXT_REAL_MAX];
    size_t n_value;
    const char *value =
        find_in_point(wanted->point, key + n_prefix, n_key - n_prefix, &n_value);

    if (value == NULL) {
        if (winner_value(file, wanted->instrument, key + n_prefix, n_key - n_prefix,
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

static int add_line(const struct h5 *file, const struct wanted *wanted,
                    const struct origin *origin, const char *line,
                    struct settings *settings, struct err *err)
{
    const size_t n = strcspn(line, "\n"), n_key = strcspn(line, ":\n");
    const bool is_axis = strncmp(line, "axes.", 5) == 0;

    if (is_replaced(wanted, line, n_key) ||
        (is_axis && !is_of_grid(origin->axes, line + 5, n_key - 5)))
        return 0;
    if (is_axis && wanted->instrument != NULL)
        return add_axis(file, wanted, line, n_key, settings, err);
    if (n <= n_key + 2)
        return 0;
    return add_in_force(settings, line, n_key, line + n_key + 2, n - n_key - 2, err);
}

static int collect_settings(const struct h5 *file, const struct wanted *wanted,
                            const struct origin *origin, struct settings *settings,
                            struct err *err)
{
    for (const char *line = origin->in_force; *line != '\0';) {
        if (add_line(file, wanted, origin, line, settings, err) != 0)
            return -1;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return 0;
}

/* "lambda=0.97,p=3": p is no axis of the job. */
static int check_point(const char *point, const struct origin *origin, struct err *err)
{
    while (point != NULL && *point != '\0') {
        const size_t n = strcspn(point, ","), n_axis = strcspn(point, "=,");
        double value;

        if (n_axis == n || !is_of_grid(origin->axes, point, n_axis) ||
            text_to_real(point + n_axis + 1, n - n_axis - 1, &value, NULL) != 0)
            return err_set(err, ERR_USAGE,
                           "--point: '%.*s' is not AXIS=NUMBER with an axis of %s",
                           (int)n, point, origin->axes);
        point += n + (point[n] == ',');
    }
    return 0;
}

static int read_job(const struct h5 *file, const struct origin *origin,
                    const struct settings *settings, struct job *job, struct err *err)
{
    const struct conf_source source = {
        .path = h5_path(file),
        .bytes = origin->job_file,
        .n_bytes = strlen(origin->job_file),
        .n_settings = settings->n,
        .settings = (const char *const *)settings->text,
    };

    return job_read(&source, job, err);
}

int origin_job(const struct h5 *file, const struct origin *origin, size_t n_settings,
               const char *const settings[], struct job *job, struct err *err)
{
    const struct wanted whole = {.n_settings = n_settings, .settings = settings};
    struct settings all = {0};
    int status = collect_settings(file, &whole, origin, &all, err);

    for (size_t i = 0; status == 0 && i < n_settings; i++) {
        const size_t n_key = strcspn(settings[i], "=");
        const char *value = settings[i] + n_key;

        value += *value == '=';
        status = add_setting(&all, settings[i], n_key, value, strlen(value), err);
    }
    if (status == 0)
        status = read_job(file, origin, &all, job, err);
    settings_free(&all);
    return status;
}

int origin_job_at(const struct h5 *file, const struct origin *origin,
                  const char *instrument, const char *point, struct job *job,
                  struct err *err)
{
    const struct wanted wanted = {.instrument = instrument, .point = point};
    struct settings settings = {0};
    int status = -1;

    if (check_point(point, origin, err) == 0 &&
        collect_settings(file, &wanted, origin, &settings, err) == 0)
        status = read_job(file, origin, &settings, job, err);
    settings_free(&settings);
    if (status == 0 && grid_n_points(&job->plan.grid) != 1) {
        job_free(job);
        return err_set(err, ERR_USAGE, "--point: one value for each axis");
    }
    return status;
}

int origin_check_history(const struct origin *origin, const struct job *job,
                         const struct history *history, const char *path,
                         struct err *err)
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
