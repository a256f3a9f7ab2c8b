/* stamp.h -- which moment does a vendor's time cell mean?
 *
 * Vendors write times as text or as a count of seconds, milli-, micro- or nanoseconds
 * since 1970, and some mix the units in one file.  The unit of a count follows from
 * its size: for bars from 1990 to 2099 the four ranges do not touch. */
#ifndef MARKET_STAMP_H
#define MARKET_STAMP_H

#include "core/err.h"
#include "market/date.h"

#include <stddef.h>
#include <stdint.h>

/* What a format's times may be; a set of these bits. */
enum stamp_unit {
    STAMP_S = 1,
    STAMP_MS = 2,
    STAMP_US = 4,
    STAMP_NS = 8,
    STAMP_TEXT = 16, /* ISO 8601, "... UTC", "2019-10-17 09-AM", what date.h knows */
    STAMP_ANY = 31,
};

/* Whose clock a text without a zone is read by. */
enum stamp_zone {
    STAMP_UTC,
    STAMP_LONDON,     /* summer time since 1996: last Sundays of March and October */
    STAMP_METATRADER, /* "2021.01.01 00:00" on a clock of UTC+3; only that form */
};

struct stamp_rule {
    unsigned units; /* set of enum stamp_unit */
    enum stamp_zone zone;
    enum date_order order; /* of 03/01/2023 */
};

/* The moment (ns since 1970 UTC) of a cell, and the unit that it was written in.
 * ERR_INPUT where the text is no time, its unit is not in the rule, it is outside
 * 1990-2099, or the local clock skipped it.  An hour that the local clock shows twice
 * is read as the first of the two. */
int stamp_from_text(const char *text, size_t n_chars, struct stamp_rule rule,
                    int64_t *moment_ns, unsigned *unit, struct err *err);
int stamp_from_integer(int64_t count, struct stamp_rule rule, int64_t *moment_ns,
                       unsigned *unit, struct err *err);

/* A set of units as words: "s, ms".  Returns out. */
enum { STAMP_WORDS_MAX = 40 };
char *stamp_words(unsigned units, char out[STAMP_WORDS_MAX]);

#endif /* MARKET_STAMP_H */
