/* sweep_line.h -- counts of every cell, and sums over its exceedances */
#ifndef WORKER_SWEEP_LINE_H
#define WORKER_SWEEP_LINE_H

#include "worker/pair.h"
#include "worker/sweep_bins.h"

/* A cell's counts: for each phase the exceedances, those of them whose loss is that of
 * a long position, and pairs that exceed both; and, seldom other than 0, exceedances
 * that begin or end no pair, and losses of the side that `loss` is not of. */
enum { COUNT_X, COUNT_LONG, COUNT_BOTH };
enum { RARE_NO_NEXT, RARE_NO_BEFORE, RARE_LONG, RARE_SHORT };

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

#endif /* WORKER_SWEEP_LINE_H */
