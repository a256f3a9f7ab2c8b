#include "coordinator/intervals_unit.h"
#include "coordinator/interval_figures.h"
#include "coordinator/interval_parts.h"
#include "coordinator/intervals_shared.h"
#include "coordinator/job_bars.h"
#include "coordinator/trial.h"
#include "worker/scope.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WATCHED_MAX = 2 };

/* One instrument under work. */
struct bench {
    struct interval_worker *worker;
    const struct plan *plan;
    struct bars bars;
    struct interval_parts parts;
    size_t n_blocks, block_bars;
    size_t n_points; /* of the grid, or those that the search tried; the one behind them
                        is the incumbent's */
    double *point;   /* [n_points][n_axes] of a search's; NULL: the grid's */
    uint32_t *cell;  /* [n_points] where axes are shared */
    size_t n_cells;
    const struct interval_calendar *calendar; /* ... and the blocks of their pool */
    const double *incumbent;
    double *part; /* [n_blocks][parts.n][n_points + 1] */
    struct bootstrap_room room;
    double *sorted;
    size_t chosen; /* point */
};

int intervals_check(const struct plan *plan, struct err *err)
{
    struct interval_parts parts;

    return interval_parts_make(plan, &parts, err);
}

/* ---- the blocks ---- */

/* As many even blocks of the training bars as are asked for, or as there are of two
 * horizons; bars that are left over at the start are in none. */
static int cut_blocks(struct bench *bench, struct err *err)
{
    if (bench->calendar != NULL) {
        bench->n_blocks = bench->calendar->n_blocks;
        bench->block_bars = bench->calendar->block_bars;
        return 0;
    }
    const struct range training = plan_training(bench->plan, bench->bars.n);
    const size_t least = 2 * bench->plan->series.horizon_bars;
    const size_t n_bars =
        training.end > training.first ? training.end - training.first : 0;
    const size_t most = n_bars / least;

    bench->n_blocks = most < bench->worker->n_blocks ? most : bench->worker->n_blocks;
    if (bench->n_blocks < INTERVAL_BLOCKS_MIN)
        return err_set(err, ERR_INPUT,
                       "%zu training bars are fewer than %d blocks of two horizons "
                       "(%zu bars)",
                       n_bars, INTERVAL_BLOCKS_MIN, least);
    bench->block_bars = n_bars / bench->n_blocks;
    return 0;
}

static struct range block_at(const struct bench *bench, size_t b)
{
    const struct range training = plan_training(bench->plan, bench->bars.n);
    const size_t end = training.end - (bench->n_blocks - 1 - b) * bench->block_bars;

    if (bench->calendar != NULL)
        return interval_calendar_bars(bench->calendar, &bench->bars, training, b);
    return (struct range){end - bench->block_bars, end};
}

/* A block of the calendar in which the instrument has no horizon adds nothing. */
static void leave_empty(struct bench *bench, size_t b, size_t n, size_t first)
{
    const size_t stride = bench->n_points + 1;
    double *part = bench->part + b * bench->parts.n * stride + first;

    bench->parts.common[b][0] = bench->parts.common[b][1] = 0.0;
    for (size_t j = 0; j < bench->parts.n; j++)
        for (size_t i = 0; i < n; i++)
            part[j * stride + i] =
                bench->parts.part[j] >= PART_MAX_MARGIN ? -INFINITY : 0.0;
}

/* The figures of the plan's points in block b, to parts from point `first` on. */
static int fill_points(struct bench *bench, const struct plan *plan, size_t b,
                       size_t first, double surface[], struct err *err)
{
    const size_t n = (size_t)grid_n_points(&plan->grid), stride = bench->n_points + 1;
    const struct range range = block_at(bench, b);
    const struct interval_block at = {b, range.end - range.first, stride};
    struct err why = {0};

    if (trial_surface(plan, &bench->bars, range, surface, &why) == 0) {
        interval_parts_fill(&bench->parts, &at, n, surface,
                            bench->part + b * bench->parts.n * stride + first);
        return 0;
    }
    if (bench->calendar != NULL && why.kind == ERR_INPUT) {
        leave_empty(bench, b, n, first);
        return 0;
    }
    *err = why;
    return err_add(err, "block %zu of %zu", b + 1, bench->n_blocks);
}

