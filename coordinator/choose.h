/* choose.h -- which points are the best of their kind, and what if it were another?
 *
 * From what a calibration kept: winner and runners-up with every figure, or every point
 * of the grid where the job's `surfaces` have the figures that count.  The operator may
 * put one of them into the parameter set without searching again. */
#ifndef COORDINATOR_CHOOSE_H
#define COORDINATOR_CHOOSE_H

#include "coordinator/job.h"
#include "core/err.h"
#include "core/h5.h"
#include "worker/pareto.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CHOOSE_LIMITS_MAX = 16 };

/* "coverage>=0.992" */
struct choose_limit {
    const struct metric *metric;
    double min, max;
};

struct choose_request {
    const char *instrument;
    const char *objectives; /* "mean_margin,coverage"; NULL: the usual four           */
    const char *prefer;     /* "mean_margin=2,coverage=1"; NULL: all 1               */
    size_t n_limits;
    const char *limit[CHOOSE_LIMITS_MAX];
};

struct choose_front {
    const struct job *job;
    const char *instrument;
    size_t m; /* objectives */
    const struct metric *metric[PARETO_OBJECTIVES_MAX];
    bool is_most[PARETO_OBJECTIVES_MAX]; /* the larger the better                  */
    double weight[PARETO_OBJECTIVES_MAX];
    size_t n_limits;
    struct choose_limit limit[CHOOSE_LIMITS_MAX];

    bool is_grid;  /* of every point of the grid; else of those that were judged    */
    size_t n;      /* points                                                        */
    double *f;     /* [n][m], the smaller the better; NaN: undefined or out of limits */
    double *value; /* [n][n_axes] of judged points; NULL: the grid's              */
    size_t n_within, n_front;
    size_t *front;          /* [n_front] */
    size_t knee, preferred; /* places in the front */
    double hypervolume; /* of the box between the best and the worst of each objective
                           among the points; NaN: untold                       */
    const char *untold; /* why */
};

/* file: calibration.h5 of the job. */
int choose_find(const struct h5 *file, const struct job *job,
                const struct choose_request *request, struct choose_front *front,
                struct err *err);
void choose_free(struct choose_front *front);

/* The axes' values of the k-th of the front. */
void choose_values(const struct choose_front *front, size_t k, double value[AXES_MAX]);
/* ... as "q=3.1,lambda=0.97"; free it.  NULL: no memory. */
char *choose_point(const struct choose_front *front, size_t k);

void choose_print_table(const struct choose_front *front, FILE *out);
int choose_print_json(const struct choose_front *front, FILE *out, struct err *err);

/* A parameter set like the one at set_path, with the instrument's entry made anew for
 * the point (as inspect --point takes it), to the file `output`.  ERR_REFUSED where the
 * point breaks a constraint or a gate of the job. */
struct choose_pick {
    const char *calibration; /* calibration.h5                      */
    const char *set_path;    /* parameters.json beside it           */
    const char *instrument, *point, *history, *output;
};
int choose_pick(const struct choose_pick *pick, struct err *err);

#endif /* COORDINATOR_CHOOSE_H */
