/* measured.h -- what has been measured of an instrument's market beside its bars?
 *
 * By `plimsoll liquidity`, of its order book and trades (liquidity.h): the impact law's
 * Y and delta of the flow, and how fast the book refills. */
#ifndef WORKER_MEASURED_H
#define WORKER_MEASURED_H

#include <stddef.h>

struct measured_figure {
    double value, low, high; /* 95 %; NaN: not known */
};

struct measured {
    const char *instrument;
    const char *source, *sha256; /* the capture: its name, the digest of its bytes */
    struct measured_figure y, delta, halflife_s;
};

/* A figure that a study took from elsewhere, and where from. */
enum source_from { SOURCE_DEFAULT, SOURCE_JOB, SOURCE_MEASURED };
struct study_source {
    const char *name; /* "impact" */
    struct measured_figure figure;
    enum source_from from;
    const struct measured *measured; /* where it is SOURCE_MEASURED, else NULL */
};

#endif /* WORKER_MEASURED_H */
