#include "coordinator/intervals_unit.h"
#include "coordinator/interval_parts.h"
#include "coordinator/job_bars.h"
#include "coordinator/trial.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MIN = 8, WATCHED_MAX = 2 };

/* One instrument under work. */
struct bench {
    const struct interval_worker *worker;
    const struct plan *plan;
    struct bars bars;
    struct interval_parts parts;
    size_t n_blocks, block_bars;
    size_t n_points; /* of the grid; the one behind them is the incumbent's */
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
    const struct range training = plan_training(bench->plan, bench->bars.n);
    const size_t least = 2 * bench->plan->series.horizon_bars;
    const size_t n_bars =
        training.end > training.first ? training.end - training.first : 0;
    const size_t most = n_bars / least;

    bench->n_blocks = most < bench->worker->n_blocks ? most : bench->worker->n_blocks;
    if (bench->n_blocks < BLOCKS_MIN)
        return err_set(err, ERR_INPUT,
                       "%zu training bars are fewer than %d blocks of two horizons "
                       "(%zu bars)",
                       n_bars, BLOCKS_MIN, least);
    bench->block_bars = n_bars / bench->n_blocks;
    return 0;
}

static struct range block_at(const struct bench *bench, size_t b)
{
    const struct range training = plan_training(bench->plan, bench->bars.n);
    const size_t end = training.end - (bench->n_blocks - 1 - b) * bench->block_bars;

    return (struct range){end - bench->block_bars, end};
}

/* The figures of the plan's points in block b, to parts from point `first` on. */
static int fill_points(struct bench *bench, const struct plan *plan, size_t b,
                       size_t first, double surface[], struct err *err)
{
    const size_t n = (size_t)grid_n_points(&plan->grid), stride = bench->n_points + 1;
    const struct interval_block at = {b, bench->block_bars, stride};
    const struct range range = block_at(bench, b);

    if (trial_surface(plan, &bench->bars, range, surface, err) != 0)
        return err_add(err, "block %zu of %zu", b + 1, bench->n_blocks);
    interval_parts_fill(&bench->parts, &at, n, surface,
                        bench->part + b * bench->parts.n * stride + first);
    return 0;
}

/* The incumbent's point as a grid of its own, off the job's grid. */
static struct plan plan_of_incumbent(const struct bench *bench)
{
    struct plan plan = bench->parts.plan;

    for (size_t a = 0; a < plan.grid.n_axes; a++) {
        plan.grid.axis[a].n = 1;
        plan.grid.axis[a].value = bench->incumbent + a;
    }
    return plan;
}

