/* relay_view.h -- what does a relay's status say to a person? */
#ifndef COORDINATOR_RELAY_VIEW_H
#define COORDINATOR_RELAY_VIEW_H

#include "core/err.h"

#include <stddef.h>
#include <stdio.h>

/* Print the JSON that a relay writes (STORE/relay.json) as lines and tables.  ERR_INPUT
 * where it is no such status. */
int relay_view_print(const char *bytes, size_t n_bytes, FILE *out, struct err *err);

#endif /* COORDINATOR_RELAY_VIEW_H */
