/* diff.h -- what does a new parameter set change for an engine? */
#ifndef CLIENT_DIFF_H
#define CLIENT_DIFF_H

#include "client/set.h"

#include <stddef.h>
#include <stdio.h>

/* Print a row a change: instrument, field, before, after, and after / before - 1 (a
 * fraction) where both are numbers and before is not 0.  Instruments that came or went
 * are one row; fields are status, margins, tiers, parameters and the most of each
 * figure under stress, not the evidence. Prints nothing where nothing changed.  Returns
 * the number of rows. */
size_t plimsoll_diff_print(const struct plimsoll_set *before,
                           const struct plimsoll_set *after, FILE *out);

#endif /* CLIENT_DIFF_H */
