#include "worker/sweep_parts.h"

#include <math.h>

static size_t fill_products(const double *x, size_t n, const struct policies *policies,
                            double *rung)
{
    for (size_t i = 0; i < policies->n_b; i++)
        for (size_t j = 0; j < n; j++)
            rung[i * n + j] = x[j] * (1.0 + policies->b[i] * 1.0);
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
            while (rank > 0 && j < n && x[j] * c <= ladder->rung[rank - 1])
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

/* The largest j with loss > q_{j-1} s c, from a guess next to it. */
static uint32_t settle(const double *x, size_t n, double s, double c, double loss,
                       uint32_t guess)
{
    while (guess < n && loss > x[guess] * s * c)
        guess++;
    while (guess > 0 && !(loss > x[guess - 1] * s * c))
        guess--;
    return guess;
}

/* u = loss / s, once rounded, and q_j c_i, once rounded, stand to each other as loss
 * and q_j s c_i, twice rounded, unless they are within 4 roundings of each other. */
static bool is_near(const struct ladder *ladder, size_t rank, double u)
{
    const double near = 0x1p-50 * u;

    return ladder->rung[rank] - u <= near ||
           (rank > 0 && u - ladder->rung[rank - 1] <= near);
}

/*  loss > max(f, q s) c   <=>   loss > f c  and  loss > q s c,
 *
 * each side of it rounded as the margin is, since rounding keeps order. */
static void bins_whole(const struct bins *bins, double loss, double s, uint32_t *j,
                       uint32_t *k)
{
    const struct policies *policies = bins->policies;
    const size_t n_b = policies->n_b;
    const double u = loss / s;
    const size_t rank = ladder_rank(&bins->qc, u);
    const uint32_t *const j_of = bins->j_of + rank * n_b;
    const uint32_t *const k_of = bins->k_of + ladder_rank(&bins->fc, loss) * n_b;

    for (size_t i = 0; i < n_b; i++) {
        j[i] = j_of[i];
        k[i] = k_of[i];
    }
    if (is_near(&bins->qc, rank, u))
        for (size_t i = 0; i < n_b; i++)
            j[i] = settle(policies->q, policies->n_q, s, 1.0 + policies->b[i] * 1.0,
                          loss, j[i]);
}

void bins_of(const struct bins *bins, double loss, double s, double g, uint32_t *j,
             uint32_t *k)
{
    const struct policies *policies = bins->policies;

    if (bins->merged && g == 1.0 && loss > 0.0) {
        bins_whole(bins, loss, s, j, k);
        return;
    }
    for (size_t i = 0; i < policies->n_b; i++) {
        j[i] = k[i] = 0;
        if (!(loss > 0.0))
            continue;
        const double c = 1.0 + policies->b[i] * g;
        const uint32_t near_j = (uint32_t)ladder_rank(&bins->q, loss / (s * c));
        const uint32_t near_k = (uint32_t)ladder_rank(&bins->f, loss / c);

        j[i] = settle(policies->q, policies->n_q, s, c, loss, near_j);
        k[i] = settle(policies->f, policies->n_f, 1.0, c, loss, near_k);
    }
}

void marks_add(struct marks *marks, const struct policies *policies, uint32_t e,
               const uint32_t *j, const uint32_t *k)
{
    const size_t n_f = policies->n_f, n_b = policies->n_b;

    for (size_t i = 0; i < n_b; i++) { /* what is no mark is written over by the next */
        marks->cell[marks->n] =
            (uint32_t)((((size_t)j[i] - 1) * n_f + k[i] - 1) * n_b + i);
        marks->bar[marks->n] = e;
        marks->n += (j[i] > 0) & (k[i] > 0);
    }
}

void beyond_find(struct beyond *beyond, const struct ground *ground,
                 const struct bins *bins, const struct path *path, struct marks *marks)
{
    const struct policies *policies = bins->policies;
    const double weakest[3] = {policies->f[0], policies->q[0], policies->b[0]};
    const size_t n_b = policies->n_b;

    beyond->n = ground->kernels->beyond(ground->n, ground->worse, path->scaled,
                                        path->in_use, weakest, beyond->t);
    marks->n = 0;
    for (size_t e = 0; e < beyond->n; e++) {
        const size_t t = beyond->t[e];
        uint32_t *j = beyond->j + e * n_b, *k = beyond->k + e * n_b;

        bins_of(bins, ground->loss[t], path->scaled[t], path_in_use(path, t), j, k);
        marks_add(marks, policies, (uint32_t)e, j, k);
    }
}
