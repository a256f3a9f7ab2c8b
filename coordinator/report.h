/* report.h -- the summary that a person reads when a calibration ends */
#ifndef COORDINATOR_REPORT_H
#define COORDINATOR_REPORT_H

#include "coordinator/result.h"

#include <stdio.h>

/* A table with a row an instrument, the reasons of those without a value, and what
 * the ranks did. */
void report_print(const struct result *result, FILE *out);
/* For run.log: a line an instrument. */
void report_log(const struct result *result);

#endif /* COORDINATOR_REPORT_H */
