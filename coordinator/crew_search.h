/* crew_search.h -- how does a rank turn scattered points into an answer? */
#ifndef COORDINATOR_CREW_SEARCH_H
#define COORDINATOR_CREW_SEARCH_H

#include "coordinator/crew.h"

#include <stdbool.h>

/* Is it one of unit_search.h? */
bool crew_is_of_points(const struct unit *unit);

/* Answer such a unit about the prepared instrument; request behind its head. */
int crew_answer_points(struct crew *crew, const struct unit *unit,
                       struct reader request, struct buffer *answer, struct err *err);

#endif /* COORDINATOR_CREW_SEARCH_H */
