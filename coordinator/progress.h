/* progress.h -- telling a waiting person how far a job is
 *
 * On a terminal one line that is rewritten several times a second, elsewhere a log
 * line every half minute. */
#ifndef COORDINATOR_PROGRESS_H
#define COORDINATOR_PROGRESS_H

#include "coordinator/ledger.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const struct ledger *ledger;
    bool on_terminal;
    int64_t start_ns, last_ns; /* monotonic */
};

void progress_start(struct progress *progress, const struct ledger *ledger);
/* Show the state if it is time to; context is the progress. */
void progress_tick(void *context);
void progress_end(struct progress *progress);

#endif /* COORDINATOR_PROGRESS_H */
