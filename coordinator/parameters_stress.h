/* parameters_stress.h -- the stress table as the parameter set has it */
#ifndef COORDINATOR_PARAMETERS_STRESS_H
#define COORDINATOR_PARAMETERS_STRESS_H

#include "coordinator/stress_joint.h"
#include "core/json.h"

/* An instrument's member "stress"; nothing where the plan has none. */
void stress_put(struct json *json, const struct plan *plan,
                const struct stress_table *table);
/* The set's. */
void stress_put_joint(struct json *json, const struct plan *plan,
                      const struct stress_joint *joint);

#endif /* COORDINATOR_PARAMETERS_STRESS_H */
