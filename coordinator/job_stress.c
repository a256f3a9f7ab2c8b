#include "coordinator/job_stress.h"
#include "coordinator/job_table.h"
#include "coordinator/stress_library.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the library ---- */

static bool has_library(const struct job *job)
{
    return strcmp(job->keys.stress_library, "none") != 0;
}

/* "{a: [..]}" and "{b: [..]}" in one; the job's come first. */
static char *join(const char *own, const char *others)
{
    const size_t n_own = strlen(own), n_others = strlen(others);
    const bool both = n_own > 2 && n_others > 2;
    char *text = NULL;

    if (asprintf(&text, "stress.windows={%.*s%s%.*s}", (int)(n_own - 2), own + 1,
                 both ? ", " : "", (int)(n_others - 2), others + 1) < 0)
        return NULL;
    return text;
}

/* The value of stress.windows in the canonical text; "{}" where it has none. */
static char *own_windows(const struct job *job, struct err *err)
{
    static const char head[] = "\nstress.windows: ";
    char *text, *own = NULL;

    if (conf_canonical(job->conf, &text, err) != 0)
        return NULL;
    const char *line = strstr(text, head);
    const char *value = line != NULL ? line + sizeof head - 1 : "";
    own = value[0] == '{' ? strndup(value, strcspn(value, "\n")) : strdup("{}");
    free(text);
    if (own == NULL)
        err_set(err, ERR_MEMORY, "no memory for windows");
    return own;
}

static int check_twice(const struct job *job, const char *others, struct err *err)
{
    const struct conf_named *windows = &job->keys.stress_windows;
    char path[96], quoted[80];

    for (size_t i = 0; i < windows->n; i++) {
        snprintf(quoted, sizeof quoted, "\"%.64s\": [", windows->name[i]);
        if (strstr(others, quoted) == NULL)
            continue;
        snprintf(path, sizeof path, "stress.windows.%.64s", windows->name[i]);
        return conf_complain(job->conf, path, err, "is in %s too",
                             job->keys.stress_library);
    }
    return 0;
}

/* What is said anew must not be said twice. */
static bool is_replaced(const char *setting)
{
    static const char *const keys[] = {"stress.windows", "stress.windows_file"};
    const size_t n = strcspn(setting, "=");

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (n == strlen(keys[i]) && strncmp(setting, keys[i], n) == 0)
            return true;
    return false;
}

static int read_again(const struct conf_source *source, const char *windows,
                      struct job *job, struct err *err)
{
    const char **settings = calloc(source->n_settings + 2, sizeof *settings);
    struct conf_source joined = *source;
    struct job_keys keys;
    struct conf *conf;
    size_t n = 0;

    if (settings == NULL)
        return err_set(err, ERR_MEMORY, "no memory for settings");
    for (size_t i = 0; i < source->n_settings; i++)
        if (!is_replaced(source->settings[i]))
            settings[n++] = source->settings[i];
    settings[n++] = windows;
    settings[n++] = "stress.windows_file=none";
    joined.n_settings = n;
    joined.settings = settings;
    const int status = conf_read_source(&joined, job_table(), &keys, &conf, err);
    free(settings);
    if (status != 0)
        return -1;
    conf_free(job->conf, &job->keys);
    job->keys = keys;
    job->conf = conf;
    return 0;
}

int job_stress_join_library(const struct conf_source *source, struct job *job,
                            struct err *err)
{
    char *others = NULL, *own = NULL, *windows = NULL;
    int status = -1;

    if (!has_library(job))
        return 0;
    if (stress_library_read(job->keys.stress_library, &others, err) == 0 &&
        check_twice(job, others, err) == 0 && (own = own_windows(job, err)) != NULL) {
        windows = join(own, others);
        status = windows != NULL ? read_again(source, windows, job, err)
                                 : err_set(err, ERR_MEMORY, "no memory for windows");
    }
    free(windows);
    free(own);
    free(others);
    return status;
}

/* ---- windows ---- */

static void add_window(struct stress_rules *stress, const struct stress_window *window)
{
    stress->window[stress->n_windows++] = *window;
}

static int add_events(struct stress_rules *stress, struct err *err)
{
    for (size_t i = 0; i < stress_n_events(); i++) {
        struct stress_window window = {.name = stress_events[i].name};

        if (stress_span_read(stress_events[i].span, &window.from_ns, &window.to_ns,
                             err) != 0)
            return err_add(err, "%s", window.name);
        add_window(stress, &window);
    }
    return 0;
}

/* In the order of their names, as the canonical text has them. */
static void sort_windows(struct stress_rules *stress, size_t first)
{
    for (size_t i = first + 1; i < stress->n_windows; i++)
        for (size_t j = i; j > first && strcmp(stress->window[j].name,
                                               stress->window[j - 1].name) < 0;
             j--) {
            const struct stress_window window = stress->window[j];

            stress->window[j] = stress->window[j - 1];
            stress->window[j - 1] = window;
        }
}

