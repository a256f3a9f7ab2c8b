/* sweep_parts.h -- what the parts of the factored sweep share; only sweep*.c include it
 *
 * One part, one subject: bins (which thresholds a bar is beyond), counts, margins,
 * shortfall, rises.  A part works on one plane at a time: one volatility path with
 * the buffer's release off or on, all (q, floor, buffer) cells of the box.
 * Cell (j, k, i) = (q_j, f_k, b_i) is number (j n_f + k) n_b + i.
 * Bars are numbered from the first of the range. */
#ifndef WORKER_SWEEP_PARTS_H
#define WORKER_SWEEP_PARTS_H

#include "worker/frontier.h"
#include "worker/kernels.h"
#include "worker/ladder.h"
#include "worker/pair.h"
#include "worker/sweep.h"

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
};

/* Slots of a cell's counts: bars beyond on the other side than the one that `loss` is
 * of, then of each phase the exceedances, those of them whose loss is the long side's,
 * and what its pairs need. */
enum count_slot { COUNT_OTHER_LONG, COUNT_OTHER_SHORT, COUNT_PHASES };
enum phase_slot { PHASE_X, PHASE_LONG, PHASE_COUNTS };
enum pair_slot {
    PHASE_BOTH = PHASE_COUNTS,
    PHASE_NO_NEXT,
    PHASE_NO_BEFORE,
    PHASE_PAD, /* keeps (X, LONG) at multiples of 8 bytes */
    PHASE_SLOTS
};

/* What a bar beyond brings along, in one read. */
struct tag {
    float other;          /* at least the loss of the side that `loss` is not   */
    uint32_t slot : 31;   /* the first of its phase's                           */
    uint32_t is_long : 1; /* is `loss` that of a long position?                 */
};

/* What of the bars is the same for every point. */
struct ground {
    size_t n, h; /* bars of the range */
    const struct kernels *kernels;
    const double *loss;
    double *worse;  /* max(long, short), NaN where the bar is not scored */
    double *other;  /* the loss of the side that `loss` is not           */
    bool phases;    /* are counted one by one                           */
    size_t n_slots; /* counts of a cell                                 */
    struct tag *tag;
    uint8_t *link;             /* of scored bars: LINK_NEXT, LINK_BEFORE             */
    struct phase *whole;       /* [h] n and n_pairs                                  */
    size_t apart[TALLY_RISES]; /* bars of a rise, n where it is not to be had   */
    uint8_t *is_apart;         /* bit i: the bar apart[i] later is there        */
};

enum { LINK_NEXT = 1, LINK_BEFORE = 2 }; /* t + h, t - h are scored too */

int ground_new(const struct series *series, struct range range, bool phases,
               struct ground *ground, struct err *err);
void ground_free(struct ground *ground);

/* The last cell that a loss is beyond, for each buffer i of the first n (with more
 * buffer it is beyond none): number j[i] + k[i], where j[i] = j n_f n_b + i of the
 * last q_j and k[i] = k n_b of the last floor f_k; it is beyond all cells up to both.
 */
struct binned {
    uint32_t *n;    /* [bars]      */
    int32_t *j, *k; /* [bars][n_b] */
};

struct bins {
    const struct kernels *kernels;
    const struct policies *policies;
    bool merged; /* the ladders of q c and f c are made */
    struct ladder qc, fc, q, f;
    struct binned of_q, of_f; /* behind each rank of qc (n, j) and of fc (n, k) */
};

enum { BINS_ROWS_MAX = 1 << 18 }; /* numbers behind ranks that pay for their memory */
/* Are the ladders of products worth their memory? */
bool bins_are_merged(size_t n_q, size_t n_f, size_t n_b);
void bins_build(struct bins *bins, const struct policies *policies);
/* Of n bars. */
void bins_of(const struct bins *bins, size_t n, const double *loss, const double *s,
             const double *g, const struct binned *out);
static inline struct binned binned_from(const struct binned *of, size_t e, size_t n_b)
{
    return (struct binned){of->n + e, of->j + e * n_b, of->k + e * n_b};
}

/* The bars beyond the weakest margin of the box, ascending, and their bins; arrays of
 * n, and the bins with room for one bar more. */
struct beyond {
    size_t n;
    bool released; /* is any g not 1?                        */
    uint32_t *t;
    double *loss, *s, *g;
    struct tag *tag;
    struct binned bins; /* of the loss, and room for one more */
};

/* Counting a bar in the last cell that it is beyond, and later summing over dominating
 * cells, counts it in all.  These marks of many bars: */
struct marks {
    size_t n;
    uint32_t *cell, *bar; /* [n_bars n_b + n_b] */
};

/* The marks of bar e, after the others; one in every buffer that has any. */
static inline void marks_add(struct marks *marks, size_t n_b, uint32_t e,
                             const struct binned *bins)
{
    uint32_t *cell = marks->cell + marks->n, *bar = marks->bar + marks->n;

    for (size_t i = 0; i < n_b; i++) { /* what is too many is written over */
        cell[i] = (uint32_t)(bins->j[i] + bins->k[i]);
        bar[i] = e;
    }
    marks->n += *bins->n;
}

/* Find the bars beyond, their bins and their marks. */
void beyond_find(struct beyond *beyond, const struct ground *ground,
                 const struct bins *bins, const struct path *path, struct marks *marks);

/* marks: of the bars beyond; pairs: workspace. */
void counts_fill(const struct ground *ground, const struct bins *bins,
                 const struct beyond *beyond, const struct marks *marks,
                 struct marks *pairs, uint32_t *counts);

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

void margins_fill(const struct ground *ground, const struct policies *policies,
                  const struct quotients *quotients, const struct path *path,
                  struct margins *work, double *const field[FIELDS]);
void rises_fill(const struct ground *ground, const struct policies *policies,
                const struct quotients *quotients, const struct path *path,
                double *const field[FIELDS]);

enum { FRONTIER_RUN = 32 }; /* bars of a frontier that are looked at together */

/* Workspace of the shortfall. */
struct shortfall {
    struct frontier frontier;
    struct marks floors; /* [n_bars n_f] of bars and floors above them */
    double *beyond;      /* [n_cells][2 or 3]          */
    double *below;       /* [n_cells][2 or 4]          */
    double *floor;       /* [n_f n_b]                  */
    double *column;      /* [FRONTIER_RUN][n_f n_b]: c */
};

void shortfall_fill(const struct ground *ground, const struct bins *bins,
                    const struct beyond *beyond, const struct marks *marks,
                    struct shortfall *work, double *const field[FIELDS]);

static inline double path_in_use(const struct path *path, size_t t)
{
    return path->in_use == NULL ? 1.0 : path->in_use[t];
}

#endif /* WORKER_SWEEP_PARTS_H */
