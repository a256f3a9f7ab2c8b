#include "coordinator/job_scopes.h"
#include "core/text.h"
#include "worker/scope.h"

#include <string.h>

static struct axis *find_axis(struct grid *grid, const char *name)
{
    for (size_t a = 0; a < grid->n_axes; a++)
        if (strcmp(grid->axis[a].rule->name, name) == 0)
            return &grid->axis[a];
    return NULL;
}

static int set_scope(struct job *job, size_t i, struct err *err)
{
    const struct conf_named *scopes = &job->keys.scopes;
    const struct conf_texts *texts = &scopes->texts[i];
    struct axis *axis = find_axis(&job->plan.grid, scopes->name[i]);
    char path[80];

    snprintf(path, sizeof path, "scopes.%s", scopes->name[i]);
    if (axis == NULL)
        return conf_complain(job->conf, path, err,
                             "the models of this job have no such axis");
    for (int scope = AXIS_INSTRUMENT; scope <= AXIS_GLOBAL; scope++)
        if (texts->n == 1 &&
            strcmp(texts->text[0], scope_name((enum axis_scope)scope)) == 0) {
            axis->scope = (enum axis_scope)scope;
            return 0;
        }
    return conf_complain(job->conf, path, err,
                         "'%s' is none of instrument, group and global",
                         texts->text[0]);
}

/* The best points of each combination stay in memory until all are there. */
static int check_cells(const struct job *job, struct err *err)
{
    const uint64_t n = scope_n_cells(&job->plan.grid);

    if (n <= CELLS_MAX)
        return 0;
    return conf_complain(job->conf, "scopes", err,
                         "%llu combinations of shared values are more than %d: give "
                         "the shared axes fewer values",
                         (unsigned long long)n, CELLS_MAX);
}

static int check_weights(const struct job *job, struct err *err)
{
    const struct conf_named *weights = &job->keys.weights;
    char path[80];

    for (size_t i = 0; i < weights->n; i++) {
        const struct conf_texts *texts = &weights->texts[i];
        double weight;

        snprintf(path, sizeof path, "weights.%s", weights->name[i]);
        if (texts->n != 1 ||
            text_to_real(texts->text[0], strlen(texts->text[0]), &weight, NULL) != 0 ||
            !(weight >= 0.0 && weight <= 1e12))
            return conf_complain(job->conf, path, err,
                                 "'%s' is not a number from 0 to 1e12", texts->text[0]);
    }
    return 0;
}

double job_scopes_weight(const struct job *job, size_t i)
{
    const char *text = job->keys.weights.texts[i].text[0];
    double weight = 0.0;

    text_to_real(text, strlen(text), &weight, NULL);
    return weight;
}

/* Groups that no axis is shared by are a description; weights of nothing a slip. */
static int check_use(const struct job *job, struct err *err)
{
    const struct grid *grid = &job->plan.grid;

    if (scope_has(grid, AXIS_GROUP) && job->keys.groups.n == 0)
        return conf_complain(job->conf, "scopes", err,
                             "an axis is shared by group, but the job has no `groups`");
    if (!scope_is_shared(grid) && job->keys.weights.n > 0)
        return conf_complain(job->conf, "weights", err, "no axis is shared (`scopes`)");
    return 0;
}

int job_scopes_set(struct job *job, struct err *err)
{
    for (size_t i = 0; i < job->keys.scopes.n; i++)
        if (set_scope(job, i, err) != 0)
            return -1;
    if (check_cells(job, err) != 0 || check_weights(job, err) != 0)
        return -1;
    return check_use(job, err);
}
