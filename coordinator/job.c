#include "coordinator/job.h"
#include "coordinator/job_scopes.h"
#include "coordinator/job_search.h"
#include "coordinator/job_stress.h"
#include "coordinator/job_table.h"
#include "core/clock.h"
#include "core/file.h"
#include "core/text.h"
#include "worker/cost.h"
#include "worker/study.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { JOB_FILE_MAX = 1 << 20 };

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

/* The study whose own key this is; NULL: it is every job's. */
static const struct study *owner_of(const char *path)
{
    for (size_t s = 0; study_row(s) != NULL; s++)
        for (size_t k = 0; k < study_row(s)->n_keys; k++)
            if (strcmp(study_row(s)->keys[k].path, path) == 0)
                return study_row(s);
    return NULL;
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

/* Find the metric that a key names; `searched`: of every point, not only of those that
 * are judged. */
static int find_metric(const struct job *job, const char *key, const char *name,
                       bool searched, const struct metric **metric, struct err *err)
{
    const struct study *study = job->plan.study;

    *metric = metric_find(study->n_metrics, study->metrics, name);
    if (*metric == NULL)
        return conf_complain(job->conf, key, err,
                             "%s is not a metric of the %s study (`plimsoll help "
                             "metrics` lists them)",
                             name, study->name);
    if (searched && (*metric)->of == NULL)
        return conf_complain(job->conf, key, err,
                             "%s is not known before a point is judged: only "
                             "validation.gates may ask for it",
                             name);
    return 0;
}

/* Coverage and p-values live between 0 and 1: a limit outside can only be a slip. */
static int check_limit(const struct job *job, const char *key,
                       const struct conf_limit *limit, const struct metric *metric,
                       struct err *err)
{
    const double bound[] = {limit->min, limit->max};
    char path[128];

    for (int i = 0; metric->scale != SCALE_RELATIVE && i < 2; i++)
        if (isfinite(bound[i]) && !(bound[i] >= 0.0 && bound[i] <= 1.0)) {
            snprintf(path, sizeof path, "%s.%s", key, limit->name);
            return conf_complain(job->conf, path, err, "%g is not between 0 and 1 (%s)",
                                 bound[i], metric->unit);
        }
    return 0;
}

static int add_limits(const struct job *job, const char *key,
                      const struct conf_limits *limits, size_t *n,
                      struct constraint constraint[], struct err *err)
{
    for (size_t i = 0; i < limits->n; i++) {
        const struct conf_limit *limit = &limits->limit[i];
        const bool searched = strcmp(key, "constraints") == 0;
        const struct metric *metric;

        if (find_metric(job, key, limit->name, searched, &metric, err) != 0 ||
            check_limit(job, key, limit, metric, err) != 0)
            return -1;
        if (*n == CONSTRAINTS_MAX)
            return conf_complain(job->conf, key, err, "more than %d limits",
                                 CONSTRAINTS_MAX);
        constraint[(*n)++] = (struct constraint){metric, limit->min, limit->max};
    }
    return 0;
}

/* All of a surface is in the coordinator's memory until it is written. */
static int add_surfaces(struct job *job, struct err *err)
{
    enum { POINTS_MAX = 1 << 26 }; /* half a gigabyte a metric and instrument */
    const struct conf_texts *asked = &job->keys.surfaces;
    struct plan *plan = &job->plan;

    if (asked->n > SURFACES_MAX)
        return conf_complain(job->conf, "surfaces", err, "more than %d metrics",
                             SURFACES_MAX);
    if (asked->n > 0 && grid_n_points(&plan->grid) > POINTS_MAX)
        return conf_complain(
            job->conf, "surfaces", err, "cannot be kept for %llu points (at most %d)",
            (unsigned long long)grid_n_points(&plan->grid), POINTS_MAX);
    for (size_t i = 0; i < asked->n; i++)
        if (find_metric(job, "surfaces", asked->text[i], true, &plan->surface[i],
                        err) != 0)
            return -1;
    plan->n_surfaces = asked->n;
    return 0;
}

/* What the study asks for where the job says nothing. */
static void add_own_limits(const struct study *study, size_t n,
                           const struct study_limit limit[], size_t *n_constraints,
                           struct constraint constraint[])
{
    for (size_t i = 0; i < n; i++)
        constraint[(*n_constraints)++] = (struct constraint){
            metric_find(study->n_metrics, study->metrics, limit[i].metric),
            limit[i].min, limit[i].max};
}

static int add_gates(struct job *job, struct err *err)
{
    struct plan *plan = &job->plan;
    const struct study *study = plan->study;

    if (study->n_gates == 0 || conf_is_given(job->conf, "validation.gates"))
        return add_limits(job, "validation.gates", &job->keys.gates, &plan->n_gates,
                          plan->gate, err);
    add_own_limits(study, study->n_gates, study->gates, &plan->n_gates, plan->gate);
    return 0;
}

static int make_goals(struct job *job, struct err *err)
{
    struct plan *plan = &job->plan;
    const struct study *study = plan->study;
    const bool is_own =
        study->objective != NULL && !conf_is_given(job->conf, "objective");

    if (find_metric(job, "objective", is_own ? study->objective : job->keys.objective,
                    true, &plan->objective, err) != 0 ||
        add_limits(job, "constraints", &job->keys.constraints, &plan->n_constraints,
                   plan->constraint, err) != 0 ||
        add_gates(job, err) != 0)
        return -1;
    if (plan->n_constraints == 0)
        add_own_limits(study, study->n_constraints, study->constraints,
                       &plan->n_constraints, plan->constraint);
    if (add_surfaces(job, err) != 0)
        return -1;
    if (plan->n_constraints > 0)
        return 0;
    plan->n_constraints = 1;
    plan->constraint[0] = (struct constraint){.min = plan->confidence, .max = INFINITY};
    return find_metric(job, "constraints", "coverage", true,
                       &plan->constraint[0].metric, err);
}

static int check_together(const struct job *job, struct err *err)
{
    const struct job_keys *keys = &job->keys;

    if (keys->from_ns >= keys->to_ns)
        return conf_complain(job->conf, "to", err, "is not after `from`");
    if (keys->walkforward && study_row((size_t)keys->study)->scores == NULL)
        return conf_complain(job->conf, "validation.walkforward", err,
                             "the %s study has no score of a bar that folds could be "
                             "compared by",
                             study_row((size_t)keys->study)->name);
    if (keys->n_blocks % 2 != 0)
        return conf_complain(job->conf, "validation.blocks", err, "%lld is not even",
                             (long long)keys->n_blocks);
    if (!(keys->release_from < keys->release_full))
        return conf_complain(job->conf, "release.full", err,
                             "%g is not above release.from, %g", keys->release_full,
                             keys->release_from);
    return 0;
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

static int make_plan(struct job *job, struct err *err)
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
    return make_goals(job, err) != 0 ? -1 : job_search_check(job, err);
}

static bool has_axis(const struct job *job, const char *path)
{
    const struct grid *grid = &job->plan.grid;
    static const char prefix[] = "axes.";

    for (size_t a = 0; a < grid->n_axes; a++)
        if (strcmp(path + strlen(prefix), grid->axis[a].rule->name) == 0)
            return true;
    return false;
}

static bool is_in_force(const struct job *job, const char *path)
{
    const struct study *owner = owner_of(path);

    if (strncmp(path, "axes.", 5) == 0)
        return has_axis(job, path);
    if (job_table_is_of_searches(path))
        return !search_is_grid(job->plan.search.method);
    return owner == NULL || owner == job->plan.study;
}

/* Axes that the chosen models do not have are not in force, nor are other studies' keys
 * and those of searches that are not made: a new one must not change the digest of
 * every job. */
static void drop_idle_keys(struct job *job)
{
    char *kept = job->canonical;
    char path[128];

    for (const char *line = job->canonical; *line != '\0';) {
        const char *end = strchr(line, '\n');
        const size_t n = end != NULL ? (size_t)(end - line) + 1 : strlen(line);

        snprintf(path, sizeof path, "%.*s", (int)strcspn(line, ":\n"), line);
        if (is_in_force(job, path)) {
            memmove(kept, line, n);
            kept += n;
        }
        line += n;
    }
    *kept = '\0';
}

/* The digest of what decides the result: the canonical text without the lines that
 * only say where things are, and what a file of measured figures has. */
static void digest(struct job *job)
{
    struct sha256 sha;
    char path[128];

    sha256_start(&sha);
    for (const char *line = job->canonical; *line != '\0';) {
        const char *end = strchr(line, '\n');
        const size_t n = end != NULL ? (size_t)(end - line) + 1 : strlen(line);
        const size_t n_path = strcspn(line, ":\n");

        snprintf(path, sizeof path, "%.*s", (int)n_path, line);
        if (!job_table_is_local(path) &&
            (job->keys.walkforward || !job_table_is_of_walk(path)))
            sha256_add(&sha, line, n);
        line += n;
    }
    if (job->estimates.entry != NULL)
        sha256_add(&sha, job->estimates.sha256, strlen(job->estimates.sha256));
    sha256_text(&sha, job->sha256);
}

/* The text is kept as evidence, so it is read once and then parsed from memory. */
static int keep_source(const struct conf_source *source, struct job *job,
                       struct conf_source *in_memory, struct err *err)
{
    *in_memory = *source;
    if (source->bytes == NULL) {
        if (file_read(source->path, JOB_FILE_MAX, &job->source, &in_memory->n_bytes,
                      err) != 0)
            return -1;
    } else {
        job->source = strndup(source->bytes, source->n_bytes);
        if (job->source == NULL)
            return err_set(err, ERR_MEMORY, "%s: no memory", source->path);
    }
    in_memory->bytes = job->source;
    return 0;
}

int job_read(const struct conf_source *source, struct job *job, struct err *err)
{
    struct conf_source in_memory;

    *job = (struct job){0};
    if (keep_source(source, job, &in_memory, err) != 0)
        return -1;
    if (conf_read_source(&in_memory, job_table(), &job->keys, &job->conf, err) != 0 ||
        job_stress_join_library(&in_memory, job, err) != 0 ||
        check_together(job, err) != 0 ||
        guard_check_keys(&job->keys.guard, job->conf, err) != 0 ||
        make_plan(job, err) != 0 ||
        conf_canonical(job->conf, &job->canonical, err) != 0) {
        job_free(job);
        return -1;
    }
    drop_idle_keys(job);
    digest(job);
    return 0;
}

void job_free(struct job *job)
{
    if (job->conf != NULL)
        conf_free(job->conf, &job->keys);
    estimates_free(&job->estimates);
    free(job->canonical);
    free(job->source);
    *job = (struct job){0};
}

static bool takes_any(const struct conf_texts *patterns, const char *instrument)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (text_matches(patterns->text[i], instrument))
            return true;
    return false;
}

bool job_takes(const struct job *job, const char *instrument)
{
    return takes_any(&job->keys.instruments, instrument) &&
           !takes_any(&job->keys.exclude, instrument);
}

void job_help(FILE *out)
{
    conf_help(job_table(), out);
}
