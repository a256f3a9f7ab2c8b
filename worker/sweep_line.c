#include "worker/sweep_line.h"

#include <string.h>

/* For each buffer the multipliers are taken from the largest down.  Items beyond one
 * more of them join a line of bins, one for each number of floors that they are beyond;
 * the line summed from its far end is the column of that multiplier. */

static const quad counts_of[ITEMS] = {
    [ITEM_SHORT] = {1, 0, 0, 0},      /* x, of them long, both of a pair */
    [ITEM_LONG] = {1, 1, 0, 0},       /*                                 */
    [ITEM_PAIR] = {0, 0, 1, 0},       /*                                 */
    [ITEM_NO_NEXT] = {1, 0, 0, 0},    /* no next, no before, long, short */
    [ITEM_NO_BEFORE] = {0, 1, 0, 0},  /*                                 */
    [ITEM_OTHER_LONG] = {0, 0, 1, 0}, /*                                 */
    [ITEM_OTHER_SHORT] = {0, 0, 0, 1},
};

static pair sum_of(const struct item *item, const struct beyond *beyond)
{
    const double is_bar = item->what <= ITEM_LONG ? 1.0 : 0.0;

    return pair_of(is_bar * beyond->loss[item->bar], is_bar * beyond->s[item->bar]);
}

/* Ranked items by falling rank: those of rank r or more are the first end[r]. */
static void sort_ranked(const struct items *items, const struct beyond *beyond,
                        size_t n_ranks, struct line *line)
{
    uint32_t *end = line->end;

    memset(end, 0, (n_ranks + 1) * sizeof *end);
    for (size_t m = 0; m < items->n; m++)
        if (items->item[m].place.q != LOOSE)
            end[items->item[m].place.q]++;
    for (size_t r = n_ranks; r-- > 0;)
        end[r] += end[r + 1];
    for (size_t m = 0; m < items->n; m++) {
        const struct item *item = &items->item[m];

        if (item->place.q == LOOSE)
            continue;
        /* end[r + 1] runs through the items of rank r, and ends at end[r] */
        const uint32_t to = end[item->place.q + 1]++;
        line->f[to] = item->place.f;
        line->phase[to] = item->phase;
        line->one[to] = counts_of[item->what];
        line->sum[to] = sum_of(item, beyond);
    }
}

/* Loose items by falling number of q that they are beyond with buffer i, a list behind
 * each number. */
static void sort_loose(const struct bins *bins, const struct beyond *beyond,
                       const struct items *items, size_t i, struct line *line)
{
    const size_t n_q = bins->policies->n_q;

    for (size_t j = 0; j <= n_q; j++)
        line->head[j] = LOOSE;
    for (size_t m = 0; m < items->n; m++) {
        const struct place place = items->item[m].place;

        if (place.q != LOOSE)
            continue;
        const uint32_t j = place_row_q(bins, &beyond->loose, place)[i];
        line->next[m] = line->head[j];
        line->head[j] = (uint32_t)m;
    }
}

/* Ranked items [from, to) join; n_beyond_f is the row of ranks of this buffer. */
static inline void join_run(const struct line *line, const uint32_t *n_beyond_f,
                            size_t n_b, size_t from, size_t to, size_t n_phases)
{
    const uint32_t *f = line->f, *phase = line->phase;
    const quad *one = line->one;
    const pair *sum = line->sum;
    quad *count = line->count;
    pair *sums = line->sums;

    for (size_t m = from; m < to; m++) {
        const size_t bin = n_beyond_f[f[m] * n_b], copy = m % LINE_COPIES;
        const size_t of = n_phases == 1 ? bin : bin * n_phases + phase[m];

        count[of * LINE_COPIES + copy] += one[m];
        sums[bin * LINE_COPIES + copy] += sum[m];
    }
}

