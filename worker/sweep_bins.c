#include "worker/sweep_bins.h"

#include <math.h>
#include <string.h>

/* x c_i as a rung: a margin's part where s is 1. */
static double product(double x, const struct policies *policies, size_t i, bool rounded)
{
    const double exact = x * (1.0 + policies->b[i] * 1.0);

    return rounded ? ladder_round(exact) : exact;
}

/* The n_b n_x products, in any order; returns their number. */
static size_t fill_rungs(const double *x, size_t n_x, const struct policies *policies,
                         bool rounded, double *rung)
{
    for (size_t i = 0; i < policies->n_b; i++)
        for (size_t j = 0; j < n_x; j++)
            rung[i * n_x + j] = product(x[j], policies, i, rounded);
    return n_x * policies->n_b;
}

/* row[rank][i] = #{j: x_j c_i among the first `rank` rungs} */
static void fill_rows(const struct ladder *ladder, const double *x, size_t n_x,
                      const struct policies *policies, bool rounded, uint32_t *row)
{
    for (size_t i = 0; i < policies->n_b; i++) {
        uint32_t j = 0;

        for (size_t rank = 0; rank <= ladder->n; rank++) {
            /* told by the next rung: the last one of all is infinite */
            while (j < n_x && product(x[j], policies, i, rounded) < ladder->rung[rank])
                j++;
            row[rank * policies->n_b + i] = j;
        }
    }
}

/* The ladders of products, and what is behind their ranks. */
static void bins_merge(struct bins *bins, const struct policies *policies)
{
    const size_t n_q = policies->n_q;
    const double *q = policies->q, *f = policies->f;

    ladder_build(&bins->qc, fill_rungs(q, n_q, policies, true, bins->qc.rung),
                 bins->qc.rung);
    ladder_build(&bins->fc,
                 fill_rungs(f, policies->n_f, policies, false, bins->fc.rung),
                 bins->fc.rung);
    fill_rows(&bins->qc, q, n_q, policies, true, bins->n_beyond_q);
    fill_rows(&bins->fc, f, policies->n_f, policies, false, bins->n_beyond_f);
    for (size_t i = 0; i < policies->n_b; i++)
        for (size_t j = 0; j < n_q; j++)
            bins->corner[i * n_q + j] =
                (uint32_t)ladder_rank(&bins->qc, product(q[j], policies, i, true)) + 1;
}

void bins_build(struct bins *bins, const struct policies *policies)
{
    const size_t n_q = policies->n_q, n_f = policies->n_f, n_b = policies->n_b;

    bins->policies = policies;
    memcpy(bins->q.rung, policies->q, n_q * sizeof(double));
    memcpy(bins->f.rung, policies->f, n_f * sizeof(double));
    ladder_build(&bins->q, n_q, bins->q.rung);
    ladder_build(&bins->f, n_f, bins->f.rung);
    bins->merged = bins_are_merged(n_q, n_f, n_b);
    if (bins->merged)
        bins_merge(bins, policies);
}

bool bins_are_merged(size_t n_q, size_t n_f, size_t n_b)
{
    return (n_q * n_b + 1) * n_b <= BINS_ROWS_MAX &&
           (n_f * n_b + 1) * n_b <= BINS_ROWS_MAX;
}

/* The number of x with loss > x s c, from a guess near it. */
static size_t settle(const double *x, size_t n, double s, double c, double loss,
                     size_t guess)
{
    while (guess < n && loss > x[guess] * s * c)
        guess++;
    while (guess > 0 && !(loss > x[guess - 1] * s * c))
        guess--;
    return guess;
}

/*  loss > max(f, q s) c   <=>   loss > f c  and  loss > q s c,
 *
 * each side of it rounded as the margin is, since rounding keeps order: new rows by
 * these very comparisons.  A loss that is not positive is beyond nothing. */
static struct place place_loosely(const struct bins *bins, double loss, double s,
                                  double g, struct loose *loose)
{
    const struct policies *policies = bins->policies;
    uint32_t *q = loose->q + loose->n * policies->n_b;
    uint32_t *f = loose->f + loose->n * policies->n_b;

    for (size_t i = 0; i < policies->n_b; i++) {
        const double c = 1.0 + policies->b[i] * g;

        q[i] = (uint32_t)settle(policies->q, policies->n_q, s, c, loss,
                                ladder_rank(&bins->q, loss / (s * c)));
        f[i] = (uint32_t)settle(policies->f, policies->n_f, 1.0, c, loss,
                                ladder_rank(&bins->f, loss / c));
    }
    return (struct place){LOOSE, (uint32_t)loose->n++};
}

/* u = loss / s and a rung of qc, rounded to 50 bits, stand to each other as loss and
 * q s c, rounded twice, unless they are within 2^-50 + 4 roundings of each other. */
static bool is_near(const struct ladder *ladder, size_t rank, double u)
{
    const double above = ladder->rung[rank] - u;
    const double below = u - ladder->rung[rank - (rank > 0)];

    return (above < below ? above : below) <= 0x1p-48 * u;
}

/* Bars whose buffer is whole: ranks among floors are exact, the others are except
 * where a loss is close to a threshold. */
static void place_whole(const struct bins *bins, size_t n, const double *loss,
                        const double *s, struct loose *loose, struct place *place)
{
    double u[LADDER_RUN] = {0};
    uint32_t q_rank[LADDER_RUN], f_rank[LADDER_RUN];

    for (size_t e = 0; e < n; e++)
        u[e] = loss[e] > 0.0 ? loss[e] / s[e] : 0.0;
    ladder_ranks(&bins->qc, bins->kernels, n, u, q_rank);
    ladder_ranks(&bins->fc, bins->kernels, n, loss, f_rank);
    for (size_t e = 0; e < n; e++)
        place[e] = is_near(&bins->qc, q_rank[e], u[e])
                       ? place_loosely(bins, loss[e], s[e], 1.0, loose)
                       : (struct place){q_rank[e], f_rank[e]};
}

void bins_place(const struct bins *bins, size_t n, const double *loss, const double *s,
                const double *g, struct loose *loose, struct place *place)
{
    for (size_t e = 0, run; e < n; e += run) {
        for (run = 0; run < LADDER_RUN && e + run < n && g[e + run] == 1.0;)
            run++;
        if (bins->merged && run > 0) {
            place_whole(bins, run, loss + e, s + e, loose, place + e);
        } else {
            place[e] = place_loosely(bins, loss[e], s[e], g[e], loose);
            run = 1;
        }
    }
}

/* What else the parts will read of each bar beyond, side by side. */
static void gather(struct beyond *beyond, const struct ground *ground)
{
    for (size_t e = 0; e < beyond->n; e++)
        beyond->tag[e] = ground->tag[beyond->t[e]];
    if (ground->loss != ground->worse) /* one side's only */
        for (size_t e = 0; e < beyond->n; e++)
            beyond->loss[e] = ground->loss[beyond->t[e]];
}

void beyond_fill(struct beyond *beyond, const struct ground *ground,
                 const struct bins *bins)
{
    gather(beyond, ground);
    beyond->loose.n = 0;
    bins_place(bins, beyond->n, beyond->loss, beyond->s, beyond->g, &beyond->loose,
               beyond->place);
}
