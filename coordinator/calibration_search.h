/* calibration_search.h -- which points did a search of scattered ones try, and what
 * came of each? */
#ifndef COORDINATOR_CALIBRATION_SEARCH_H
#define COORDINATOR_CALIBRATION_SEARCH_H

#include "coordinator/evidence.h"
#include "coordinator/outcome.h"
#include "core/err.h"

/* The group `searched` of the instrument; nothing where the grid was searched. */
int calibration_write_searched(const struct plan *plan, const struct outcome *outcome,
                               struct evidence *evidence, struct err *err);

#endif /* COORDINATOR_CALIBRATION_SEARCH_H */
