/* calibrate.h -- a calibration from its job file to its products, on all ranks */
#ifndef COORDINATOR_CALIBRATE_H
#define COORDINATOR_CALIBRATE_H

#include "core/conf.h"
#include "core/err.h"
#include "mpi/team.h"

#include <stdbool.h>
#include <stdint.h>

struct calibrate_options {
    struct conf_source job;
    int64_t limit_ns;       /* stop by itself after this long; 0: never      */
    bool restart;           /* drop what an earlier run left in its journal  */
    bool quiet;             /* no table on standard output                   */
    const char *prometheus; /* instead of plimsoll.prom in the output directory */
};

/* Collective over the team.
 *
 * Goes on where a journal in the output directory ends.  0: every instrument is
 * calibrated; -1 with ERR_INCOMPLETE on rank 0 (others 0): some are not; ERR_STOPPED
 * on all: asked to stop, run again to go on; any other error on all. */
int calibrate(const struct team *team, const struct calibrate_options *options,
              struct err *err);

#endif /* COORDINATOR_CALIBRATE_H */
