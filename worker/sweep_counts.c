#include "worker/sweep_parts.h"

struct counter {
    const struct ground *ground;
    const struct bins *bins;
    const struct path *path;
    const struct beyond *beyond;
    size_t n_slots; /* of a cell */
    uint32_t *counts;
};

/* One bar beyond j thresholds of q and k floors, for each buffer: a mark at the last
 * of them, which the sums over dominating cells spread over all the others. */
static void mark(const struct counter *counter, size_t slot, const uint32_t *j,
                 const uint32_t *k)
{
    const struct policies *policies = counter->bins->policies;
    const size_t n_f = policies->n_f, n_b = policies->n_b;
    uint32_t *const counts = counter->counts + slot;

    for (size_t i = 0; i < n_b && j[i] > 0 && k[i] > 0; i++)
        counts[(((j[i] - 1) * n_f + k[i] - 1) * n_b + i) * counter->n_slots]++;
}

/* The loss of one side: mostly the one that is binned already, or far from beyond. */
static void mark_side(const struct counter *counter, size_t e, size_t slot, double loss)
{
    const struct policies *policies = counter->bins->policies;
    const size_t t = counter->beyond->t[e], n_b = policies->n_b;
    const double s = counter->path->scaled[t], g = path_in_use(counter->path, t);
    const double c = 1.0 + policies->b[0] * g;

    if (loss == counter->ground->loss[t]) {
        mark(counter, slot, counter->beyond->j + e * n_b, counter->beyond->k + e * n_b);
    } else if (loss > policies->f[0] * c && loss > policies->q[0] * s * c) {
        uint32_t *j = counter->beyond->j + counter->beyond->n * n_b;
        uint32_t *k = counter->beyond->k + counter->beyond->n * n_b;

        bins_of(counter->bins, loss, s, g, j, k);
        mark(counter, slot, j, k);
    }
}

/* Bars t and t + h exceed together where the lesser bins of the two do. */
static void mark_pair(const struct counter *counter, size_t e, size_t next, size_t slot)
{
    const struct beyond *beyond = counter->beyond;
    const size_t n_b = counter->bins->policies->n_b;
    uint32_t *j = beyond->j + beyond->n * n_b, *k = beyond->k + beyond->n * n_b;

    for (size_t i = 0; i < n_b; i++) {
        const uint32_t a = beyond->j[e * n_b + i], b = beyond->j[next * n_b + i];
        const uint32_t c = beyond->k[e * n_b + i], d = beyond->k[next * n_b + i];

        j[i] = a < b ? a : b;
        k[i] = c < d ? c : d;
    }
    mark(counter, slot, j, k);
}

static void mark_phases(const struct counter *counter)
{
    const struct ground *ground = counter->ground;
    const struct beyond *beyond = counter->beyond;
    const size_t n_b = counter->bins->policies->n_b;

    for (size_t e = 0, next = 0; e < beyond->n; e++) {
        const size_t t = beyond->t[e];
        const size_t slot = COUNT_PHASES + PHASE_SLOTS * ground->phase[t];
        const uint32_t *j = beyond->j + e * n_b, *k = beyond->k + e * n_b;

        mark(counter, slot + PHASE_X, j, k);
        if (!(ground->link[t] & LINK_NEXT))
            mark(counter, slot + PHASE_NO_NEXT, j, k);
        if (!(ground->link[t] & LINK_BEFORE))
            mark(counter, slot + PHASE_NO_BEFORE, j, k);
        while (next < beyond->n && beyond->t[next] < t + ground->h)
            next++;
        if (next < beyond->n && beyond->t[next] == t + ground->h)
            mark_pair(counter, e, next, slot + PHASE_BOTH);
    }
}

void counts_fill(const struct ground *ground, const struct bins *bins,
                 const struct path *path, const struct beyond *beyond, bool phases,
                 uint32_t *counts)
{
    const struct policies *policies = bins->policies;
    const size_t n_slots = counts_slots(phases, ground->h);
    const struct counter counter = {ground, bins, path, beyond, n_slots, counts};

    memset(counts, 0, policies->n_cells * n_slots * sizeof *counts);
    for (size_t e = 0; e < beyond->n; e++) {
        mark_side(&counter, e, COUNT_LONG, ground->loss_long[beyond->t[e]]);
        mark_side(&counter, e, COUNT_SHORT, ground->loss_short[beyond->t[e]]);
        if (!phases)
            mark(&counter, COUNT_PHASES, beyond->j + e * policies->n_b,
                 beyond->k + e * policies->n_b);
    }
    if (phases)
        mark_phases(&counter);
    ground->kernels->dominate_counts(policies->n_q, policies->n_f,
                                     policies->n_b * n_slots, counts);
}
