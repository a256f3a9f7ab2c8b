/* report_shared.h -- what did instruments choose together, and by how much? */
#ifndef COORDINATOR_REPORT_SHARED_H
#define COORDINATOR_REPORT_SHARED_H

#include "coordinator/result.h"

#include <stdio.h>

/* Nothing where no axis is shared. */
void report_shared(const struct result *result, FILE *out);

#endif /* COORDINATOR_REPORT_SHARED_H */
