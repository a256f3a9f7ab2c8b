/* walk_overfit.h -- how likely is what the choice promises to be luck?
 *
 * The probability of backtest overfitting (worker/cscv.h) of the job's own rule of
 * choice: a half of the blocks has the means of its blocks' figures, and chooses the
 * point of the least (violation, cost).  Its place elsewhere goes by the same rule, and
 * by the tick loss: a rule that takes the cheapest point within its constraints stands
 * at their edge, and falls behind all that are far from it wherever it is pushed over.
 */
#ifndef COORDINATOR_WALK_OVERFIT_H
#define COORDINATOR_WALK_OVERFIT_H

#include "coordinator/walk_unit.h"
#include "core/buffer.h"
#include "core/err.h"

/* The rank's instrument is at hand; a struct walk_overfit is put.  Where axes are
 * shared it is its choices, [halves][cells], that walk_joint.h puts together. */
int walk_overfit_work(struct walk_worker *worker, struct buffer *answer,
                      struct err *err);

#endif /* COORDINATOR_WALK_OVERFIT_H */
