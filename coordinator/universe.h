/* universe.h -- which series of a history a job calibrates
 *
 * Instruments stand in the order of their names; their places are what the ranks
 * call an instrument by. */
#ifndef COORDINATOR_UNIVERSE_H
#define COORDINATOR_UNIVERSE_H

#include "coordinator/groups.h"
#include "coordinator/incumbent.h"
#include "coordinator/job.h"
#include "core/err.h"
#include "market/history.h"

#include <stddef.h>

struct universe {
    size_t n;
    const struct history_entry **entry; /* [n], borrowed from the history        */
    char sha256[SHA256_TEXT_MAX];       /* of their names and their series' digests */
    struct groups groups;               /* who shares values with whom */
    struct incumbents incumbents;       /* in production now; n 0: the job names none */
};

/* ERR_INPUT where the job names an instrument that the history does not have at the
 * job's interval, or where nothing is left. */
int universe_new(const struct job *job, const struct history *history,
                 struct universe *universe, struct err *err);
/* What the job says is in production; nothing where it says nothing. */
int universe_read_incumbents(const struct job *job, struct universe *universe,
                             struct err *err);
/* ... what this file says; NULL: nothing. */
int universe_read_incumbents_at(const char *path, const struct job *job,
                                struct universe *universe, struct err *err);
/* Of instrument i; NULL where the job names no incumbents. */
const struct incumbent *universe_incumbent(const struct universe *universe, size_t i);
/* Of its longest series. */
uint64_t universe_most_bars(const struct universe *universe);
void universe_free(struct universe *universe);

#endif /* COORDINATOR_UNIVERSE_H */
