#include "worker/sweep_parts.h"

struct counter {
    const struct ground *ground;
    const struct bins *bins;
    const struct path *path;
    const struct beyond *beyond;
    struct marks *extra; /* workspace */
    uint32_t *counts;
};

/* The few bars that count somewhere besides: one mark in `slot` for each buffer. */
static void count_extra(const struct counter *counter, size_t slot, const uint32_t *j,
                        const uint32_t *k)
{
    counter->extra->n = 0;
    marks_add(counter->extra, counter->bins->policies, 0, j, k);
    for (size_t m = 0; m < counter->extra->n; m++)
        counter->counts[counter->extra->cell[m] * counter->ground->n_slots + slot]++;
}

/* The loss is that of one side; the other's is mostly far from any margin. */
static void count_other_side(const struct counter *counter, size_t e)
{
    const struct ground *ground = counter->ground;
    const struct policies *policies = counter->bins->policies;
    const size_t t = counter->beyond->t[e], n_b = policies->n_b;
    const bool is_long = ground->side[t] == COUNT_LONG;
    const double loss = is_long ? ground->loss_short[t] : ground->loss_long[t];
    const double s = counter->path->scaled[t], g = path_in_use(counter->path, t);
    const double c = 1.0 + policies->b[0] * g;
    uint32_t *j = counter->beyond->j + counter->beyond->n * n_b;
    uint32_t *k = counter->beyond->k + counter->beyond->n * n_b;

    if (!(loss > policies->f[0] * c && loss > policies->q[0] * s * c))
        return;
    bins_of(counter->bins, loss, s, g, j, k);
    count_extra(counter, is_long ? COUNT_SHORT : COUNT_LONG, j, k);
}

/* Bars t and t + h exceed together where the lesser bins of the two do. */
static void mark_pair(const struct counter *counter, size_t e, size_t next)
{
    const struct beyond *beyond = counter->beyond;
    const size_t n_b = counter->bins->policies->n_b;
    const uint32_t *j = beyond->j + e * n_b, *next_j = beyond->j + next * n_b;
    const uint32_t *k = beyond->k + e * n_b, *next_k = beyond->k + next * n_b;
    uint32_t *least_j = beyond->j + beyond->n * n_b;
    uint32_t *least_k = beyond->k + beyond->n * n_b;

    for (size_t i = 0; i < n_b; i++) {
        least_j[i] = j[i] < next_j[i] ? j[i] : next_j[i];
        least_k[i] = k[i] < next_k[i] ? k[i] : next_k[i];
    }
    marks_add(counter->extra, counter->bins->policies, (uint32_t)e, least_j, least_k);
}

static void count_pairs(const struct counter *counter)
{
    const struct ground *ground = counter->ground;
    const uint32_t *t = counter->beyond->t;
    const size_t n = counter->beyond->n, h = ground->h;
    struct marks *pairs = counter->extra;

    pairs->n = 0;
    for (size_t e = 0, next = 0; e < n; e++) {
        while (next < n && t[next] < t[e] + h)
            next++;
        if (next < n && t[next] == t[e] + h)
            mark_pair(counter, e, next);
    }
    for (size_t m = 0; m < pairs->n; m++)
        counter->counts[pairs->cell[m] * ground->n_slots +
                        ground->slot[t[pairs->bar[m]]] + PHASE_BOTH]++;
}

/* Bars at the edges and at gaps, which begin or end no pair. */
static void count_single(const struct counter *counter, size_t e)
{
    const size_t t = counter->beyond->t[e], n_b = counter->bins->policies->n_b;
    const size_t slot = counter->ground->slot[t];
    const uint32_t *j = counter->beyond->j + e * n_b, *k = counter->beyond->k + e * n_b;

    if (!(counter->ground->link[t] & LINK_NEXT))
        count_extra(counter, slot + PHASE_NO_NEXT, j, k);
    if (!(counter->ground->link[t] & LINK_BEFORE))
        count_extra(counter, slot + PHASE_NO_BEFORE, j, k);
}

void counts_fill(const struct ground *ground, const struct bins *bins,
                 const struct path *path, const struct beyond *beyond,
                 const struct marks *marks, struct marks *pairs, uint32_t *counts)
{
    const struct policies *policies = bins->policies;
    const size_t n_slots = ground->n_slots;
    const struct counter counter = {ground, bins, path, beyond, pairs, counts};

    memset(counts, 0, policies->n_cells * n_slots * sizeof *counts);
    for (size_t m = 0; m < marks->n; m++) {
        const size_t t = beyond->t[marks->bar[m]];
        uint32_t *of = counts + marks->cell[m] * n_slots;

        of[ground->side[t]]++;
        of[ground->slot[t] + PHASE_X]++;
    }
    for (size_t e = 0; e < beyond->n; e++) {
        count_other_side(&counter, e);
        if (ground->phases && ground->link[beyond->t[e]] != (LINK_NEXT | LINK_BEFORE))
            count_single(&counter, e);
    }
    if (ground->phases)
        count_pairs(&counter);
    ground->kernels->dominate_counts(policies->n_q, policies->n_f,
                                     policies->n_b * n_slots, counts);
}
