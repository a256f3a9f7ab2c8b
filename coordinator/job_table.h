/* job_table.h -- the keys of a job file, one row each */
#ifndef COORDINATOR_JOB_TABLE_H
#define COORDINATOR_JOB_TABLE_H

#include "core/conf.h"
#include "worker/axis.h"

#include <stddef.h>

/* The table; made once, then borrowed. */
const struct conf_table *job_table(void);

/* The axes that any model or study has, by name once; slot i of job_keys.axis. */
size_t job_table_n_axes(void);
const struct axis_rule *job_table_axis(size_t i);
/* The slot of an axis by name; every rule of every table has one. */
size_t job_table_slot(const char *axis);

/* Keys that say where things are or how fast, and leave the result as it is. */
int job_table_is_local(const char *path);

/* Keys of a walk-forward, which leave a calibration as it is unless folds are its gate.
 */
int job_table_is_of_walk(const char *path);

/* Keys of searches other than the grid's. */
int job_table_is_of_searches(const char *path);

#endif /* COORDINATOR_JOB_TABLE_H */
