/* calibration_shared.h -- writing what instruments that share axes come to together */
#ifndef COORDINATOR_CALIBRATION_SHARED_H
#define COORDINATOR_CALIBRATION_SHARED_H

#include "coordinator/evidence.h"
#include "coordinator/result.h"
#include "core/err.h"

/* /instruments/shared/global over the global axes, /instruments/shared/group/NAME over
 * those shared by group: the sums of nested.h by the sweep's figures.  Nothing where no
 * axis is shared. */
int calibration_write_shared(const struct result *result, struct evidence *evidence,
                             struct err *err);

#endif /* COORDINATOR_CALIBRATION_SHARED_H */
