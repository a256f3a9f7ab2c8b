#include "worker/sweep_parts.h"

/* Losses, s and s g of the exceedances, at their marks; where the buffer is never
 * released s g is s, and its sums are not made. */
static void add_marked(const struct ground *ground, const struct path *path,
                       const struct beyond *beyond, const struct marks *marks,
                       const struct shortfall *work, double *loss)
{
    for (size_t m = 0; m < marks->n; m++) {
        const size_t cell = marks->cell[m], t = beyond->t[marks->bar[m]];

        loss[cell] += ground->loss[t];
        work->sum[BEYOND_S][cell] += path->scaled[t];
        if (path->in_use != NULL)
            work->sum[BEYOND_SG][cell] += path->scaled[t] * path->in_use[t];
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
static void add_below(const struct bins *bins, const struct shortfall *work,
                      const uint32_t *k, double s, const double *g)
{
    const struct policies *policies = bins->policies;
    const size_t n_f = policies->n_f;
    size_t i = policies->n_b;

    for (size_t floor = k[0]; floor-- > 0;) {
        const size_t j = n_below(bins, s, policies->f[floor]);

        if (j == 0)
            return;
        for (i = policies->n_b; k[i - 1] <= floor; i--)
            ;
        const size_t cell = ((j - 1) * n_f + floor) * policies->n_b + i - 1;
        work->sum[BELOW_N][cell] += 1.0;
        work->sum[BELOW_S][cell] += s;
        if (g != NULL) {
            work->sum[BELOW_G][cell] += *g;
            work->sum[BELOW_SG][cell] += s * *g;
        }
    }
}

/* Sums over the cells of larger q and larger buffer. */
static void spread_below(const struct policies *policies, double *a)
{
    const size_t n_b = policies->n_b, row = policies->n_f * n_b;

    for (size_t j = policies->n_q; j-- > 0;) {
        double *now = a + j * row;

        for (size_t k = 0; k < row; k += n_b)
            for (size_t i = n_b - 1; i-- > 0;)
                now[k + i] += now[k + i + 1];
        if (j + 1 < policies->n_q)
            for (size_t cell = 0; cell < row; cell++)
                now[cell] += now[row + cell];
    }
}

/*  sum over exceedances of max(f, q s) c
 *      = q sum s c  +  sum{q s <= f} (f - q s) c,      c = 1 + b g
 *
 * A bar with q s <= f exceeds where loss > f c alone, so its sums need no q. */
static void fill_margins(const struct policies *policies, double *const sum[],
                         double *margin)
{
    for (size_t cell = 0, jk = 0; cell < policies->n_cells; jk++) {
        const double f = policies->f[jk % policies->n_f];
        const double q = policies->q[jk / policies->n_f];

        for (size_t i = 0; i < policies->n_b; i++, cell++) {
            const double b = policies->b[i];
            const double beyond = sum[BEYOND_S][cell] + b * sum[BEYOND_SG][cell];
            const double n = sum[BELOW_N][cell] + b * sum[BELOW_G][cell];
            const double s = sum[BELOW_S][cell] + b * sum[BELOW_SG][cell];

            margin[cell] = q * beyond + (f * n - q * s);
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

static void fill_sums(const struct ground *ground, const struct bins *bins,
                      const struct path *path, const struct beyond *beyond,
                      const struct shortfall *work)
{
    const struct policies *policies = bins->policies;

    for (size_t e = 0; e < beyond->n; e++) {
        const size_t t = beyond->t[e];

        add_below(bins, work, beyond->k + e * policies->n_b, path->scaled[t],
                  path->in_use == NULL ? NULL : path->in_use + t);
    }
    for (size_t a = 0; a < SHORTFALL_SUMS; a++)
        if (path->in_use == NULL && a >= SHORTFALL_USED)
            continue;
        else if (a == BEYOND_S || a == BEYOND_SG)
            ground->kernels->dominate_sums(policies->n_q, policies->n_f, policies->n_b,
                                           work->sum[a]);
        else
            spread_below(policies, work->sum[a]);
}

void shortfall_fill(const struct ground *ground, const struct bins *bins,
                    const struct path *path, const struct beyond *beyond,
                    const struct marks *marks, struct shortfall *work,
                    double *const field[FIELDS])
{
    const struct policies *policies = bins->policies;
    const size_t n = policies->n_cells, used = SHORTFALL_USED;
    double *sum[SHORTFALL_SUMS];
    double *const loss = field[FIELD_SUM_LOSS], *const rest =
                                                    field[FIELD_SUM_SHORTFALL];

    memset(loss, 0, n * sizeof *loss);
    for (size_t a = 0; a < SHORTFALL_SUMS; a++) {
        sum[a] = work->sum[path->in_use == NULL ? a % used : a];
        memset(sum[a], 0, n * sizeof *sum[a]);
    }
    add_marked(ground, path, beyond, marks, work, loss);
    ground->kernels->dominate_sums(policies->n_q, policies->n_f, policies->n_b, loss);
    fill_sums(ground, bins, path, beyond, work);
    fill_margins(policies, sum, field[FIELD_SUM_BEYOND]);
    work->frontier.n = 0;
    for (size_t e = 0; e < beyond->n; e++) {
        const size_t t = beyond->t[e];

        frontier_offer(&work->frontier, ground->loss[t], -path->scaled[t],
                       -path_in_use(path, t));
    }
    fill_worst(ground, policies, work, field[FIELD_WORST_SHORTFALL]);
    for (size_t cell = 0; cell < n; cell++) {
        const double worst = field[FIELD_WORST_SHORTFALL][cell];

        rest[cell] = loss[cell] - field[FIELD_SUM_BEYOND][cell];
        rest[cell] = rest[cell] > worst ? rest[cell] : worst;
    }
}
