/* parameters.h -- writing parameters.json, the product
 *
 * Its schema is the consumer's contract: client/README.md.  Nothing in it depends on
 * when, where or on how many ranks the job ran. */
#ifndef COORDINATOR_PARAMETERS_H
#define COORDINATOR_PARAMETERS_H

#include "coordinator/result.h"
#include "core/err.h"

#include <stddef.h>

/* The bytes of the set; free() them. */
int parameters_make(const struct result *result, char **bytes, size_t *n_bytes,
                    struct err *err);

/* The bytes of one instrument's entry, by itself; free() them. */
int parameters_make_entry(const struct job *job, const struct outcome *outcome,
                          char **bytes, struct err *err);

#endif /* COORDINATOR_PARAMETERS_H */
