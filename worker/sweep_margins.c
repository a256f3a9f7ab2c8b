#include "worker/sweep_parts.h"

#include <math.h>

/* Sums over the bars of a bin, and of the bins up to or above it; those times g are
 * not made where g is 1. */
enum { SUM_N, SUM_S, SUM_G, SUM_SG, SUMS };

/* f_k / q_j, rounded to 50 bits so that equal quotients are one rung: a bar between
 * the two counts as f or as q s, which differ by less than 8 eps. */
static double quotient(double f, double q)
{
    const double exact = f / q;
    int64_t bits;
    double rounded;

    memcpy(&bits, &exact, sizeof bits);
    bits = (bits + 4) & ~INT64_C(7);
    memcpy(&rounded, &bits, sizeof rounded);
    return rounded;
}

void quotients_build(struct quotients *quotients, const struct policies *policies)
{
    double *rung = quotients->ladder.rung;
    size_t n = 0;

    for (size_t j = 0; j < policies->n_q; j++)
        for (size_t k = 0; k < policies->n_f && policies->q[j] > 0.0; k++)
            rung[n++] = quotient(policies->f[k], policies->q[j]);
    ladder_build(&quotients->ladder, n, rung);
    for (size_t j = 0; j < policies->n_q; j++)
        for (size_t k = 0; k < policies->n_f; k++)
            quotients->rank[j * policies->n_f + k] =
                (uint32_t)(policies->q[j] > 0.0
                               ? ladder_rank(&quotients->ladder,
                                             quotient(policies->f[k], policies->q[j]))
                               : quotients->ladder.n);
}

enum { RUN = 256 }; /* bars whose cells are found before any is added */

/* Several copies, so that neighbouring bars, which are mostly of one bin, need not
 * wait for each other. */
static void add_run(const struct quotients *quotients, size_t n, const double *s,
                    const double *g, const uint32_t *cell, double *const sum[SUMS])
{
    const struct ladder *ladder = &quotients->ladder;

    for (size_t t = 0; t < n; t++) {
        const size_t i =
            ladder_climb(ladder, cell[t], s[t]) * QUOTIENT_COPIES + t % QUOTIENT_COPIES;

        sum[SUM_N][i] += 1.0;
        sum[SUM_S][i] += s[t];
        if (g != NULL) {
            sum[SUM_G][i] += g[t];
            sum[SUM_SG][i] += s[t] * g[t];
        }
    }
}

/* Counts and g run up to the bin, s and s g from behind it: only what a point needs,
 * nothing is subtracted. */
static void accumulate(size_t n_bins, bool upwards, double *sum)
{
    double before = 0.0;

    for (size_t i = 0; i < n_bins; i++) {
        const size_t bin = upwards ? i : n_bins - 1 - i;
        double own = 0.0;

        for (size_t copy = 0; copy < QUOTIENT_COPIES; copy++)
            own += sum[bin * QUOTIENT_COPIES + copy];
        sum[bin * QUOTIENT_COPIES] = upwards ? before + own : before;
        before += own;
    }
}

static void fill_bins(const struct ground *ground, const struct quotients *quotients,
                      const struct path *path, double *const sum[SUMS])
{
    const size_t n_bins = quotients->ladder.n + 1;
    const size_t n_sums = path->in_use == NULL ? SUM_G : SUMS;
    uint32_t cell[RUN];

    for (size_t a = 0; a < n_sums; a++)
        memset(sum[a], 0, QUOTIENT_COPIES * n_bins * sizeof(double));
    for (size_t t = 0; t < ground->n; t += RUN) {
        const size_t n = ground->n - t < RUN ? ground->n - t : RUN;

        ground->kernels->cells(n, &quotients->ladder, path->scaled + t, cell);
        add_run(quotients, n, path->scaled + t,
                path->in_use == NULL ? NULL : path->in_use + t, cell, sum);
    }
    for (size_t a = 0; a < n_sums; a++)
        accumulate(n_bins, a == SUM_N || a == SUM_G, sum[a]);
}

