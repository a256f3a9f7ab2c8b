/* ranking.h -- the best points found, in a total order
 *
 * Points are ordered by (violation, cost, point): feasible before infeasible, the
 * nearest to feasible first, the lowest number among equals.  The order is total, so
 * merging rankings in any sequence gives the same one. */
#ifndef WORKER_RANKING_H
#define WORKER_RANKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct candidate {
    double violation; /* 0: every constraint holds */
    double cost;
    uint64_t point;
};

_Static_assert(sizeof(struct candidate) == 24, "candidates travel as bytes");

enum { RANKING_MAX = 64 };

struct ranking {
    size_t n, n_max; /* n_max <= RANKING_MAX */
    struct candidate best[RANKING_MAX];
};

bool candidate_before(const struct candidate *a, const struct candidate *b);

/* A ranking in the caller's memory: best [*n of n_max], in order. */
void candidates_offer(const struct candidate *candidate, size_t n_max, size_t *n,
                      struct candidate best[]);
bool candidates_want(double cost, uint64_t point, size_t n_max, size_t n,
                     const struct candidate best[]);

/* Put the candidate where it belongs, if it belongs; the same point is kept once. */
void ranking_offer(struct ranking *ranking, const struct candidate *candidate);

/* Would a feasible point of this cost and number enter? */
bool ranking_wants(const struct ranking *ranking, double cost, uint64_t point);

#endif /* WORKER_RANKING_H */
