#include "worker/sweep_figures.h"

#include <math.h>
#include <string.h>

enum { AT_ONCE = 4 }; /* marks written before their number is looked at */

/* The floors that each of n bars is beyond although they are at or above q_0 s. */
static void mark_floors(const struct bins *bins, const struct beyond *beyond,
                        size_t first, size_t n, struct marks *floors)
{
    double least[LADDER_RUN] = {0};
    uint32_t rank[LADDER_RUN];
    uint32_t *cell = floors->cell + floors->n, *bar = floors->bar + floors->n;

    for (size_t e = 0; e < n; e++)
        least[e] = bins->policies->q[0] * beyond->s[first + e];
    ladder_ranks(&bins->f, bins->kernels, n, least, rank);
    for (size_t e = 0; e < n; e++) {
        const uint32_t end =
            *place_row_f(bins, &beyond->loose, beyond->place[first + e]);
        const uint32_t n_marks = rank[e] < end ? end - rank[e] : 0;

        for (uint32_t i = 0; i < AT_ONCE; i++) {
            cell[i] = rank[e] + i;
            bar[i] = (uint32_t)(first + e);
        }
        for (uint32_t i = AT_ONCE; i < n_marks; i++) {
            cell[i] = rank[e] + i;
            bar[i] = (uint32_t)(first + e);
        }
        cell += n_marks;
        bar += n_marks;
    }
    floors->n = (size_t)(cell - floors->cell);
}

/* How many of the q have q s <= f, exactly as the walk compares them, from a guess. */
static size_t n_below(const struct policies *policies, double s, double f, size_t j)
{
    while (j < policies->n_q && policies->q[j] * s <= f)
        j++;
    while (j > 0 && policies->q[j - 1] * s > f)
        j--;
    return j;
}

/* An exceedance below a floor counts for every smaller q and every smaller buffer, for
 * this floor alone: the floors' numbers become those of the last such cells. */
static void place_run(const struct bins *bins, const struct beyond *beyond, size_t n,
                      const uint32_t *bar, uint32_t *cell)
{
    const struct policies *policies = bins->policies;
    const size_t n_b = policies->n_b;
    double x[LADDER_RUN] = {0};
    uint32_t rank[LADDER_RUN];

    for (size_t m = 0; m < n; m++)
        x[m] = policies->f[cell[m]] / beyond->s[bar[m]];
    ladder_ranks(&bins->q, bins->kernels, n, x, rank);
    for (size_t m = 0; m < n; m++) {
        const uint32_t floor = cell[m];
        const uint32_t *n_f = place_row_f(bins, &beyond->loose, beyond->place[bar[m]]);
        const size_t j =
            n_below(policies, beyond->s[bar[m]], policies->f[floor], rank[m]);
        size_t with = 0; /* buffers with which the loss is beyond the floor */

        for (size_t i = 0; i < n_b; i++)
            with += n_f[i] > floor;
        cell[m] = (uint32_t)(((j - 1) * policies->n_f + floor) * n_b + with - 1);
    }
}

static void add_below(const struct beyond *beyond, const struct marks *floors,
                      pair *sum)
{
    for (size_t m = 0; m < floors->n; m++) {
        const size_t e = floors->bar[m], cell = floors->cell[m];
        const double s = beyond->s[e], g = beyond->g[e];

        if (beyond->released) {
            sum[2 * cell] += pair_of(1.0, s);
            sum[2 * cell + 1] += pair_of(g, s * g);
        } else {
            sum[cell] += pair_of(1.0, s);
        }
    }
}

/* Add a bin to the sums of the buffers behind it: (n, s) or (n, s, g, s g). */
static void grow(double sum[4], const double *bin, bool released)
{
    sum[0] += bin[0];
    sum[1] += bin[1];
    sum[2] += released ? bin[2] : bin[0];
    sum[3] += released ? bin[3] : bin[1];
}

/*  sum over exceedances of max(f, q s) c
 *      = q sum s c  +  sum{q s <= f} (f - q s) c,      c = 1 + b g
 *
 * for one (q, f) and all buffers.  A bar with q s <= f exceeds where loss > f c alone,
 * so its sums need no q; they still have to be added up over the larger buffers. */
static void fill_row(const struct policies *policies, bool released, size_t j, size_t k,
                     const struct shortfall *work, double *const field[FIELDS])
{
    const size_t width = released ? 4 : 2, n_b = policies->n_b;
    const size_t jk = j * policies->n_f + k, first = jk * n_b;
    const double q = policies->q[j], f = policies->f[k];
    double below[4] = {0};

    for (size_t i = n_b; i-- > 0;) {
        const size_t of_line = i * policies->n_q * policies->n_f + jk;
        const pair beyond = work->beyond[of_line];
        const double b = policies->b[i];
        const double worst = field[FIELD_WORST_SHORTFALL][first + i];

        grow(below, work->below + (first + i) * width, released);
        const double s_c =
            beyond[1] + b * (released ? work->beyond_g[of_line] : beyond[1]);
        const double rest =
            f * (below[0] + b * below[2]) - q * (below[1] + b * below[3]);
        const double margin = q * s_c + rest, shortfall = beyond[0] - margin;

        field[FIELD_SUM_LOSS][first + i] = beyond[0];
        field[FIELD_SUM_BEYOND][first + i] = margin;
        field[FIELD_SUM_SHORTFALL][first + i] = shortfall > worst ? shortfall : worst;
    }
}

