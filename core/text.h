/* text.h -- what does a text say: strict numbers, names, and is it fit to be shown?
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

/* How many bytes the UTF-8 character at text has; 0 where it is none, over-long forms,
 * surrogates and what lies beyond U+10FFFF included (RFC 3629, section 4). */
size_t text_character(const char *text, size_t n_left);

/* Copy text, so that a terminal and a log's line show it: control characters and bytes
 * that are not UTF-8 as \xHH.  What does not fit into out_max bytes with the NUL is
 * cut off between two characters.  Returns the length of what is there. */
size_t text_show(const char *text, char *out, size_t out_max);

/* Does the glob pattern ("BTC-*", "?TH-PERP", "all") take the whole name? */
bool text_matches(const char *pattern, const char *name);

#endif /* CORE_TEXT_H */
