/* sweep_inside.h -- the workspace behind sweep.h; only sweep*.c include it */
#ifndef WORKER_SWEEP_INSIDE_H
#define WORKER_SWEEP_INSIDE_H

#include "worker/sweep.h"
#include "worker/sweep_figures.h"
#include "worker/sweep_line.h"

/* After the axes of the path. */
enum { ON_Q, ON_FLOOR, ON_BUFFER, ON_RELEASE, ON_TOP };

struct sweep {
    struct sweep_rules rules;
    struct ground ground;
    uint64_t n_scored, n_left_out;

    struct paths *paths;
    double *reference; /* of the release, [series->n] */
    double *scaled;    /* [n] of the range */
    double *in_use;    /* [series->n] */

    /* the box */
    struct box box;
    struct policies policies;
    size_t n_paths, n_releases;
    struct bins bins;
    struct quotients quotients;

    /* workspace of a plane */
    struct beyond beyond;
    double *g, *ones; /* its g with and without release */
    struct items usual, rare;
    struct line line;
    struct margins margins;
    struct shortfall shortfall;

    /* results, plane after plane */
    quad *count;           /* [max_points][n_phases] */
    quad *rare_count;      /* the same, where has_rare */
    bool *has_rare;        /* [max_points], of planes  */
    double *field[FIELDS]; /* [max_points] each     */
    struct phase *phase;   /* [h], lent by sweep_tally */
};

/* The number of values of an axis on top of the path's. */
static inline size_t sweep_axis_n(const struct sweep *sweep, size_t on_top)
{
    return sweep->rules.grid->axis[path_n_axes(sweep->rules.path) + on_top].n;
}

#endif /* WORKER_SWEEP_INSIDE_H */
