#include "worker/sweep_parts.h"

/* Pairs of sums of a cell over its exceedances: (loss, s) and, where the buffer may be
 * released, (s g, -); over those below its floor: (1, s) and (g, s g).  Without release
 * g is 1: the second pair is not made, and read from the first. */

static void add_marked(const struct beyond *beyond, const struct marks *marks,
                       pair *sum)
{
    if (!beyond->released)
        for (size_t m = 0; m < marks->n; m++) {
            const size_t e = marks->bar[m];

            sum[marks->cell[m]] += pair_of(beyond->loss[e], beyond->s[e]);
        }
    else
        for (size_t m = 0; m < marks->n; m++) {
            const size_t e = marks->bar[m], cell = marks->cell[m];

            sum[2 * cell] += pair_of(beyond->loss[e], beyond->s[e]);
            sum[2 * cell + 1] += pair_of(beyond->s[e] * beyond->g[e], 0.0);
        }
}

enum { AT_ONCE = 4 }; /* marks written before their number is looked at */

/* The floors that each bar is beyond although they are at or above q_0 s. */
static void mark_floors(const struct bins *bins, const struct beyond *beyond,
                        struct marks *floors)
{
    const size_t n_b = bins->policies->n_b;
    const double q = bins->policies->q[0];
    uint32_t *cell = floors->cell, *bar = floors->bar;

    for (uint32_t e = 0; e < beyond->n; e++) {
        const uint32_t end = (uint32_t)(beyond->bins.k[e * n_b] / (int32_t)n_b + 1);
        const uint32_t first = (uint32_t)ladder_rank(&bins->f, q * beyond->s[e]);
        const uint32_t n = first < end ? end - first : 0;

        for (uint32_t i = 0; i < AT_ONCE; i++) {
            cell[i] = first + i;
            bar[i] = e;
        }
        for (uint32_t i = AT_ONCE; i < n; i++) {
            cell[i] = first + i;
            bar[i] = e;
        }
        cell += n;
        bar += n;
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
 * this floor alone: the floors' numbers become those of the cells. */
static void place_run(const struct bins *bins, const struct beyond *beyond, size_t n,
                      const uint32_t *bar, uint32_t *cell)
{
    const struct policies *policies = bins->policies;
    const size_t n_b = policies->n_b;
    double x[LADDER_RUN];
    uint32_t rank[LADDER_RUN];

    for (size_t m = 0; m < n; m++)
        x[m] = policies->f[cell[m]] / beyond->s[bar[m]];
    ladder_ranks(&bins->q, bins->kernels, n, x, rank);
    for (size_t m = 0; m < n; m++) {
        const int32_t *k = beyond->bins.k + bar[m] * n_b;
        const uint32_t floor = cell[m];
        const size_t j =
            n_below(policies, beyond->s[bar[m]], policies->f[floor], rank[m]);
        size_t with = 0; /* buffers with which the loss is beyond the floor */

        for (size_t i = 0; i < n_b; i++)
            with += k[i] >= (int32_t)(floor * n_b);
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

/* Sums over the cells of larger q and larger buffer; width numbers a cell. */
static void spread_below(const struct policies *policies, size_t width, double *a)
{
    const size_t line = policies->n_b * width, row = policies->n_f * line;

    for (size_t j = policies->n_q; j-- > 0;) {
        double *now = a + j * row;

        for (size_t k = 0; k < row; k += line)
            for (size_t i = line - width; i-- > 0;)
                now[k + i] += now[k + i + width];
        if (j + 1 < policies->n_q)
            for (size_t i = 0; i < row; i++)
                now[i] += now[row + i];
    }
}

/*  sum over exceedances of max(f, q s) c
 *      = q sum s c  +  sum{q s <= f} (f - q s) c,      c = 1 + b g
 *
 * A bar with q s <= f exceeds where loss > f c alone, so its sums need no q. */
static void fill_sums(const struct policies *policies, bool released,
                      const struct shortfall *work, double *const field[FIELDS])
{
    const size_t width = released ? 4 : 2, s_g = released ? 2 : 1;

    for (size_t cell = 0, jk = 0; cell < policies->n_cells; jk++) {
        const double f = policies->f[jk % policies->n_f];
        const double q = policies->q[jk / policies->n_f];

        for (size_t i = 0; i < policies->n_b; i++, cell++) {
            const double *beyond = work->beyond + cell * width, b = policies->b[i];
            const double *below = work->below + cell * width;
            const double *below_g = below + width - 2;
            const double s_c = beyond[1] + b * beyond[s_g];
            const double n_c = below[0] + b * below_g[0];
            const double below_s_c = below[1] + b * below_g[1];
            const double margin = q * s_c + (f * n_c - q * below_s_c);
            const double rest = beyond[0] - margin;
            const double worst = field[FIELD_WORST_SHORTFALL][cell];

            field[FIELD_SUM_LOSS][cell] = beyond[0];
            field[FIELD_SUM_BEYOND][cell] = margin;
            field[FIELD_SUM_SHORTFALL][cell] = rest > worst ? rest : worst;
        }
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
                    const struct beyond *beyond, const struct marks *marks,
                    struct shortfall *work, double *const field[FIELDS])
{
    const struct policies *policies = bins->policies;
    const size_t width = beyond->released ? 4 : 2;
    const size_t n_bytes = policies->n_cells * width * sizeof(double);

    memset(work->beyond, 0, n_bytes);
    memset(work->below, 0, n_bytes);
    add_marked(beyond, marks, (pair *)work->beyond);
    ground->kernels->dominate_sums(policies->n_q, policies->n_f, policies->n_b * width,
                                   work->beyond);
    mark_floors(bins, beyond, &work->floors);
    for (size_t m = 0; m < work->floors.n; m += LADDER_RUN) {
        const size_t left = work->floors.n - m;

        place_run(bins, beyond, left < LADDER_RUN ? left : LADDER_RUN,
                  work->floors.bar + m, work->floors.cell + m);
    }
    add_below(beyond, &work->floors, (pair *)work->below);
    work->frontier.n = 0;
    for (size_t e = 0; e < beyond->n; e++)
        frontier_offer(&work->frontier, beyond->loss[e], -beyond->s[e], -beyond->g[e]);
    spread_below(policies, width, work->below);
    fill_worst(ground, policies, work, field[FIELD_WORST_SHORTFALL]);
    fill_sums(policies, beyond->released, work, field);
}
