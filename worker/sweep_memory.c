#include "worker/huge.h"
#include "worker/release.h"
#include "worker/sweep_inside.h"

#include <stdlib.h>

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

/* What depends on the sizes of the axes; no box has more than max_points. */
static void carve_tables(struct arena *arena, struct sweep *sweep, uint64_t max_points)
{
    const size_t n_q = sweep_axis_n(sweep, ON_Q), n_f = sweep_axis_n(sweep, ON_FLOOR);
    const size_t n_b = sweep_axis_n(sweep, ON_BUFFER);
    const size_t n_qf = at_most(n_q * n_f, max_points);
    const size_t n_fb = at_most(n_f * n_b, max_points);
    const size_t n_cells = at_most(n_q * n_f * n_b, max_points);
    const size_t n_rows = at_most((n_q > n_f ? n_q : n_f) * n_b + n_b, BINS_ROWS_MAX);

    sweep->bins.qc.rung = carve(arena, 2 * n_rows + 1, sizeof(double));
    sweep->bins.fc.rung = carve(arena, 2 * n_rows + 1, sizeof(double));
    sweep->bins.q.rung = carve(arena, 2 * n_q + 1, sizeof(double));
    sweep->bins.f.rung = carve(arena, 2 * n_f + 1, sizeof(double));
    sweep->bins.corner =
        carve(arena, at_most(n_q * n_b, BINS_ROWS_MAX), sizeof(uint32_t));
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
    const size_t n_b = at_most(sweep_axis_n(sweep, ON_BUFFER), max_points);
    const size_t n_f = at_most(sweep_axis_n(sweep, ON_FLOOR), max_points);

    sweep->reference = carve(arena, n_series, sizeof(double));
    sweep->scaled = carve(arena, n_series, sizeof(double));
    sweep->in_use = carve(arena, n_series, sizeof(double));
    sweep->beyond.t = carve(arena, n + KERNEL_SLACK, sizeof(uint32_t));
    sweep->beyond.loss = carve(arena, n + KERNEL_SLACK, sizeof(double));
    sweep->beyond.s = carve(arena, n + KERNEL_SLACK, sizeof(double));
    sweep->g = carve(arena, n + KERNEL_SLACK, sizeof(double));
    sweep->ones = carve(arena, n, sizeof(double));
    sweep->beyond.tag = carve(arena, n, sizeof(struct tag));
    carve_line(arena, sweep, n, at_most(sweep_axis_n(sweep, ON_Q), max_points), n_f,
               n_b);
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

/* The layout of `head`, in memory of its own. */
static struct sweep *settle_down(const struct sweep *head, uint64_t max_points)
{
    struct arena measured = {0};
    struct sweep trial = *head, *made;

    carve(&measured, 1, sizeof *made);
    carve_all(&measured, &trial, max_points);
    struct arena memory = {.base = huge_alloc(&measured.n_bytes)};
    if (memory.base == NULL)
        return NULL;
    made = carve(&memory, 1, sizeof *made);
    *made = *head;
    carve_all(&memory, made, max_points);
    for (size_t t = 0; t < made->ground.n; t++)
        made->ones[t] = 1.0;
    return made;
}

int sweep_new(const struct sweep_rules *rules, uint64_t max_points,
              struct sweep **sweep, struct err *err)
{
    const struct axis *release =
        &rules->grid->axis[path_n_axes(rules->path) + ON_RELEASE];
    struct sweep head = {.rules = *rules}, *made;

    max_points = at_most(max_points, grid_n_points(rules->grid));
    if (rules->range.first >= rules->range.end || max_points > INT32_MAX)
        return err_set(err, ERR_BUG, "a sweep of bars %zu to %zu and %llu points",
                       rules->range.first, rules->range.end,
                       (unsigned long long)max_points);
    if (ground_new(rules->series, rules->range, rules->needs & SWEEP_PHASES,
                   &head.ground, err) != 0)
        return -1;
    head.bins.kernels = head.ground.kernels;
    if (paths_new(rules->path, head.ground.kernels, rules->series, rules->grid,
                  &head.paths, err) != 0) {
        ground_free(&head.ground);
        return -1;
    }
    head.n_scored = series_n_scored(rules->series, rules->range);
    head.n_left_out = series_n_left_out(rules->series, rules->range);
    made = settle_down(&head, max_points);
    if (made == NULL) {
        paths_free(head.paths);
        ground_free(&head.ground);
        return err_set(err, ERR_MEMORY, "no memory for %zu bars and %llu points",
                       rules->series->n, (unsigned long long)max_points);
    }
    if (release->value[release->n - 1] == 1.0)
        release_reference(&rules->release, made->ground.kernels, rules->series,
                          made->reference);
    *sweep = made;
    return 0;
}

void sweep_free(struct sweep *sweep)
{
    if (sweep == NULL)
        return;
    paths_free(sweep->paths);
    ground_free(&sweep->ground);
    free(sweep);
}
