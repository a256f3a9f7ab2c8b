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
    double least, most;   /* of s */
};

/* A cell's counts: for each phase the exceedances, those of them whose loss is that of
 * a long position, and pairs that exceed both; and, seldom other than 0, exceedances
 * that begin or end no pair, and losses of the side that `loss` is not of. */
enum { COUNT_X, COUNT_LONG, COUNT_BOTH };
enum { RARE_NO_NEXT, RARE_NO_BEFORE, RARE_LONG, RARE_SHORT };

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
    double *worse;   /* max(long, short), NaN where the bar is not scored */
    double *other;   /* the loss of the side that `loss` is not           */
    size_t n_phases; /* that are told apart: h or 1                      */
    struct tag *tag;
    struct phase *whole;       /* [h] n and n_pairs                                  */
    size_t apart[TALLY_RISES]; /* bars of a rise, n where it is not to be had   */
    uint8_t *is_apart;         /* bit i: the bar apart[i] later is there        */
};

enum { LINK_NEXT = 1, LINK_BEFORE = 2 }; /* t + h, t - h are scored too */

int ground_new(const struct series *series, struct range range, bool phases,
               struct ground *ground, struct err *err);
void ground_free(struct ground *ground);

/* Where the bars' losses stand among the thresholds.
 *
 * A bar whose buffer is whole has two ranks: of loss / s among the products q_j c_i and
 * of the loss among the products f_k c_i.  It is beyond q_j with buffer i where its
 * first rank is corner[i][j] or more, and beyond n_beyond_f[rank][i] floors.  Any other
 * bar is loose: it has rows of its own with the numbers of q and of floors that it is
 * beyond for each buffer.  Either way the numbers fall with the buffer. */
struct bins {
    const struct kernels *kernels;
    const struct policies *policies;
    bool merged; /* the ladders of products are made */
    struct ladder qc, fc, q, f;
    uint32_t *corner;                  /* [n_b][n_q]    */
    uint32_t *n_beyond_q, *n_beyond_f; /* [rank][n_b]   */
};

enum { BINS_ROWS_MAX = 1 << 18 }; /* numbers behind ranks that pay for their memory */
/* Are the ladders of products worth their memory? */
bool bins_are_merged(size_t n_q, size_t n_f, size_t n_b);
void bins_build(struct bins *bins, const struct policies *policies);

/* Rows of loose bars. */
struct loose {
    size_t n, n_max;
    uint32_t *q, *f; /* [n_max][n_b] */
};

/* A bar's place: its two ranks, or LOOSE and the number of its rows. */
#define LOOSE UINT32_MAX
struct place {
    uint32_t q, f;
};

static inline const uint32_t *place_row_q(const struct bins *bins,
                                          const struct loose *loose, struct place at)
{
    return at.q == LOOSE ? loose->q + at.f * bins->policies->n_b
                         : bins->n_beyond_q + at.q * bins->policies->n_b;
}
static inline const uint32_t *place_row_f(const struct bins *bins,
                                          const struct loose *loose, struct place at)
{
    return at.q == LOOSE ? loose->f + at.f * bins->policies->n_b
                         : bins->n_beyond_f + at.f * bins->policies->n_b;
}

/* The places of n bars; loose ones get new rows. */
void bins_place(const struct bins *bins, size_t n, const double *loss, const double *s,
                const double *g, struct loose *loose, struct place *place);

/* The bars beyond the weakest margin of the box, ascending. */
struct beyond {
    size_t n;
    bool released; /* is any g not 1? */
    uint32_t *t;
    double *loss, *s, *g;
    struct tag *tag;
    struct place *place; /* of the loss */
    struct loose loose;
};

/* What else there is to know of the bars found (t, s, g; loss of the worse side). */
void beyond_fill(struct beyond *beyond, const struct ground *ground,
                 const struct bins *bins);

/* Things that count in every cell that their place is beyond. */
struct item {
    struct place place;
    uint32_t what; /* ITEM_ */
    uint32_t phase;
    uint32_t bar; /* among those beyond */
};
enum {
    ITEM_SHORT, /* an exceedance by a short or a long position's loss */
    ITEM_LONG,
    ITEM_PAIR,
    ITEM_NO_NEXT,
    ITEM_NO_BEFORE,
    ITEM_OTHER_LONG,
    ITEM_OTHER_SHORT,
    ITEMS
};

struct items {
    size_t n;
    struct item *item;
};

/* The exceedances and pairs (usual), and what is seldom (rare). */
void items_find(const struct ground *ground, const struct bins *bins,
                struct beyond *beyond, bool with_pairs, struct items *usual,
                struct items *rare);

enum { LINE_COPIES = 4 };

/* Workspace of the line. */
struct line {
    uint32_t *end;       /* [ranks of qc + 2]                      */
    uint32_t *f, *phase; /* [items] ranked items, in falling order */
    quad *one;           /* [items]                                */
    pair *sum;           /* [items]                                */
    uint32_t *next;      /* [items] loose ones, in lists           */
    uint32_t *head;      /* [n_q + 1]                              */
    quad *count;         /* [n_f + 1][n_phases]                    */
    pair *sums;          /* [n_f + 1]                              */
    double *sums_g;      /* [n_f + 1]                              */
};

/* Where the line writes, buffer by buffer: cell (j, k, i) at (i n_q + j) n_f + k.  What
 * is NULL is not wanted. */
struct line_out {
    size_t n_phases;
    quad *count;    /* [n_cells][n_phases]     */
    pair *sums;     /* [n_cells] of loss and s */
    double *sums_g; /* [n_cells] of s g        */
};

void line_fill(const struct bins *bins, const struct beyond *beyond,
               const struct items *items, struct line *line,
               const struct line_out *out);

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

static inline double path_in_use(const struct path *path, size_t t)
{
    return path->in_use == NULL ? 1.0 : path->in_use[t];
}

#endif /* WORKER_SWEEP_PARTS_H */
