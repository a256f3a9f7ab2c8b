#include "worker/sweep.h"

#include "worker/release.h"
#include "worker/sweep_inside.h"

#include <math.h>
#include <string.h>

/* The tables of a box's policies; boxes of one grid mostly differ in their paths. */
static void take_policies(struct sweep *sweep, const struct box *box)
{
    const size_t on = path_n_axes(sweep->rules.path);
    const struct axis *axis = sweep->rules.grid->axis + on;
    const bool same = sweep->policies.n_cells > 0 &&
                      memcmp(box->first + on, sweep->box.first + on,
                             ON_RELEASE * sizeof box->first[0]) == 0 &&
                      memcmp(box->count + on, sweep->box.count + on,
                             ON_RELEASE * sizeof box->count[0]) == 0;

    sweep->box = *box;
    sweep->n_releases = box->count[on + ON_RELEASE];
    sweep->n_paths = 1;
    for (size_t a = 0; a < on; a++)
        sweep->n_paths *= box->count[a];
    if (same)
        return;
    sweep->policies = (struct policies){
        .n_q = box->count[on + ON_Q],
        .n_f = box->count[on + ON_FLOOR],
        .n_b = box->count[on + ON_BUFFER],
        .q = axis[ON_Q].value + box->first[on + ON_Q],
        .f = axis[ON_FLOOR].value + box->first[on + ON_FLOOR],
        .b = axis[ON_BUFFER].value + box->first[on + ON_BUFFER],
    };
    sweep->policies.n_cells =
        sweep->policies.n_q * sweep->policies.n_f * sweep->policies.n_b;
    bins_build(&sweep->bins, &sweep->policies);
    quotients_build(&sweep->quotients, &sweep->policies);
}

/* The number of the path among all of the grid. */
static uint64_t path_number(const struct sweep *sweep, size_t path)
{
    const size_t n_axes = path_n_axes(sweep->rules.path);
    size_t digit[AXES_MAX];
    uint64_t number = 0;

    for (size_t a = n_axes; a-- > 0; path /= sweep->box.count[a])
        digit[a] = sweep->box.first[a] + path % sweep->box.count[a];
    for (size_t a = 0; a < n_axes; a++)
        number = number * sweep->rules.grid->axis[a].n + digit[a];
    return number;
}

/* Look at every bar once, in runs that stay in the first cache. */
static void look_through(struct sweep *sweep, const double *variance, struct path *path)
{
    const struct policies *policies = &sweep->policies;
    const size_t n = sweep->ground.n;
    struct beyond *beyond = &sweep->beyond;
    uint32_t cell[LADDER_RUN];
    struct kernel_pass pass = {
        .h = (double)sweep->ground.h,
        .f = policies->f[0],
        .q = policies->q[0],
        .b = policies->b[0],
        .variance = variance + sweep->rules.range.first,
        .loss = sweep->ground.worse,
        .in_use = path->in_use,
        .cells = sweep->quotients.ladder.cells,
        .scaled = sweep->scaled,
        .found = {beyond->t, beyond->loss, beyond->s, sweep->g},
        .least = INFINITY,
    };

    margins_start(&sweep->quotients, path);
    for (size_t t = 0; t < n; t += LADDER_RUN) {
        const size_t end = t + ladder_run(n - t);

        sweep->ground.kernels->pass(&pass, t, end, cell);
        if (sweep->rules.needs & SWEEP_MARGIN)
            margins_add(&sweep->quotients, path, t, end - t, cell);
    }
    beyond->n = pass.n_found;
    beyond->released = path->in_use != NULL;
    beyond->g = beyond->released ? sweep->g : sweep->ones;
    path->least = pass.least;
    path->most = pass.most;
}

