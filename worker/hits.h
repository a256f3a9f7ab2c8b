/* hits.h -- what would the hits be if the VaR were right? */
#ifndef WORKER_HITS_H
#define WORKER_HITS_H

#include "market/random.h"

#include <stddef.h>

/* Independent bars that are each hit with probability p, 0 < p < 1: the places of the
 * hits, from 1, ascending, by geometric distances; how many there are.  place [n_bars].
 */
size_t hits_draw(size_t n_bars, double p, struct random *random, double place[]);

/* The first n_hits of the deck become as many of its n_bars cards, every set as likely
 * as any other (Fisher and Yates 1938, as far as it is needed). */
void hits_shuffle(size_t n_bars, size_t n_hits, struct random *random, double deck[]);

#endif /* WORKER_HITS_H */
