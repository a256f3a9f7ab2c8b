#include "worker/nested.h"

#include <string.h>

bool nested_before(const struct nested_sum *a, const struct nested_sum *b)
{
    if (a->n_without != b->n_without)
        return a->n_without < b->n_without;
    if (a->violation != b->violation)
        return a->violation < b->violation;
    return a->cost < b->cost;
}

static struct nested_sum add(struct nested_sum a, struct nested_sum b)
{
    return (struct nested_sum){a.n_without + b.n_without, a.violation + b.violation,
                               a.cost + b.cost};
}

/* An instrument without a say adds nothing, not even 0 times what is undefined. */
static struct nested_sum leaf(const struct nested_problem *problem, size_t i,
                              size_t cell)
{
    const double weight = problem->weight[i];
    double violation, cost;

    if (weight == 0.0)
        return (struct nested_sum){0};
    if (!problem->best(problem->context, i, cell, &violation, &cost))
        return (struct nested_sum){.n_without = 1};
    return (struct nested_sum){0, weight * violation, weight * cost};
}

static struct nested_sum sum_instruments(const struct nested_problem *problem,
                                         size_t first, size_t end, size_t cell)
{
    if (first == end)
        return (struct nested_sum){0};
    if (first + 1 == end)
        return leaf(problem, first, cell);
    const size_t middle = first + (end - first) / 2;
    return add(sum_instruments(problem, first, middle, cell),
               sum_instruments(problem, middle, end, cell));
}

struct nested_sum nested_group(const struct nested_problem *problem, size_t g, size_t s,
                               size_t u)
{
    return sum_instruments(problem, problem->first[g], problem->first[g + 1],
                           s * problem->n_group + u);
}

static struct nested_sum best_group(const struct nested_problem *problem, size_t g,
                                    size_t s, size_t *u)
{
    struct nested_sum best = nested_group(problem, g, s, 0);

    *u = 0;
    for (size_t v = 1; v < problem->n_group; v++) {
        const struct nested_sum sum = nested_group(problem, g, s, v);

        if (nested_before(&sum, &best)) {
            best = sum;
            *u = v;
        }
    }
    return best;
}

static struct nested_sum sum_groups(const struct nested_problem *problem, size_t first,
                                    size_t end, size_t s, size_t u[])
{
    if (first == end)
        return (struct nested_sum){0};
    if (first + 1 == end)
        return best_group(problem, first, s, &u[first]);
    const size_t middle = first + (end - first) / 2;
    const struct nested_sum left = sum_groups(problem, first, middle, s, u);
    return add(left, sum_groups(problem, middle, end, s, u));
}

struct nested_sum nested_global(const struct nested_problem *problem, size_t s,
                                size_t u[])
{
    return sum_groups(problem, 0, problem->n_groups, s, u);
}

struct nested_sum nested_solve(const struct nested_problem *problem, size_t *s,
                               size_t u[], size_t room[])
{
    struct nested_sum best = nested_global(problem, 0, u);

    *s = 0;
    for (size_t t = 1; t < problem->n_global; t++) {
        const struct nested_sum sum = nested_global(problem, t, room);

        if (nested_before(&sum, &best)) {
            best = sum;
            *s = t;
            memcpy(u, room, problem->n_groups * sizeof *u);
        }
    }
    return best;
}
