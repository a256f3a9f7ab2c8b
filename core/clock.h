/* clock.h -- moments and durations as text
 *
 * A moment is int64 nanoseconds since 1970-01-01T00:00:00Z, a duration int64
 * nanoseconds.  Moments from 1970 to 2261 are accepted. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

#define CLOCK_SECOND INT64_C(1000000000)
#define CLOCK_MINUTE (60 * CLOCK_SECOND)
#define CLOCK_HOUR   (60 * CLOCK_MINUTE)
#define CLOCK_DAY    (24 * CLOCK_HOUR)

/* Days since 1970-01-01 of a date of the Gregorian calendar (month 1..12). */
int64_t clock_days_from_civil(int64_t year, int month, int day);

/* ISO 8601: "2024-03-01", "2024-03-01 08:30", "2024-03-01T08:30:15.250Z",
 * "... +00:00" or "+0300"; without a zone it is UTC.  Dates must exist. */
int clock_parse_moment(const char *text, size_t n_chars, int64_t *moment_ns,
                       struct err *err);

enum { CLOCK_TEXT_MAX = 40 };

/* "2024-03-01T08:30:15Z", with a fraction only where there is one.  Returns out. */
char *clock_moment_text(int64_t moment_ns, char out[CLOCK_TEXT_MAX]);

/* "15m", "1h", "8h", "1d", "1w", "90s": a positive count and one unit of s m h d w. */
int clock_parse_duration(const char *text, size_t n_chars, int64_t *duration_ns,
                         struct err *err);

/* The same back, in the largest unit that divides it: 3600 s -> "1h".  Returns out. */
char *clock_duration_text(int64_t duration_ns, char out[CLOCK_TEXT_MAX]);

/* Wall clock and monotonic clock, ns. */
int64_t clock_now(void);
int64_t clock_monotonic(void);

#endif /* CORE_CLOCK_H */
