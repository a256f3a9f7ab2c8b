/* cost.h -- about how long does a box take?
 *
 *     ns = paths bars (steps + PASS + RELEASE) + points POINT        of a box
 *     ns = points bars (steps + WALK + RELEASE)                      of scattered ones
 *
 * with the steps of volatility, tail and steadying (rows of volatility.c and
 * tail_path.c), the pass that bins a
 * path's bars, the use of the buffer where some are released, and the score of a point
 * (of the study, where it has a cost of its own).
 * The constants are measured on one core of a 2.x GHz server with AVX-512; another
 * machine scales them all, which the schedule learns from its first units (run.json has
 * predicted_s beside what it took).  They size units: no result depends on them. */
#ifndef WORKER_COST_H
#define WORKER_COST_H

#include "worker/plan.h"

#include <stdint.h>

double cost_box_ns(const struct plan *plan, uint64_t n_bars, uint64_t n_points);

/* A scattered point of its own path, rated on all training bars; and how many of them a
 * plan allows an instrument (core_s), INFINITY where it does not say. */
double cost_rate_ns(const struct plan *plan, uint64_t n_bars);
double cost_most_points(const struct plan *plan, uint64_t n_bars);
/* All of a search of them. */
double cost_search_ns(const struct plan *plan, uint64_t n_bars);

/* A fold of a walk-forward, or the overfitting: about a search on all bars. */
double cost_walk_ns(const struct plan *plan, uint64_t n_bars);

/* Points of a box that takes about unit_ns: whole paths, or of a path that takes longer
 * by itself so many points that the path is not most of the work. */
uint64_t cost_points(const struct plan *plan, uint64_t n_bars, double unit_ns);

#endif /* WORKER_COST_H */
