/* pareto.h -- which points are the best of their kind when several things count?
 *
 * Objectives f [n][m], all to be made least.  a dominates b where a is nowhere above b
 * and somewhere below; the front are the points that none dominates.  Points with a NaN
 * belong to no front.
 *
 * K. Deb, "Multi-Objective Optimization using Evolutionary Algorithms", Wiley 2001;
 * E. Zitzler, L. Thiele, "Multiobjective evolutionary algorithms: a comparative case
 * study and the strength Pareto approach", IEEE Trans. Evol. Comp. 3(4) (1999)
 * (hypervolume). */
#ifndef WORKER_PARETO_H
#define WORKER_PARETO_H

#include <stddef.h>

enum { PARETO_OBJECTIVES_MAX = 8 };

/* The front's points in the order of their objectives (the first one first), the lowest
 * number of those that are equal throughout.  front [n]; returns how many. */
size_t pareto_front(size_t n, size_t m, const double f[], size_t front[]);

/* The least and the largest of each objective over these points: ideal and nadir where
 * they are a front.  low, high [m]. */
void pareto_span(size_t m, const double f[], size_t n_points, const size_t point[],
                 double low[], double high[]);

/* The place among the points of the least sum_i w_i (f_i - low_i) / (high_i - low_i);
 * objectives that do not vary say nothing.  With equal weights on a front this is the
 * knee: the largest bulge from the plane through the ends of the axes towards the ideal
 * (I. Das, "On characterizing the 'knee' of the Pareto curve based on normal-boundary
 * intersection", Structural Optimization 18 (1999), 107-115).  The first of equals. */
size_t pareto_prefer(size_t m, const double f[], size_t n_points, const size_t point[],
                     const double weight[]);

/* The volume that the points dominate below the reference [m], exact, by slicing the
 * last objective again and again (L. While et al., "A faster algorithm for calculating
 * hypervolume", IEEE Trans. Evol. Comp. 10(1) (2006)): n log n for two objectives,
 * n times more with each other one.  Points not below the reference everywhere add
 * nothing.  Room: size_t [m][n_points]. */
double pareto_hypervolume(size_t m, const double f[], size_t n_points,
                          const size_t point[], const double reference[],
                          size_t room[]);

#endif /* WORKER_PARETO_H */
