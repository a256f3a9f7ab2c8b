#include "coordinator/sizing.h"
#include "mpi/foreman.h"
#include "worker/cost.h"
#include "worker/ranking.h"
#include "worker/scope.h"

#include <math.h>

/* A program without a job, and what a study keeps a bar; both only until measured. */
static const double PROGRAM_BYTES = 24.0 * 1024 * 1024;
static const double STUDY_BYTES_A_BAR = 400.0;
enum { BYTES_A_BAR = 48, BYTES_A_CANDIDATE = 24 };

static double judge_s(const struct plan *plan, uint64_t n_bars)
{
    return 1e-9 * (double)plan->n_kept * cost_box_ns(plan, n_bars, 1) /
           (1.0 - plan->holdout);
}

/* Folds that are a gate, and the overfitting. */
static void add_walks(const struct job *job, uint64_t n_bars, struct sizing_work *work)
{
    const double each_s = 1e-9 * cost_walk_ns(&job->plan, n_bars);

    if (!job->keys.walkforward)
        return;
    work->search_s += (double)(job->keys.n_folds + 1) * each_s;
    work->longest_box_s = fmax(work->longest_box_s, each_s);
}

static void add_instrument(const struct plan *plan, uint64_t n_bars, uint64_t n_boxes,
                           struct sizing_work *work)
{
    const uint64_t n_a_box = (grid_n_points(&plan->grid) - 1) / n_boxes + 1;
    const bool is_grid = search_is_grid(plan->search.method);
    const double box_s =
        1e-9 * (is_grid ? cost_box_ns(plan, n_bars, n_a_box)
                        : (double)plan->max_points * cost_rate_ns(plan, n_bars));

    work->search_s +=
        is_grid ? (double)n_boxes * box_s : 1e-9 * cost_search_ns(plan, n_bars);
    work->judge_s += judge_s(plan, n_bars);
    work->longest_box_s = fmax(work->longest_box_s, box_s);
    work->longest_judge_s = fmax(work->longest_judge_s, judge_s(plan, n_bars));
}

/* Candidates of the cells (scope.h), where axes are shared. */
static double count_cells(const struct plan *plan)
{
    return scope_is_shared(&plan->grid)
               ? (double)scope_n_cells(&plan->grid) * (double)plan->n_kept
               : 0.0;
}

/* The ledger's book, the marginals, and the surfaces until they are written. */
static double count_first_rank(const struct plan *plan, const struct sizing *sizing)
{
    double candidates = (double)RANKING_MAX;

    for (size_t a = 0; a < plan->grid.n_axes; a++)
        candidates += (double)plan->grid.axis[a].n;
    candidates += count_cells(plan);
    return (double)sizing->n_instruments *
           ((double)sizing->n_boxes + candidates * BYTES_A_CANDIDATE +
            (double)plan->n_surfaces * (double)sizing->n_points * sizeof(double));
}

/* Or parts of about as many scattered points. */
static uint64_t count_boxes(const struct job *job)
{
    const struct plan *plan = &job->plan;

    return search_is_grid(plan->search.method)
               ? grid_n_boxes(&plan->grid, plan->max_points)
               : job_n_points(job) / plan->max_points + 1;
}

void sizing_count(const struct job *job, const struct universe *universe,
                  struct sizing *sizing)
{
    const struct plan *plan = &job->plan;
    const double limit = (double)job->keys.shared_mib * 1024 * 1024;

    *sizing = (struct sizing){.n_instruments = universe->n,
                              .n_points = job_n_points(job),
                              .n_boxes = count_boxes(job),
                              .most_bars = universe_most_bars(universe),
                              .slowdown = NAN};
    sizing->n_units =
        universe->n * (sizing->n_boxes + 1 +
                       (job->keys.walkforward ? (uint64_t)job->keys.n_folds + 1 : 0));
    for (size_t i = 0; i < universe->n; i++) {
        sizing->n_bars += universe->entry[i]->n_bars;
        add_instrument(plan, universe->entry[i]->n_bars, sizing->n_boxes,
                       &sizing->model);
        add_walks(job, universe->entry[i]->n_bars, &sizing->model);
    }
    sizing->work = sizing->model;
    sizing->shared_bytes = fmin((double)sizing->n_bars * BYTES_A_BAR, limit);
    sizing->rank_bytes = SIZING_MPI_BYTES + PROGRAM_BYTES +
                         (double)sizing->most_bars * (BYTES_A_BAR + STUDY_BYTES_A_BAR) +
                         count_cells(plan) * BYTES_A_CANDIDATE;
    sizing->first_rank_bytes = count_first_rank(plan, sizing);
}

/* ---- so many ranks ---- */

size_t sizing_workers(const struct job *job, size_t n_ranks, size_t n_a_node)
{
    const size_t asked = (size_t)job->keys.ranks_a_leader;
    const size_t n_a_group = asked > 0 && asked < n_a_node ? asked : n_a_node;
    size_t n_idle = 0;

    if (n_ranks > FOREMAN_WORKS_UP_TO)
        n_idle++;
    if (n_a_group > FOREMAN_WORKS_UP_TO && n_ranks > n_a_group)
        for (size_t first = n_a_group; first < n_ranks; first += n_a_group)
            n_idle += n_ranks - first > FOREMAN_WORKS_UP_TO;
    return n_ranks - n_idle;
}

double sizing_seconds(const struct sizing *sizing, const struct job *job,
                      size_t n_ranks, size_t n_a_node)
{
    const struct sizing_work *work = &sizing->work;
    const double n = (double)sizing_workers(job, n_ranks, n_a_node);
    const double each_read_s = work->read_s / (double)sizing->n_instruments;
    /* every rank reads an instrument, also where there are more ranks */
    const double n_reads = fmax((double)sizing->n_instruments, n);
    const double all_s = n_reads * each_read_s + work->search_s + work->judge_s;
    const double tail_s = work->longest_judge_s + 0.5 * work->longest_box_s;

    return all_s / n + (1.0 - 1.0 / n) * tail_s;
}

double sizing_node_bytes(const struct sizing *sizing, size_t n_a_node)
{
    return (double)n_a_node * sizing->rank_bytes + sizing->shared_bytes +
           sizing->first_rank_bytes;
}
