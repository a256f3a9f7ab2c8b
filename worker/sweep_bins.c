#include "worker/sweep_parts.h"

#include <math.h>

static size_t fill_products(const double *x, size_t n, const struct policies *policies,
                            double *rung)
{
    for (size_t i = 0; i < policies->n_b; i++)
        for (size_t j = 0; j < n; j++)
            rung[i * n + j] = ladder_round(x[j] * (1.0 + policies->b[i] * 1.0));
    return n * policies->n_b;
}

/* row[rank][i] = #{j: x_j c_i among the first `rank` rungs} */
static void fill_rows(const struct ladder *ladder, const double *x, size_t n,
                      const struct policies *policies, uint32_t *row)
{
    for (size_t i = 0; i < policies->n_b; i++) {
        const double c = 1.0 + policies->b[i] * 1.0;
        uint32_t j = 0;

        for (size_t rank = 0; rank <= ladder->n; rank++) {
            while (rank > 0 && j < n &&
                   ladder_round(x[j] * c) <= ladder->rung[rank - 1])
                j++;
            row[rank * policies->n_b + i] = j;
        }
    }
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
    if (!bins->merged)
        return;
    ladder_build(&bins->qc, fill_products(policies->q, n_q, policies, bins->qc.rung),
                 bins->qc.rung);
    ladder_build(&bins->fc, fill_products(policies->f, n_f, policies, bins->fc.rung),
                 bins->fc.rung);
    fill_rows(&bins->qc, policies->q, n_q, policies, bins->j_of);
    fill_rows(&bins->fc, policies->f, n_f, policies, bins->k_of);
}

bool bins_are_merged(size_t n_q, size_t n_f, size_t n_b)
{
    return (n_q * n_b + 1) * n_b <= BINS_ROWS_MAX &&
           (n_f * n_b + 1) * n_b <= BINS_ROWS_MAX;
}

/* The largest j with loss > q_{j-1} s c, from a guess near it; a loss that is not
 * positive is beyond nothing. */
static uint32_t settle(const double *x, size_t n, double s, double c, double loss,
                       uint32_t guess)
{
    while (guess < n && loss > x[guess] * s * c)
        guess++;
    while (guess > 0 && !(loss > x[guess - 1] * s * c))
        guess--;
    return guess;
}

/*  loss > max(f, q s) c   <=>   loss > f c  and  loss > q s c,
 *
 * each side of it rounded as the margin is, since rounding keeps order. */
static void settle_bins(const struct policies *policies, double loss, double s,
                        double g, uint32_t *j, uint32_t *k)
{
    for (size_t i = 0; i < policies->n_b; i++) {
        const double c = 1.0 + policies->b[i] * g;

        j[i] = settle(policies->q, policies->n_q, s, c, loss, j[i]);
        k[i] = settle(policies->f, policies->n_f, 1.0, c, loss, k[i]);
    }
}

/* u = loss / s and a rung, rounded to 50 bits, stand to each other as loss and
 * q s c, rounded twice, unless they are within 2^-50 + 4 roundings of each other. */
static bool is_near(const struct ladder *ladder, size_t rank, double u)
{
    const double near = 0x1p-48 * u;

    return ladder->rung[rank] - u <= near ||
           (rank > 0 && u - ladder->rung[rank - 1] <= near);
}

/* Bars whose buffer is whole: the merged ladders give the bins of all buffers, and
 * where a loss is close to a threshold they are settled by the very comparison. */
static void bins_whole(const struct bins *bins, size_t n, const double *loss,
                       const double *s, uint32_t *j, uint32_t *k)
{
    const struct policies *policies = bins->policies;
    const size_t n_b = policies->n_b;
    double u[LADDER_RUN] = {0};
    uint32_t j_rank[LADDER_RUN], k_rank[LADDER_RUN];

    for (size_t e = 0; e < n; e++)
        u[e] = loss[e] > 0.0 ? loss[e] / s[e] : 0.0;
    ladder_ranks(&bins->qc, bins->kernels, n, u, j_rank);
    ladder_ranks(&bins->fc, bins->kernels, n, loss, k_rank);
    for (size_t e = 0; e < n; e++, j += n_b, k += n_b) {
        for (size_t i = 0; i < n_b; i++) {
            j[i] = bins->j_of[j_rank[e] * n_b + i];
            k[i] = bins->k_of[k_rank[e] * n_b + i];
        }
        if (is_near(&bins->qc, j_rank[e], u[e]) ||
            is_near(&bins->fc, k_rank[e], loss[e]))
            settle_bins(policies, loss[e], s[e], 1.0, j, k);
    }
}

/* A bar whose buffer is partly released. */
static void bins_partly(const struct bins *bins, double loss, double s, double g,
                        uint32_t *j, uint32_t *k)
{
    const struct policies *policies = bins->policies;

    for (size_t i = 0; i < policies->n_b; i++) {
        const double c = 1.0 + policies->b[i] * g;

        j[i] = (uint32_t)ladder_rank(&bins->q, loss / (s * c));
        k[i] = (uint32_t)ladder_rank(&bins->f, loss / c);
    }
    settle_bins(policies, loss, s, g, j, k);
}

void bins_of(const struct bins *bins, size_t n, const double *loss, const double *s,
             const double *g, uint32_t *j, uint32_t *k)
{
    const size_t n_b = bins->policies->n_b;

    for (size_t e = 0, run; e < n; e += run) {
        for (run = 0; run < LADDER_RUN && e + run < n && g[e + run] == 1.0;)
            run++;
        if (bins->merged && run > 0) {
            bins_whole(bins, run, loss + e, s + e, j + e * n_b, k + e * n_b);
        } else {
            bins_partly(bins, loss[e], s[e], g[e], j + e * n_b, k + e * n_b);
            run = 1;
        }
    }
}

void marks_add(struct marks *marks, const struct policies *policies, uint32_t e,
               const uint32_t *j, const uint32_t *k)
{
    const size_t n_f = policies->n_f, n_b = policies->n_b;
    uint32_t *cell = marks->cell + marks->n, *bar = marks->bar + marks->n;
    size_t n = 0;

    for (size_t i = 0; i < n_b; i++) { /* what is no mark is written over by the next */
        cell[n] = (uint32_t)((((size_t)j[i] - 1) * n_f + k[i] - 1) * n_b + i);
        bar[n] = e;
        n += (j[i] > 0) & (k[i] > 0);
    }
    marks->n += n;
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

void beyond_find(struct beyond *beyond, const struct ground *ground,
                 const struct bins *bins, const struct path *path, struct marks *marks)
{
    const struct policies *policies = bins->policies;
    const double weakest[3] = {policies->f[0], policies->q[0], policies->b[0]};
    const size_t n_b = policies->n_b;
    const struct kernel_bars bars = {ground->n, ground->worse, path->scaled,
                                     path->in_use};
    struct kernel_beyond found = {beyond->t, beyond->loss, beyond->s, beyond->g};

    beyond->n = ground->kernels->beyond(&bars, weakest, &found);
    beyond->released = path->in_use != NULL;
    gather(beyond, ground);
    marks->n = 0;
    bins_of(bins, beyond->n, beyond->loss, beyond->s, beyond->g, beyond->j, beyond->k);
    for (size_t e = 0; e < beyond->n; e++)
        marks_add(marks, policies, (uint32_t)e, beyond->j + e * n_b,
                  beyond->k + e * n_b);
}
