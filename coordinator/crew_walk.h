/* crew_walk.h -- how does a rank answer a fold of a calibration that is gated by folds?
 */
#ifndef COORDINATOR_CREW_WALK_H
#define COORDINATOR_CREW_WALK_H

#include "coordinator/crew.h"

/* Behind the head of a good answer stands what walk_unit.h says of unit->box. */
int crew_walk(struct crew *crew, const struct unit *unit, struct buffer *answer,
              struct err *err);
void crew_walk_free(struct crew_walk *walk); /* takes NULL */

#endif /* COORDINATOR_CREW_WALK_H */
