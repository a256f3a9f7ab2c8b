/* measured.h -- what has been measured of an instrument's market beside its bars?
 *
 * By `plimsoll liquidity`, of its order book and trades (liquidity.h): the impact law's
 * Y and delta, of the flow and of the book, and how fast the book refills. */
#ifndef WORKER_MEASURED_H
#define WORKER_MEASURED_H

#include <stddef.h>

struct measured_figure {
    double value, low, high; /* 95 %; NaN: not known */
};

/* Of the flow: what the market did with those who sold.  Of the book: what its depth
 * and slope ask of a sale at once, before anybody comes back. */
enum measured_of { MEASURED_FLOW, MEASURED_BOOK, MEASURED_LAWS };

struct measured_law {
    struct measured_figure y, delta;
};

struct measured {
    const char *instrument;
    const char *source, *sha256; /* the capture: its name, the digest of its bytes */
    struct measured_law law[MEASURED_LAWS];
    struct measured_figure halflife_s; /* of the book's depth */
};

/* A figure that a study took from elsewhere, and where from. */
enum source_from { SOURCE_DEFAULT, SOURCE_JOB, SOURCE_MEASURED };
struct study_source {
    const char *name; /* "impact" */
    struct measured_figure figure;
    enum source_from from;
    const struct measured *measured; /* where it is SOURCE_MEASURED, else NULL */
    enum measured_of of;             /* ... and of what                        */
};

#endif /* WORKER_MEASURED_H */
