#include "coordinator/job.h"
#include "coordinator/job_plan.h"
#include "coordinator/job_stress.h"
#include "coordinator/job_table.h"
#include "core/file.h"
#include "core/text.h"
#include "worker/null_law.h"
#include "worker/study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOB_FILE_MAX = 1 << 20 };

static int check_together(const struct job *job, struct err *err)
{
    const struct job_keys *keys = &job->keys;

    if (keys->from_ns >= keys->to_ns)
        return conf_complain(job->conf, "to", err, "is not after `from`");
    if (keys->walkforward && study_row((size_t)keys->study)->scores == NULL)
        return conf_complain(job->conf, "validation.walkforward", err,
                             "the %s study has no score of a bar that folds could be "
                             "compared by",
                             study_row((size_t)keys->study)->name);
    if (keys->n_blocks % 2 != 0)
        return conf_complain(job->conf, "validation.blocks", err, "%lld is not even",
                             (long long)keys->n_blocks);
    if (!(keys->release_from < keys->release_full))
        return conf_complain(job->conf, "release.full", err,
                             "%g is not above release.from, %g", keys->release_full,
                             keys->release_from);
    return 0;
}

/* The study whose own key this is; NULL: it is every job's. */
static const struct study *owner_of(const char *path)
{
    for (size_t s = 0; study_row(s) != NULL; s++)
        for (size_t k = 0; k < study_row(s)->n_keys; k++)
            if (strcmp(study_row(s)->keys[k].path, path) == 0)
                return study_row(s);
    return NULL;
}

static bool has_axis(const struct job *job, const char *path)
{
    const struct grid *grid = &job->plan.grid;
    static const char prefix[] = "axes.";

    for (size_t a = 0; a < grid->n_axes; a++)
        if (strcmp(path + strlen(prefix), grid->axis[a].rule->name) == 0)
            return true;
    return false;
}

static bool is_in_force(const struct job *job, const char *path)
{
    const struct study *owner = owner_of(path);

    if (strncmp(path, "axes.", 5) == 0)
        return has_axis(job, path);
    if (job_table_is_of_searches(path))
        return !search_is_grid(job->plan.search.method);
    return owner == NULL || owner == job->plan.study;
}

/* Axes that the chosen models do not have are not in force, nor are other studies' keys
 * and those of searches that are not made: a new one must not change the digest of
 * every job. */
static void drop_idle_keys(struct job *job)
{
    char *kept = job->canonical;
    char path[128];

    for (const char *line = job->canonical; *line != '\0';) {
        const char *end = strchr(line, '\n');
        const size_t n = end != NULL ? (size_t)(end - line) + 1 : strlen(line);

        snprintf(path, sizeof path, "%.*s", (int)strcspn(line, ":\n"), line);
        if (is_in_force(job, path)) {
            memmove(kept, line, n);
            kept += n;
        }
        line += n;
    }
    *kept = '\0';
}

/* The digest of what decides the result: the canonical text without the lines that
 * only say where things are, and what a file of measured figures has. */
static void digest(struct job *job)
{
    struct sha256 sha;
    char path[128];

    sha256_start(&sha);
    for (const char *line = job->canonical; *line != '\0';) {
        const char *end = strchr(line, '\n');
        const size_t n = end != NULL ? (size_t)(end - line) + 1 : strlen(line);
        const size_t n_path = strcspn(line, ":\n");

        snprintf(path, sizeof path, "%.*s", (int)n_path, line);
        if (!job_table_is_local(path) &&
            (job->keys.walkforward || !job_table_is_of_walk(path)))
            sha256_add(&sha, line, n);
        line += n;
    }
    if (job->estimates.entry != NULL)
        sha256_add(&sha, job->estimates.sha256, strlen(job->estimates.sha256));
    sha256_text(&sha, job->sha256);
}

/* The text is kept as evidence, so it is read once and then parsed from memory. */
static int keep_source(const struct conf_source *source, struct job *job,
                       struct conf_source *in_memory, struct err *err)
{
    *in_memory = *source;
    if (source->bytes == NULL) {
        if (file_read(source->path, JOB_FILE_MAX, &job->source, &in_memory->n_bytes,
                      err) != 0)
            return -1;
    } else {
        job->source = strndup(source->bytes, source->n_bytes);
        if (job->source == NULL)
            return err_set(err, ERR_MEMORY, "%s: no memory", source->path);
    }
    in_memory->bytes = job->source;
    return 0;
}

int job_read(const struct conf_source *source, struct job *job, struct err *err)
{
    struct conf_source in_memory;

    *job = (struct job){0};
    if (keep_source(source, job, &in_memory, err) != 0)
        return -1;
    if (conf_read_source(&in_memory, job_table(), &job->keys, &job->conf, err) != 0 ||
        job_stress_join_library(&in_memory, job, err) != 0 ||
        check_together(job, err) != 0 ||
        guard_check_keys(&job->keys.guard, job->conf, err) != 0 ||
        job_plan_make(job, err) != 0 || null_laws_new(&job->plan.laws, err) != 0 ||
        conf_canonical(job->conf, &job->canonical, err) != 0) {
        job_free(job);
        return -1;
    }
    drop_idle_keys(job);
    digest(job);
    return 0;
}

void job_free(struct job *job)
{
    if (job->conf != NULL)
        conf_free(job->conf, &job->keys);
    estimates_free(&job->estimates);
    null_laws_free(job->plan.laws);
    free(job->canonical);
    free(job->source);
    *job = (struct job){0};
}

static bool takes_any(const struct conf_texts *patterns, const char *instrument)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (text_matches(patterns->text[i], instrument))
            return true;
    return false;
}

bool job_takes(const struct job *job, const char *instrument)
{
    return takes_any(&job->keys.instruments, instrument) &&
           !takes_any(&job->keys.exclude, instrument);
}

void job_help(FILE *out)
{
    conf_help(job_table(), out);
}