/*  sum over t of max(f, q s) (1 + b g)
 *      = f sum{q s <= f} (1 + b g)  +  q sum{q s > f} s (1 + b g)                    */
static void fill_sums(const struct policies *policies,
                      const struct quotients *quotients, double *const sum[SUMS],
                      double *out)
{
    for (size_t cell = 0, jk = 0; cell < policies->n_cells; jk++) {
        const double f = policies->f[jk % policies->n_f];
        const double q = policies->q[jk / policies->n_f];
        const size_t i = (size_t)quotients->rank[jk] * QUOTIENT_COPIES;
        const double whole = f * sum[SUM_N][i] + q * sum[SUM_S][i];
        const double used = f * sum[SUM_G][i] + q * sum[SUM_SG][i];

        for (size_t b = 0; b < policies->n_b; b++)
            out[cell++] = whole + policies->b[b] * used;
    }
}

/* The extreme of max(f, q s) (1 + b g) over the bars of a frontier, as the walk
 * rounds it. */
static void fill_extreme(const struct policies *policies, const struct frontier *bars,
                         double sign, double *out)
{
    for (size_t cell = 0, jk = 0; cell < policies->n_cells; jk++) {
        const double f = policies->f[jk % policies->n_f];
        const double q = policies->q[jk / policies->n_f];

        for (size_t i = 0; i < policies->n_b; i++, cell++) {
            out[cell] = -INFINITY;
            for (size_t e = 0; e < bars->n; e++) {
                const double scale = q * (sign * bars->a[e]);
                const double c = 1.0 + policies->b[i] * (sign * bars->b[e]);
                const double m = sign * ((scale > f ? scale : f) * c);

                if (m > out[cell])
                    out[cell] = m;
            }
            out[cell] *= sign;
        }
    }
}

static void fill_frontiers(const struct ground *ground, const struct path *path,
                           struct frontier frontier[2])
{
    double most = 0.0, least = INFINITY; /* of s where g = 1 */

    frontier[0].n = frontier[1].n = 0;
    for (size_t t = 0; t < ground->n; t++) {
        const double s = path->scaled[t], g = path_in_use(path, t);

        if (g == 1.0) {
            most = s > most ? s : most;
            least = s < least ? s : least;
        } else {
            frontier_offer(&frontier[0], s, g, 0.0);
            frontier_offer(&frontier[1], -s, -g, 0.0);
        }
    }
    if (least < INFINITY) {
        frontier_offer(&frontier[0], most, 1.0, 0.0);
        frontier_offer(&frontier[1], -least, -1.0, 0.0);
    }
}

void margins_fill(const struct ground *ground, const struct policies *policies,
                  const struct quotients *quotients, const struct path *path,
                  struct frontier frontier[2], double *const field[FIELDS])
{
    const size_t n_sums = path->in_use == NULL ? SUM_G : SUMS;
    double s = path->scaled[ground->n - 1], g = path_in_use(path, ground->n - 1);
    double c = 0.0, *sum[SUMS];
    const struct frontier last = {.n = 1, .n_max = 1, .a = &s, .b = &g, .c = &c};

    for (size_t a = 0; a < SUMS; a++)
        sum[a] =
            quotients->bin + a % n_sums * QUOTIENT_COPIES * (quotients->ladder.n + 1);
    fill_bins(ground, quotients, path, sum);
    fill_sums(policies, quotients, sum, field[FIELD_SUM_MARGIN]);
    fill_frontiers(ground, path, frontier);
    fill_extreme(policies, &frontier[0], 1.0, field[FIELD_MAX_MARGIN]);
    fill_extreme(policies, &frontier[1], -1.0, field[FIELD_MIN_MARGIN]);
    fill_extreme(policies, &last, 1.0, field[FIELD_LAST_MARGIN]);
}
