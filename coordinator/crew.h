/* crew.h -- a rank's side of a job: from a unit's bytes to its answer
 *
 * Each rank reads an instrument's bars when its first unit comes and keeps it
 * prepared until a unit of another instrument does. */
#ifndef COORDINATOR_CREW_H
#define COORDINATOR_CREW_H

#include "coordinator/job.h"
#include "coordinator/universe.h"
#include "core/buffer.h"
#include "core/err.h"
#include "market/history.h"
#include "worker/study.h"

/* Where a rank's time went. */
struct crew_times {
    double read_s, search_s, judge_s;
};

struct crew {
    const struct job *job;
    const struct history *history;
    const struct universe *universe;

    size_t instrument; /* prepared now; SIZE_MAX: none     */
    struct bars bars;
    void *work;       /* the study's; NULL: it failed     */
    struct err fault; /* ... and this is why              */
    struct found found;
    struct verdict *verdict; /* of one point */
    struct crew_times times;
};

int crew_new(const struct job *job, const struct history *history,
             const struct universe *universe, struct crew *crew, struct err *err);
void crew_free(struct crew *crew);

/* A schedule_worker's work(): context is the crew. */
int crew_work(void *context, struct reader request, struct buffer *answer,
              struct err *err);

#endif /* COORDINATOR_CREW_H */