static int add_windows(struct job *job, struct err *err)
{
    const struct conf_named *windows = &job->keys.stress_windows;
    struct stress_rules *stress = &job->plan.stress;
    const size_t first = stress->n_windows;
    struct stress_window window;
    struct err why = {0};
    char path[96];

    for (size_t i = 0; i < windows->n; i++) {
        snprintf(path, sizeof path, "stress.windows.%.64s", windows->name[i]);
        if (stress->n_windows == STRESS_WINDOWS_MAX)
            return conf_complain(job->conf, "stress.windows", err,
                                 "more than %zu windows beside those of the house",
                                 STRESS_WINDOWS_MAX - first);
        if (stress_window_read(windows->name[i], &windows->texts[i], &window, &why) !=
            0)
            return conf_complain(job->conf, path, err, "%s", why.text);
        add_window(stress, &window);
    }
    sort_windows(stress, first);
    return 0;
}

/* ---- limits ---- */

static int find_figure(const struct job *job, const char *path, const char *name,
                       size_t *figure, struct err *err)
{
    const struct study *study = job->plan.study;
    char known[256];
    size_t n = 0;

    for (*figure = 0; *figure < study->n_stress; ++*figure) {
        if (strcmp(study->stress[*figure].name, name) == 0)
            return 0;
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n > 0 ? ", " : "",
                              study->stress[*figure].name);
    }
    return conf_complain(job->conf, path, err,
                         "%s is no figure under stress of the %s study (%s)", name,
                         study->name, known);
}

static int add_limits(struct job *job, const char *key,
                      const struct conf_limits *limits, size_t *n,
                      struct stress_limit limit[], struct err *err)
{
    char path[128];

    if (limits->n > STRESS_LIMITS_MAX - 1)
        return conf_complain(job->conf, key, err, "more than %d limits",
                             STRESS_LIMITS_MAX - 1);
    for (size_t i = 0; i < limits->n; i++) {
        snprintf(path, sizeof path, "%s.%.64s", key, limits->limit[i].name);
        limit[*n] =
            (struct stress_limit){0, limits->limit[i].min, limits->limit[i].max};
        if (find_figure(job, path, limits->limit[i].name, &limit[*n].figure, err) != 0)
            return -1;
        ++*n;
    }
    return 0;
}

/* Cover-k: the fund is not less than what the k largest lose beyond their margin. */
static int add_cover(struct job *job, struct err *err)
{
    struct stress_rules *stress = &job->plan.stress;
    char name[32];

    if (job->keys.stress_cover == 0)
        return 0;
    snprintf(name, sizeof name, "uncovered_%lld", (long long)job->keys.stress_cover);
    stress->limit[stress->n_limits] = (struct stress_limit){0, -INFINITY, 0.0};
    if (find_figure(job, "stress.cover", name, &stress->limit[stress->n_limits].figure,
                    err) != 0)
        return -1;
    stress->n_limits++;
    return 0;
}

/* ---- steadying ---- */

static int add_periods(struct job *job, struct err *err)
{
    const struct conf_texts *periods = &job->keys.stress_periods;
    struct steady_rule *steady = &job->plan.path.steady;
    struct err why = {0};

    if (periods->n > STRESS_PERIODS_MAX)
        return conf_complain(job->conf, "stress.periods", err, "more than %d periods",
                             STRESS_PERIODS_MAX);
    for (size_t i = 0; i < periods->n; i++)
        if (stress_span_read(periods->text[i], &steady->period[i].from_ns,
                             &steady->period[i].to_ns, &why) != 0)
            return conf_complain(job->conf, "stress.periods", err, "%s", why.text);
    steady->n_periods = periods->n;
    return 0;
}

int job_stress_set(struct job *job, struct err *err)
{
    const struct job_keys *keys = &job->keys;
    struct stress_rules *stress = &job->plan.stress;

    *stress = (struct stress_rules){.is_on = true,
                                    .n_found = (size_t)keys->stress_found,
                                    .depeg = keys->stress_depeg,
                                    .depth = keys->stress_depth,
                                    .late_bars = (size_t)keys->stress_late_bars,
                                    .min_reverse = keys->stress_min_reverse};
    if (add_periods(job, err) != 0 || add_events(stress, err) != 0 ||
        add_windows(job, err) != 0 ||
        add_limits(job, "stress.limits", &keys->stress_limits, &stress->n_limits,
                   stress->limit, err) != 0 ||
        add_limits(job, "stress.joint", &keys->stress_joint, &stress->n_joint,
                   stress->joint, err) != 0)
        return -1;
    return add_cover(job, err);
}