static void join_ranked(const struct line *line, const uint32_t *n_beyond_f, size_t n_b,
                        size_t from, size_t to, const struct line_out *out)
{
    if (out->n_phases == 1)
        join_run(line, n_beyond_f, n_b, from, to, 1);
    else
        join_run(line, n_beyond_f, n_b, from, to, out->n_phases);
    if (out->sums_g != NULL) /* g is 1 */
        for (size_t m = from; m < to; m++)
            line->sums_g[n_beyond_f[line->f[m] * n_b]] += line->sum[m][1];
}

static void join_loose(const struct bins *bins, const struct beyond *beyond,
                       const struct items *items, const struct line *line, size_t i,
                       size_t j, const struct line_out *out)
{
    for (uint32_t m = line->head[j]; m != LOOSE; m = line->next[m]) {
        const struct item *item = &items->item[m];
        const size_t bin = place_row_f(bins, &beyond->loose, item->place)[i];
        const pair sum = sum_of(item, beyond);

        line->count[(bin * out->n_phases + item->phase) * LINE_COPIES] +=
            counts_of[item->what];
        line->sums[bin * LINE_COPIES] += sum;
        line->sums_g[bin] += sum[1] * beyond->g[item->bar];
    }
}

static quad quad_of_copies(const quad *copy)
{
    quad sum = copy[0];

    for (size_t i = 1; i < LINE_COPIES; i++)
        sum += copy[i];
    return sum;
}

static pair pair_of_copies(const pair *copy)
{
    pair sum = copy[0];

    for (size_t i = 1; i < LINE_COPIES; i++)
        sum += copy[i];
    return sum;
}

/* The cells (j, k, i), k from the last floor down: the line summed from its far end. */
static void write_column(const struct policies *policies, const struct line *line,
                         size_t i, size_t j, const struct line_out *out)
{
    const size_t n_f = policies->n_f, n_phases = out->n_phases;
    const size_t first = (i * policies->n_q + j) * n_f;
    pair sums = {0.0, 0.0};
    double sum_g = 0.0;

    for (size_t phase = 0; phase < n_phases; phase++) {
        quad total = {0, 0, 0, 0};

        for (size_t k = n_f; k-- > 0;)
            out->count[(first + k) * n_phases + phase] = total += quad_of_copies(
                line->count + ((k + 1) * n_phases + phase) * LINE_COPIES);
    }
    for (size_t k = n_f; out->sums != NULL && k-- > 0;)
        out->sums[first + k] = sums +=
            pair_of_copies(line->sums + (k + 1) * LINE_COPIES);
    for (size_t k = n_f; out->sums_g != NULL && k-- > 0;)
        out->sums_g[first + k] = sum_g += line->sums_g[k + 1];
}

static void fill_buffer(const struct bins *bins, const struct beyond *beyond,
                        const struct items *items, struct line *line, size_t i,
                        const struct line_out *out)
{
    const struct policies *policies = bins->policies;
    const size_t n_b = policies->n_b, n_bins = policies->n_f + 1;
    const uint32_t *corner = bins->corner + i * policies->n_q;
    uint32_t m = 0;

    memset(line->count, 0, LINE_COPIES * n_bins * out->n_phases * sizeof *line->count);
    memset(line->sums, 0, LINE_COPIES * n_bins * sizeof *line->sums);
    memset(line->sums_g, 0, n_bins * sizeof *line->sums_g);
    for (size_t j = policies->n_q; j-- > 0;) {
        const uint32_t end = bins->merged ? line->end[corner[j] + 1] : 0;

        join_ranked(line, bins->n_beyond_f + i, n_b, m, end, out);
        m = end;
        if (beyond->loose.n > 0)
            join_loose(bins, beyond, items, line, i, j + 1, out);
        write_column(policies, line, i, j, out);
    }
}

void line_fill(const struct bins *bins, const struct beyond *beyond,
               const struct items *items, struct line *line, const struct line_out *out)
{
    if (bins->merged)
        sort_ranked(items, beyond, bins->qc.n + 1, line);
    for (size_t i = 0; i < bins->policies->n_b; i++) {
        if (beyond->loose.n > 0)
            sort_loose(bins, beyond, items, i, line);
        fill_buffer(bins, beyond, items, line, i, out);
    }
}
