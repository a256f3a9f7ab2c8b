/* walk_shared.h -- which shared values does the training of a fold choose?
 *
 * Where instruments share axes, every one of them is searched on its training bars of
 * the fold, and the nested minimum of the sweep's figures decides (worker/nested.h).  A
 * rank keeps the answer of one fold: units of a fold should follow each other. */
#ifndef COORDINATOR_WALK_SHARED_H
#define COORDINATOR_WALK_SHARED_H

#include "coordinator/subject.h"
#include "core/err.h"
#include "worker/fold.h"
#include "worker/plan.h"

#include <stddef.h>

struct walk_shared {
    size_t fold;  /* whose answer it is; SIZE_MAX: nobody's */
    size_t *cell; /* [universe->n]; SIZE_MAX: the instrument failed by itself */
};

/* Which bars of an instrument are training and test. */
typedef int (*shared_fold_fn)(void *context, size_t instrument, const struct bars *bars,
                              struct fold *fold, struct err *err);

/* cell [universe->n]: the nested minimum on such bars; SIZE_MAX: the instrument failed.
 */
int walk_shared_choose(const struct subject *subject, shared_fold_fn fold_of,
                       void *context, size_t cell[], struct err *err);

/* The answer of fold k, kept or found.  shared starts as {SIZE_MAX, NULL}. */
int walk_shared_find(const struct subject *subject, const struct fold_rules *rules,
                     size_t k, struct walk_shared *shared, struct err *err);
void walk_shared_free(struct walk_shared *shared);

/* The plan with one value for each shared axis: those of the cell. */
struct plan walk_shared_plan(const struct plan *plan, size_t cell);

#endif /* COORDINATOR_WALK_SHARED_H */
