/* run_files.h -- the files that a calibration leaves in its output directory
 *
 *     parameters.json   the product (parameters.h)
 *     calibration.h5    the evidence (calibration.h)
 *     run.json          when, where, on how many ranks, how fast
 *     run.log           log lines of every run into this directory
 */
#ifndef COORDINATOR_RUN_FILES_H
#define COORDINATOR_RUN_FILES_H

#include "coordinator/result.h"
#include "core/err.h"

/* Write them all; each replaces its predecessor at once, parameters.json last; sets
 * result->write_s. */
int run_files_write(struct result *result, const char *directory, struct err *err);

/* Remove what killed runs have left half written there; for who holds the lock. */
void run_files_clean(const char *directory);

#endif /* COORDINATOR_RUN_FILES_H */
