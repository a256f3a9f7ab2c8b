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

/* row[rank][i] = step (#{j: x_j c_i among the first `rank` rungs} - 1), n[rank] the
 * number of buffers for which there are any. */
static void fill_rows(const struct ladder *ladder, const double *x, size_t n_x,
                      const struct policies *policies, size_t step, uint32_t *n,
                      int32_t *row)
{
    memset(n, 0, (ladder->n + 1) * sizeof *n);
    for (size_t i = 0; i < policies->n_b; i++) {
        const double c = 1.0 + policies->b[i] * 1.0;
        size_t j = 0;

        for (size_t rank = 0; rank <= ladder->n; rank++) {
            while (rank > 0 && j < n_x &&
                   ladder_round(x[j] * c) <= ladder->rung[rank - 1])
                j++;
            row[rank * policies->n_b + i] = (int32_t)step * ((int32_t)j - 1);
            n[rank] += j > 0;
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
    fill_rows(&bins->qc, policies->q, n_q, policies, n_f * n_b, bins->of_q.n,
              bins->of_q.j);
    fill_rows(&bins->fc, policies->f, n_f, policies, n_b, bins->of_f.n, bins->of_f.k);
    for (size_t i = 0; i < (bins->qc.n + 1) * n_b; i++)
        bins->of_q.j[i] += (int32_t)(i % n_b);
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
 * each side of it rounded as the margin is, since rounding keeps order: the bins of
 * one bar by these very comparisons.  A loss that is not positive is beyond nothing. */
static void bins_exact(const struct bins *bins, double loss, double s, double g,
                       const struct binned *out)
{
    const struct policies *policies = bins->policies;
    const size_t n_f = policies->n_f, n_b = policies->n_b;

    *out->n = 0;
    for (size_t i = 0; i < n_b; i++) {
        const double c = 1.0 + policies->b[i] * g;
        const size_t j = settle(policies->q, policies->n_q, s, c, loss,
                                ladder_rank(&bins->q, loss / (s * c)));
        const size_t k =
            settle(policies->f, n_f, 1.0, c, loss, ladder_rank(&bins->f, loss / c));

        out->j[i] = ((int32_t)j - 1) * (int32_t)(n_f * n_b) + (int32_t)i;
        out->k[i] = ((int32_t)k - 1) * (int32_t)n_b;
        *out->n += j > 0 && k > 0;
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

/* Bars whose buffer is whole: the merged ladders give the bins of all buffers, except
 * where a loss is close to a threshold. */
static void bins_whole(const struct bins *bins, size_t n, const double *loss,
                       const double *s, const struct binned *out)
{
    const size_t n_b = bins->policies->n_b;
    double u[LADDER_RUN] = {0};
    uint32_t j_rank[LADDER_RUN], k_rank[LADDER_RUN];

    for (size_t e = 0; e < n; e++)
        u[e] = loss[e] > 0.0 ? loss[e] / s[e] : 0.0;
    ladder_ranks(&bins->qc, bins->kernels, n, u, j_rank);
    ladder_ranks(&bins->fc, bins->kernels, n, loss, k_rank);
    for (size_t e = 0; e < n; e++) {
        const struct binned of = binned_from(out, e, n_b);
        const uint32_t n_j = bins->of_q.n[j_rank[e]], n_k = bins->of_f.n[k_rank[e]];

        if (is_near(&bins->qc, j_rank[e], u[e]) ||
            is_near(&bins->fc, k_rank[e], loss[e])) {
            bins_exact(bins, loss[e], s[e], 1.0, &of);
            continue;
        }
        for (size_t i = 0; i < n_b; i++) {
            of.j[i] = bins->of_q.j[j_rank[e] * n_b + i];
            of.k[i] = bins->of_f.k[k_rank[e] * n_b + i];
        }
        *of.n = n_j < n_k ? n_j : n_k;
    }
}

void bins_of(const struct bins *bins, size_t n, const double *loss, const double *s,
             const double *g, const struct binned *out)
{
    const size_t n_b = bins->policies->n_b;

    for (size_t e = 0, run; e < n; e += run) {
        const struct binned of = binned_from(out, e, n_b);

        for (run = 0; run < LADDER_RUN && e + run < n && g[e + run] == 1.0;)
            run++;
        if (bins->merged && run > 0) {
            bins_whole(bins, run, loss + e, s + e, &of);
        } else {
            bins_exact(bins, loss[e], s[e], g[e], &of);
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
    bins_of(bins, beyond->n, beyond->loss, beyond->s, beyond->g, &beyond->bins);
    for (size_t e = 0; e < beyond->n; e++) {
        const struct binned of = binned_from(&beyond->bins, e, n_b);

        marks_add(marks, n_b, (uint32_t)e, &of);
    }
}
