/* resample.h -- what would the bars of a longer interval have been? */
#ifndef MARKET_RESAMPLE_H
#define MARKET_RESAMPLE_H

#include "core/err.h"
#include "market/bars.h"

#include <stddef.h>
#include <stdint.h>

/* Make bars of interval_ns, a multiple of fine->interval_ns, at times that are
 * multiples of it since 1970 UTC (weeks from Monday): open of the first, close of the
 * last, highest high, lowest low, sum of volumes in order of time.
 *
 * A bar is made only from a complete set of fine ones, and not where a fine bar
 * crosses its border; *n_left_out counts the others.  With `sparse`, the vendor
 * leaves out bars without trades, so one fine bar is enough.  coarse is emptied
 * first; on failure it is empty. */
int resample(const struct bars *fine, int64_t interval_ns, _Bool sparse,
             struct bars *coarse, size_t *n_left_out, struct err *err);

#endif /* MARKET_RESAMPLE_H */
