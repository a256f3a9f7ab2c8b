/* inspect_history.h -- what is in a history store, and how good is it? */
#ifndef COORDINATOR_INSPECT_HISTORY_H
#define COORDINATOR_INSPECT_HISTORY_H

#include "core/err.h"

#include <stdbool.h>
#include <stdio.h>

struct inspect_history_options {
    const char *path;
    const char *instrument; /* NULL: the catalogue; else its series in detail */
    const char *interval;   /* with instrument: only this one; NULL: all       */
    bool as_json;
};

/* Print the catalogue, a line a series; or of one instrument where its bars came from,
 * what was found in them, and the first and last of them.  Errors are ERR_INPUT and
 * name the file; an instrument's bars are verified before anything of it is printed. */
int inspect_history(const struct inspect_history_options *options, FILE *out,
                    struct err *err);

#endif /* COORDINATOR_INSPECT_HISTORY_H */
