/* run_status_table.h -- the figures of a run's status, each named once
 *
 * What the status file and the Prometheus file have in common. */
#ifndef COORDINATOR_RUN_STATUS_TABLE_H
#define COORDINATOR_RUN_STATUS_TABLE_H

#include "coordinator/run_status.h"

#include <stddef.h>

struct run_figure {
    const char *name; /* member of status.json                             */
    size_t offset;    /* of the double                                     */
    const char *prometheus, *type, *labels, *meaning; /* NULL: not there   */
};

/* Ends with a row without a name. */
extern const struct run_figure run_figures[];

static inline double run_figure_of(const struct run_status *status,
                                   const struct run_figure *figure)
{
    return *(const double *)(const void *)((const char *)status + figure->offset);
}

/* When a process began, from its /proc/PID/stat: a number comes again, both do not. */
int64_t run_status_start_ticks(const char *stat);

#endif /* COORDINATOR_RUN_STATUS_TABLE_H */
