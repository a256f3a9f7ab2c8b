/* walkforward.h -- would the job's way of choosing have held, time after time?
 *
 * Parameters are chosen on each training span and scored on the test span behind it, by
 * the search and the judge of a calibration; beside them the job's overfitting and
 * simple challengers (worker/README.md, "Overfitting"). */
#ifndef COORDINATOR_WALKFORWARD_H
#define COORDINATOR_WALKFORWARD_H

#include "coordinator/subject.h"
#include "core/err.h"
#include "mpi/team.h"

#include <stdbool.h>
#include <stdint.h>

struct walkforward_options {
    struct subject_options subject;
    const char *output; /* a directory for walkforward.json; NULL: none  */
    uint64_t seed;      /* of the bootstrap                              */
    bool as_json;       /* on standard output, in place of the table     */
    bool quiet;
};

/* Collective: (instrument, fold) at a time over the ranks, the same bytes on any number
 * of them.  0; -1 with ERR_REFUSED on rank 0 (others 0) where some instrument does not
 * hold; any other error on all. */
int walkforward(const struct team *team, const struct walkforward_options *options,
                struct err *err);

#endif /* COORDINATOR_WALKFORWARD_H */
