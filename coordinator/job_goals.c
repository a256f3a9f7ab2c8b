#include "coordinator/job_goals.h"
#include "core/text.h"
#include "worker/margin.h"
#include "worker/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* `cost` of the margin study is what the job's preferences make of it; other studies
 * have a cost of their own. */
static bool is_weighed(const struct metric *metric)
{
    return metric == &margin_metrics[MARGIN_WEIGHED];
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
    if (is_weighed(*metric) && job->keys.preferences.n == 0)
        return conf_complain(job->conf, key, err,
                             "cost is mean_margin and what `preferences` weigh beside "
                             "it, and the job has none");
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

static int add_preference(struct job *job, size_t i, struct err *err)
{
    const struct conf_named *named = &job->keys.preferences;
    const char *text = named->texts[i].text[0];
    struct preferences *to = &job->plan.preferences;
    const struct metric **metric = &to->metric[i];
    char path[80];

    snprintf(path, sizeof path, "preferences.%s", named->name[i]);
    if (find_metric(job, path, named->name[i], true, metric, err) != 0)
        return -1;
    if ((*metric)->scale == SCALE_LOGARITHM || is_weighed(*metric))
        return conf_complain(
            job->conf, path, err, "%s has no price: %s", (*metric)->name,
            is_weighed(*metric) ? "it is the sum itself"
                                : "a p-value can only be a constraint");
    if (named->texts[i].n != 1 ||
        text_to_real(text, strlen(text), &to->weight[i], NULL) != 0 ||
        !(to->weight[i] >= 0.0 && to->weight[i] <= 1e12))
        return conf_complain(job->conf, path, err,
                             "'%s' is not a number from 0 to 1e12", text);
    to->n = i + 1;
    return 0;
}

static int add_preferences(struct job *job, struct err *err)
{
    const size_t n = job->keys.preferences.n;

    if (n > 0 && !is_weighed(job->plan.objective))
        return conf_complain(job->conf, "preferences", err,
                             "weigh in `objective: cost` of the margin study alone");
    if (n > PREFERENCES_MAX)
        return conf_complain(job->conf, "preferences", err, "more than %d",
                             PREFERENCES_MAX);
    for (size_t i = 0; i < n; i++)
        if (add_preference(job, i, err) != 0)
            return -1;
    return 0;
}

int job_goals_make(struct job *job, struct err *err)
{
    struct plan *plan = &job->plan;
    const struct study *study = plan->study;
    const bool is_own =
        study->objective != NULL && !conf_is_given(job->conf, "objective");

    if (find_metric(job, "objective", is_own ? study->objective : job->keys.objective,
                    true, &plan->objective, err) != 0 ||
        add_preferences(job, err) != 0 ||
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
