#include "coordinator/job_goals.h"
#include "worker/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

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

int job_goals_make(struct job *job, struct err *err)
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
