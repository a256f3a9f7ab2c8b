#include "worker/sweep_figures.h"

#include <math.h>
#include <string.h>

void quotients_build(struct quotients *quotients, const struct policies *policies)
{
    double *rung = quotients->ladder.rung;
    size_t n = 0;

    for (size_t j = 0; j < policies->n_q; j++)
        for (size_t k = 0; k < policies->n_f && policies->q[j] > 0.0; k++)
            rung[n++] = ladder_round(policies->f[k] / policies->q[j]);
    ladder_build(&quotients->ladder, n, rung);
    for (size_t j = 0; j < policies->n_q; j++)
        for (size_t k = 0; k < policies->n_f; k++)
            quotients->rank[j * policies->n_f + k] =
                (uint32_t)(policies->q[j] > 0.0
                               ? ladder_rank(
                                     &quotients->ladder,
                                     ladder_round(policies->f[k] / policies->q[j]))
                               : quotients->ladder.n);
}

/* A bin's pairs of sums are (1, s) and, where the buffer may be released, (g, s g);
 * without release g is 1, and the second pair is read from the first.  There are
 * several copies, so that neighbouring bars, which are mostly of one bin, need not wait
 * for each other. */
static void add_run(size_t n, const uint32_t *bin, const double *s, const double *g,
                    pair *sum)
{
    if (g == NULL) {
        for (size_t t = 0; t < n; t++)
            sum[bin[t] * QUOTIENT_COPIES + t % QUOTIENT_COPIES] += pair_of(1.0, s[t]);
        return;
    }
    for (size_t t = 0; t < n; t++) {
        pair *of = sum + 2 * bin[t] * QUOTIENT_COPIES + t % QUOTIENT_COPIES;

        of[0] += pair_of(1.0, s[t]);
        of[QUOTIENT_COPIES] += pair_of(g[t], s[t] * g[t]);
    }
}

/* The first of a pair runs up to the bin, the second from behind it: only what a point
 * needs, nothing is subtracted.  The result is in the first copy. */
static void accumulate(size_t n_bins, size_t stride, pair *sum)
{
    double before = 0.0, behind = 0.0;

    for (size_t i = 0; i < n_bins; i++) {
        pair *of = sum + i * stride;

        for (size_t copy = 1; copy < QUOTIENT_COPIES; copy++)
            of[0] += of[copy];
        before += of[0][0];
        of[0][0] = before;
    }
    for (size_t i = n_bins; i-- > 0;) {
        const double own = sum[i * stride][1];

        sum[i * stride][1] = behind;
        behind += own;
    }
}

void margins_start(const struct quotients *quotients, const struct path *path)
{
    const size_t n_pairs = path->in_use == NULL ? 1 : 2;

    memset(quotients->bin, 0,
           (quotients->ladder.n + 1) * n_pairs * QUOTIENT_COPIES * sizeof(pair));
}

void margins_add(const struct quotients *quotients, const struct path *path,
                 size_t first, size_t n, uint32_t *cell)
{
    ladder_climb_all(&quotients->ladder, n, path->scaled + first, cell);
    add_run(n, cell, path->scaled + first,
            path->in_use == NULL ? NULL : path->in_use + first, (pair *)quotients->bin);
}

/*  sum over t of max(f, q s) (1 + b g)
 *      = f sum{q s <= f} (1 + b g)  +  q sum{q s > f} s (1 + b g)                    */
static void fill_sums(const struct policies *policies,
                      const struct quotients *quotients, size_t n_pairs,
                      const pair *sum, double *out)
{
    const uint32_t *rank = quotients->rank;

    for (size_t j = 0; j < policies->n_q; j++)
        for (size_t k = 0; k < policies->n_f; k++) {
            const double q = policies->q[j], f = policies->f[k];
            const pair *of = sum + *rank++ * n_pairs * QUOTIENT_COPIES;
            const pair *of_g = of + (n_pairs - 1) * QUOTIENT_COPIES;
            const double whole = f * of[0][0] + q * of[0][1];
            const double used = f * of_g[0][0] + q * of_g[0][1];

            for (size_t i = 0; i < policies->n_b; i++)
                *out++ = whole + policies->b[i] * used;
        }
}

/* m = max(f, q s) (1 + b g) of one bar in every cell, as the walk rounds it. */
static void fill_margins(const struct policies *policies, double s, double g,
                         double *out)
{
    for (size_t j = 0; j < policies->n_q; j++)
        for (size_t k = 0; k < policies->n_f; k++) {
            const double f = policies->f[k], scale = policies->q[j] * s;
            const double base = scale > f ? scale : f;

            for (size_t i = 0; i < policies->n_b; i++)
                *out++ = base * (1.0 + policies->b[i] * g);
        }
}

/* The largest (sign 1) or least (sign -1) margin: that of the first bar of the
 * frontier, and of the others where theirs is more. */
static void fill_extreme(const struct policies *policies, const struct frontier *bars,
                         double sign, double *more, double *out)
{
    fill_margins(policies, sign * bars->a[0], sign * bars->b[0], out);
    for (size_t e = 1; e < bars->n; e++) {
        fill_margins(policies, sign * bars->a[e], sign * bars->b[e], more);
        for (size_t cell = 0; cell < policies->n_cells; cell++)
            out[cell] = sign * more[cell] > sign * out[cell] ? more[cell] : out[cell];
    }
}

/* The margin rises with s and with g. */
static void fill_frontiers(const struct ground *ground, const struct path *path,
                           struct frontier *most, struct frontier *least)
{
    most->n = least->n = 0;
    if (path->in_use == NULL) {
        frontier_offer(least, -path->least, -1.0, 0.0);
        frontier_offer(most, path->most, 1.0, 0.0);
        return;
    }
    for (size_t t = 0; t < ground->n; t++) {
        frontier_offer(most, path->scaled[t], path->in_use[t], 0.0);
        frontier_offer(least, -path->scaled[t], -path->in_use[t], 0.0);
    }
}

void margins_fill(const struct ground *ground, const struct policies *policies,
                  const struct quotients *quotients, const struct path *path,
                  struct margins *work, double *const field[FIELDS])
{
    const size_t n_pairs = path->in_use == NULL ? 1 : 2;
    pair *sum = (pair *)quotients->bin;

    for (size_t i = 0; i < n_pairs; i++)
        accumulate(quotients->ladder.n + 1, n_pairs * QUOTIENT_COPIES,
                   sum + i * QUOTIENT_COPIES);
    fill_sums(policies, quotients, n_pairs, sum, field[FIELD_SUM_MARGIN]);
    fill_frontiers(ground, path, &work->most, &work->least);
    fill_extreme(policies, &work->most, 1.0, work->more, field[FIELD_MAX_MARGIN]);
    fill_extreme(policies, &work->least, -1.0, work->more, field[FIELD_MIN_MARGIN]);
    fill_margins(policies, path->scaled[ground->n - 1],
                 path_in_use(path, ground->n - 1), field[FIELD_LAST_MARGIN]);
}
