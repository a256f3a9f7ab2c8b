/* metric.h -- the figures of a backtest by name, and how far one is from its limit
 *
 * A study lists its metrics as rows; objectives, constraints, reports and files know
 * them only through the row. */
#ifndef WORKER_METRIC_H
#define WORKER_METRIC_H

#include <stdbool.h>
#include <stddef.h>

/* How the distance from a limit is measured, so that distances of different metrics
 * can be added (worker/README.md, "Choice"). */
enum metric_scale {
    SCALE_RELATIVE,   /* |value - limit| / |limit| (or / 1 for limit 0)         */
    SCALE_COMPLEMENT, /* |value - limit| / (1 - limit): coverage                */
    SCALE_LOGARITHM,  /* ln(limit / value): p-values, never more than 50        */
};

struct metric {
    const char *name;
    const char *unit;
    const char *meaning;
    enum metric_scale scale;
    unsigned needs; /* what the tally must hold, in the study's own words */
    /* The figure, NaN where it is undefined. `tally` is the study's own.  NULL: known
     * of judged points alone. */
    double (*of)(const void *tally, double confidence);
    bool is_optional; /* left out of evidence where it is undefined */
};

/* A metric has to stay in [min, max]; an open side is infinite. */
struct constraint {
    const struct metric *metric;
    double min, max;
};

/* 0 inside the limits, else the scaled distance; METRIC_UNDEFINED for NaN. */
#define METRIC_UNDEFINED 1000.0
double constraint_violation(const struct constraint *constraint, double value);

/* How far inside the limits, on the same scale; INFINITY where there are none, minus
 * the violation outside. */
double constraint_slack(const struct constraint *constraint, double value);

/* By name among n rows; NULL where there is none. */
const struct metric *metric_find(size_t n, const struct metric rows[],
                                 const char *name);

#endif /* WORKER_METRIC_H */
