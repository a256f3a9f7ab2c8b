/* sweep_figures.h -- margins, shortfall and rises of every cell */
#ifndef WORKER_SWEEP_FIGURES_H
#define WORKER_SWEEP_FIGURES_H

#include "worker/frontier.h"
#include "worker/ladder.h"
#include "worker/pair.h"
#include "worker/sweep_bins.h"

/* What becomes of a cell, arrays over the points of the box, plane after plane. */
enum field {
    FIELD_SUM_MARGIN,
    FIELD_MAX_MARGIN,
    FIELD_MIN_MARGIN,
    FIELD_LAST_MARGIN,
    FIELD_SUM_LOSS,
    FIELD_SUM_BEYOND,
    FIELD_SUM_SHORTFALL,
    FIELD_WORST_SHORTFALL,
    FIELD_RISE,
    FIELDS = FIELD_RISE + TALLY_RISES
};

enum { QUOTIENT_SUMS = 4, QUOTIENT_COPIES = 4 };

/* Where the paths' bars fall among the floors over multipliers, f_k / q_j. */
struct quotients {
    struct ladder ladder;
    uint32_t *rank; /* [n_q][n_f] of f_k / q_j */
    double *bin;    /* [n + 1][2 or 1][QUOTIENT_COPIES] pairs; [n + 1][n_b][4] */
};

void quotients_build(struct quotients *quotients, const struct policies *policies);

/* Workspace of the margins. */
struct margins {
    struct frontier most, least;
    double *more; /* [n_cells] */
};

/* The bars' volatilities, run after run: cell[n] is where they stand on the ladder of
 * quotients, and is used up. */
void margins_start(const struct quotients *quotients, const struct path *path);
void margins_add(const struct quotients *quotients, const struct path *path,
                 size_t first, size_t n, uint32_t *cell);
void margins_fill(const struct ground *ground, const struct policies *policies,
                  const struct quotients *quotients, const struct path *path,
                  struct margins *work, double *const field[FIELDS]);
void rises_fill(const struct ground *ground, const struct policies *policies,
                const struct quotients *quotients, const struct path *path,
                double *const field[FIELDS]);

enum { FRONTIER_RUN = 32 }; /* bars of a frontier that are looked at together */

/* Bars and floors, or later cells. */
struct marks {
    size_t n;
    uint32_t *cell, *bar;
};

/* Workspace of the shortfall. */
struct shortfall {
    struct frontier frontier;
    struct marks floors; /* [n_bars n_f] of bars and floors above them */
    pair *beyond;        /* [n_cells] loss and s of exceedances        */
    double *beyond_g;    /* [n_cells] s g                              */
    double *below;       /* [n_cells][2 or 4]                          */
    double *floor;       /* [n_f n_b]                                  */
    double *column;      /* [FRONTIER_RUN][n_f n_b]: c                 */
};

/* work->beyond and beyond_g are there. */
void shortfall_fill(const struct ground *ground, const struct bins *bins,
                    const struct beyond *beyond, struct shortfall *work,
                    double *const field[FIELDS]);

#endif /* WORKER_SWEEP_FIGURES_H */