static int fill_blocks(struct bench *bench, struct err *err)
{
    const size_t n_values = bench->n_points * bench->parts.plan.n_surfaces;
    double *surface = calloc(n_values, sizeof *surface);
    int status = 0;

    if (surface == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu figures", n_values);
    for (size_t b = 0; status == 0 && b < bench->n_blocks; b++) {
        status = fill_points(bench, &bench->parts.plan, b, 0, surface, err);
        if (status == 0 && bench->incumbent != NULL) {
            const struct plan plan = plan_of_incumbent(bench);

            status = fill_points(bench, &plan, b, bench->n_points, surface, err);
        }
    }
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
        .best = calloc(n_replicates, sizeof(struct candidate)),
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
    free(bench->part);
    free(bench->sorted);
    free(bench->room.count);
    free(bench->room.best);
    free(bench->room.watched);
}

/* ---- what the replicates say ---- */

/* The job's own choice, as a calibration makes it. */
static int choose(struct bench *bench, struct interval_answer *answer, struct err *err)
{
    const struct fold fold = {plan_training(bench->plan, bench->bars.n),
                              plan_test(bench->plan, bench->bars.n)};
    struct trial trial;

    if (trial_run(bench->plan, &bench->bars, &fold, &trial, err) != 0)
        return -1;
    if (trial.outcome.n_judged > 0) {
        bench->chosen = (size_t)trial.outcome.point[0].point;
        for (size_t a = 0; a < bench->plan->grid.n_axes; a++)
            answer->axis[a].chosen = trial.value[a];
    } else {
        err_set(err, ERR_INPUT, "%s", trial.outcome.reason);
    }
    const int status = trial.outcome.n_judged > 0 ? 0 : -1;
    trial_free(&trial);
    return status;
}

static void take_axes(struct bench *bench, struct interval_answer *answer)
{
    const struct grid *grid = &bench->plan->grid;
    double value[AXES_MAX];

    for (size_t a = 0; a < grid->n_axes; a++) {
        struct interval_axis *axis = &answer->axis[a];
        size_t n = 0, n_same = 0;

        for (size_t r = 0; r < bench->worker->n_replicates; r++) {
            if (isnan(bench->room.best[r].cost))
                continue;
            grid_values(grid, bench->room.best[r].point, value);
            n_same += value[a] == axis->chosen;
            bench->sorted[n++] = value[a];
        }
        axis->interval = bootstrap_percentiles(n, bench->sorted, INTERVALS_LEVEL);
        axis->share = (double)n_same / (double)n;
    }
}

static void take_costs(struct bench *bench, struct interval_answer *answer)
{
    size_t n = 0, n_infeasible = 0;

    for (size_t r = 0; r < bench->worker->n_replicates; r++) {
        const struct candidate *best = &bench->room.best[r];

        if (isnan(best->cost))
            continue;
        n_infeasible += best->violation > 0.0;
        bench->sorted[n++] = best->cost;
    }
    answer->n_undecided = bench->worker->n_replicates - n;
    answer->share_infeasible = (double)n_infeasible / (double)n;
    answer->cost_interval = bootstrap_percentiles(n, bench->sorted, INTERVALS_LEVEL);
}

static void take_regret(struct bench *bench, size_t w, struct interval_regret *regret)
{
    const size_t n_watched = bench->incumbent != NULL ? 2 : 1;
    size_t n = 0, n_broken = 0;

    for (size_t r = 0; r < bench->worker->n_replicates; r++) {
        const struct candidate *best = &bench->room.best[r],
                               *seen = &bench->room.watched[r * n_watched + w];

        if (isnan(best->cost) || isnan(seen->cost))
            continue;
        n_broken += seen->violation > best->violation;
        bench->sorted[n++] = seen->cost - best->cost;
    }
    regret->interval = bootstrap_percentiles(n, bench->sorted, INTERVALS_LEVEL);
    regret->share_broken = (double)n_broken / (double)n;
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
    answer->n_blocks = bench->n_blocks;
    answer->block_bars = bench->block_bars;
    take_axes(bench, answer);
    take_costs(bench, answer);
    answer->cost = cost_of(bench, bench->chosen);
    answer->chosen.is_there = 1;
    answer->chosen.cost = answer->cost;
    take_regret(bench, 0, &answer->chosen);
    if (bench->incumbent == NULL)
        return;
    answer->incumbent.is_there = 1;
    answer->incumbent.cost = cost_of(bench, bench->n_points);
    answer->incumbent.regret = answer->incumbent.cost - answer->cost;
    memcpy(answer->incumbent.value, bench->incumbent, sizeof answer->incumbent.value);
    take_regret(bench, 1, &answer->incumbent);
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
    if (job_bars_read(&subject->job, subject->history,
                      subject->universe.entry[instrument], &bench->bars, err) != 0 ||
        interval_parts_make(bench->plan, &bench->parts, err) != 0 ||
        cut_blocks(bench, err) != 0 || allocate(bench, err) != 0 ||
        choose(bench, answer, err) != 0 || fill_blocks(bench, err) != 0)
        return -1;
    const size_t watched[] = {bench->chosen, bench->n_points};
    const struct bootstrap_problem problem = problem_of(bench, watched);
    bootstrap_run(&problem, &bench->room);
    take_answer(bench, answer);
    return 0;
}

int intervals_work(void *context, struct reader request, struct buffer *answer,
                   struct err *err)
{
    const struct interval_worker *worker = context;
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
    bench_free(&bench);
    if (status != 0 && why.kind != ERR_INPUT) {
        *err = why;
        return err_add(err, "%s", universe->entry[instrument]->instrument);
    }
    if (status != 0)
        snprintf(result.reason, sizeof result.reason, "%s", why.text);
    buffer_put(answer, &result, sizeof result);
    return 0;
}
