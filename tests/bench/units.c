#include "coordinator/job.h"
#include "coordinator/job_bars.h"
#include "coordinator/universe.h"
#include "market/history.h"
#include "tests/bench/bench.h"
#include "worker/cost.h"
#include "worker/study.h"

#include <stdio.h>

/* What every box of a job takes on one core, beside what the model that sized it says:
 * the measured distribution of tests/scale. */
struct scene {
    struct job job;
    struct history *history;
    struct universe universe;
    struct found found;
};

static int open_scene(const char *job, const char *history, struct scene *scene,
                      struct err *err)
{
    const struct conf_source source = {.path = job};

    if (job_read(&source, &scene->job, err) != 0 ||
        history_open(history, &scene->history, err) != 0 ||
        universe_new(&scene->job, scene->history, &scene->universe, err) != 0 ||
        job_size_boxes(&scene->job, universe_most_bars(&scene->universe), err) != 0)
        return -1;
    return found_new(&scene->job.plan, scene->job.plan.max_points, &scene->found, err);
}

static void close_scene(struct scene *scene)
{
    found_free(&scene->found);
    universe_free(&scene->universe);
    history_close(scene->history);
    job_free(&scene->job);
}

/* Every box once; a line each: what the model says and what it took, in ms. */
static int time_boxes(struct scene *scene, void *work, uint64_t n_bars, struct err *err)
{
    const struct plan *plan = &scene->job.plan;
    const uint64_t n = grid_n_boxes(&plan->grid, plan->max_points);
    struct box box;

    for (uint64_t b = 0; b < n; b++) {
        grid_box(&plan->grid, plan->max_points, b, &box);
        found_clear(&scene->found);
        const double start_s = bench_seconds();
        if (plan->study->search(work, &box, &scene->found, err) != 0)
            return -1;
        const double took_s = bench_seconds() - start_s;
        printf("%.3f %.3f\n",
               1e-6 * cost_box_ns(plan, n_bars, box_n_points(&plan->grid, &box)),
               1e3 * took_s);
    }
    return 0;
}

/* An instrument that its bars do not allow is passed over. */
static int time_instrument(struct scene *scene, const struct history_entry *entry,
                           struct err *err)
{
    const struct study *study = scene->job.plan.study;
    struct bars bars = {0};
    struct err why = {0};
    void *work = NULL;
    int status = 0;

    if (job_bars_read(&scene->job, scene->history, entry, &bars, err) != 0)
        return -1;
    if (study->prepare(&scene->job.plan, &bars, &work, &why) == 0) {
        status = time_boxes(scene, work, entry->n_bars, err);
        study->release(work);
    }
    bars_free(&bars);
    return status;
}

int bench_unit_times(const char *job, const char *history, struct err *err)
{
    struct scene scene = {0};
    int status = open_scene(job, history, &scene, err);

    for (size_t i = 0; status == 0 && i < scene.universe.n; i++)
        status = time_instrument(&scene, scene.universe.entry[i], err);
    close_scene(&scene);
    return status;
}
