#include "worker/sweep.h"

#include "worker/release.h"
#include "worker/sweep_parts.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

/* After the axes of the volatility model. */
enum { ON_Q, ON_FLOOR, ON_BUFFER, ON_RELEASE, ON_TOP };

struct sweep {
    struct sweep_rules rules;
    struct ground ground;
    uint64_t n_scored, n_left_out;

    /* paths: a run of KERNEL_LANES neighbours among the model's parameters */
    uint64_t group;    /* which run is there; UINT64_MAX: none */
    double *variance;  /* [KERNEL_LANES][series->n] */
    double *reference; /* of the release, [series->n] */
    double *scaled;    /* [n] of the range */
    double *in_use;    /* [series->n] */

    /* the box */
    struct box box;
    struct policies policies;
    size_t n_paths, n_releases;
    struct bins bins;
    struct quotients quotients;

    /* workspace of a plane */
    struct beyond beyond;
    double *g, *ones; /* its g with and without release */
    struct items usual, rare;
    struct line line;
    struct margins margins;
    struct shortfall shortfall;

    /* results, plane after plane */
    quad *count;           /* [max_points][n_phases] */
    quad *rare_count;      /* the same, where has_rare */
    bool *has_rare;        /* [max_points], of planes  */
    double *field[FIELDS]; /* [max_points] each     */
    struct phase *phase;   /* [h], lent by sweep_tally */
};

/* Memory is laid out twice by the same calls: measured, then carved. */
struct arena {
    unsigned char *base; /* NULL: only measure */
    size_t n_bytes;
};

static void *carve(struct arena *arena, size_t n, size_t size)
{
    const size_t at = arena->n_bytes;

    arena->n_bytes += (n * size + 63) / 64 * 64;
    return arena->base == NULL ? NULL : arena->base + at;
}

enum { HUGE_PAGE = 2 << 20 };

/* In huge pages where the system gives them: the planes are walked in all directions,
 * and small pages would cost more in address translation than in data. */
