#include "worker/cscv_shared.h"

#include <math.h>
#include <stdbool.h>

/* ---- an instrument's cells ---- */

static bool is_before(const struct cscv_worth *a, const struct cscv_worth *b)
{
    if (isnan(a->cost) || isnan(b->cost))
        return isnan(b->cost) && !isnan(a->cost);
    return a->violation < b->violation ||
           (a->violation == b->violation && a->cost < b->cost);
}

/* Every point over the blocks whose bits are set. */
static void weigh_half(const struct cscv_cells *cells, uint32_t half,
                       struct cscv_worth worth[])
{
    const size_t c = cells->n_parts, n = cells->n_points;

    for (size_t i = 0; i < n; i++) {
        double mean[CSCV_PARTS_MAX] = {0};

        for (size_t b = 0; b < cells->n_blocks; b++)
            if (half >> b & 1)
                for (size_t j = 0; j < c; j++)
                    mean[j] += cells->part[(b * n + i) * c + j];
        for (size_t j = 0; j < c; j++)
            mean[j] /= (double)(cells->n_blocks / 2);
        cells->worth(cells->context, mean, &worth[i]);
    }
}

/* ln(omega / (1 - omega)); equals share their places. */
static double lambda_of(size_t n, size_t n_behind, size_t n_equal)
{
    const double place = 1.0 + (double)n_behind + 0.5 * (double)n_equal;

    return log(place / ((double)(n + 1) - place));
}

/* The first of the best of points first to before end; end: none has a cost. */
static size_t find_best(const struct cscv_worth here[], size_t first, size_t end)
{
    size_t best = end;

    for (size_t i = first; i < end; i++)
        if (!isnan(here[i].cost) && (best == end || is_before(&here[i], &here[best])))
            best = i;
    return best;
}

/* Where the best of a cell stands among its points, by loss and by the rule. */
static void place_best(const struct cscv_worth there[], size_t first, size_t end,
                       size_t best, struct cscv_choice *choice)
{
    const struct cscv_worth *own = &there[best];
    size_t behind[2] = {0}, equal[2] = {0};

    for (size_t i = first; i < end; i++) {
        if (i == best)
            continue;
        behind[0] += isnan(there[i].loss) || there[i].loss > own->loss;
        equal[0] += there[i].loss == own->loss;
        behind[1] += is_before(own, &there[i]);
        equal[1] += !is_before(own, &there[i]) && !is_before(&there[i], own);
    }
    choice->lambda = lambda_of(end - first, behind[0], equal[0]);
    choice->lambda_by_rule = lambda_of(end - first, behind[1], equal[1]);
}

static void choose_in_cell(const struct cscv_worth here[],
                           const struct cscv_worth there[], size_t first, size_t end,
                           struct cscv_choice *choice)
{
    const struct cscv_worth none = {INFINITY, NAN, NAN};
    const size_t best = find_best(here, first, end);

    *choice = (struct cscv_choice){none, none, NAN, NAN};
    if (best == end)
        return;
    choice->here = here[best];
    choice->there = there[best];
    place_best(there, first, end, best, choice);
}

void cscv_cells_of(const struct cscv_cells *cells, struct cscv_worth room[],
                   struct cscv_choice choice[])
{
    const uint32_t all = (uint32_t)((UINT64_C(1) << cells->n_blocks) - 1);
    const size_t n_halves = cscv_n_halves(cells->n_blocks);
    struct cscv_worth *there = room + cells->n_points;
    uint32_t half = cscv_first_half(cells->n_blocks);

    for (size_t r = 0; r < n_halves; r++, half = cscv_next_half(half)) {
        weigh_half(cells, half, room);
        weigh_half(cells, all & ~half, there);
        for (size_t k = 0; k < cells->n_cells; k++)
            choose_in_cell(room, there, cells->first[k], cells->first[k + 1],
                           &choice[r * cells->n_cells + k]);
    }
}

/* ---- what they choose together ---- */

struct half {
    const struct cscv_pool *pool;
    size_t number;
    bool there; /* what the choice is worth on the other half */
};

static size_t n_cells_of(const struct cscv_pool *pool)
{
    return pool->n_global * pool->n_group;
}

static const struct cscv_choice *choice_at(const struct cscv_pool *pool, size_t half,
                                           size_t i, size_t cell)
{
    return &pool->choice[i][half * n_cells_of(pool) + cell];
}

/* nested_problem.best */
static bool best_at(const void *context, size_t i, size_t cell, double *violation,
                    double *cost)
{
    const struct half *half = context;
    const struct cscv_choice *choice = choice_at(half->pool, half->number, i, cell);
    const struct cscv_worth *worth = half->there ? &choice->there : &choice->here;

    *violation = worth->violation;
    *cost = worth->cost;
    return !isnan(choice->here.cost) && !isnan(worth->cost);
}

