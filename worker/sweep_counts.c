#include "worker/sweep_parts.h"

struct counter {
    const struct ground *ground;
    const struct bins *bins;
    const struct beyond *beyond;
    struct marks *extra; /* workspace */
    uint32_t *counts;
};

/* An exceedance counts in X, and in LONG where the loss is a long position's: both in
 * one addition of 64 bits. */
static void count_marked(const struct counter *counter, const struct marks *marks)
{
    static const uint32_t more[2][PHASE_COUNTS] = {{1, 0}, {1, 1}};
    const size_t n_slots = counter->ground->n_slots;
    const struct beyond *beyond = counter->beyond;

    for (size_t m = 0; m < marks->n; m++) {
        const size_t e = marks->bar[m];
        uint32_t *x = counter->counts + marks->cell[m] * n_slots + beyond->tag[e].slot;
        uint64_t sum, add;

        memcpy(&sum, x, sizeof sum);
        memcpy(&add, more[beyond->tag[e].is_long], sizeof add);
        sum += add;
        memcpy(x, &sum, sizeof sum);
    }
}

/* The few bars that count somewhere besides: one mark in `slot` for each buffer. */
static void count_extra(const struct counter *counter, size_t slot,
                        const struct binned *bins)
{
    counter->extra->n = 0;
    marks_add(counter->extra, counter->bins->policies->n_b, 0, bins);
    for (size_t m = 0; m < counter->extra->n; m++)
        counter->counts[counter->extra->cell[m] * counter->ground->n_slots + slot]++;
}

/* The side that `loss` is not of is mostly far from any margin. */
static void count_other_side(const struct counter *counter)
{
    const struct beyond *beyond = counter->beyond;
    const struct policies *policies = counter->bins->policies;
    const struct binned other = binned_from(&beyond->bins, beyond->n, policies->n_b);

    for (size_t e = 0; e < beyond->n; e++) {
        const struct tag tag = beyond->tag[e];

        if ((double)tag.other <= policies->q[0] * beyond->s[e])
            continue;
        bins_of(counter->bins, 1, counter->ground->other + beyond->t[e], beyond->s + e,
                beyond->g + e, &other);
        count_extra(counter, tag.is_long ? COUNT_OTHER_SHORT : COUNT_OTHER_LONG,
                    &other);
    }
}

/* Bars t and t + h exceed together where the lesser bins of the two do. */
static void mark_pair(const struct counter *counter, size_t e, size_t next)
{
    const struct beyond *beyond = counter->beyond;
    const size_t n_b = counter->bins->policies->n_b;
    const struct binned now = binned_from(&beyond->bins, e, n_b);
    const struct binned then = binned_from(&beyond->bins, next, n_b);
    const struct binned both = binned_from(&beyond->bins, beyond->n, n_b);

    *both.n = *now.n < *then.n ? *now.n : *then.n;
    for (size_t i = 0; i < n_b; i++) {
        both.j[i] = now.j[i] < then.j[i] ? now.j[i] : then.j[i];
        both.k[i] = now.k[i] < then.k[i] ? now.k[i] : then.k[i];
    }
    marks_add(counter->extra, n_b, (uint32_t)e, &both);
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
                        counter->beyond->tag[pairs->bar[m]].slot + PHASE_BOTH]++;
}

/* Bars at the edges and at gaps, which begin or end no pair. */
static void count_single(const struct counter *counter)
{
    const struct beyond *beyond = counter->beyond;
    const size_t n_b = counter->bins->policies->n_b;

    for (size_t e = 0; e < beyond->n; e++) {
        const uint8_t link = counter->ground->link[beyond->t[e]];
        const size_t slot = beyond->tag[e].slot;
        const struct binned of = binned_from(&beyond->bins, e, n_b);

        if (!(link & LINK_NEXT))
            count_extra(counter, slot + PHASE_NO_NEXT, &of);
        if (!(link & LINK_BEFORE))
            count_extra(counter, slot + PHASE_NO_BEFORE, &of);
    }
}

void counts_fill(const struct ground *ground, const struct bins *bins,
                 const struct beyond *beyond, const struct marks *marks,
                 struct marks *pairs, uint32_t *counts)
{
    const struct policies *policies = bins->policies;
    const struct counter counter = {ground, bins, beyond, pairs, counts};

    memset(counts, 0, policies->n_cells * ground->n_slots * sizeof *counts);
    count_marked(&counter, marks);
    count_other_side(&counter);
    if (ground->phases) {
        count_single(&counter);
        count_pairs(&counter);
    }
    ground->kernels->dominate_counts(policies->n_q, policies->n_f,
                                     policies->n_b * ground->n_slots, counts);
}
