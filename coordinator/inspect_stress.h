/* inspect_stress.h -- the stress table of a set, for people and as JSON */
#ifndef COORDINATOR_INSPECT_STRESS_H
#define COORDINATOR_INSPECT_STRESS_H

#include "client/set.h"
#include "core/json.h"

/* Nothing where there is none. */
void inspect_print_stress(const struct plimsoll_stress *stress);
void inspect_print_joint(const struct plimsoll_joint *joint);
/* As it stands in the set. */
void inspect_put_stress(struct json *json, const struct plimsoll_stress *stress);

#endif /* COORDINATOR_INSPECT_STRESS_H */
