#include "worker/search_method.h"

#include <math.h>

static const struct search_method search_grid = {
    .name = "grid",
    .meaning = "every point of the grid",
    .walks_grid = true,
};

static const struct search_method *const methods[] = {
    &search_grid, &search_sobol, &search_latin, &search_halving, &search_cmaes};

const struct search_method *search_method_row(size_t i)
{
    return i < sizeof methods / sizeof *methods ? methods[i] : NULL;
}

const char *search_method_name(const struct search_method *method)
{
    return method->name;
}

const char *search_method_meaning(const struct search_method *method)
{
    return method->meaning;
}

bool search_is_grid(const struct search_method *method)
{
    return method == NULL || method->walks_grid;
}

bool search_takes_spans(const struct search_rules *rules)
{
    return !search_is_grid(rules->method) &&
           (rules->method != &search_halving || rules->n_candidates > 0);
}

bool search_is_design(const struct search_rules *rules)
{
    return !search_is_grid(rules->method) && rules->method->is_design &&
           rules->n_polish == 0;
}

bool search_takes_grid(const struct search_rules *rules)
{
    return rules->method == &search_halving && rules->n_candidates == 0;
}

double search_method_points(const struct search_rules *rules, const struct grid *grid)
{
    if (rules->n_points > 0)
        return (double)rules->n_points;
    if (rules->method->preset_points > 0)
        return (double)rules->method->preset_points;
    const uint64_t n =
        rules->n_candidates > 0 ? rules->n_candidates : grid_n_points(grid);

    return fmax(1.0, 0.1 * (double)n);
}

double search_n_points(const struct search_rules *rules, const struct grid *grid)
{
    return search_method_points(rules, grid) +
           (double)rules->n_polish * (double)rules->n_polish_points;
}
