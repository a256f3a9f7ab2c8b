#include "coordinator/calibration_search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Behind the axes. */
enum column { VIOLATION, COST, SHARE, GENERATION, COLUMNS };

static const struct {
    const char *name, *meaning;
} columns[COLUMNS] = {
    [VIOLATION] = {"violation", "on that share; 0: every constraint holds"},
    [COST] = {"cost", "the objective on that share; NaN: undefined"},
    [SHARE] = {"share", "of the training bars that the point was rated on"},
    [GENERATION] = {"generation", "batch or rung of the search, the first is 0"},
};

static void fill(const struct tried *tried, double *number, double *value)
{
    const size_t n = tried->n;

    for (size_t i = 0; i < n; i++) {
        const struct tried_point *point = &tried->point[i];
        double *of = value + tried->n_axes * n + i;

        number[i] = (double)i;
        for (size_t a = 0; a < tried->n_axes; a++)
            value[a * n + i] = tried_value(tried, i)[a];
        of[VIOLATION * n] = point->rating.violation;
        of[COST * n] = point->rating.cost;
        of[SHARE * n] = point->share;
        of[GENERATION * n] = (double)point->generation;
    }
}

static int put(const struct plan *plan, const struct outcome *outcome,
               const double number[], const double value[], struct evidence *evidence,
               struct err *err)
{
    const size_t n = outcome->tried.n, n_axes = plan->grid.n_axes;
    struct evidence_figure figure[AXES_MAX + COLUMNS];
    char group[HISTORY_NAME_MAX + 32];

    for (size_t a = 0; a < n_axes; a++)
        figure[a] =
            (struct evidence_figure){.name = plan->grid.axis[a].rule->name,
                                     .unit = plan->grid.axis[a].rule->unit,
                                     .meaning = plan->grid.axis[a].rule->meaning,
                                     .value = value + a * n};
    for (size_t c = 0; c < COLUMNS; c++)
        figure[n_axes + c] =
            (struct evidence_figure){.name = columns[c].name,
                                     .unit = "1",
                                     .meaning = columns[c].meaning,
                                     .value = value + (n_axes + c) * n};
    const struct evidence_axis axis = {.name = "number",
                                       .unit = "",
                                       .meaning = "in the order they were asked for",
                                       .n = n,
                                       .value = number};
    const struct evidence_surface surface = {
        .n_axes = 1, .axis = &axis, .n_figures = n_axes + COLUMNS, .figure = figure};
    snprintf(group, sizeof group, "/%s/searched", outcome->entry->instrument);
    return evidence_write(evidence, group, &surface, err);
}

int calibration_write_searched(const struct plan *plan, const struct outcome *outcome,
                               struct evidence *evidence, struct err *err)
{
    const size_t n = outcome->tried.n;

    if (n == 0)
        return 0;
    double *number = calloc(n, sizeof *number);
    double *value = calloc(n * (plan->grid.n_axes + COLUMNS), sizeof *value);
    int status = -1;

    if (number == NULL || value == NULL) {
        err_set(err, ERR_MEMORY, "no memory for %zu points tried", n);
    } else {
        fill(&outcome->tried, number, value);
        status = put(plan, outcome, number, value, evidence, err);
    }
    free(number);
    free(value);
    return status;
}
