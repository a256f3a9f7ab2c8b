#include "worker/sweep_line.h"

static void put(struct items *items, struct place place, uint32_t what,
                const struct beyond *beyond, size_t e)
{
    items->item[items->n++] =
        (struct item){place, what, beyond->tag[e].phase, (uint32_t)e};
}

/* Bars t and t + h exceed together where the lesser of the two does: of two ranks the
 * lesser, of anything else the lesser numbers, in new rows. */
static struct place lesser(const struct bins *bins, struct loose *loose, struct place a,
                           struct place b)
{
    const size_t n_b = bins->policies->n_b;
    const struct place both = {LOOSE, (uint32_t)loose->n};

    if (a.q != LOOSE && b.q != LOOSE)
        return (struct place){a.q < b.q ? a.q : b.q, a.f < b.f ? a.f : b.f};
    const uint32_t *a_q = place_row_q(bins, loose, a),
                   *b_q = place_row_q(bins, loose, b);
    const uint32_t *a_f = place_row_f(bins, loose, a),
                   *b_f = place_row_f(bins, loose, b);
    for (size_t i = 0; i < n_b; i++) {
        loose->q[both.f * n_b + i] = a_q[i] < b_q[i] ? a_q[i] : b_q[i];
        loose->f[both.f * n_b + i] = a_f[i] < b_f[i] ? a_f[i] : b_f[i];
    }
    loose->n++;
    return both;
}

static void find_pairs(const struct ground *ground, const struct bins *bins,
                       struct beyond *beyond, struct items *usual)
{
    const uint32_t *t = beyond->t;
    const size_t n = beyond->n, h = ground->h;

    for (size_t e = 0, next = 0; e < n; e++) {
        while (next < n && t[next] < t[e] + h)
            next++;
        if (next < n && t[next] == t[e] + h)
            put(usual,
                lesser(bins, &beyond->loose, beyond->place[e], beyond->place[next]),
                ITEM_PAIR, beyond, e);
    }
}

/* The side that `loss` is not of: mostly it is far from any margin. */
static void find_other_side(const struct ground *ground, const struct bins *bins,
                            struct beyond *beyond, size_t e, struct items *rare)
{
    struct place place;

    bins_place(bins, 1, ground->other + beyond->t[e], beyond->s + e, beyond->g + e,
               &beyond->loose, &place);
    put(rare, place, beyond->tag[e].is_long ? ITEM_OTHER_SHORT : ITEM_OTHER_LONG,
        beyond, e);
}

/* Bars at the edges and at gaps, which begin or end no pair. */
static void find_single(const struct beyond *beyond, size_t e, struct items *rare)
{
    if (!(beyond->tag[e].link & LINK_NEXT))
        put(rare, beyond->place[e], ITEM_NO_NEXT, beyond, e);
    if (!(beyond->tag[e].link & LINK_BEFORE))
        put(rare, beyond->place[e], ITEM_NO_BEFORE, beyond, e);
}

void items_find(const struct ground *ground, const struct bins *bins,
                struct beyond *beyond, bool with_pairs, struct items *usual,
                struct items *rare)
{
    const double q = bins->policies->q[0];

    usual->n = rare->n = 0;
    for (size_t e = 0; e < beyond->n; e++) {
        const struct tag tag = beyond->tag[e];

        put(usual, beyond->place[e], ITEM_SHORT + tag.is_long, beyond, e);
        if (!((double)tag.other <= q * beyond->s[e]))
            find_other_side(ground, bins, beyond, e, rare);
        if (with_pairs && tag.link != (LINK_NEXT | LINK_BEFORE))
            find_single(beyond, e, rare);
    }
    if (with_pairs)
        find_pairs(ground, bins, beyond, usual);
}
