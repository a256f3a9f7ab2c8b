#include "worker/sweep_parts.h"

#include <math.h>

/* Sums over the bars of a bin, and of the bins up to or above it. */
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

/* Two copies, so that neighbouring bars of one bin need not wait for each other. */
static void fill_bins(const struct ground *ground, const struct quotients *quotients,
                      const struct path *path, double (*bin)[SUMS])
{
    const size_t n_bins = quotients->ladder.n + 1;

    memset(bin, 0, 2 * n_bins * sizeof *bin);
    for (size_t t = 0; t < ground->n; t++) {
        const double s = path->scaled[t];
        double *sum = bin[ladder_rank(&quotients->ladder, s) + (t % 2) * n_bins];

        sum[SUM_N] += 1.0;
        sum[SUM_S] += s;
        if (path->in_use != NULL) {
            sum[SUM_G] += path->in_use[t];
            sum[SUM_SG] += s * path->in_use[t];
        }
    }
    for (size_t i = 0; i < n_bins; i++)
        for (size_t a = 0; a < SUMS; a++)
            bin[i][a] += bin[n_bins + i][a];
}

/* Counts and g run up to the bin, s and s g from behind it: only what a point needs,
 * nothing is subtracted. */
static void accumulate(size_t n_bins, double (*bin)[SUMS])
{
    for (size_t i = 1; i < n_bins; i++) {
        bin[i][SUM_N] += bin[i - 1][SUM_N];
        bin[i][SUM_G] += bin[i - 1][SUM_G];
    }
    double s = 0.0, sg = 0.0;
    for (size_t i = n_bins; i-- > 0;) {
        const double more_s = bin[i][SUM_S], more_sg = bin[i][SUM_SG];

        bin[i][SUM_S] = s;
        bin[i][SUM_SG] = sg;
        s += more_s;
        sg += more_sg;
    }
}

/*  sum over t of max(f, q s) (1 + b g)
 *      = f sum{q s <= f} (1 + b g)  +  q sum{q s > f} s (1 + b g)                    */
static void fill_sums(const struct policies *policies,
                      const struct quotients *quotients, const struct path *path,
                      double (*bin)[SUMS], double *out)
{
    for (size_t cell = 0, jk = 0; cell < policies->n_cells; jk++) {
        const double f = policies->f[jk % policies->n_f];
        const double q = policies->q[jk / policies->n_f];
        const double *sum = bin[quotients->rank[jk]];
        const double whole = f * sum[SUM_N] + q * sum[SUM_S];
        const double used =
            path->in_use == NULL ? whole : f * sum[SUM_G] + q * sum[SUM_SG];

        for (size_t i = 0; i < policies->n_b; i++)
            out[cell++] = whole + policies->b[i] * used;
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
    double(*bin)[SUMS] = (double(*)[SUMS])quotients->bin;
    double s = path->scaled[ground->n - 1], g = path_in_use(path, ground->n - 1);
    double c = 0.0;
    const struct frontier last = {.n = 1, .n_max = 1, .a = &s, .b = &g, .c = &c};

    fill_bins(ground, quotients, path, bin);
    accumulate(quotients->ladder.n + 1, bin);
    fill_sums(policies, quotients, path, bin, field[FIELD_SUM_MARGIN]);
    fill_frontiers(ground, path, frontier);
    fill_extreme(policies, &frontier[0], 1.0, field[FIELD_MAX_MARGIN]);
    fill_extreme(policies, &frontier[1], -1.0, field[FIELD_MIN_MARGIN]);
    fill_extreme(policies, &last, 1.0, field[FIELD_LAST_MARGIN]);
}
