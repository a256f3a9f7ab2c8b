/* calibration.h -- writing calibration.h5, the evidence of a job
 *
 *     /                        attributes: program, build, job file, digests, ranks,
 * times /instruments             over `instrument`: status, reason, cost, last margin
 * ... /BTC-PERP/points         over `point`, winner first: axes, training and test
 * figures /BTC-PERP/marginals/q    over `q`: the best cost and violation with that
 * value
 *
 * The form is evidence.h's: every axis a dimension scale, so h5py and xarray open it.
 */
#ifndef COORDINATOR_CALIBRATION_H
#define COORDINATOR_CALIBRATION_H

#include "coordinator/result.h"
#include "core/err.h"

int calibration_write(const struct result *result, const char *path, struct err *err);

#endif /* COORDINATOR_CALIBRATION_H */