/* A point as a grid of its own, on the job's grid or off it. */
static struct plan plan_of_point(const struct bench *bench, const double value[])
{
    struct plan plan = bench->parts.plan;

    for (size_t a = 0; a < plan.grid.n_axes; a++) {
        plan.grid.axis[a].n = 1;
        plan.grid.axis[a].span = AXIS_LISTED;
        plan.grid.axis[a].scope = AXIS_INSTRUMENT;
        plan.grid.axis[a].value = value + a;
    }
    return plan;
}

static int fill_block(struct bench *bench, size_t b, double surface[], struct err *err)
{
    const size_t n_axes = bench->plan->grid.n_axes;
    int status = 0;

    if (bench->point == NULL)
        status = fill_points(bench, &bench->parts.plan, b, 0, surface, err);
    for (size_t i = 0; status == 0 && bench->point != NULL && i < bench->n_points;
         i++) {
        const struct plan plan = plan_of_point(bench, bench->point + i * n_axes);

        status = fill_points(bench, &plan, b, i, surface, err);
    }
    if (status == 0 && bench->incumbent != NULL) {
        const struct plan plan = plan_of_point(bench, bench->incumbent);

        status = fill_points(bench, &plan, b, bench->n_points, surface, err);
    }
    return status;
}

static int fill_blocks(struct bench *bench, struct err *err)
{
    const size_t n_values = bench->n_points * bench->parts.plan.n_surfaces;
    double *surface = calloc(n_values, sizeof *surface);
    int status = 0;

    if (surface == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu figures", n_values);
    for (size_t b = 0; status == 0 && b < bench->n_blocks; b++)
        status = fill_block(bench, b, surface, err);
    free(surface);
    return status;
}

static int allocate(struct bench *bench, struct err *err)
{
    enum { VALUES_MAX = 1 << 27 }; /* a gigabyte */
    const size_t n_replicates = bench->worker->n_replicates;
    const size_t n_rows = bench->n_blocks * bench->parts.n;

    if (bench->n_points + 1 > VALUES_MAX / n_rows)
        return err_set(err, ERR_INPUT,
                       "%zu points in %zu blocks do not fit a gigabyte: fewer "
                       "--blocks, or shorter axes",
                       bench->n_points, bench->n_blocks);
    bench->part = calloc((bench->n_points + 1) * n_rows, sizeof *bench->part);
    bench->sorted = calloc(n_replicates, sizeof *bench->sorted);
    bench->room = (struct bootstrap_room){
        .count = calloc(n_replicates * bench->n_blocks, sizeof(unsigned)),
        .best = calloc(n_replicates * bench->n_cells, sizeof(struct candidate)),
        .watched = calloc(n_replicates * WATCHED_MAX, sizeof(struct candidate))};
    if (bench->part != NULL && bench->sorted != NULL && bench->room.count != NULL &&
        bench->room.best != NULL && bench->room.watched != NULL)
        return 0;
    return err_set(err, ERR_MEMORY, "no memory for %zu blocks of %zu points",
                   bench->n_blocks, bench->n_points);
}

static void bench_free(struct bench *bench)
{
    bars_free(&bench->bars);
    free(bench->point);
    free(bench->cell);
    free(bench->part);
    free(bench->sorted);
    free(bench->room.count);
    free(bench->room.best);
    free(bench->room.watched);
}

/* ---- what the replicates say ---- */

/* The points that were rated on all training bars, and which of them was chosen. */
static int take_tried(struct bench *bench, const struct outcome *outcome,
                      struct err *err)
{
    const struct tried *tried = &outcome->tried;
    const size_t n_axes = tried->n_axes;

    bench->point = calloc(tried->n * n_axes + 1, sizeof *bench->point);
    if (bench->point == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", tried->n);
    bench->n_points = 0;
    for (size_t i = 0; i < tried->n; i++) {
        if (!tried->point[i].is_rated || tried->point[i].share != 1.0)
            continue;
        if (i == (size_t)outcome->point[0].point)
            bench->chosen = bench->n_points;
        memcpy(bench->point + bench->n_points++ * n_axes, tried_value(tried, i),
               n_axes * sizeof *bench->point);
    }
    return 0;
}

/* Of a plan that is bound to some shared values, the number in the whole grid. */
static size_t number_of(const struct grid *grid, const double value[])
{
    size_t number = 0;

    for (size_t a = 0; a < grid->n_axes; a++) {
        const struct axis *axis = &grid->axis[a];
        size_t digit = 0;

        while (digit + 1 < axis->n && axis->value[digit] != value[a])
            digit++;
        number = number * axis->n + digit;
    }
    return number;
}

/* The job's own choice, as a calibration makes it; where axes are shared, with the
 * values that all of a pool choose. */
static int choose(struct bench *bench, size_t instrument,
                  struct interval_answer *answer, struct err *err)
{
    const struct fold fold = {plan_training(bench->plan, bench->bars.n),
                              plan_test(bench->plan, bench->bars.n)};
    const bool is_shared = bench->calendar != NULL;
    const struct plan bound =
        is_shared
            ? walk_shared_plan(bench->plan, bench->worker->shared->cell[instrument])
            : *bench->plan;
    struct trial trial;
    int status = 0;

    if (trial_run(&bound, &bench->bars, &fold, &trial, err) != 0)
        return -1;
    if (trial.outcome.n_judged == 0)
        status = err_set(err, ERR_INPUT, "%s", trial.outcome.reason);
    else if (search_is_grid(bench->plan->search.method))
        bench->chosen = number_of(&bench->plan->grid, trial.value);
    else
        status = take_tried(bench, &trial.outcome, err);
    for (size_t a = 0; status == 0 && a < bench->plan->grid.n_axes; a++)
        answer->axis[a].chosen = trial.value[a];
    trial_free(&trial);
    return status;
}

static struct bootstrap_problem problem_of(const struct bench *bench,
                                           const size_t watched[])
{
    struct bootstrap_problem problem = {.n_blocks = bench->n_blocks,
                                        .n_points = bench->n_points + 1,
                                        .n_choices = bench->n_points,
                                        .n_parts = bench->parts.n,
                                        .part = bench->part,
                                        .n_common = 2,
                                        .common = &bench->parts.common[0][0],
                                        .score = interval_parts_score,
                                        .context = &bench->parts,
                                        .n_cells = bench->n_cells,
                                        .cell = bench->cell,
                                        .n_watched = bench->incumbent != NULL ? 2 : 1,
                                        .watched = watched,
                                        .n_replicates = bench->worker->n_replicates,
                                        .seed = bench->worker->seed};

    for (size_t j = 0; j < bench->parts.n; j++)
        problem.is_most[j] = bench->parts.part[j] >= PART_MAX_MARGIN;
    return problem;
}

/* With every block once. */
static double cost_of(const struct bench *bench, size_t point)
{
    const size_t c = bench->parts.n;
    double common[2] = {0.0, 0.0}, total[BOOTSTRAP_PARTS_MAX];
    struct candidate candidate;

    for (size_t j = 0; j < c; j++)
        total[j] = bench->parts.part[j] >= PART_MAX_MARGIN ? -INFINITY : 0.0;
    for (size_t b = 0; b < bench->n_blocks; b++) {
        const size_t stride = bench->n_points + 1;
        const double *part = bench->part + b * c * stride + point;

        common[0] += bench->parts.common[b][0];
        common[1] += bench->parts.common[b][1];
        for (size_t j = 0; j < c; j++)
            total[j] = bench->parts.part[j] >= PART_MAX_MARGIN
                           ? fmax(total[j], part[j * stride])
                           : total[j] + part[j * stride];
    }
    interval_parts_score(&bench->parts, common, total, &candidate);
    return candidate.cost;
}

static void take_answer(struct bench *bench, struct interval_answer *answer)
{
    const struct interval_draws draws = {.n_replicates = bench->worker->n_replicates,
                                         .n_watched = bench->incumbent != NULL ? 2 : 1,
                                         .best = bench->room.best,
                                         .watched = bench->room.watched,
                                         .point = bench->point,
                                         .sorted = bench->sorted};

    answer->n_blocks = bench->n_blocks;
    answer->block_bars = bench->block_bars;
    answer->n_points = bench->n_points;
    answer->cost = cost_of(bench, bench->chosen);
    answer->chosen.is_there = 1;
    answer->chosen.cost = answer->cost;
    if (bench->incumbent != NULL) {
        answer->incumbent.is_there = 1;
        answer->incumbent.cost = cost_of(bench, bench->n_points);
        answer->incumbent.regret = answer->incumbent.cost - answer->cost;
        memcpy(answer->incumbent.value, bench->incumbent,
               sizeof answer->incumbent.value);
    }
    if (bench->calendar == NULL)
        interval_figures(&bench->plan->grid, &draws, answer);
}

/* Which points have which shared values. */
static int sort_cells(struct bench *bench, struct err *err)
{
    size_t digit[AXES_MAX];

    bench->n_cells = 1;
    if (bench->calendar == NULL)
        return 0;
    bench->n_cells = (size_t)scope_n_cells(&bench->plan->grid);
    bench->cell = calloc(bench->n_points, sizeof *bench->cell);
    if (bench->cell == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", bench->n_points);
    for (size_t i = 0; i < bench->n_points; i++) {
        grid_digits(&bench->plan->grid, i, digit);
        bench->cell[i] = (uint32_t)scope_cell(&bench->plan->grid, digit);
    }
    return 0;
}

static int read_bars(struct bench *bench, size_t instrument, struct err *err)
{
    const struct subject *subject = bench->worker->subject;

    return job_bars_read(&subject->job, subject->history,
                         subject->universe.entry[instrument], &bench->bars, err);
}

static int work(struct bench *bench, size_t instrument, struct interval_answer *answer,
                struct err *err)
{
    const struct subject *subject = bench->worker->subject;
    const struct incumbent *incumbent =
        universe_incumbent(&subject->universe, instrument);

    if (incumbent != NULL && incumbent->n_points > 0)
        bench->incumbent = incumbent->point[0];
    bench->n_points = (size_t)grid_n_points(&bench->plan->grid);
    if (scope_is_shared(&bench->plan->grid) &&
        intervals_shared_find(bench->worker, instrument, &bench->calendar, err) != 0)
        return -1;
    if (read_bars(bench, instrument, err) != 0 ||
        interval_parts_make(bench->plan, &bench->parts, err) != 0 ||
        cut_blocks(bench, err) != 0 || choose(bench, instrument, answer, err) != 0 ||
        sort_cells(bench, err) != 0 || allocate(bench, err) != 0 ||
        fill_blocks(bench, err) != 0)
        return -1;
    const size_t watched[] = {bench->chosen, bench->n_points};
    const struct bootstrap_problem problem = problem_of(bench, watched);
    bootstrap_run(&problem, &bench->room);
    take_answer(bench, answer);
    return 0;
}

/* What rank 0 needs where instruments choose together. */
static void put_draws(const struct bench *bench, struct buffer *answer)
{
    const size_t n = bench->worker->n_replicates;

    if (bench->calendar == NULL)
        return;
    buffer_put(answer, bench->room.best, n * bench->n_cells * sizeof(struct candidate));
    buffer_put(answer, bench->room.watched,
               n * (bench->incumbent != NULL ? 2 : 1) * sizeof(struct candidate));
}

int intervals_work(void *context, struct reader request, struct buffer *answer,
                   struct err *err)
{
    struct interval_worker *worker = context;
    const struct universe *universe = &worker->subject->universe;
    struct bench bench = {.worker = worker, .plan = &worker->subject->job.plan};
    struct interval_answer result;
    struct err why = {0};
    uint64_t instrument;

    if (reader_get(&request, &instrument, sizeof instrument) != 0 ||
        instrument >= universe->n)
        return err_set(err, ERR_BUG, "a unit cannot be read");
    memset(&result, 0, sizeof result); /* padding travels too */
    const int status = work(&bench, instrument, &result, &why);
    if (status != 0 && why.kind != ERR_INPUT) {
        bench_free(&bench);
        *err = why;
        return err_add(err, "%s", universe->entry[instrument]->instrument);
    }
    if (status != 0)
        snprintf(result.reason, sizeof result.reason, "%s", why.text);
    buffer_put(answer, &result, sizeof result);
    if (status == 0)
        put_draws(&bench, answer);
    bench_free(&bench);
    return 0;
}
