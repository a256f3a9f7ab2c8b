/* population.h -- who has which positions when a path begins?
 *
 * Longs and shorts by turns, each side with half of the accounts and all of the open
 * interest.  Sizes are lognormal; a position posts the initial rate of its tier and
 * some more, exponential in the mean, so that leverages differ too. */
#ifndef WORKER_POPULATION_H
#define WORKER_POPULATION_H

#include "worker/draws.h"
#include "worker/tiers.h"

#include <stddef.h>

enum { ACCOUNTS_MAX = 256 };

/* A position opened at price 1; sizes and money in days of average volume (ADV). */
struct account {
    int side;        /* 1 long, -1 short                                            */
    double opened;   /* quantity at the beginning: its notional at price 1          */
    double quantity; /* what is left of it                                          */
    double cash;     /* equity = cash + side quantity price                         */
    double rate;     /* maintenance, of the notional that is left (its tier at 1)    */
    double debt;     /* what it lost beyond its collateral, whoever paid that        */
};

struct population_rule {
    size_t n;      /* even, 2 ... ACCOUNTS_MAX */
    double spread; /* standard deviation of the logarithm of a size, >= 0 */
    double slack;  /* mean of what is posted beyond the initial margin, of it, >= 0 */
};

/* What does not depend on a point: share[i] of its side's open interest, slack[i]. */
void population_draw(const struct population_rule *rule, const struct draws *draws,
                     double share[], double slack[]);

/* The accounts of a point: open_interest is that of one side. */
void population_open(size_t n, const double share[], const double slack[],
                     double open_interest, const struct tiers *tiers,
                     struct account account[]);

#endif /* WORKER_POPULATION_H */
