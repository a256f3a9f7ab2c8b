/* cscv.h -- how likely is the point that looked best to be below the middle elsewhere?
 *
 * Combinatorially symmetric cross-validation: time is cut into S blocks (even); each of
 * the C(S, S/2) halves of the blocks chooses its best point, whose place among all N is
 * then taken on the other half.  With omega = place / (N + 1), place N the best,
 *
 *     lambda = ln(omega / (1 - omega)),    PBO = share of the halves with lambda <= 0:
 *
 * the probability of backtest overfitting.  1/2 where the points differ by noise alone
 * (N even), 0 where one is best throughout, 1 where what is gained on a half is lost on
 * the other.
 *
 * D. H. Bailey, J. M. Borwein, M. Lopez de Prado, Q. J. Zhu, "The probability of
 * backtest overfitting", Journal of Computational Finance 20(4) (2016), 39-69. */
#ifndef WORKER_CSCV_H
#define WORKER_CSCV_H

#include <stddef.h>
#include <stdint.h>

enum { CSCV_BLOCKS_MAX = 24, CSCV_PARTS_MAX = 8 };

/* What each point did in each block: n_parts figures, which a half of the blocks has
 * the means of, and what those are worth. */
struct cscv_problem {
    size_t n_blocks, n_points, n_parts;
    const double *part; /* [n_blocks][n_points][n_parts] */
    /* The smaller the better; NaN: never chosen, and behind all others. */
    double (*score)(const void *context, const double mean[]);
    /* What a place on the other half goes by; NULL: score. */
    double (*score_there)(const void *context, const double mean[]);
    const void *context;
    /* Of equal scores (not of score_there) the smaller first, then the lower number;
     * NULL: the lower number. */
    double (*second)(const void *context, const double mean[]);
};

struct cscv {
    size_t n_halves;
    size_t
        n_undecided; /* halves that could choose no point, or that it has no score on */
    double pbo;      /* NaN: all are                                                  */
    double median_omega;
    /* Of the chosen points' scores there on those here, by least squares; NaN: they are
     * all the same. */
    double slope, intercept;
    double mean_here,
        mean_there; /* their scores where they were chosen, and elsewhere */
};

/* C(n_blocks, n_blocks / 2); 0 where n_blocks is odd, below 2 or above the most. */
size_t cscv_n_halves(size_t n_blocks);

/* Halves as sets of bits: the first, and the one after a half. */
uint32_t cscv_first_half(size_t n_blocks);
uint32_t cscv_next_half(uint32_t half);

/* What n of n_halves halves say whose places have these lambda, which it sorts; scores
 * are left NaN. */
struct cscv cscv_of_places(size_t n_halves, size_t n, double lambda[]);

/* Room: score [2 n_points]; here, there, lambda [cscv_n_halves] each are left with the
 * scores of the points that were chosen, and lambda ascending; those of undecided
 * halves are not among them. */
struct cscv_room {
    double *score;
    double *here, *there, *lambda;
};

struct cscv cscv_of(const struct cscv_problem *problem, const struct cscv_room *room);

#endif /* WORKER_CSCV_H */
