/* steps.h -- which prices does the engine see within the bars of a path?
 *
 * Within a bar the price goes from the open to the extreme that is nearer to it (the
 * low where both are as near), to the other extreme, to the close: three legs of as
 * many even steps, straight in price.  From a close to the next open it jumps.  The
 * order is the one that chart programs assume of a bar; a path that went otherwise
 * touched the same extremes.  All over the close of the bar at which positions are
 * opened. */
#ifndef WORKER_STEPS_H
#define WORKER_STEPS_H

#include "market/bars.h"

#include <stddef.h>

enum { STEPS_LEGS = 3 };

/* The prices of bars t+1 ... t+h over the close of t, a_bar (a multiple of 3) steps
 * each: price[1 + h a_bar], price[0] = 1. */
void steps_of(const struct bars *bars, size_t t, size_t h, size_t a_bar,
              double price[]);

#endif /* WORKER_STEPS_H */
