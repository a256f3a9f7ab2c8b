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

bool ranking_wants(const struct ranking *ranking, double cost, uint64_t point)
{
    const struct candidate feasible = {0.0, cost, point};

    return ranking->n < ranking->n_max ||
           candidate_before(&feasible, &ranking->best[ranking->n - 1]);
}

void ranking_offer(struct ranking *ranking, const struct candidate *candidate)
{
    size_t place = ranking->n;

    while (place > 0 && candidate_before(candidate, &ranking->best[place - 1]))
        place--;
    if (place > 0 && ranking->best[place - 1].point == candidate->point)
        return;
    if (place == ranking->n_max)
        return;
    const size_t n_kept = ranking->n < ranking->n_max ? ranking->n : ranking->n_max - 1;
    memmove(&ranking->best[place + 1], &ranking->best[place],
            (n_kept - place) * sizeof *ranking->best);
    ranking->best[place] = *candidate;
    ranking->n = n_kept + 1;
}
