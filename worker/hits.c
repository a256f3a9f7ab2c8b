#include "worker/hits.h"

#include "core/arith.h"

#include <math.h>

size_t hits_draw(size_t n_bars, double p, struct random *random, double place[])
{
    const double log_inside = arith_log(1.0 - p);
    double at = 0.0;
    size_t n = 0;

    for (;;) {
        at += 1.0 + floor(arith_log(random_uniform(random)) / log_inside);
        if (!(at <= (double)n_bars))
            return n;
        place[n++] = at;
    }
}

void hits_shuffle(size_t n_bars, size_t n_hits, struct random *random, double deck[])
{
    for (size_t i = 0; i < n_hits; i++) {
        const double left = (double)(n_bars - i);
        const size_t j = i + (size_t)(left * random_uniform(random));
        const double place = deck[j];

        deck[j] = deck[i];
        deck[i] = place;
    }
}
