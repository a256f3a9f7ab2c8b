/* elasticity.h -- by how many percent do an instrument's figures change where an axis
 * changes by one?
 *
 * At the point that a calibration chose, on the training bars (worker/elasticity.h). */
#ifndef COORDINATOR_ELASTICITY_H
#define COORDINATOR_ELASTICITY_H

#include "coordinator/subject.h"
#include "core/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { ELASTICITY_METRICS_MAX = 16 };

struct elasticity_request {
    const char *directory; /* of a calibration, whose choice is the point */
    size_t n_metrics;      /* 0: the objective, and the metrics of the constraints */
    const char *metric[ELASTICITY_METRICS_MAX];
};

struct elasticity {
    const struct subject *subject;
    size_t n_metrics;
    const struct metric *metric[ELASTICITY_METRICS_MAX];
    double value[AXES_MAX];                  /* the point          */
    double below[AXES_MAX], above[AXES_MAX]; /* x - d, x + d       */
    double figure[ELASTICITY_METRICS_MAX];   /* f(x)               */
    double f_below[ELASTICITY_METRICS_MAX][AXES_MAX];
    double f_above[ELASTICITY_METRICS_MAX][AXES_MAX];
};

/* e of metric m to axis a; NaN where it is undefined. */
double elasticity_of(const struct elasticity *found, size_t m, size_t a);

int elasticity_find(const struct subject *subject,
                    const struct elasticity_request *request, struct elasticity *found,
                    struct err *err);

void elasticity_print_table(const struct elasticity *found, FILE *out);
int elasticity_print_json(const struct elasticity *found, FILE *out, struct err *err);

#endif /* COORDINATOR_ELASTICITY_H */
