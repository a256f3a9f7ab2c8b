/* steps.h -- which prices does the engine see within the bars of a path?
 *
 * Within a bar the price goes from the open to the extreme that is nearer to it (the
 * low where both are as near), to the other extreme, to the close: three legs, straight
 * in price, of even steps; of a steps the legs end behind floor(a/3), floor(2a/3) and
 * a. From a close to the next open it jumps.  The order is the one that chart programs
 * assume of a bar; a path that went otherwise touched the same extremes.  All over the
 * close of the bar at which positions are opened.
 *
 * Where shorter bars of the same instrument cover the whole path, the same is done with
 * those, merged by as few as leave every merged bar three whole steps or more. */
#ifndef WORKER_STEPS_H
#define WORKER_STEPS_H

#include "market/bars.h"

#include <stdbool.h>
#include <stddef.h>

enum { STEPS_LEGS = 3 };

/* The prices of bars t+1 ... t+h over the close of t, a_bar (3 or more) steps each:
 * price[1 + h a_bar], price[0] = 1. */
void steps_of(const struct bars *bars, size_t t, size_t h, size_t a_bar,
              double price[]);

/* The same by bars->finer; false where there are none for all of it. */
bool steps_of_finer(const struct bars *bars, size_t t, size_t h, size_t a_bar,
                    double price[]);

/* How many bars of so many in one are merged for a_bar steps: n_parts means that
 * shorter bars tell nothing more. */
size_t steps_merged(size_t n_parts, size_t a_bar);

#endif /* WORKER_STEPS_H */
