/* stop.h -- has this run been asked to stop early?
 *
 * By SIGTERM or SIGUSR1 (Slurm ahead of a time limit, an operator), by --time-limit,
 * or by a file named `stop` in the output directory.  Whoever asks, units under way
 * are finished, the journal is committed, and the program ends with exit code 75. */
#ifndef COORDINATOR_STOP_H
#define COORDINATOR_STOP_H

#include "core/err.h"
#include "core/file.h"

#include <stdbool.h>
#include <stdint.h>

struct stop {
    int64_t deadline_ns; /* monotonic; 0: none */
    int64_t looked_ns;
    char file[FILE_PATH_MAX];
};

/* Take the signals over; they are only noted from here on.  For every rank: the ranks
 * get them too, and only the coordinator acts. */
void stop_catch_signals(void);

/* Watch for a stop in this directory (an old stop file is removed), and for
 * limit_ns from now (0: none). */
int stop_start(struct stop *stop, const char *directory, int64_t limit_ns,
               struct err *err);

/* NULL, or what asked. */
const char *stop_reason(struct stop *stop);

#endif /* COORDINATOR_STOP_H */
