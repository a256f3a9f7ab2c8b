/* sweep_ground.h -- what a sweep of one series has before any parameter is chosen
 *
 * The parts of the sweep work on one plane at a time: one volatility path with the
 * buffer's release off or on, all (q, floor, buffer) cells of the box.  Cell (j, k, i)
 * = (q_j, f_k, b_i) is number (j n_f + k) n_b + i.  Bars are numbered from the first
 * of the range. */
#ifndef WORKER_SWEEP_GROUND_H
#define WORKER_SWEEP_GROUND_H

#include "worker/kernels.h"
#include "worker/series.h"
#include "worker/tally.h"

#include <stdbool.h>

/* The policies of the box: the axes' values, borrowed from the grid. */
struct policies {
    size_t n_q, n_f, n_b, n_cells;
    const double *q, *f, *b;
};

/* One volatility path over the range. */
struct path {
    const double *scaled; /* s */
    const double *in_use; /* g, NULL: 1 everywhere */
    double least, most;   /* of s */
};

/* What a bar beyond brings along, in one read. */
struct tag {
    float other;          /* at least the loss of the side that `loss` is not   */
    uint32_t phase : 29;  /* t mod h; 0 where phases are not told apart          */
    uint32_t is_long : 1; /* is `loss` that of a long position?                 */
    uint32_t link : 2;    /* are t + h and t - h scored too: LINK_              */
};

/* What of the bars is the same for every point. */
struct ground {
    size_t n, h; /* bars of the range */
    const struct kernels *kernels;
    const double *loss;
    double *worse;             /* max(long, short), NaN where not scored          */
    double *other;             /* the loss of the side that `loss` is not         */
    struct tag *tag;           /* [n]                                             */
    size_t n_phases;           /* that are told apart: h or 1                     */
    struct phase *whole;       /* [h] n and n_pairs                               */
    size_t apart[TALLY_RISES]; /* bars of a rise; n where it is not to be had     */
    uint8_t *is_apart;         /* bit i: the bar apart[i] later is there          */
};

enum { LINK_NEXT = 1, LINK_BEFORE = 2 }; /* t + h, t - h are scored too */

int ground_new(const struct series *series, struct range range, bool phases,
               struct ground *ground, struct err *err);
void ground_free(struct ground *ground);

static inline double path_in_use(const struct path *path, size_t t)
{
    return path->in_use == NULL ? 1.0 : path->in_use[t];
}

#endif /* WORKER_SWEEP_GROUND_H */
