#include "worker/cscv.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>

size_t cscv_n_halves(size_t n_blocks)
{
    size_t n = 1;

    if (n_blocks < 2 || n_blocks > CSCV_BLOCKS_MAX || n_blocks % 2 != 0)
        return 0;
    for (size_t i = 1; i <= n_blocks / 2; i++)
        n = n * (n_blocks / 2 + i) / i;
    return n;
}

uint32_t cscv_first_half(size_t n_blocks)
{
    return (uint32_t)((UINT64_C(1) << n_blocks / 2) - 1);
}

/* The next number with as many bits (Gosper's hack). */
uint32_t cscv_next_half(uint32_t half)
{
    const uint32_t lowest = half & -half, ripple = half + lowest;

    return (((ripple ^ half) >> 2) / lowest) | ripple;
}

/* A point's means over the blocks whose bits are set. */
static void mean_of(const struct cscv_problem *problem, uint32_t half, size_t i,
                    double mean[CSCV_PARTS_MAX])
{
    const size_t c = problem->n_parts, n = problem->n_points;

    for (size_t j = 0; j < c; j++)
        mean[j] = 0.0;
    for (size_t b = 0; b < problem->n_blocks; b++)
        if (half >> b & 1)
            for (size_t j = 0; j < c; j++)
                mean[j] += problem->part[(b * n + i) * c + j];
    for (size_t j = 0; j < c; j++)
        mean[j] /= (double)(problem->n_blocks / 2);
}

/* How far equal scores of i and j are apart. */
static double second_apart(const struct cscv_problem *problem, uint32_t half, size_t i,
                           size_t j)
{
    double mean_i[CSCV_PARTS_MAX], mean_j[CSCV_PARTS_MAX];

    if (problem->second == NULL)
        return 0.0;
    mean_of(problem, half, i, mean_i);
    mean_of(problem, half, j, mean_j);
    return problem->second(problem->context, mean_i) -
           problem->second(problem->context, mean_j);
}

static void score_half(const struct cscv_problem *problem, uint32_t half,
                       double (*score_of)(const void *context, const double mean[]),
                       double score[])
{
    double mean[CSCV_PARTS_MAX];

    for (size_t i = 0; i < problem->n_points; i++) {
        mean_of(problem, half, i, mean);
        score[i] = score_of(problem->context, mean);
    }
}

/* The first of the least; n where none has a score. */
static size_t find_best(const struct cscv_problem *problem, uint32_t half,
                        const double score[])
{
    const size_t n = problem->n_points;
    size_t best = n;

    for (size_t i = 0; i < n; i++)
        if (!isnan(score[i]) &&
            (best == n || score[i] < score[best] ||
             (score[i] == score[best] && second_apart(problem, half, i, best) < 0.0)))
            best = i;
    return best;
}

/* Its place from the worst, 1, to the best, n; among equals the middle. */
static double place_of(const struct cscv_problem *problem, uint32_t half,
                       const double score[], size_t i)
{
    size_t n_behind = 0, n_equal = 0;

    for (size_t j = 0; j < problem->n_points; j++) {
        const double apart = score[j] != score[i] || problem->score_there != NULL
                                 ? 0.0
                                 : second_apart(problem, half, j, i);

        n_behind += isnan(score[j]) || score[j] > score[i] || apart > 0.0;
        n_equal += j != i && score[j] == score[i] && apart == 0.0;
    }
    return 1.0 + (double)n_behind + 0.5 * (double)n_equal;
}

/* Choose on one half, look at the other. */
static bool try_half(const struct cscv_problem *problem, uint32_t half, double *score,
                     double *here, double *there, double *lambda)
{
    const uint32_t other = (uint32_t)((UINT64_C(1) << problem->n_blocks) - 1) & ~half;
    const size_t n = problem->n_points;

    score_half(problem, half, problem->score, score);
    score_half(problem, other,
               problem->score_there != NULL ? problem->score_there : problem->score,
               score + n);
    const size_t best = find_best(problem, half, score);
    if (best == n || isnan(score[n + best]))
        return false;
    const double place = place_of(problem, other, score + n, best);
    *here = score[best];
    *there = score[n + best];
    *lambda = log(place / ((double)(n + 1) - place));
    return true;
}

static double share_below(size_t n, const double lambda[])
{
    size_t n_below = 0;

    for (size_t i = 0; i < n; i++)
        n_below += lambda[i] <= 0.0;
    return (double)n_below / (double)n;
}

static void regress(size_t n, const double x[], const double y[], struct cscv *cscv)
{
    const double mean_x = gsl_stats_mean(x, 1, n), mean_y = gsl_stats_mean(y, 1, n);
    double xx = 0.0, xy = 0.0;

    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    cscv->mean_here = mean_x;
    cscv->mean_there = mean_y;
    cscv->slope = xx > 0.0 ? xy / xx : NAN;
    cscv->intercept = mean_y - cscv->slope * mean_x;
}

/* omega grows with lambda: their medians belong together.  Sorts lambda. */
static double median_omega(size_t n, double lambda[])
{
    gsl_sort(lambda, 1, n);
    const double middle = 0.5 * (lambda[(n - 1) / 2] + lambda[n / 2]);

    return 1.0 / (1.0 + exp(-middle));
}

struct cscv cscv_of_places(size_t n_halves, size_t n, double lambda[])
{
    struct cscv cscv = {.n_halves = n_halves,
                        .n_undecided = n_halves - n,
                        .pbo = NAN,
                        .median_omega = NAN,
                        .slope = NAN,
                        .intercept = NAN,
                        .mean_here = NAN,
                        .mean_there = NAN};

    if (n == 0)
        return cscv;
    cscv.pbo = share_below(n, lambda);
    cscv.median_omega = median_omega(n, lambda);
    return cscv;
}

struct cscv cscv_of(const struct cscv_problem *problem, const struct cscv_room *room)
{
    const size_t n_halves = cscv_n_halves(problem->n_blocks);
    uint32_t half = cscv_first_half(problem->n_blocks);
    size_t n = 0;

    for (size_t i = 0; i < n_halves; i++, half = cscv_next_half(half))
        n += try_half(problem, half, room->score, room->here + n, room->there + n,
                      room->lambda + n);
    struct cscv cscv = cscv_of_places(n_halves, n, room->lambda);
    if (n > 0)
        regress(n, room->here, room->there, &cscv);
    return cscv;
}
