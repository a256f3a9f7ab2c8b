#include "coordinator/sizing.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"
#include "worker/cost.h"

#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

/* Time by the clock on the wall and by what the processor gave this thread. */
struct span {
    double wall_s, cpu_s;
};

static struct span span_now(void)
{
    struct timespec cpu = {0};

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return (struct span){1e-9 * (double)clock_monotonic(),
                         (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec};
}

static void span_add(struct span *sum, const struct span *since)
{
    const struct span now = span_now();

    sum->wall_s += now.wall_s - since->wall_s;
    sum->cpu_s += now.cpu_s - since->cpu_s;
}

/* What was worked on, and what the model says about it. */
struct sample {
    struct span read, search, judge;
    double read_bars, search_s, judge_s;
    size_t n_boxes;
};

struct bench {
    const struct job *job;
    const struct history *history;
    struct found found;
    struct verdict *verdict;
    struct sample sample;
    uint64_t n_boxes;
};

/* Box k of a sequence that covers the grid evenly however early it is ended: multiples
 * of the golden ratio (Weyl). */
static uint64_t spread(uint64_t k, uint64_t n)
{
    const double ratio = 0.61803398874989485, place = ((double)k + 0.5) * ratio;

    return (uint64_t)((place - floor(place)) * (double)n);
}

static int search_some(struct bench *bench, void *work, uint64_t n_bars, double until_s,
                       struct err *err)
{
    const struct plan *plan = &bench->job->plan;

    for (uint64_t k = 0; k < bench->n_boxes; k++) {
        const struct span start = span_now();
        struct box box;

        if (k > 0 && start.wall_s >= until_s)
            return 0;
        grid_box(&plan->grid, plan->max_points, spread(k, bench->n_boxes), &box);
        found_clear(&bench->found);
        if (plan->study->search(work, &box, &bench->found, err) != 0)
            return -1;
        span_add(&bench->sample.search, &start);
        bench->sample.search_s +=
            1e-9 * cost_box_ns(plan, n_bars, box_n_points(&plan->grid, &box));
        bench->sample.n_boxes++;
    }
    return 0;
}

static int judge_some(struct bench *bench, void *work, uint64_t n_bars, double until_s,
                      struct err *err)
{
    const struct plan *plan = &bench->job->plan;
    const uint64_t n = grid_n_points(&plan->grid);

    for (uint64_t k = 0; k < plan->n_kept && k < n; k++) {
        const struct span start = span_now();

        if (k > 0 && start.wall_s >= until_s)
            return 0;
        if (plan->study->judge(work, spread(k, n), bench->verdict, err) != 0)
            return -1;
        span_add(&bench->sample.judge, &start);
        bench->sample.judge_s +=
            1e-9 * cost_box_ns(plan, n_bars, 1) / (1.0 - plan->holdout);
    }
    return 0;
}

/* As a rank does it: read, prepare, search, judge. */
static int work_on(struct bench *bench, const struct history_entry *entry,
                   double budget_s, struct err *err)
{
    const struct job_keys *keys = &bench->job->keys;
    const struct study *study = bench->job->plan.study;
    const struct span start = span_now();
    struct bars bars = {0};
    void *work = NULL;
    int status;

    if (history_read(bench->history, entry, keys->from_ns, keys->to_ns, &bars, err) !=
        0)
        return -1;
    status = study->prepare(&bench->job->plan, &bars, &work, err);
    if (status == 0) {
        span_add(&bench->sample.read, &start);
        bench->sample.read_bars += (double)entry->n_bars;
        status =
            search_some(bench, work, entry->n_bars, start.wall_s + 0.8 * budget_s, err);
        if (status == 0)
            status =
                judge_some(bench, work, entry->n_bars, start.wall_s + budget_s, err);
        study->release(work);
    }
    bars_free(&bars);
    return status;
}

/* ---- which instruments ---- */

static int by_bars(const void *a, const void *b)
{
    const struct history_entry *const *x = a, *const *y = b;

    return ((*x)->n_bars < (*y)->n_bars) - ((*x)->n_bars > (*y)->n_bars);
}

static int measure(struct bench *bench, const struct universe *universe,
                   double budget_s, struct err *err)
{
    enum { TRIED_MAX = 6 }; /* the largest, and so on down to the smallest */
    const size_t n = universe->n, n_tried = n < TRIED_MAX ? n : TRIED_MAX;
    const struct history_entry **sorted = calloc(n, sizeof *sorted);
    int status = 0;

    if (sorted == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = universe->entry[i];
    qsort(sorted, n, sizeof *sorted, by_bars);
    for (size_t i = 0; i < n_tried && status == 0; i++) {
        const size_t place = n_tried > 1 ? i * (n - 1) / (n_tried - 1) : 0;
        struct err why = {0};

        if (work_on(bench, sorted[place], budget_s / (double)n_tried, &why) == 0)
            continue;
        if (why.kind != ERR_INPUT) {
            *err = why;
            status = err_add(err, "%s", sorted[place]->instrument);
        }
    }
    free(sorted);
    return status;
}

static double ratio(double a, double b)
{
    return b > 0.0 ? a / b : 1.0;
}

static void apply(const struct sample *sample, struct sizing *sizing)
{
    const double search = ratio(sample->search.cpu_s, sample->search_s);
    const double judging = ratio(sample->judge.cpu_s, sample->judge_s);
    const double wall_s =
        sample->read.wall_s + sample->search.wall_s + sample->judge.wall_s;
    const double cpu_s =
        sample->read.cpu_s + sample->search.cpu_s + sample->judge.cpu_s;
    struct sizing_work *work = &sizing->work;
    struct rusage usage;

    work->read_s =
        (double)sizing->n_bars * ratio(sample->read.cpu_s, sample->read_bars);
    work->search_s = sizing->model.search_s * search;
    work->longest_box_s = sizing->model.longest_box_s * search;
    work->judge_s = sizing->model.judge_s * judging;
    work->longest_judge_s = sizing->model.longest_judge_s * judging;
    sizing->slowdown = fmax(ratio(wall_s, cpu_s), 1.0);
    sizing->n_boxes_measured = sample->n_boxes;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        sizing->rank_bytes = 1024.0 * (double)usage.ru_maxrss + SIZING_MPI_BYTES;
}

int sizing_measure(const struct job *job, const struct history *history,
                   const struct universe *universe, double budget_s,
                   struct sizing *sizing, struct err *err)
{
    struct bench bench = {.job = job, .history = history, .n_boxes = sizing->n_boxes};
    int status = -1;

    if (found_new(&job->plan, job->plan.max_points, &bench.found, err) != 0)
        return -1;
    if (verdicts_new(&job->plan, 1, &bench.verdict, err) == 0)
        status = measure(&bench, universe, budget_s, err);
    if (status == 0 && bench.sample.n_boxes == 0)
        status = err_set(err, ERR_INPUT,
                         "no instrument that was tried can be worked on: nothing could "
                         "be measured");
    if (status == 0)
        apply(&bench.sample, sizing);
    found_free(&bench.found);
    verdicts_free(bench.verdict);
    return status;
}
