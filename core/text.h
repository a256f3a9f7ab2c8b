/* text.h -- strict reading of numbers from text, and writing them back
 *
 * The whole text is the number or it is refused: no blanks around it, no
 * trailing unit, no "inf", "nan" or hexadecimal.  The C locale is assumed: the
 * program never calls setlocale. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A finite decimal number ("12", "-0.5", "1e-3"); n_chars need not end in NUL. */
int text_to_real(const char *text, size_t n_chars, double *value, struct err *err);

/* A whole number in [min, max], digits with an optional sign. */
int text_to_integer(const char *text, size_t n_chars, int64_t min, int64_t max,
                    int64_t *value, struct err *err);

enum { TEXT_REAL_MAX = 32 };

/* The shortest decimal that strtod reads back as exactly `value`, which is
 * finite: 0.1 -> "0.1", 1e300 -> "1e+300", 3 -> "3".  The same on every machine.
 * Returns out. */
char *text_from_real(double value, char out[TEXT_REAL_MAX]);

/* Does the glob pattern ("BTC-*", "?TH-PERP", "all") take the whole name? */
bool text_matches(const char *pattern, const char *name);

#endif /* CORE_TEXT_H */
