/* sensitivity.h -- which axes of a job do the figures of an instrument hang on?
 *
 * Points all over the job's ranges, between the grid's values too, are judged bar by
 * bar, and Morris' effects or Sobol's indices of each metric to each axis are taken
 * from the figures of the training bars (worker/README.md, "Sensitivity"). */
#ifndef COORDINATOR_SENSITIVITY_H
#define COORDINATOR_SENSITIVITY_H

#include "coordinator/subject.h"
#include "core/err.h"
#include "worker/morris.h"
#include "worker/sobol_indices.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { SENSITIVITY_METRICS_MAX = 16 };

enum sensitivity_method { SENSITIVITY_MORRIS, SENSITIVITY_SOBOL };

struct sensitivity_request {
    enum sensitivity_method method;
    size_t n_samples; /* trajectories, or rows of each Sobol' sample              */
    size_t n_replicates;
    uint64_t seed;
    size_t n_metrics; /* 0: the objective, and the metrics of the constraints     */
    const char *metric[SENSITIVITY_METRICS_MAX];
};

struct sensitivity {
    const struct subject *subject;
    struct sensitivity_request request;
    size_t n_inputs; /* axes with more than one value                             */
    size_t input[AXES_MAX];
    size_t n_metrics;
    const struct metric *metric[SENSITIVITY_METRICS_MAX];
    size_t n_points, n_refused; /* judged, and those that could not be           */
    char refusal[ERR_TEXT_MAX]; /* why, for the first one                         */
    /* Of metric m and input i, [n_metrics][n_inputs]; one of the two. */
    struct morris_effect *effect;
    struct sobol_index *index;
    size_t n_used[SENSITIVITY_METRICS_MAX]; /* Sobol': rows whose figures are defined */
};

/* The value of an axis at u in [0, 1]: along the job's values in their order, straight
 * between neighbours; an axis of whole numbers takes its own values alone. */
double sensitivity_value(const struct axis *axis, double u);

int sensitivity_find(const struct subject *subject,
                     const struct sensitivity_request *request,
                     struct sensitivity *sensitivity, struct err *err);
void sensitivity_free(struct sensitivity *sensitivity);

void sensitivity_print_table(const struct sensitivity *sensitivity, FILE *out);
int sensitivity_print_json(const struct sensitivity *sensitivity, FILE *out,
                           struct err *err);

#endif /* COORDINATOR_SENSITIVITY_H */
