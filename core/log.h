/* log.h -- lines of the form `label key=value ...`, to standard error and to a file
 *
 * One log a process.  Loops and commands log; kernels never do. */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "core/err.h"

#include <stdbool.h>

/* Also append to this file from now on (run.log), until it cannot be written, which is
 * said once and is no fault of the run. */
int log_open(const char *path, struct err *err);
void log_close(void);

/* Keep standard error silent (results are still on standard output). */
void log_be_quiet(bool quiet);

/* log_line("unit", "instrument=%s block=%zu elapsed_s=%.3f", ...) writes
 * `unit instrument=BTC-PERP block=3 elapsed_s=0.120`; the file's line has the
 * time in front. */
void log_line(const char *label, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* To the file only, for what a terminal need not show. */
void log_detail(const char *label, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif /* CORE_LOG_H */