/* The bar that is furthest beyond q s. */
static size_t champion(const struct beyond *beyond, double q)
{
    double most = -INFINITY;
    size_t best = 0;

    for (size_t e = 0; e < beyond->n; e++) {
        const double rest = beyond->loss[e] - q * beyond->s[e];

        best = rest > most ? e : best;
        most = rest > most ? rest : most;
    }
    return best;
}

/* A few strong bars first: most others have a smaller loss and a larger s than one of
 * these, and are turned away without a look at the frontier. */
static void fill_frontier(const struct policies *policies, const struct beyond *beyond,
                          struct frontier *frontier)
{
    double loss[2], s[2], g[2];

    frontier->n = 0;
    for (size_t i = 0; i < 2 && beyond->n > 0; i++) {
        const size_t e = champion(beyond, policies->q[i * (policies->n_q - 1)]);

        loss[i] = beyond->loss[e];
        s[i] = beyond->s[e];
        g[i] = beyond->g[e];
        frontier_offer(frontier, loss[i], -s[i], -g[i]);
    }
    for (size_t e = 0; e < beyond->n; e++) {
        const double l = beyond->loss[e], v = beyond->s[e], u = beyond->g[e];

        if (!(((l <= loss[0]) & (v >= s[0]) & (u >= g[0])) |
              ((l <= loss[1]) & (v >= s[1]) & (u >= g[1]))))
            frontier_offer(frontier, l, -v, -u);
    }
}

/* The margins' c of a run of the frontier, for each (floor, buffer). */
static void fill_columns(const struct policies *policies, const double *minus_g,
                         size_t n_bars, double *column)
{
    for (size_t e = 0; e < n_bars; e++)
        for (size_t k = 0; k < policies->n_f; k++)
            for (size_t i = 0; i < policies->n_b; i++)
                *column++ = 1.0 + policies->b[i] * -minus_g[e];
}

/* max over exceedances of loss - max(f, q s) c: larger for a larger loss, a smaller s
 * and a smaller g, so only the frontier of these can have it.  It is taken in runs
 * whose columns fit the workspace. */
static void fill_worst(const struct ground *ground, const struct policies *policies,
                       const struct shortfall *work, double *worst)
{
    const struct frontier *frontier = &work->frontier;
    const size_t n_columns = policies->n_f * policies->n_b;
    double scaled[FRONTIER_RUN];

    memset(worst, 0, policies->n_cells * sizeof *worst);
    for (size_t i = 0; i < n_columns; i++)
        work->floor[i] = policies->f[i / policies->n_b];
    for (size_t e = 0; e < frontier->n; e += FRONTIER_RUN) {
        const size_t left = frontier->n - e;
        const size_t n = left < FRONTIER_RUN ? left : FRONTIER_RUN;

        fill_columns(policies, frontier->c + e, n, work->column);
        for (size_t j = 0; j < policies->n_q; j++) {
            for (size_t i = 0; i < n; i++)
                scaled[i] = policies->q[j] * -frontier->b[e + i];
            ground->kernels->worst(n_columns, n, work->floor, work->column,
                                   frontier->a + e, scaled, worst + j * n_columns);
        }
    }
}

void shortfall_fill(const struct ground *ground, const struct bins *bins,
                    const struct beyond *beyond, struct shortfall *work,
                    double *const field[FIELDS])
{
    const struct policies *policies = bins->policies;
    const size_t width = beyond->released ? 4 : 2;

    memset(work->below, 0, policies->n_cells * width * sizeof *work->below);
    work->floors.n = 0;
    for (size_t e = 0; e < beyond->n; e += LADDER_RUN)
        mark_floors(bins, beyond, e, ladder_run(beyond->n - e), &work->floors);
    for (size_t m = 0; m < work->floors.n; m += LADDER_RUN)
        place_run(bins, beyond, ladder_run(work->floors.n - m), work->floors.bar + m,
                  work->floors.cell + m);
    add_below(beyond, &work->floors, (pair *)work->below);
    ground->kernels->add_behind(policies->n_q, policies->n_f * policies->n_b * width,
                                work->below);
    fill_frontier(policies, beyond, &work->frontier);
    fill_worst(ground, policies, work, field[FIELD_WORST_SHORTFALL]);
    for (size_t j = 0; j < policies->n_q; j++)
        for (size_t k = 0; k < policies->n_f; k++)
            fill_row(policies, beyond->released, j, k, work, field);
}
