/* inspect.h -- what stands in a product, for people and for scripts */
#ifndef COORDINATOR_INSPECT_H
#define COORDINATOR_INSPECT_H

#include "core/err.h"

#include <stdbool.h>

struct inspect_options {
    const char *path;
    const char *instrument; /* NULL: all                                  */
    const char *point;      /* "q=3.1,lambda=0.97"; NULL: the winner      */
    const char *history;    /* NULL: the one the calibration names        */
    bool as_json;
};

/* A calibration (PLIMSOLL EVIDENCE), one point
 * of it, a parameter set. All print on standard output. */
int inspect_calibration(const struct inspect_options *options, struct err *err);
int inspect_point(const struct inspect_options *options, struct err *err);
int inspect_parameters(const struct inspect_options *options, struct err *err);

#endif /* COORDINATOR_INSPECT_H */
