#include "coordinator/subject.h"
#include "coordinator/evidence.h"
#include "coordinator/origin.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/seal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int open_history(struct subject *subject, const char *path, struct err *err)
{
    if (path == NULL)
        return err_set(err, ERR_USAGE,
                       "which history? give --history FILE or the key `history`");
    subject->history_path = strdup(path);
    if (subject->history_path == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a path");
    return history_open(path, &subject->history, err);
}

static int take_calibration(const struct subject_options *options, const char *path,
                            struct subject *subject, struct err *err)
{
    struct origin origin;
    struct h5 *file;

    if (h5_open(path, EVIDENCE_KIND, &file, err) != 0)
        return -1;
    int status = origin_read(file, &origin, err);
    if (status == 0) {
        const char *history =
            options->history != NULL ? options->history : origin.history;

        status = -1;
        if (origin_job(file, &origin, options->n_settings, options->settings,
                       &subject->job, err) == 0 &&
            open_history(subject, history, err) == 0)
            status = origin_check_history(&origin, &subject->job, subject->history,
                                          history, err);
        origin_free(&origin);
    }
    h5_close(file);
    return status;
}

static int take_job(const struct subject_options *options, struct subject *subject,
                    struct err *err)
{
    const struct conf_source source = {.path = options->path,
                                       .n_settings = options->n_settings,
                                       .settings = options->settings};

    if (job_read(&source, &subject->job, err) != 0)
        return -1;
    return open_history(
        subject,
        options->history != NULL ? options->history : subject->job.keys.history, err);
}

static int take(const struct subject_options *options, struct subject *subject,
                struct err *err)
{
    char path[FILE_PATH_MAX], kind[SEAL_KIND_MAX];
    struct stat what;

    if (stat(options->path, &what) == 0 && S_ISDIR(what.st_mode)) {
        if (file_join(options->path, "calibration.h5", path, err) != 0)
            return -1;
        return take_calibration(options, path, subject, err);
    }
    if (seal_read_kind(options->path, kind, NULL) == 0)
        return take_calibration(options, options->path, subject, err);
    return take_job(options, subject, err);
}

static int find_instrument(const struct subject_options *options,
                           struct subject *subject, struct err *err)
{
    char interval[CLOCK_TEXT_MAX];

    if (universe_new(&subject->job, subject->history, &subject->universe, err) != 0)
        return -1;
    for (size_t i = 0; options->instrument != NULL && i < subject->universe.n; i++)
        if (strcmp(subject->universe.entry[i]->instrument, options->instrument) == 0)
            subject->entry = subject->universe.entry[i];
    if (options->instrument == NULL || subject->entry != NULL)
        return 0;
    clock_duration_text(subject->job.keys.interval_ns, interval);
    return err_set(err, ERR_USAGE, "%s: the job has no %s bars of %s",
                   subject->history_path, interval, options->instrument);
}

int subject_open(const struct subject_options *options, struct subject *subject,
                 struct err *err)
{
    *subject = (struct subject){0};
    if (take(options, subject, err) == 0 && find_instrument(options, subject, err) == 0)
        return 0;
    subject_close(subject);
    return -1;
}

void subject_close(struct subject *subject)
{
    universe_free(&subject->universe);
    history_close(subject->history);
    job_free(&subject->job);
    free(subject->history_path);
    *subject = (struct subject){0};
}
