/* limits.h -- what does the engine's owner not accept, whoever has signed it?
 *
 * A text file of the owner's own, on the engine's machine; `#` starts a comment:
 *
 *     bound BTC-* initial_margin_ppm 5000 500000   MIN MAX, of every tier
 *     bound * lambda 0.8 1                         a parameter, where there is one
 *     change * initial_margin_ppm 0.5 4            of new / held, at every notional
 *     require BTC-PERP                             the set must have it, in any status
 *     grace 12h                                    how long after its end a set may be
 *                                                  used still; 0 without this line
 *
 * A set that breaks one of them is refused whole, and so is one in which a field that
 * is limited occurs in no instrument of the pattern.  Bounds and changes are those of
 * calibrated instruments: only these have values that an engine uses. */
#ifndef CLIENT_LIMITS_H
#define CLIENT_LIMITS_H

#include "client/set.h"
#include "core/err.h"

#include <stddef.h>
#include <stdint.h>

enum { LIMITS_BYTES_MAX = 1 << 20, LIMITS_MAX = 4096 };

struct limits;

/* ERR_INPUT names the line. */
int limits_parse(const char *bytes, size_t n_bytes, struct limits **limits,
                 struct err *err);
void limits_free(struct limits *limits); /* takes NULL */

int64_t limits_grace_ns(const struct limits *limits);

/* ERR_REFUSED names instrument, field, value and the line that it breaks.  `held` is
 * the set in use; NULL: none. */
int limits_check(const struct limits *limits, const struct plimsoll_set *held,
                 const struct plimsoll_set *set, struct err *err);

#endif /* CLIENT_LIMITS_H */
