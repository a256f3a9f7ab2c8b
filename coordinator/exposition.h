/* exposition.h -- how are figures written for Prometheus?
 *
 * Its text exposition format, version 0.0.4. */
#ifndef COORDINATOR_EXPOSITION_H
#define COORDINATOR_EXPOSITION_H

#include <stdio.h>

/* The lines before a metric's samples; type: gauge or counter. */
void exposition_head(FILE *out, const char *name, const char *type,
                     const char *meaning);

/* name="value": backslash, quote and line feed in the value are escaped. */
void exposition_label(FILE *out, const char *name, const char *value);

#endif /* COORDINATOR_EXPOSITION_H */
