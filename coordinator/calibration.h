/* calibration.h -- writing calibration.h5, the evidence of a job
 *
 *     /                        attributes: program, build, job file, digests, times
 *     /instruments             over `instrument`: status, reason, cost, last margin
 *     /instruments/shared      what instruments that share axes come to together
 *     /BTC-PERP/points         over `point`, winner first: axes and all figures
 *     /BTC-PERP/marginals/q    over `q`: the best cost and violation with that value
 *     /BTC-PERP/surface        over all axes: the job's `surfaces` at every point
 *
 * The form is evidence.h's: every axis a dimension scale, for h5py and xarray. */
#ifndef COORDINATOR_CALIBRATION_H
#define COORDINATOR_CALIBRATION_H

#include "coordinator/result.h"
#include "core/err.h"

int calibration_write(const struct result *result, const char *path, struct err *err);

#endif /* COORDINATOR_CALIBRATION_H */