void cscv_pool_choose(const struct cscv_pool *pool, size_t room[], double weight[],
                      size_t cell[])
{
    struct half half = {.pool = pool};
    const struct nested_problem problem = {.n_global = pool->n_global,
                                           .n_group = pool->n_group,
                                           .n_groups = pool->n_groups,
                                           .first = pool->first,
                                           .weight = weight,
                                           .best = best_at,
                                           .context = &half};
    size_t s;

    for (size_t i = 0; i < pool->first[pool->n_groups]; i++)
        weight[i] = pool->choice[i] != NULL ? pool->weight[i] : 0.0;
    for (half.number = 0; half.number < pool->n_halves; half.number++) {
        size_t *of = cell + half.number * pool->n_groups;

        nested_solve(&problem, &s, of, room);
        for (size_t g = 0; g < pool->n_groups; g++)
            of[g] += s * pool->n_group;
    }
}

/* The sums of a cell on the other half over instruments first to before end; false:
 * somebody has none. */
static bool add_up(const struct cscv_pool *pool, size_t half, size_t first, size_t end,
                   size_t cell, struct nested_sum *sum, double *loss)
{
    *sum = (struct nested_sum){0};
    *loss = 0.0;
    for (size_t i = first; i < end; i++) {
        const double weight = pool->choice[i] != NULL ? pool->weight[i] : 0.0;

        if (weight == 0.0)
            continue;
        const struct cscv_worth *there = &choice_at(pool, half, i, cell)->there;
        if (isnan(there->cost) || isnan(there->loss))
            sum->n_without++;
        sum->violation += weight * there->violation;
        sum->cost += weight * there->cost;
        *loss += weight * there->loss;
    }
    return sum->n_without == 0;
}

/* What both cells lack somebody's value of is the same to the rule. */
static bool sum_before(const struct nested_sum *a, const struct nested_sum *b)
{
    if (a->n_without > 0 || b->n_without > 0)
        return a->n_without == 0 && b->n_without > 0;
    return nested_before(a, b);
}

static bool place_cell(const struct cscv_pool *pool, size_t half, size_t first,
                       size_t end, size_t chosen, const struct cscv_pool_room *room,
                       double lambda[2])
{
    const size_t n = n_cells_of(pool);
    size_t behind[2] = {0}, equal[2] = {0};

    for (size_t k = 0; k < n; k++)
        if (!add_up(pool, half, first, end, k, &room->sum[k], &room->loss[k]))
            room->loss[k] = NAN;
    if (isnan(room->loss[chosen]))
        return false;
    for (size_t k = 0; k < n; k++) {
        if (k == chosen)
            continue;
        behind[0] += isnan(room->loss[k]) || room->loss[k] > room->loss[chosen];
        equal[0] += room->loss[k] == room->loss[chosen];
        behind[1] += sum_before(&room->sum[chosen], &room->sum[k]);
        equal[1] += !sum_before(&room->sum[chosen], &room->sum[k]) &&
                    !sum_before(&room->sum[k], &room->sum[chosen]);
    }
    lambda[0] = lambda_of(n, behind[0], equal[0]);
    lambda[1] = lambda_of(n, behind[1], equal[1]);
    return true;
}

static struct cscv_pair pair_of(size_t n_halves, size_t n, double lambda[])
{
    return (struct cscv_pair){.by_loss = cscv_of_places(n_halves, n, lambda),
                              .by_rule =
                                  cscv_of_places(n_halves, n, lambda + n_halves)};
}

struct cscv_pair cscv_pool_place(const struct cscv_pool *pool, size_t first, size_t end,
                                 const size_t cell[], const struct cscv_pool_room *room)
{
    size_t n = 0, n_broken = 0;
    double lambda[2];

    for (size_t r = 0; r < pool->n_halves; r++) {
        const size_t chosen = cell[r * pool->n_groups + first];

        if (!place_cell(pool, r, pool->first[first], pool->first[end], chosen, room,
                        lambda))
            continue;
        room->lambda[n] = lambda[0];
        room->lambda[pool->n_halves + n++] = lambda[1];
        n_broken += room->sum[chosen].violation > 0.0;
    }
    struct cscv_pair pair = pair_of(pool->n_halves, n, room->lambda);
    pair.n_broken = n_broken;
    return pair;
}

struct cscv_pair cscv_pool_own(const struct cscv_pool *pool, size_t group, size_t i,
                               const size_t cell[], double lambda[])
{
    size_t n = 0, n_broken = 0;

    for (size_t r = 0; r < pool->n_halves; r++) {
        const struct cscv_choice *choice =
            choice_at(pool, r, i, cell[r * pool->n_groups + group]);

        if (isnan(choice->there.loss) || isnan(choice->there.cost))
            continue;
        lambda[n] = choice->lambda;
        lambda[pool->n_halves + n++] = choice->lambda_by_rule;
        n_broken += choice->there.violation > 0.0;
    }
    struct cscv_pair pair = pair_of(pool->n_halves, n, lambda);
    pair.n_broken = n_broken;
    return pair;
}
