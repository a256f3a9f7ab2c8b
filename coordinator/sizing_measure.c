#include "coordinator/job_bars.h"
#include "coordinator/sizing.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"
#include "market/history.h"
#include "worker/cost.h"
#include "worker/search_method.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
    struct ranking best; /* of the boxes searched: what a run judges */
    struct points {      /* ... or scattered ones, of a Sobol' sequence */
        size_t n;
        double *value;
        struct rating *rating;
    } points;
    struct verdict *verdict;
    struct sample sample;
    uint64_t n_boxes, place; /* ... of the next box in the sequence */
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
        grid_box(&plan->grid, plan->max_points, spread(bench->place++, bench->n_boxes),
                 &box);
        found_clear(&bench->found);
        if (plan->study->search(work, &box, &bench->found, err) != 0)
            return -1;
        span_add(&bench->sample.search, &start);
        for (size_t i = 0; i < bench->found.ranking.n; i++)
            ranking_offer(&bench->best, &bench->found.ranking.best[i]);
        bench->sample.search_s +=
            1e-9 * cost_box_ns(plan, n_bars, box_n_points(&plan->grid, &box));
        bench->sample.n_boxes++;
    }
    return 0;
}

/* Whole units of scattered points. */
static int rate_some(struct bench *bench, void *work, uint64_t n_bars, double until_s,
                     struct err *err)
{
    const struct plan *plan = &bench->job->plan;
    const struct points *points = &bench->points;
    char refusal[ERR_TEXT_MAX] = "";

    for (bool again = true; again;) {
        const struct span start = span_now();

        if (study_rate(plan, work, points->n, points->value, 1.0, points->rating,
                       refusal, err) != 0)
            return -1;
        span_add(&bench->sample.search, &start);
        bench->sample.search_s += 1e-9 * (double)points->n * cost_rate_ns(plan, n_bars);
        bench->sample.n_boxes++;
        again = span_now().wall_s < until_s;
    }
    return 0;
}

