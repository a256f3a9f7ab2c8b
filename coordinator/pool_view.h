/* pool_view.h -- what an instrument has at a cell, for the files that choose
 *
 * Private to pool*.c: where the nested minimum (worker/nested.h) gets an instrument's
 * best from, by the sweep's figures or by judged ones, and what the incumbent's
 * instruments have in common. */
#ifndef COORDINATOR_POOL_VIEW_H
#define COORDINATOR_POOL_VIEW_H

#include "coordinator/pool.h"

struct pool_view {
    const struct plan *plan;
    struct pool *pool;
    struct outcome *outcome;
    const bool *failed;
    size_t *incumbent_cell; /* [n_groups]; NULL: its values are no choice */
};

/* Who failed has no say from here on.  free(view->incumbent_cell). */
int pool_view_begin(const struct plan *plan, struct pool *pool,
                    struct outcome outcome[], const bool failed[],
                    struct pool_view *view, struct err *err);

/* nested_problem.best: context is the view.  Of swept points, of judged ones, and of
 * judged ones with the incumbent's shared values, whatever cell is asked for. */
bool pool_best_swept(const void *context, size_t m, size_t cell, double *violation,
                     double *cost);
bool pool_best_judged(const void *context, size_t m, size_t cell, double *violation,
                      double *cost);
bool pool_best_warm(const void *context, size_t m, size_t cell, double *violation,
                    double *cost);

typedef bool (*pool_best_fn)(const void *context, size_t m, size_t cell,
                             double *violation, double *cost);
struct nested_problem pool_problem(const struct pool_view *view, pool_best_fn best);
/* The nested minimum: pool->sum and pool->cell. */
int pool_solve(const struct pool_view *view, pool_best_fn best, struct err *err);

/* SIZE_MAX: off the grid, as only an incumbent's is. */
size_t pool_cell_of_point(const struct plan *plan, const struct outcome *outcome,
                          uint64_t point);
/* Its own point; NULL: there is none to score. */
const double *pool_incumbent_point(const struct outcome *outcome);

#endif /* COORDINATOR_POOL_VIEW_H */
