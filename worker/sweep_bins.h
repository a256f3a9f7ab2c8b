/* sweep_bins.h -- beyond how many multipliers and floors is each bar? */
#ifndef WORKER_SWEEP_BINS_H
#define WORKER_SWEEP_BINS_H

#include "worker/ladder.h"
#include "worker/sweep_ground.h"

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

#endif /* WORKER_SWEEP_BINS_H */