static int make_points(const struct plan *plan, struct points *points, struct err *err)
{
    const size_t n_axes = plan->grid.n_axes;

    if (search_is_grid(plan->search.method))
        return 0;
    points->n = (size_t)plan->max_points;
    points->value = calloc(points->n * n_axes, sizeof *points->value);
    points->rating = calloc(points->n, sizeof *points->rating);
    if (points->value == NULL || points->rating == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu points", points->n);
    if (search_design_sobol(points->n, n_axes, points->value, err) != 0)
        return -1;
    for (size_t i = 0; i < points->n * n_axes; i++)
        points->value[i] = axis_at(&plan->grid.axis[i % n_axes], points->value[i]);
    return 0;
}

/* All that a run would judge: points that share a path with one before are cheap. */
static int judge_some(struct bench *bench, void *work, uint64_t n_bars, struct err *err)
{
    const struct plan *plan = &bench->job->plan;

    const size_t n = bench->points.n > 0 ? plan->n_kept : bench->best.n;

    for (size_t i = 0; i < n; i++) {
        const struct span start = span_now();
        double value[AXES_MAX];

        if (bench->points.n > 0)
            memcpy(value, bench->points.value + i % bench->points.n * plan->grid.n_axes,
                   plan->grid.n_axes * sizeof *value);
        else
            grid_values(&plan->grid, bench->best.best[i].point, value);
        if (plan->study->judge(work, value, bench->verdict, err) != 0)
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
    const struct study *study = bench->job->plan.study;
    const struct span start = span_now();
    struct bars bars = {0};
    void *work = NULL;
    int status;

    bench->best = (struct ranking){.n_max = bench->job->plan.n_kept};
    if (job_bars_read(bench->job, bench->history, entry, &bars, err) != 0)
        return -1;
    status = study->prepare(&bench->job->plan, &bars, &work, err);
    if (status == 0) {
        span_add(&bench->sample.read, &start);
        bench->sample.read_bars += (double)entry->n_bars;
        status = (bench->points.n > 0 ? rate_some : search_some)(
            bench, work, entry->n_bars, start.wall_s + 0.6 * budget_s, err);
        if (status == 0)
            status = judge_some(bench, work, entry->n_bars, err);
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
    const double end_s = span_now().wall_s + budget_s;
    const struct history_entry **sorted = calloc(n, sizeof *sorted);
    int status = 0;

    if (sorted == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    for (size_t i = 0; i < n; i++)
        sorted[i] = universe->entry[i];
    qsort(sorted, n, sizeof *sorted, by_bars);
    for (size_t i = 0; i < n_tried && status == 0; i++) {
        const size_t place = n_tried > 1 ? i * (n - 1) / (n_tried - 1) : 0;
        const double left_s = end_s - span_now().wall_s;
        struct err why = {0};

        if (bench->sample.n_boxes > 0 && left_s <= 0.0)
            break;
        /* half for the first: what a run judges is only known from many boxes */
        if (work_on(bench, sorted[place],
                    i == 0 ? 0.5 * left_s : left_s / (double)(n_tried - i), &why) == 0)
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

/* One process's measurement, with a history of its own. */
static int measure_alone(const struct job *job, const struct universe *universe,
                         double budget_s, struct bench *bench, struct err *err)
{
    struct history *history;
    int status = -1;

    if (history_open(job->keys.history, &history, err) != 0)
        return -1;
    bench->job = job;
    bench->history = history;
    bench->n_boxes = grid_n_boxes(&job->plan.grid, job->plan.max_points);
    if (found_new(&job->plan, job->plan.max_points, &bench->found, err) == 0 &&
        verdicts_new(&job->plan, 1, &bench->verdict, err) == 0 &&
        make_points(&job->plan, &bench->points, err) == 0)
        status = measure(bench, universe, budget_s, err);
    found_free(&bench->found);
    verdicts_free(bench->verdict);
    free(bench->points.value);
    free(bench->points.rating);
    history_close(history);
    return status;
}

/* ---- as many as a node's ranks ---- */

/* Works until it is killed, or its parent dies. */
static void keep_busy(const struct job *job, const struct universe *universe,
                      double budget_s, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent) {
        struct bench bench = {0};

        if (measure_alone(job, universe, budget_s, &bench, NULL) != 0)
            break;
    }
    _exit(0);
}

static size_t start_beside(const struct job *job, const struct universe *universe,
                           double budget_s, size_t n, pid_t child[])
{
    const pid_t parent = getpid();

    for (size_t i = 0; i < n; i++) {
        child[i] = fork();
        if (child[i] == 0)
            keep_busy(job, universe, budget_s, parent);
        if (child[i] < 0)
            return i;
    }
    return n;
}

static void stop_beside(size_t n, const pid_t child[])
{
    for (size_t i = 0; i < n; i++)
        kill(child[i], SIGKILL);
    for (size_t i = 0; i < n; i++)
        waitpid(child[i], NULL, 0);
}

int sizing_measure(const struct job *job, const struct universe *universe,
                   double budget_s, size_t n_beside, struct sizing *sizing,
                   struct err *err)
{
    pid_t *child = calloc(n_beside + 1, sizeof *child);
    struct bench bench = {0};

    if (child == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu processes", n_beside);
    fflush(NULL); /* what is in a buffer is in the children's too */
    const size_t n = start_beside(job, universe, budget_s, n_beside, child);
    int status = measure_alone(job, universe, budget_s, &bench, err);
    stop_beside(n, child);
    free(child);
    if (status == 0 && bench.sample.n_boxes == 0)
        status = err_set(err, ERR_INPUT,
                         "no instrument that was tried can be worked on: nothing could "
                         "be measured");
    if (status == 0)
        apply(&bench.sample, sizing);
    return status;
}