static void *arena_memory(size_t *n_bytes)
{
    *n_bytes = (*n_bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    void *memory = aligned_alloc(HUGE_PAGE, *n_bytes);
    if (memory != NULL)
        madvise(memory, *n_bytes, MADV_HUGEPAGE);
    return memory;
}

static size_t at_most(size_t n, uint64_t most)
{
    return n < most ? n : (size_t)most;
}

static void carve_frontier(struct arena *arena, struct frontier *frontier, size_t n)
{
    frontier->n_max = n;
    frontier->a = carve(arena, n, sizeof(double));
    frontier->b = carve(arena, n, sizeof(double));
    frontier->c = carve(arena, n, sizeof(double));
}

/* n bars beyond: as many pairs, and each may have another side; loose rows of all. */
static void carve_line(struct arena *arena, struct sweep *sweep, size_t n, size_t n_q,
                       size_t n_f, size_t n_b)
{
    const size_t n_phases = sweep->ground.n_phases;
    struct line *line = &sweep->line;

    sweep->usual.item = carve(arena, 2 * n, sizeof(struct item));
    sweep->rare.item = carve(arena, 3 * n, sizeof(struct item));
    sweep->beyond.place = carve(arena, n, sizeof(struct place));
    sweep->beyond.loose.q = carve(arena, 3 * n * n_b, sizeof(uint32_t));
    sweep->beyond.loose.f = carve(arena, 3 * n * n_b, sizeof(uint32_t));
    line->end = carve(arena, at_most(n_q * n_b, BINS_ROWS_MAX) + 2, sizeof(uint32_t));
    line->f = carve(arena, 3 * n, sizeof(uint32_t));
    line->phase = carve(arena, 3 * n, sizeof(uint32_t));
    line->one = carve(arena, 3 * n, sizeof(quad));
    line->sum = carve(arena, 3 * n, sizeof(pair));
    line->next = carve(arena, 3 * n, sizeof(uint32_t));
    line->head = carve(arena, n_q + 1, sizeof(uint32_t));
    line->count = carve(arena, LINE_COPIES * (n_f + 1) * n_phases, sizeof(quad));
    line->sums = carve(arena, LINE_COPIES * (n_f + 1), sizeof(pair));
    line->sums_g = carve(arena, n_f + 1, sizeof(double));
}

static size_t axis_n(const struct sweep *sweep, size_t on_top)
{
    return sweep->rules.grid->axis[sweep->rules.model->n_axes + on_top].n;
}

/* What depends on the sizes of the axes; no box has more than max_points. */
static void carve_tables(struct arena *arena, struct sweep *sweep, uint64_t max_points)
{
    const size_t n_q = axis_n(sweep, ON_Q), n_f = axis_n(sweep, ON_FLOOR);
    const size_t n_b = axis_n(sweep, ON_BUFFER);
    const size_t n_qf = at_most(n_q * n_f, max_points);
    const size_t n_fb = at_most(n_f * n_b, max_points);
    const size_t n_cells = at_most(n_q * n_f * n_b, max_points);
    const size_t n_rows = at_most((n_q > n_f ? n_q : n_f) * n_b + n_b, BINS_ROWS_MAX);

    sweep->bins.qc.rung = carve(arena, 2 * n_rows + 1, sizeof(double));
    sweep->bins.fc.rung = carve(arena, 2 * n_rows + 1, sizeof(double));
    sweep->bins.q.rung = carve(arena, 2 * n_q + 1, sizeof(double));
    sweep->bins.f.rung = carve(arena, 2 * n_f + 1, sizeof(double));
    sweep->bins.corner = carve(arena, n_q * n_b, sizeof(uint32_t));
    sweep->bins.n_beyond_q =
        carve(arena, at_most((n_q * n_b + 1) * n_b, BINS_ROWS_MAX), sizeof(uint32_t));
    sweep->bins.n_beyond_f =
        carve(arena, at_most((n_f * n_b + 1) * n_b, BINS_ROWS_MAX), sizeof(uint32_t));
    sweep->quotients.ladder.rung = carve(arena, 2 * n_qf + 1, sizeof(double));
    sweep->quotients.rank = carve(arena, n_qf, sizeof(uint32_t));
    sweep->quotients.bin = carve(arena,
                                 QUOTIENT_COPIES * QUOTIENT_SUMS * (n_qf + 1) +
                                     QUOTIENT_SUMS * (n_cells + n_b),
                                 sizeof(double));
    sweep->shortfall.beyond = carve(arena, n_cells, sizeof(pair));
    sweep->shortfall.beyond_g = carve(arena, n_cells, sizeof(double));
    sweep->shortfall.below = carve(arena, 4 * n_cells, sizeof(double));
    sweep->margins.more = carve(arena, n_cells, sizeof(double));
    sweep->shortfall.floor = carve(arena, n_fb, sizeof(double));
    sweep->shortfall.column = carve(arena, FRONTIER_RUN * n_fb, sizeof(double));
}

static void carve_all(struct arena *arena, struct sweep *sweep, uint64_t max_points)
{
    const size_t n_series = sweep->rules.series->n, n = sweep->ground.n;
    const size_t n_b = at_most(axis_n(sweep, ON_BUFFER), max_points);
    const size_t n_f = at_most(axis_n(sweep, ON_FLOOR), max_points);

    sweep->variance = carve(arena, KERNEL_LANES * n_series, sizeof(double));
    sweep->reference = carve(arena, n_series, sizeof(double));
    sweep->scaled = carve(arena, n_series, sizeof(double));
    sweep->in_use = carve(arena, n_series, sizeof(double));
    sweep->beyond.t = carve(arena, n + KERNEL_SLACK, sizeof(uint32_t));
    sweep->beyond.loss = carve(arena, n + KERNEL_SLACK, sizeof(double));
    sweep->beyond.s = carve(arena, n + KERNEL_SLACK, sizeof(double));
    sweep->g = carve(arena, n + KERNEL_SLACK, sizeof(double));
    sweep->ones = carve(arena, n, sizeof(double));
    sweep->beyond.tag = carve(arena, n, sizeof(struct tag));
    carve_line(arena, sweep, n, at_most(axis_n(sweep, ON_Q), max_points), n_f, n_b);
    carve_frontier(arena, &sweep->margins.most, n + 1);
    carve_frontier(arena, &sweep->margins.least, n + 1);
    carve_frontier(arena, &sweep->shortfall.frontier, n + 1);
    sweep->shortfall.floors.cell = carve(arena, (n + 4) * n_f + 4, sizeof(uint32_t));
    sweep->shortfall.floors.bar = carve(arena, (n + 4) * n_f + 4, sizeof(uint32_t));
    carve_tables(arena, sweep, max_points);
    sweep->count = carve(arena, max_points * sweep->ground.n_phases, sizeof(quad));
    sweep->rare_count = carve(arena, max_points * sweep->ground.n_phases, sizeof(quad));
    sweep->has_rare = carve(arena, max_points, sizeof(bool));
    for (size_t i = 0; i < FIELDS; i++)
        sweep->field[i] = carve(arena, max_points, sizeof(double));
    sweep->phase = carve(arena, sweep->ground.h, sizeof(struct phase));
}

int sweep_new(const struct sweep_rules *rules, uint64_t max_points,
              struct sweep **sweep, struct err *err)
{
    struct sweep head = {.rules = *rules, .group = UINT64_MAX};
    struct arena arena = {0};

    max_points = at_most(max_points, grid_n_points(rules->grid));
    if (rules->range.first >= rules->range.end || max_points > INT32_MAX)
        return err_set(err, ERR_BUG, "a sweep of %zu bars and %llu points",
                       rules->range.end - rules->range.first,
                       (unsigned long long)max_points);
    if (ground_new(rules->series, rules->range, rules->needs & SWEEP_PHASES,
                   &head.ground, err) != 0)
        return -1;
    carve(&arena, 1, sizeof head);
    carve_all(&arena, &head, max_points);
    struct arena memory = {.base = arena_memory(&arena.n_bytes)};
    if (memory.base == NULL) {
        ground_free(&head.ground);
        return err_set(err, ERR_MEMORY, "no memory for %zu bars and %llu points",
                       rules->series->n, (unsigned long long)max_points);
    }
    struct sweep *made = carve(&memory, 1, sizeof *made);
    *made = head;
    made->bins.kernels = head.ground.kernels;
    carve_all(&memory, made, max_points);
    for (size_t t = 0; t < made->ground.n; t++)
        made->ones[t] = 1.0;
    made->n_scored = series_n_scored(rules->series, rules->range);
    made->n_left_out = series_n_left_out(rules->series, rules->range);
    if (rules->grid->axis[rules->model->n_axes + ON_RELEASE]
            .value[axis_n(made, ON_RELEASE) - 1] == 1.0)
        release_reference(&rules->release, made->ground.kernels, rules->series,
                          made->reference);
    *sweep = made;
    return 0;
}

void sweep_free(struct sweep *sweep)
{
    if (sweep == NULL)
        return;
    ground_free(&sweep->ground);
    free(sweep);
}

/* The tables of a box's policies; boxes of one grid mostly differ in their paths. */
static void take_policies(struct sweep *sweep, const struct box *box)
{
    const size_t on = sweep->rules.model->n_axes;
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

/* The number of the model's parameters at this path of the box. */
static uint64_t path_number(const struct sweep *sweep, size_t path)
{
    const struct grid models = {.n_axes = sweep->rules.model->n_axes};
    size_t digit[AXES_MAX];
    uint64_t number = 0;

    for (size_t a = models.n_axes; a-- > 0; path /= sweep->box.count[a])
        digit[a] = sweep->box.first[a] + path % sweep->box.count[a];
    for (size_t a = 0; a < models.n_axes; a++)
        number = number * sweep->rules.grid->axis[a].n + digit[a];
    return number;
}

/* Compute the run of neighbouring paths that holds this one, unless it is there. */
static const double *variance_of(struct sweep *sweep, uint64_t number)
{
    const struct sweep_rules *rules = &sweep->rules;
    const uint64_t group = number / KERNEL_LANES;
    double parameter[AXES_MAX * KERNEL_LANES];

    if (group != sweep->group) {
        for (size_t lane = 0; lane < KERNEL_LANES; lane++) {
            uint64_t k = group * KERNEL_LANES + lane;

            for (size_t a = rules->model->n_axes; a-- > 0;) {
                const struct axis *axis = &rules->grid->axis[a];

                parameter[a * KERNEL_LANES + lane] = axis->value[k % axis->n];
                k /= axis->n;
            }
        }
        volatility_paths(rules->model, sweep->ground.kernels, rules->series, parameter,
                         sweep->variance);
        sweep->group = group;
    }
    return sweep->variance + number % KERNEL_LANES * rules->series->n;
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

void sweep_box(struct sweep *sweep, const struct box *box)
{
    const struct sweep_rules *rules = &sweep->rules;
    const size_t release = rules->model->n_axes + ON_RELEASE;

    take_policies(sweep, box);
    for (size_t p = 0; p < sweep->n_paths; p++) {
        const double *variance = variance_of(sweep, path_number(sweep, p));

        for (size_t r = 0; r < sweep->n_releases; r++) {
            const double *in_use = NULL;

            if (rules->grid->axis[release].value[box->first[release] + r] == 1.0) {
                release_in_use(&rules->release, rules->series, variance,
                               sweep->reference, sweep->in_use);
                in_use = sweep->in_use + rules->range.first;
            }
            sweep_plane(sweep, variance, in_use, p * sweep->n_releases + r);
        }
    }
}

/* What a phase adds to the whole, and the phase itself where they are told apart. */
static void tally_phase(const struct sweep *sweep, size_t i, quad usual, quad rare,
                        struct tally *tally)
{
    tally->x += usual[COUNT_X];
    tally->x_long += usual[COUNT_LONG] + rare[RARE_LONG];
    tally->x_short += usual[COUNT_X] - usual[COUNT_LONG] + rare[RARE_SHORT];
    if (sweep->rules.needs & SWEEP_PHASES)
        sweep->phase[i] = (struct phase){
            .n = sweep->ground.whole[i].n,
            .x = usual[COUNT_X],
            .n_pairs = sweep->ground.whole[i].n_pairs,
            .first = usual[COUNT_X] - rare[RARE_NO_NEXT],
            .second = usual[COUNT_X] - rare[RARE_NO_BEFORE],
            .both = usual[COUNT_BOTH],
        };
}

static void tally_counts(const struct sweep *sweep, uint64_t plane, uint32_t cell,
                         struct tally *tally)
{
    const size_t n_phases = sweep->ground.n_phases;
    const uint32_t n_b = (uint32_t)sweep->policies.n_b;
    const uint32_t of_line =
        cell % n_b * (uint32_t)(sweep->policies.n_cells / n_b) + cell / n_b;
    const size_t first = (plane * sweep->policies.n_cells + of_line) * n_phases;
    const bool has_rare = sweep->has_rare[plane];
    const bool phases = sweep->rules.needs & SWEEP_PHASES;

    tally->n = sweep->n_scored;
    tally->left_out = sweep->n_left_out;
    tally->x = tally->x_long = tally->x_short = 0;
    tally->n_phases = phases ? n_phases : 0;
    tally->phase = phases ? sweep->phase : NULL;
    for (size_t i = 0; i < n_phases; i++)
        tally_phase(sweep, i, sweep->count[first + i],
                    has_rare ? sweep->rare_count[first + i] : (quad){0}, tally);
}

void sweep_tally(const struct sweep *sweep, uint64_t j, struct tally *tally)
{
    const unsigned needs = sweep->rules.needs;
    const size_t n_cells = sweep->policies.n_cells, n_r = sweep->n_releases;
    const uint64_t plane = j / (n_cells * n_r) * n_r + j % n_r;
    const uint32_t cell = (uint32_t)(j / n_r % n_cells);
    const uint64_t at = plane * n_cells + cell;

    tally->n_bars = sweep->ground.n;
    if (needs & (SWEEP_COUNTS | SWEEP_PHASES))
        tally_counts(sweep, plane, cell, tally);
    if (needs & SWEEP_MARGIN) {
        tally->sum_margin = sweep->field[FIELD_SUM_MARGIN][at];
        tally->max_margin = sweep->field[FIELD_MAX_MARGIN][at];
        tally->min_margin = sweep->field[FIELD_MIN_MARGIN][at];
        tally->last_margin = sweep->field[FIELD_LAST_MARGIN][at];
    }
    if (needs & SWEEP_SHORTFALL) {
        tally->sum_loss = sweep->field[FIELD_SUM_LOSS][at];
        tally->sum_margin_beyond = sweep->field[FIELD_SUM_BEYOND][at];
        tally->sum_shortfall = sweep->field[FIELD_SUM_SHORTFALL][at];
        tally->worst_shortfall = sweep->field[FIELD_WORST_SHORTFALL][at];
    }
    if (needs & SWEEP_RISES)
        for (size_t i = 0; i < TALLY_RISES; i++)
            tally->rise[i] = sweep->field[FIELD_RISE + i][at];
}

int sweep_path(const struct sweep_rules *rules, const double *values, double *scaled,
               double *in_use, struct err *err)
{
    const struct series *series = rules->series;
    const struct kernels *kernels;
    double *variance;

    if (kernels_choose(&kernels, err) != 0)
        return -1;
    variance = malloc(2 * series->n * sizeof *variance);
    if (variance == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", series->n);
    volatility_path(rules->model, kernels, series, values, variance);
    kernels->scale(series->n, (double)series->rules.horizon_bars, variance, scaled);
    for (size_t t = 0; t < series->n; t++)
        in_use[t] = 1.0;
    if (values[rules->model->n_axes + ON_RELEASE] == 1.0) {
        double *reference = variance + series->n;

        release_reference(&rules->release, kernels, series, reference);
        release_in_use(&rules->release, series, variance, reference, in_use);
    }
    free(variance);
    return 0;
}
