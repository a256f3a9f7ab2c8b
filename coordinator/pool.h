/* pool.h -- which values do instruments that share axes take together?
 *
 * A pool is a set of instruments whose choices hang together: all of them where an axis
 * is global, else those of each group.  Once every one is searched, the cells (scope.h)
 * that the sweep's figures cannot tell from the nested minimum (nested.h) are judged
 * bar by bar; the nested minimum of the judged figures decides.  An instrument that
 * failed has no say.
 *
 * The incumbent's shared values, where its instruments agree on them, are one more
 * choice, off the grid too; they stay unless the best one costs the pool less by the
 * share plan->hysteresis. */
#ifndef COORDINATOR_POOL_H
#define COORDINATOR_POOL_H

#include "coordinator/outcome.h"
#include "coordinator/universe.h"
#include "core/err.h"
#include "worker/nested.h"

#include <stdbool.h>
#include <stddef.h>

enum { POOL_CLOSE_MAX = 4 }; /* global values, and group values of each, that may be */

struct pool {
    size_t n;
    size_t *member; /* [n] places in the universe, group by group, each in its order */
    size_t n_groups;
    size_t *first; /* [n_groups + 1] in member */
    size_t *group; /* [n_groups] of the universe's groups */
    double *weight;
    size_t n_waited; /* members that this stage of the ledger still waits for */
    bool is_asked;   /* its cells in question are known */
    bool is_chosen;  /* no stage is left */

    /* What was chosen: the cell of each group, SIZE_MAX where it is off the grid. */
    size_t *cell;           /* [n_groups] */
    struct nested_sum sum;  /* of the judged figures there */
    bool is_warm, is_kept;  /* the incumbent's values were a choice; were chosen */
    struct nested_sum warm; /* ... and what they come to */
    /* By the sweep's figures: F(s) [n_global], and F_g(s*, u) [n_groups][n_group]. */
    struct nested_sum *global_sum, *group_sum;
};

struct pools {
    size_t n; /* 0: no axis is shared */
    struct pool *pool;
    size_t *of; /* [universe->n] */
};

int pools_new(const struct plan *plan, const struct universe *universe,
              struct pools *pools, struct err *err);
void pools_free(struct pools *pools);

/* Every member is searched or failed (failed [universe]): the points of the cells in
 * question become those to be judged of each that has not failed. */
int pool_ask(const struct plan *plan, struct pool *pool, struct outcome outcome[],
             const bool failed[], struct err *err);
/* Every one of them is judged or failed: choose, and narrow each one's judged points to
 * those with the values that were chosen. */
int pool_choose(const struct plan *plan, struct pool *pool, struct outcome outcome[],
                const bool failed[], struct err *err);

/* The nested minimum of the sweep's figures alone, without the incumbent: pool->cell.
 */
int pool_choose_swept(const struct plan *plan, struct pool *pool,
                      struct outcome outcome[], const bool failed[], struct err *err);

/* The shared values that group g of the pool takes, on the shared axes alone. */
void pool_values(const struct plan *plan, const struct pool *pool, size_t g,
                 const struct outcome outcome[], double value[AXES_MAX]);

#endif /* COORDINATOR_POOL_H */
