#include "coordinator/groups.h"
#include "coordinator/job_scopes.h"
#include "core/text.h"
#include "worker/ranking.h"
#include "worker/scope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOBODY = -1, REFUSED = -2 };

static bool takes(const struct conf_texts *patterns, const char *instrument)
{
    for (size_t i = 0; i < patterns->n; i++)
        if (text_matches(patterns->text[i], instrument))
            return true;
    return false;
}

static bool takes_rest(const struct conf_texts *patterns)
{
    return patterns->n == 1 && strcmp(patterns->text[0], "rest") == 0;
}

static int complain(const struct job *job, const char *key, const char *name,
                    struct err *err, const char *instrument, const char *what)
{
    char path[128];

    snprintf(path, sizeof path, "%s%s%s", key, name != NULL ? "." : "",
             name != NULL ? name : "");
    return conf_complain(job->conf, path, err, "%s %s", instrument, what);
}

/* The one group that names the instrument; NOBODY, REFUSED where there are two. */
static long find_named(const struct job *job, const char *instrument, struct err *err)
{
    const struct conf_named *groups = &job->keys.groups;
    long owner = NOBODY;
    char what[96];

    for (size_t g = 0; g < groups->n; g++) {
        if (takes_rest(&groups->texts[g]) || !takes(&groups->texts[g], instrument))
            continue;
        if (owner != NOBODY) {
            snprintf(what, sizeof what, "is in %.60s already", groups->name[owner]);
            complain(job, "groups", groups->name[g], err, instrument, what);
            return REFUSED;
        }
        owner = (long)g;
    }
    return owner;
}

/* The group that takes what no other has. */
static long find_rest(const struct job *job, struct err *err)
{
    const struct conf_named *groups = &job->keys.groups;
    long rest = NOBODY;

    for (size_t g = 0; g < groups->n; g++) {
        if (!takes_rest(&groups->texts[g]))
            continue;
        if (rest != NOBODY) {
            complain(job, "groups", groups->name[g], err, groups->name[rest],
                     "takes the rest already");
            return REFUSED;
        }
        rest = (long)g;
    }
    return rest;
}

/* The places of the job's groups in the order of their names. */
static void sort_groups(const struct conf_named *named, struct groups *groups,
                        size_t place[])
{
    for (size_t g = 0; g < named->n; g++) {
        place[g] = 0;
        for (size_t other = 0; other < named->n; other++)
            place[g] += strcmp(named->name[other], named->name[g]) < 0;
        groups->name[place[g]] = named->name[g];
    }
}

static int fill_groups(const struct job *job, size_t n,
                       const struct history_entry *const entry[], struct groups *groups,
                       struct err *err)
{
    const struct conf_named *named = &job->keys.groups;
    const long rest = find_rest(job, err);
    size_t *place = calloc(named->n + 1, sizeof *place);
    int status = rest == REFUSED ? -1 : 0;

    if (place == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu groups", named->n);
    sort_groups(named, groups, place);
    for (size_t i = 0; status == 0 && i < n; i++) {
        long owner = find_named(job, entry[i]->instrument, err);

        owner = owner == NOBODY ? rest : owner;
        if (owner >= 0)
            groups->of[i] = place[owner];
        else if (owner == NOBODY)
            status = complain(job, "groups", NULL, err, entry[i]->instrument,
                              "is in no group (a group `NAME: rest` takes all that no "
                              "other has)");
        else
            status = -1;
    }
    free(place);
    return status;
}

static int weigh(const struct job *job, const char *instrument, double *weight,
                 struct err *err)
{
    const struct conf_named *named = &job->keys.weights;
    const char *by = NULL;
    char what[96];

    *weight = 1.0;
    for (size_t i = 0; i < named->n; i++) {
        if (!text_matches(named->name[i], instrument))
            continue;
        if (by != NULL) {
            snprintf(what, sizeof what, "has a weight by %.60s already", by);
            return complain(job, "weights", named->name[i], err, instrument, what);
        }
        by = named->name[i];
        *weight = job_scopes_weight(job, i);
    }
    return 0;
}

/* The coordinator keeps a ranking for each cell of each instrument. */
static int check_memory(const struct job *job, size_t n, struct err *err)
{
    const double most = 4e9;
    const double n_cells = (double)scope_n_cells(&job->plan.grid);
    const double n_bytes = (double)n * n_cells * (double)job->plan.n_kept *
                           (double)sizeof(struct candidate);

    if (!scope_is_shared(&job->plan.grid) || n_bytes <= most)
        return 0;
    return conf_complain(job->conf, "scopes", err,
                         "%.0f combinations of shared values of %zu instruments take "
                         "%.1f GB, more than 4: give the shared axes fewer values, or "
                         "lower search.runners_up",
                         n_cells, n, 1e-9 * n_bytes);
}

int groups_new(const struct job *job, size_t n,
               const struct history_entry *const entry[], struct groups *groups,
               struct err *err)
{
    const bool by_group = scope_has(&job->plan.grid, AXIS_GROUP);
    const size_t n_groups = by_group ? job->keys.groups.n : 1;
    int status = 0;

    *groups = (struct groups){.n = n_groups,
                              .name = calloc(n_groups, sizeof *groups->name),
                              .of = calloc(n + 1, sizeof *groups->of),
                              .weight = calloc(n + 1, sizeof *groups->weight)};
    if (groups->name == NULL || groups->of == NULL || groups->weight == NULL)
        status = err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    else if (by_group)
        status = fill_groups(job, n, entry, groups, err);
    for (size_t i = 0; status == 0 && i < n; i++)
        status = weigh(job, entry[i]->instrument, &groups->weight[i], err);
    if (status == 0)
        status = check_memory(job, n, err);
    if (status != 0)
        groups_free(groups);
    return status;
}

void groups_free(struct groups *groups)
{
    free(groups->name);
    free(groups->of);
    free(groups->weight);
    *groups = (struct groups){0};
}
