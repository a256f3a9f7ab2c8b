/* elasticity.h -- by how many percent does a figure change where an axis changes by
 * one?
 *
 * At a point x of the axis, all else as it is:
 *
 *     e = (f(x + d) - f(x - d)) / (2 d) * x / f(x),     d = 0.05 x
 *
 * or, of an axis of whole numbers, d = 1.  A neighbour that the axis does not allow is
 * replaced by the point itself.  Undefined where x or f(x) is 0. */
#ifndef WORKER_ELASTICITY_H
#define WORKER_ELASTICITY_H

#include "worker/axis.h"

void elasticity_neighbours(const struct axis_rule *rule, double x, double *below,
                           double *above);

/* e; NaN where it is undefined. */
double elasticity_at(double x, double f, double below, double above, double f_below,
                     double f_above);

#endif /* WORKER_ELASTICITY_H */
