/* cscv_shared.h -- how likely is what instruments choose together to be luck?
 *
 * The same cross-validation as cscv.h where axes are shared.  A half of the blocks
 * chooses the nested minimum (nested.h): a cell of shared values for each group, and
 * within it each instrument's best own point p_i(cell).  Two places follow on the other
 * half:
 *
 *     the cell's among all cells, by L(cell) = sum over i of w_i loss_i(p_i(cell));
 *     p_i's among all points of instrument i within the chosen cell, by loss_i.
 *
 * Both choices are the best of their kind on the half that chose, so both have
 * probability 1/2 where what they choose among differs by noise alone.  (An
 * instrument's place among points of other cells would blame it for what it gives up
 * for the others.)  By the rule, places go by (violation, cost) and their sums. */
#ifndef WORKER_CSCV_SHARED_H
#define WORKER_CSCV_SHARED_H

#include "worker/cscv.h"
#include "worker/nested.h"

#include <stddef.h>
#include <stdint.h>

/* What a half's means of a point are worth: the less the better, violation first.  A
 * cost of NaN is none. */
struct cscv_worth {
    double violation, cost, loss;
};

/* Of one cell on one half: its best point there, what that is worth on the other half,
 * and ln(omega / (1 - omega)) of its place among the cell's points. */
struct cscv_choice {
    struct cscv_worth here, there;
    double lambda, lambda_by_rule;
};

/* One instrument, its points cell by cell; the means are cscv.h's. */
struct cscv_cells {
    size_t n_blocks, n_points, n_parts;
    const double *part; /* [n_blocks][n_points][n_parts] */
    size_t n_cells;
    const size_t *first; /* [n_cells + 1] of the points of a cell */
    void (*worth)(const void *context, const double mean[], struct cscv_worth *worth);
    const void *context;
};

/* choice [cscv_n_halves][n_cells]; room [2 n_points]. */
void cscv_cells_of(const struct cscv_cells *cells, struct cscv_worth room[],
                   struct cscv_choice choice[]);

/* All instruments of a pool, group by group; cells are s n_group + u. */
struct cscv_pool {
    size_t n_halves, n_global, n_group, n_groups;
    const size_t *first;                     /* [n_groups + 1] */
    const double *weight;                    /* [instruments]  */
    const struct cscv_choice *const *choice; /* [instruments] [n_halves][cells]; NULL:
                                                an instrument without a say */
};

/* The cell that each half chooses for each group: cell [n_halves][n_groups].  room
 * [2 n_groups]; weight [instruments] is room too. */
void cscv_pool_choose(const struct cscv_pool *pool, size_t room[], double weight[],
                      size_t cell[]);

struct cscv_pair {
    struct cscv by_loss, by_rule; /* without what cscv.h says of scores */
    size_t n_broken; /* halves whose choice breaks a constraint on the other */
};

/* Of the cells of groups first to before end, which have the same one: a group, or all
 * where only global axes are shared.  sum [n_cells], loss [n_cells], lambda
 * [2 n_halves] are room. */
struct cscv_pool_room {
    struct nested_sum *sum;
    double *loss, *lambda;
};
struct cscv_pair cscv_pool_place(const struct cscv_pool *pool, size_t first, size_t end,
                                 const size_t cell[],
                                 const struct cscv_pool_room *room);

/* Of instrument i's own choice within its group's cells; lambda [2 n_halves] is room.
 */
struct cscv_pair cscv_pool_own(const struct cscv_pool *pool, size_t group, size_t i,
                               const size_t cell[], double lambda[]);

#endif /* WORKER_CSCV_SHARED_H */
