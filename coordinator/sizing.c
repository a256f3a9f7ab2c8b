#include "coordinator/sizing.h"

#include "coordinator/incumbent.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"
#include "worker/cost.h"
#include "worker/study.h"

#include <stdlib.h>
#include <sys/resource.h>

enum { SAMPLES = 3, COLUMNS = 6 };

/* What the instruments that were looked at took. */
struct sample {
    double bars, read_s;         /* bars read, and prepared                    */
    double model_s, search_s;    /* boxes, by the model and by the clock       */
    double judged_bars, judge_s; /* points judged, each so many bars           */
};

struct bench {
    const struct job *job;
    const struct history *history;
    const struct universe *universe;
    struct found found;
    struct verdict *verdict;
    size_t n_seen; /* instruments */
    struct sample sum;
};

static double seconds_since(int64_t then)
{
    return (double)(clock_monotonic() - then) / (double)CLOCK_SECOND;
}

/* Boxes one after the other, as a rank gets them, until the time is up; from the first,
 * the middle or the last third on, for a grid's ends may differ in cost. */
static int search_some(struct bench *bench, void *work, uint64_t n_bars, double limit_s,
                       struct err *err)
{
    const struct plan *plan = &bench->job->plan;
    const uint64_t n_boxes = grid_n_boxes(&plan->grid, plan->max_points);
    const uint64_t first = bench->n_seen % SAMPLES * n_boxes / SAMPLES;
    const int64_t then = clock_monotonic();

    found_clear(&bench->found);
    for (uint64_t b = 0; b < n_boxes && (b == 0 || seconds_since(then) < limit_s);
         b++) {
        struct box box;

        grid_box(&plan->grid, plan->max_points, (first + b) % n_boxes, &box);
        if (plan->study->search(work, &box, &bench->found, err) != 0)
            return -1;
        bench->sum.model_s +=
            1e-9 * cost_box_ns(plan, n_bars, box_n_points(&plan->grid, &box));
    }
    bench->sum.search_s += seconds_since(then);
    return 0;
}

/* All points that were found, for neighbours share a path and all but the first are
 * cheap. */
static int judge_found(struct bench *bench, void *work, uint64_t n_bars,
                       struct err *err)
{
    const struct plan *plan = &bench->job->plan;
    const struct ranking *ranking = &bench->found.ranking;
    const int64_t then = clock_monotonic();
    double value[AXES_MAX];

    for (size_t i = 0; i < ranking->n; i++) {
        grid_values(&plan->grid, ranking->best[i].point, value);
        if (plan->study->judge(work, value, bench->verdict, err) != 0)
            return -1;
        bench->sum.judged_bars += (double)n_bars;
    }
    bench->sum.judge_s += seconds_since(then);
    return 0;
}

/* One instrument for a moment; ERR_INPUT: it cannot be calibrated. */
static int look_at(struct bench *bench, size_t instrument, double limit_s,
                   struct err *err)
{
    const struct job *job = bench->job;
    const struct history_entry *entry = bench->universe->entry[instrument];
    const int64_t then = clock_monotonic();
    struct bars bars = {0};
    void *work = NULL;
    int status = -1;

    if (history_read(bench->history, entry, job->keys.from_ns, job->keys.to_ns, &bars,
                     err) == 0 &&
        job->plan.study->prepare(&job->plan, &bars, &work, err) == 0) {
        bench->sum.bars += (double)entry->n_bars;
        bench->sum.read_s += seconds_since(then);
        status = search_some(bench, work, entry->n_bars, limit_s, err) != 0
                     ? -1
                     : judge_found(bench, work, entry->n_bars, err);
        job->plan.study->release(work);
        bench->n_seen++;
    }
    bars_free(&bars);
    return status == 0 ? 0 : err_add(err, "%s", entry->instrument);
}

static int by_bars(const void *a, const void *b)
{
    const struct history_entry *x = *(const struct history_entry *const *)a;
    const struct history_entry *y = *(const struct history_entry *const *)b;

    return (x->n_bars < y->n_bars) - (x->n_bars > y->n_bars);
}

