/* sources.h -- which figures of a calibration are not from its bars, and where from? */
#ifndef COORDINATOR_SOURCES_H
#define COORDINATOR_SOURCES_H

#include "coordinator/universe.h"
#include "core/json.h"
#include "worker/plan.h"

#include <stdio.h>

/* The member "sources" of an instrument's evidence; none where its study takes none. */
void sources_put(struct json *json, const struct plan *plan, const char *instrument);

/* For the report: a line for each instrument that has measured ones, and one for all
 * the others. */
void sources_print(const struct plan *plan, const struct universe *universe, FILE *out);

#endif /* COORDINATOR_SOURCES_H */
