/* interval_figures.h -- what do the replicates of a bootstrap say together?
 *
 * From what each replicate chose, and what the points that are watched were worth in
 * it, to the intervals of parameters, cost and regret. */
#ifndef COORDINATOR_INTERVAL_FIGURES_H
#define COORDINATOR_INTERVAL_FIGURES_H

#include "coordinator/intervals_unit.h"
#include "worker/plan.h"

#include <stddef.h>

struct interval_draws {
    size_t n_replicates, n_watched;
    const struct candidate *best;    /* [n_replicates]; a cost of NaN: undecided */
    const struct candidate *watched; /* [n_replicates][n_watched]: the choice, and the
                                        incumbent where there is one */
    /* The points that best numbers: [points][n_axes]; NULL: the grid's. */
    const double *point;
    double *sorted; /* [n_replicates] room */
};

/* Chosen values and costs are the answer's already. */
void interval_figures(const struct grid *grid, const struct interval_draws *draws,
                      struct interval_answer *answer);

#endif /* COORDINATOR_INTERVAL_FIGURES_H */
