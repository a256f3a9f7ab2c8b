/* report_stress.h -- the part of the report about bad days */
#ifndef COORDINATOR_REPORT_STRESS_H
#define COORDINATOR_REPORT_STRESS_H

#include "coordinator/result.h"

#include <stdio.h>

/* A row a scenario, all instruments together; which of them is the worst. */
void report_stress(const struct result *result, FILE *out);

#endif /* COORDINATOR_REPORT_STRESS_H */
