#include "worker/sweep.h"

#include "worker/release.h"

#include <stdlib.h>

enum { ON_Q, ON_FLOOR, ON_BUFFER, ON_RELEASE };

struct sweep {
    struct sweep_rules rules;
    struct tally *tally; /* [max_points] */
    struct phase *phase; /* [max_points][h] */
    double *scaled, *in_use, *margin;
};

int sweep_path(const struct sweep_rules *rules, const double *values, double *scaled,
               double *in_use, struct err *err)
{
    const struct series *series = rules->series;
    const bool release = values[rules->model->n_axes + ON_RELEASE] == 1.0;
    double *variance = malloc(2 * series->n * sizeof *variance);

    if (variance == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", series->n);
    rules->model->paths(series, 1, values, variance);
    volatility_scale(series, variance, scaled);
    for (size_t t = 0; t < series->n; t++)
        in_use[t] = 1.0;
    if (release) {
        release_reference(&rules->release, series, variance + series->n);
        release_in_use(&rules->release, series, variance, variance + series->n, in_use);
    }
    free(variance);
    return 0;
}

int sweep_new(const struct sweep_rules *rules, uint64_t max_points,
              struct sweep **sweep, struct err *err)
{
    const size_t n = rules->series->n, h = rules->series->rules.horizon_bars;
    struct sweep *made = calloc(1, sizeof *made);

    if (made == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a sweep");
    made->rules = *rules;
    made->tally = calloc(max_points, sizeof *made->tally);
    made->phase = calloc(max_points * h, sizeof *made->phase);
    made->scaled = calloc(3 * n, sizeof(double));
    if (made->tally == NULL || made->phase == NULL || made->scaled == NULL) {
        sweep_free(made);
        return err_set(err, ERR_MEMORY, "no memory for %zu bars and %llu points", n,
                       (unsigned long long)max_points);
    }
    made->in_use = made->scaled + n;
    made->margin = made->scaled + 2 * n;
    *sweep = made;
    return 0;
}

void sweep_free(struct sweep *sweep)
{
    if (sweep == NULL)
        return;
    free(sweep->tally);
    free(sweep->phase);
    free(sweep->scaled);
    free(sweep);
}

void sweep_box(struct sweep *sweep, const struct box *box)
{
    const struct sweep_rules *rules = &sweep->rules;
    const size_t h = rules->series->rules.horizon_bars;
    const uint64_t first = grid_point(rules->grid, box->first);
    const uint64_t n_points = box_n_points(rules->grid, box);

    for (uint64_t j = 0; j < n_points; j++) {
        double value[AXES_MAX];

        grid_values(rules->grid, first + j, value);
        sweep_path(rules, value, sweep->scaled, sweep->in_use, NULL);
        const double *on_top = value + rules->model->n_axes;
        const struct policy policy = {on_top[ON_Q], on_top[ON_FLOOR], on_top[ON_BUFFER],
                                      on_top[ON_RELEASE] == 1.0};
        walk_margin(rules->series, &policy, sweep->scaled, sweep->in_use,
                    sweep->margin);
        sweep->tally[j].phase = sweep->phase + j * h;
        walk_tally(rules->series, rules->range, sweep->margin, &sweep->tally[j]);
    }
}

void sweep_tally(const struct sweep *sweep, uint64_t j, struct tally *tally)
{
    *tally = sweep->tally[j];
}