/* Counts of all cells, and the sums over their exceedances. */
static void count_plane(struct sweep *sweep, bool released, size_t plane)
{
    const size_t n_phases = sweep->ground.n_phases;
    const size_t first = plane * sweep->policies.n_cells * n_phases;
    const struct line_out usual = {n_phases, sweep->count + first,
                                   sweep->shortfall.beyond,
                                   released ? sweep->shortfall.beyond_g : NULL};
    const struct line_out rare = {n_phases, sweep->rare_count + first, NULL, NULL};

    beyond_fill(&sweep->beyond, &sweep->ground, &sweep->bins);
    items_find(&sweep->ground, &sweep->bins, &sweep->beyond,
               sweep->rules.needs & SWEEP_PHASES, &sweep->usual, &sweep->rare);
    line_fill(&sweep->bins, &sweep->beyond, &sweep->usual, &sweep->line, &usual);
    sweep->has_rare[plane] = sweep->rare.n > 0;
    if (sweep->rare.n > 0)
        line_fill(&sweep->bins, &sweep->beyond, &sweep->rare, &sweep->line, &rare);
}

static void sweep_plane(struct sweep *sweep, const double *variance,
                        const double *in_use, size_t plane)
{
    const struct policies *policies = &sweep->policies;
    const unsigned needs = sweep->rules.needs;
    const size_t first = plane * policies->n_cells;
    struct path path = {.scaled = sweep->scaled, .in_use = in_use};
    double *field[FIELDS];

    for (size_t i = 0; i < FIELDS; i++)
        field[i] = sweep->field[i] + first;
    look_through(sweep, variance, &path);
    if (needs & (SWEEP_COUNTS | SWEEP_PHASES | SWEEP_SHORTFALL))
        count_plane(sweep, in_use != NULL, plane);
    if (needs & SWEEP_SHORTFALL)
        shortfall_fill(&sweep->ground, &sweep->bins, &sweep->beyond, &sweep->shortfall,
                       field);
    if (needs & SWEEP_MARGIN)
        margins_fill(&sweep->ground, policies, &sweep->quotients, &path,
                     &sweep->margins, field);
    if (needs & SWEEP_RISES)
        rises_fill(&sweep->ground, policies, &sweep->quotients, &path, field);
}

int sweep_box(struct sweep *sweep, const struct box *box, struct err *err)
{
    const struct sweep_rules *rules = &sweep->rules;
    const size_t release = path_n_axes(rules->path) + ON_RELEASE;

    take_policies(sweep, box);
    for (size_t p = 0; p < sweep->n_paths; p++) {
        const double *volatility, *variance;

        if (paths_take(sweep->paths, path_number(sweep, p), &volatility, &variance,
                       err) != 0)
            return -1;
        for (size_t r = 0; r < sweep->n_releases; r++) {
            const double *in_use = NULL;

            if (rules->grid->axis[release].value[box->first[release] + r] == 1.0) {
                release_in_use(&rules->release, rules->series, volatility,
                               sweep->reference, sweep->in_use);
                in_use = sweep->in_use + rules->range.first;
            }
            sweep_plane(sweep, variance, in_use, p * sweep->n_releases + r);
        }
    }
    return 0;
}

int sweep_stages(const struct sweep_rules *rules, const double *values,
                 const struct path_stages *out, struct path_fits *fits, struct err *err)
{
    const struct kernels *kernels;

    if (kernels_choose(&kernels, err) != 0)
        return -1;
    return path_follow(rules->path, kernels, rules->series, values, out, fits, err);
}

int sweep_path(const struct sweep_rules *rules, const double *values,
               const struct path_stages *stages, double *scaled, double *in_use,
               struct err *err)
{
    const struct series *series = rules->series;
    const struct kernels *kernels;

    if (kernels_choose(&kernels, err) != 0)
        return -1;
    for (size_t t = 0; t < series->n; t++)
        in_use[t] = 1.0;
    if (values[path_n_axes(rules->path) + ON_RELEASE] == 1.0) {
        double *reference = scaled; /* until it is filled */

        release_reference(&rules->release, kernels, series, reference);
        release_in_use(&rules->release, series, stages->volatility, reference, in_use);
    }
    kernels->scale(series->n, (double)series->rules.horizon_bars, stages->steadied,
                   scaled);
    return 0;
}
