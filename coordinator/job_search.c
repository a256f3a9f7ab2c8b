#include "coordinator/job_search.h"
#include "worker/scope.h"
#include "worker/study.h"

#include <stdio.h>
#include <string.h>

enum { CANDIDATES_MAX = 1 << 24 };

struct search_rules job_search_rules(const struct job_keys *keys)
{
    return (struct search_rules){
        .method = search_method_row((size_t)keys->search),
        .n_points = (uint64_t)keys->n_points,
        .n_candidates = (uint64_t)keys->n_candidates,
        .n_rungs = (size_t)keys->n_rungs,
        .n_polish = (size_t)keys->n_polish,
        .n_polish_points = (uint64_t)keys->n_polish_points,
        .seed = (uint64_t)keys->seed,
    };
}

/* Axes that have a range without count ask for a method that can try any value of it.
 */
static int check_spans(const struct job *job, bool *has_span, bool *moves,
                       struct err *err)
{
    const struct search_rules *rules = &job->plan.search;
    char path[64];

    for (size_t a = 0; a < job->plan.grid.n_axes; a++) {
        const struct axis *axis = &job->plan.grid.axis[a];

        *has_span = *has_span || axis->span != AXIS_LISTED;
        *moves = *moves || axis->n > 1;
        snprintf(path, sizeof path, "axes.%s", axis->rule->name);
        if (axis->span != AXIS_LISTED && !search_takes_spans(rules))
            return conf_complain(job->conf, path, err,
                                 "a range without count, of which search.method: %s "
                                 "cannot try every value",
                                 search_method_name(rules->method));
    }
    return 0;
}

/* What needs every point of the grid. */
static int check_grid(const struct job *job, struct err *err)
{
    const struct search_rules *rules = &job->plan.search;
    const char *method = search_method_name(rules->method);

    if (search_takes_grid(rules) && grid_n_points(&job->plan.grid) > CANDIDATES_MAX)
        return conf_complain(job->conf, "search.method", err,
                             "a grid of %llu candidates is more than %d: shorten the "
                             "axes, or set search.candidates",
                             (unsigned long long)grid_n_points(&job->plan.grid),
                             CANDIDATES_MAX);
    if (job->plan.n_surfaces > 0 && !search_is_grid(rules->method))
        return conf_complain(job->conf, "surfaces", err,
                             "search.method: %s does not come to every point of a grid",
                             method);
    if (strcmp(method, "halving") == 0 && job->plan.study->rate == NULL)
        return conf_complain(job->conf, "search.method", err,
                             "halving is not for the %s study, whose points cannot be "
                             "rated on a part of the bars",
                             job->plan.study->name);
    if (scope_is_shared(&job->plan.grid) && !search_is_grid(rules->method))
        return conf_complain(job->conf, "scopes", err,
                             "axes are shared where search.method is grid, not %s",
                             method);
    return 0;
}

int job_search_check(const struct job *job, struct err *err)
{
    bool has_span = false, moves = false;

    if (check_spans(job, &has_span, &moves, err) != 0 || check_grid(job, err) != 0)
        return -1;
    if (job->plan.search.n_polish > 0 && moves && !has_span)
        return conf_complain(job->conf, "search.polish", err,
                             "no axis has a range without count to move along");
    return 0;
}