/* Places in the universe, the longest series first. */
static size_t *order_by_bars(const struct universe *universe)
{
    const size_t n = universe->n;
    const struct history_entry **entry = calloc(n, sizeof *entry);
    size_t *order = calloc(n, sizeof *order);

    for (size_t i = 0; entry != NULL && i < n; i++)
        entry[i] = universe->entry[i];
    if (entry != NULL)
        qsort(entry, n, sizeof *entry, by_bars);
    for (size_t i = 0; entry != NULL && order != NULL && i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (universe->entry[j] == entry[i])
                order[i] = j;
    free(entry);
    return order;
}

/* From a place of that order on, the first instrument that can be calibrated. */
static int look_from(struct bench *bench, const size_t *order, size_t first,
                     double limit_s, struct err *err)
{
    for (size_t i = first; i < bench->universe->n; i++) {
        if (look_at(bench, order[i], limit_s, err) == 0)
            return 0;
        if (err->kind != ERR_INPUT)
            return -1;
    }
    return -1;
}

static int look_around(struct bench *bench, double limit_s, struct err *err)
{
    const size_t n = bench->universe->n;
    size_t *order = order_by_bars(bench->universe);
    struct err why = {0};

    if (order == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    for (size_t s = 0; s < SAMPLES && s < n; s++) {
        const size_t first = s * (n - 1) / (SAMPLES - 1);

        if (look_from(bench, order, first, limit_s / SAMPLES, &why) != 0 &&
            why.kind != ERR_INPUT)
            break;
    }
    free(order);
    if (bench->n_seen > 0 && (why.kind == ERR_NONE || why.kind == ERR_INPUT))
        return 0;
    *err = why;
    return -1;
}

static void add_up(const struct bench *bench, struct sizing *sizing)
{
    const struct plan *plan = &bench->job->plan;
    const struct sample *sum = &bench->sum;
    const double per_model = sum->search_s / sum->model_s;
    const double per_bar =
        sum->judged_bars > 0.0 ? sum->judge_s / sum->judged_bars : 0.0;
    struct rusage usage;
    uint64_t bytes = 0;

    for (size_t i = 0; i < bench->universe->n; i++) {
        const uint64_t n_bars = bench->universe->entry[i]->n_bars;
        const struct incumbent *incumbent = universe_incumbent(bench->universe, i);
        const double n_judged =
            (double)(plan->n_kept + (incumbent != NULL ? incumbent->n_points : 0));

        sizing->n_bars += n_bars;
        sizing->search_s +=
            1e-9 * cost_box_ns(plan, n_bars, sizing->n_points) * per_model;
        sizing->judge_s += (double)n_bars * per_bar * n_judged;
        bytes += COLUMNS * n_bars * sizeof(double);
    }
    sizing->read_s = (double)sizing->n_bars * sum->read_s / sum->bars;
    sizing->times_model = per_model;
    sizing->unit_s =
        1e-9 * cost_box_ns(plan, sizing->most_bars, plan->max_points) * per_model;
    sizing->last_s = (double)sizing->most_bars * per_bar * (double)plan->n_kept;
    const uint64_t most = (uint64_t)bench->job->keys.shared_mib << 20;
    sizing->shared_bytes = bytes < most ? bytes : most;
    getrusage(RUSAGE_SELF, &usage);
    sizing->rank_bytes = (uint64_t)usage.ru_maxrss << 10;
}

int sizing_measure(const struct job *job, const struct history *history,
                   const struct universe *universe, double limit_s,
                   struct sizing *sizing, struct err *err)
{
    const struct plan *plan = &job->plan;
    struct bench bench = {.job = job, .history = history, .universe = universe};
    int status = -1;

    *sizing = (struct sizing){
        .n_instruments = universe->n,
        .n_points = grid_n_points(&plan->grid),
        .n_boxes = grid_n_boxes(&plan->grid, plan->max_points),
        .most_bars = universe_most_bars(universe),
    };
    sizing->n_units = sizing->n_instruments * (sizing->n_boxes + 1);
    if (found_new(plan, plan->max_points, &bench.found, err) == 0 &&
        verdicts_new(plan, 1, &bench.verdict, err) == 0 &&
        look_around(&bench, limit_s, err) == 0) {
        add_up(&bench, sizing);
        status = 0;
    }
    found_free(&bench.found);
    verdicts_free(bench.verdict);
    return status;
}

double sizing_elapsed_s(const struct sizing *sizing, int n_ranks)
{
    const double shared =
        (sizing->read_s + sizing->search_s + sizing->judge_s) / n_ranks;
    /* nobody is faster than the longest series' last box and its judging */
    const double chain = sizing->unit_s + sizing->last_s;

    return shared > chain ? shared : chain;
}
