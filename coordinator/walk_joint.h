/* walk_joint.h -- how likely is what instruments chose together to be luck?
 *
 * Where axes are shared, an instrument's overfitting has two parts: of the values that
 * it shares, chosen by and judged by the sums over all that share them, and of its own
 * choice with them (worker/cscv_shared.h). */
#ifndef COORDINATOR_WALK_JOINT_H
#define COORDINATOR_WALK_JOINT_H

#include "coordinator/subject.h"
#include "coordinator/walk_unit.h"
#include "core/err.h"

#include <stddef.h>

/* choice [universe->n]: of each instrument, NULL where it has none: it has no say.
 * overfit [universe->n]: NULL where nobody asks. */
int walk_joint(const struct subject *subject, size_t n_blocks,
               const struct cscv_choice *const choice[],
               struct walk_overfit *const overfit[], struct err *err);

#endif /* COORDINATOR_WALK_JOINT_H */
