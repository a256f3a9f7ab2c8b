/* manual.h -- the manual pages and the shell's completion, from the commands' own help
 *
 * What `plimsoll COMMAND --help` prints is the only text; so neither can drift. */
#ifndef COORDINATOR_MANUAL_H
#define COORDINATOR_MANUAL_H

#include "core/err.h"

#include <stdio.h>

/* The page of a command, of "job" or "relay.yaml" (section 5), or of the program where
 * name is NULL, as troff with the man macros. */
int manual_page(const char *name, FILE *out, struct err *err);

/* A script that bash sources. */
int manual_completion(FILE *out, struct err *err);

/* All of it into a directory: man1/plimsoll.1, man1/plimsoll-import.1 ...,
 * man5/plimsoll-job.5, man5/plimsoll-relay.5, completions/plimsoll. */
int manual_write(const char *directory, struct err *err);

#endif /* COORDINATOR_MANUAL_H */
