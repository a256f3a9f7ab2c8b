/* stress_found.h -- which days has this run found that its next should be tried on?
 *
 * Days (UTC) on which chosen margins were short, and days on which at least half of the
 * instruments, two or more, have one of their largest losses.  Days that lie in a
 * window already are not found again; of the others the eight on which most instruments
 * were struck, then those of the most beyond margin. */
#ifndef COORDINATOR_STRESS_FOUND_H
#define COORDINATOR_STRESS_FOUND_H

#include "coordinator/result.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

#define STRESS_LIBRARY_NAME "stress-library.yaml"

enum { STRESS_DAYS_MAX = 8 };

struct stress_day {
    int64_t day;      /* since 1970 */
    size_t n_short;   /* instruments whose margin was short            */
    double beyond;    /* the sum of what went beyond                   */
    size_t n_worst;   /* instruments with one of their largest losses  */
    const char *most; /* the instrument that was shortest; NULL: none  */
    double most_beyond;
};

/* The days, best first. */
int stress_find_days(const struct plan *plan, size_t n, const struct outcome outcome[],
                     struct stress_day day[STRESS_DAYS_MAX], size_t *n_days,
                     struct err *err);

/* Write DIR/stress-library.yaml: the job's windows and the days. */
int stress_found_write(const struct result *result, const char *directory,
                       struct err *err);

#endif /* COORDINATOR_STRESS_FOUND_H */
