#include "worker/sweep_parts.h"

/* Sums over exceedances below the floor, q s <= f. */
enum { BELOW_N, BELOW_S, BELOW_G, BELOW_SG, BELOW_SUMS };

/* Losses and s c of the exceedances, marked where their bins end. */
static void mark_beyond(const struct policies *policies, const struct path *path,
                        const struct ground *ground, const struct beyond *beyond,
                        double *loss, double *scaled)
{
    const size_t n_f = policies->n_f, n_b = policies->n_b;

    for (size_t e = 0; e < beyond->n; e++) {
        const uint32_t *j = beyond->j + e * n_b, *k = beyond->k + e * n_b;
        const size_t t = beyond->t[e];
        const double l = ground->loss[t], s = path->scaled[t];
        const double g = path_in_use(path, t);

        for (size_t i = 0; i < n_b && j[i] > 0 && k[i] > 0; i++) {
            const size_t cell = ((j[i] - 1) * n_f + k[i] - 1) * n_b + i;

            loss[cell] += l;
            scaled[cell] += s * (1.0 + policies->b[i] * g);
        }
    }
}

/* How many of the q have q s <= f, exactly as the walk compares them. */
static size_t n_below(const struct bins *bins, double s, double f)
{
    const struct policies *policies = bins->policies;
    size_t j = ladder_rank(&bins->q, f / s);

    while (j < policies->n_q && policies->q[j] * s <= f)
        j++;
    while (j > 0 && policies->q[j - 1] * s > f)
        j--;
    return j;
}

/* One exceedance under the floors that are above q_0 s: it counts for every smaller
 * q and every smaller buffer, for this floor alone. */
static void mark_below(const struct bins *bins, double s, double g, const uint32_t *k,
                       double *below)
{
    const struct policies *policies = bins->policies;
    const size_t n_f = policies->n_f, n_b = policies->n_b;

    for (size_t floor = k[0]; floor-- > 0;) {
        const double f = policies->f[floor];
        const size_t j = n_below(bins, s, f);
        size_t i = n_b;

        if (j == 0)
            return;
        while (k[i - 1] <= floor)
            i--;
        double *sum = below + ((j - 1) * n_f + floor) * n_b + i - 1;
        sum[BELOW_N * policies->n_cells] += 1.0;
        sum[BELOW_S * policies->n_cells] += s;
        if (g != 0.0) {
            sum[BELOW_G * policies->n_cells] += g;
            sum[BELOW_SG * policies->n_cells] += s * g;
        }
    }
}

/* Sums over the cells of larger q and larger buffer. */
static void spread_below(const struct policies *policies, double *a)
{
    const size_t n_b = policies->n_b, row = policies->n_f * n_b;

    for (size_t j = policies->n_q; j-- > 0;) {
        double *now = a + j * row;

        for (size_t cell = row; cell-- > 0;)
            if (cell % n_b != n_b - 1)
                now[cell] += now[cell + 1];
        for (size_t cell = 0; cell < row && j + 1 < policies->n_q; cell++)
            now[cell] += now[row + cell];
    }
}

/*  sum over exceedances of max(f, q s) c
 *      = q sum s c  +  sum{q s <= f} (f - q s) c,      c = 1 + b g
 *
 * A bar with q s <= f exceeds where loss > f c alone, so its sums need no q. */
static void fill_sums(const struct policies *policies, const double *below,
                      const struct shortfall *work, double *const field[FIELDS])
{
    const size_t n = policies->n_cells;

    for (size_t cell = 0, jk = 0; cell < n; jk++) {
        const double f = policies->f[jk % policies->n_f];
        const double q = policies->q[jk / policies->n_f];

        for (size_t i = 0; i < policies->n_b; i++, cell++) {
            const double b = policies->b[i], *sum = below + cell;
            const double n_c = sum[BELOW_N * n] + b * sum[BELOW_G * n];
            const double s_c = sum[BELOW_S * n] + b * sum[BELOW_SG * n];
            const double margin = q * work->scaled[cell] + (f * n_c - q * s_c);
            const double rest = field[FIELD_SUM_LOSS][cell] - margin;
            const double worst = field[FIELD_WORST_SHORTFALL][cell];

            field[FIELD_SUM_BEYOND][cell] = margin;
            field[FIELD_SUM_SHORTFALL][cell] = rest > worst ? rest : worst;
        }
    }
}

/* The margins' c of a run of the frontier, for each (floor, buffer). */
static void fill_columns(const struct policies *policies, const double *minus_g,
                         size_t n_bars, double *column)
{
    const size_t n_columns = policies->n_f * policies->n_b;

    for (size_t e = 0; e < n_bars; e++)
        for (size_t i = 0; i < n_columns; i++)
            column[e * n_columns + i] =
                1.0 + policies->b[i % policies->n_b] * -minus_g[e];
}

/* max over exceedances of loss - max(f, q s) c: larger for a larger loss, a smaller s
 * and a smaller g, so only the frontier of these can have it.  It is taken in runs
 * whose columns fit the workspace. */
static void fill_worst(const struct ground *ground, const struct policies *policies,
                       const struct frontier *frontier, struct shortfall *work,
                       double *worst)
{
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
                    const struct path *path, const struct beyond *beyond,
                    struct shortfall *work, double *const field[FIELDS])
{
    const struct policies *policies = bins->policies;
    const size_t n = policies->n_cells, n_b = policies->n_b;

    memset(field[FIELD_SUM_LOSS], 0, n * sizeof(double));
    memset(work->scaled, 0, n * sizeof(double));
    memset(work->below, 0, BELOW_SUMS * n * sizeof(double));
    mark_beyond(policies, path, ground, beyond, field[FIELD_SUM_LOSS], work->scaled);
    for (size_t e = 0; e < beyond->n; e++)
        mark_below(bins, path->scaled[beyond->t[e]], path_in_use(path, beyond->t[e]),
                   beyond->k + e * n_b, work->below);
    ground->kernels->dominate_sums(policies->n_q, policies->n_f, n_b,
                                   field[FIELD_SUM_LOSS]);
    ground->kernels->dominate_sums(policies->n_q, policies->n_f, n_b, work->scaled);
    for (size_t a = 0; a < BELOW_SUMS; a++)
        spread_below(policies, work->below + a * n);
    work->frontier.n = 0;
    for (size_t e = 0; e < beyond->n; e++) {
        const size_t t = beyond->t[e];

        frontier_offer(&work->frontier, ground->loss[t], -path->scaled[t],
                       -path_in_use(path, t));
    }
    fill_worst(ground, policies, &work->frontier, work, field[FIELD_WORST_SHORTFALL]);
    fill_sums(policies, work->below, work, field);
}
