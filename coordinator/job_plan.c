#include "coordinator/job_plan.h"
#include "coordinator/job_goals.h"
#include "coordinator/job_scopes.h"
#include "coordinator/job_search.h"
#include "coordinator/job_stress.h"
#include "coordinator/job_table.h"
#include "worker/cost.h"
#include "worker/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int check_whole(const struct job *job, const struct axis_rule *rule,
                       const struct conf_reals *reals, struct err *err)
{
    char path[64];

    for (size_t i = 0; rule->whole && i < reals->n; i++)
        if (reals->value[i] != floor(reals->value[i])) {
            snprintf(path, sizeof path, "axes.%s", rule->name);
            return conf_complain(job->conf, path, err, "%g is not whole (%s)",
                                 reals->value[i], rule->unit);
        }
    return 0;
}

static enum axis_span span_of(const struct conf_reals *reals)
{
    static const enum axis_span span[] = {[CONF_LISTED] = AXIS_LISTED,
                                          [CONF_LINEAR] = AXIS_LINEAR,
                                          [CONF_LOG] = AXIS_LOG};

    return span[reals->span];
}

static int add_axes(struct job *job, size_t n, const struct axis_rule rules[],
                    struct err *err)
{
    struct grid *grid = &job->plan.grid;

    for (size_t i = 0; i < n; i++) {
        const struct conf_reals *reals = &job->keys.axis[job_table_slot(rules[i].name)];

        if (check_whole(job, &rules[i], reals, err) != 0)
            return -1;
        if (grid->n_axes == AXES_MAX)
            return err_set(err, ERR_BUG, "more than %d axes", AXES_MAX);
        grid->axis[grid->n_axes++] = (struct axis){.rule = &rules[i],
                                                   .n = reals->n,
                                                   .value = reals->value,
                                                   .span = span_of(reals)};
    }
    return 0;
}

/* An axis that the chosen models do not have would be ignored: refuse it. */
static int refuse_idle_axes(const struct job *job, struct err *err)
{
    const struct grid *grid = &job->plan.grid;
    char path[64];

    for (size_t slot = 0; slot < job_table_n_axes(); slot++) {
        const char *name = job_table_axis(slot)->name;
        bool used = false;

        snprintf(path, sizeof path, "axes.%s", name);
        for (size_t a = 0; a < grid->n_axes; a++)
            used = used || strcmp(grid->axis[a].rule->name, name) == 0;
        if (!used && conf_is_given(job->conf, path))
            return conf_complain(job->conf, path, err,
                                 "the models of this job have no such axis");
    }
    return 0;
}

/* Nor would the keys of another study be seen. */
static int check_settings(const struct job *job, struct err *err)
{
    const struct study *study = job->plan.study;
    char why[STUDY_WHY_MAX];

    for (size_t s = 0; study_row(s) != NULL; s++)
        for (size_t k = 0; study_row(s) != study && k < study_row(s)->n_keys; k++)
            if (conf_is_given(job->conf, study_row(s)->keys[k].path))
                return conf_complain(job->conf, study_row(s)->keys[k].path, err,
                                     "is the %s study's, and this job's is %s",
                                     study_row(s)->name, study->name);
    const char *key = study->disagree != NULL ? study->disagree(&job->plan, why) : NULL;
    return key != NULL ? conf_complain(job->conf, key, err, "%s", why) : 0;
}

/* Which boxes are answered is a byte each in the coordinator's memory. */
static int check_boxes(const struct job *job, struct err *err)
{
    enum { BOXES_MAX = 1 << 28 };

    if (!search_is_grid(job->plan.search.method))
        return 0;
    const uint64_t n = grid_n_boxes(&job->plan.grid, job->plan.max_points);

    if (n <= BOXES_MAX)
        return 0;
    return conf_complain(
        job->conf, "search.max_points", err,
        "%llu cuts the grid into %llu boxes, more than %d: raise it or "
        "shorten the axes",
        (unsigned long long)job->plan.max_points, (unsigned long long)n, BOXES_MAX);
}

/* Refuse values that the model's paths would refuse for every instrument. */
static int check_ascending(const struct job *job, struct err *err)
{
    const struct axis *axis = job->plan.grid.axis;
    char path[64];

    for (size_t a = 1; a < job->plan.path.volatility->n_ascending; a++) {
        const double most = axis[a - 1].value[axis[a - 1].n - 1];

        if (axis[a].value[0] > most)
            continue;
        snprintf(path, sizeof path, "axes.%s", axis[a].rule->name);
        return conf_complain(job->conf, path, err, "%g is not above axes.%s, %g",
                             axis[a].value[0], axis[a - 1].rule->name, most);
    }
    return 0;
}

