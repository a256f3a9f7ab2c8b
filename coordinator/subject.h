/* subject.h -- which job, history and instrument is a question about?
 *
 * Questions after (or instead of) a calibration name its directory, its calibration.h5
 * or a job file; from then on there is no difference. */
#ifndef COORDINATOR_SUBJECT_H
#define COORDINATOR_SUBJECT_H

#include "coordinator/job.h"
#include "coordinator/universe.h"
#include "core/err.h"
#include "market/history.h"

#include <stddef.h>

struct subject_options {
    const char *path;       /* DIR, DIR/calibration.h5 or JOB.yaml           */
    const char *history;    /* NULL: the one that calibration or job names   */
    const char *instrument; /* NULL: all of them                             */
    size_t n_settings;
    const char *const *settings; /* "key=value", in place of the job's own   */
};

struct subject {
    struct job job;
    struct history *history;
    struct universe universe;
    char *history_path;
    const struct history_entry *entry; /* of the instrument; NULL: all       */
};

/* A calibration's history is refused unless it is the one that made it. */
int subject_open(const struct subject_options *options, struct subject *subject,
                 struct err *err);
void subject_close(struct subject *subject);

#endif /* COORDINATOR_SUBJECT_H */
