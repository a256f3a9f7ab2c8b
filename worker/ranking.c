#include "worker/ranking.h"

#include <string.h>

bool candidate_before(const struct candidate *a, const struct candidate *b)
{
    if (a->violation != b->violation)
        return a->violation < b->violation;
    if (a->cost != b->cost)
        return a->cost < b->cost;
    return a->point < b->point;
}

bool candidates_want(double cost, uint64_t point, size_t n_max, size_t n,
                     const struct candidate best[])
{
    const struct candidate feasible = {0.0, cost, point};

    return n < n_max || candidate_before(&feasible, &best[n - 1]);
}

void candidates_offer(const struct candidate *candidate, size_t n_max, size_t *n,
                      struct candidate best[])
{
    size_t place = *n;

    while (place > 0 && candidate_before(candidate, &best[place - 1]))
        place--;
    if (place > 0 && best[place - 1].point == candidate->point)
        return;
    if (place == n_max)
        return;
    const size_t n_kept = *n < n_max ? *n : n_max - 1;
    memmove(&best[place + 1], &best[place], (n_kept - place) * sizeof *best);
    best[place] = *candidate;
    *n = n_kept + 1;
}

bool ranking_wants(const struct ranking *ranking, double cost, uint64_t point)
{
    return candidates_want(cost, point, ranking->n_max, ranking->n, ranking->best);
}

void ranking_offer(struct ranking *ranking, const struct candidate *candidate)
{
    candidates_offer(candidate, ranking->n_max, &ranking->n, ranking->best);
}