static int make_grid(struct job *job, struct err *err)
{
    const struct plan *plan = &job->plan;

    const struct path_models *path = &plan->path;

    if (add_axes(job, path->volatility->n_axes, path->volatility->axes, err) != 0 ||
        add_axes(job, path->tail->n_axes, path->tail->axes, err) != 0 ||
        add_axes(job, path->is_steadied ? STEADY_AXES : 0, steady_axes, err) != 0 ||
        add_axes(job, plan->study->n_axes, plan->study->axes, err) != 0 ||
        check_ascending(job, err) != 0 || refuse_idle_axes(job, err) != 0 ||
        job_scopes_set(job, err) != 0)
        return -1;
    if (grid_n_points(&plan->grid) == 0)
        return err_set(err, ERR_INPUT, "axes: the grid has more than 2^63 points");
    return job->plan.max_points > 0 ? check_boxes(job, err) : 0;
}

int job_size_boxes(struct job *job, uint64_t n_bars, struct err *err)
{
    if (job->plan.max_points > 0)
        return 0;
    job->plan.max_points = cost_points(&job->plan, n_bars, 1e6 * job->keys.unit_ms);
    return check_boxes(job, err);
}

uint64_t job_n_points(const struct job *job)
{
    const struct plan *plan = &job->plan;

    return search_is_grid(plan->search.method)
               ? grid_n_points(&plan->grid)
               : (uint64_t)ceil(search_n_points(&plan->search, &plan->grid));
}

/* Steadying has no axes unless one of them is asked for. */
static bool is_steadied(const struct job *job)
{
    char path[64];

    for (int a = 0; a < STEADY_AXES; a++) {
        snprintf(path, sizeof path, "axes.%s", steady_axes[a].name);
        if (conf_is_given(job->conf, path))
            return true;
    }
    return false;
}

/* Historical simulation takes no notice of the volatility: a grid of its parameters
 * would be the same path again and again. */
static int check_bare(struct job *job, struct err *err)
{
    struct path_models *path = &job->plan.path;

    if (!path->tail->is_bare || strcmp(path->volatility->name, "constant") == 0)
        return 0;
    if (conf_is_given(job->conf, "volatility"))
        return conf_complain(job->conf, "volatility", err,
                             "%s is of no use to tail: %s (leave it out, or say "
                             "constant)",
                             path->volatility->name, path->tail->name);
    path->volatility = volatility_find("constant");
    return 0;
}

/* What is measured of instruments, where the job names a file of it. */
static int read_estimates(struct job *job, struct err *err)
{
    const struct study *study = job->plan.study;
    const char *path =
        study->measured_path != NULL ? study->measured_path(&job->plan) : NULL;

    if (path == NULL)
        return 0;
    if (estimates_read(path, &job->estimates, err) != 0)
        return -1;
    job->plan.n_measured = job->estimates.n;
    job->plan.measured = job->estimates.measured;
    return 0;
}

int job_plan_make(struct job *job, struct err *err)
{
    const struct job_keys *keys = &job->keys;

    job->plan = (struct plan){
        .study = study_row((size_t)keys->study),
        .settings = &job->keys.settings[keys->study],
        .interval_ns = keys->interval_ns,
        .series = {.horizon_bars = (size_t)keys->horizon_bars,
                   .warmup_bars = (size_t)keys->warmup_bars,
                   .loss = (enum series_loss)keys->loss,
                   .sides = (enum series_sides)keys->sides},
        .confidence = keys->confidence,
        .path = {.volatility = volatility_row((size_t)keys->volatility),
                 .tail = tail_model_row((size_t)keys->tail),
                 .measure = (enum tail_measure)keys->measure,
                 .is_steadied = is_steadied(job),
                 .steady = {.anchor = keys->stress_anchor,
                            .long_run_bars = (size_t)keys->long_run_bars}},
        .release = {.from = keys->release_from,
                    .full = keys->release_full,
                    .halflife_bars = keys->release_halflife_bars},
        .search = job_search_rules(keys),
        .core_s = keys->core_s,
        .max_points = (uint64_t)keys->max_points,
        .hysteresis = keys->hysteresis,
        .holdout = keys->holdout,
        .embargo_bars = (size_t)keys->embargo_bars,
        .n_kept = 1 + (size_t)keys->n_runners_up,
    };
    if (check_bare(job, err) != 0 || job_stress_set(job, err) != 0 ||
        make_grid(job, err) != 0 || check_settings(job, err) != 0 ||
        read_estimates(job, err) != 0)
        return -1;
    return job_goals_make(job, err) != 0 ? -1 : job_search_check(job, err);
}
