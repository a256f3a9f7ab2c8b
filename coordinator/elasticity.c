#include "coordinator/elasticity.h"
#include "client/set.h"
#include "coordinator/probe.h"
#include "coordinator/verdicts.h"
#include "core/json.h"
#include "worker/elasticity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the point and its neighbours ---- */

/* What DIR/parameters.json has chosen for the instrument. */
static int take_point(const struct subject *subject, const char *directory,
                      double value[], struct err *err)
{
    const struct grid *grid = &subject->job.plan.grid;
    const char *name = subject->entry->instrument;
    char path[4096];
    struct plimsoll_set *set;
    struct stat found;
    int status = 0;

    if (stat(directory, &found) != 0 || !S_ISDIR(found.st_mode))
        return err_set(err, ERR_USAGE,
                       "--method elasticity: %s is not the directory of a calibration",
                       directory);
    snprintf(path, sizeof path, "%s/parameters.json", directory);
    if (plimsoll_set_read(path, &set, err) != 0)
        return -1;
    const struct plimsoll_instrument *instrument = plimsoll_set_find(set, name);
    for (size_t a = 0; status == 0 && a < grid->n_axes; a++) {
        const char *axis = grid->axis[a].rule->name;
        const struct plimsoll_value *chosen =
            instrument != NULL ? plimsoll_values_find(&instrument->parameters, axis)
                               : NULL;

        if (chosen == NULL)
            status = err_set(err, ERR_INPUT, "%s: %s has no %s", path, name, axis);
        else
            value[a] = chosen->value;
    }
    plimsoll_set_free(set);
    return status;
}

/* ---- figures ---- */

static int judge(const struct elasticity *found, struct probe *probe,
                 const double value[], struct verdict *verdict, size_t stride,
                 double *out, struct err *err)
{
    const struct probe_figures figures = {found->n_metrics, found->metric, stride, out};
    struct err refusal;

    return probe_figures_at(probe, value, verdict, &figures, &refusal, err);
}

static int judge_all(struct elasticity *found, struct probe *probe,
                     struct verdict *verdict, struct err *err)
{
    const struct grid *grid = &found->subject->job.plan.grid;

    if (judge(found, probe, found->value, verdict, 1, found->figure, err) != 0)
        return -1;
    for (size_t a = 0; a < grid->n_axes; a++) {
        double value[AXES_MAX];

        memcpy(value, found->value, sizeof value);
        elasticity_neighbours(grid->axis[a].rule, value[a], &found->below[a],
                              &found->above[a]);
        value[a] = found->below[a];
        if (judge(found, probe, value, verdict, AXES_MAX, &found->f_below[0][a], err) !=
            0)
            return -1;
        value[a] = found->above[a];
        if (judge(found, probe, value, verdict, AXES_MAX, &found->f_above[0][a], err) !=
            0)
            return -1;
    }
    return 0;
}

int elasticity_find(const struct subject *subject,
                    const struct elasticity_request *request, struct elasticity *found,
                    struct err *err)
{
    struct probe *probe = NULL;
    struct verdict *verdict = NULL;
    int status = -1;

    *found = (struct elasticity){.subject = subject};
    if (probe_find_metrics(&subject->job.plan, request->n_metrics, request->metric,
                           ELASTICITY_METRICS_MAX, found->metric, &found->n_metrics,
                           err) == 0 &&
        take_point(subject, request->directory, found->value, err) == 0 &&
        verdicts_new(&subject->job.plan, 1, &verdict, err) == 0 &&
        probe_new(&subject->job, subject->history, subject->entry, &probe, err) == 0)
        status = judge_all(found, probe, verdict, err);
    probe_free(probe);
    verdicts_free(verdict);
    return status;
}

double elasticity_of(const struct elasticity *found, size_t m, size_t a)
{
    return elasticity_at(found->value[a], found->figure[m], found->below[a],
                         found->above[a], found->f_below[m][a], found->f_above[m][a]);
}

/* ---- printing ---- */

void elasticity_print_table(const struct elasticity *found, FILE *out)
{
    const struct grid *grid = &found->subject->job.plan.grid;

    fprintf(out,
            "%s: elasticities at its point, percent for a percent (one step, where an "
            "axis has whole\nnumbers only); -: the axis or the figure is 0\n\n%-16s "
            "%10s",
            found->subject->entry->instrument, "axis", "at");
    for (size_t m = 0; m < found->n_metrics; m++)
        fprintf(out, " %20s", found->metric[m]->name);
    fputc('\n', out);
    for (size_t a = 0; a < grid->n_axes; a++) {
        fprintf(out, "%-16s %10.6g", grid->axis[a].rule->name, found->value[a]);
        for (size_t m = 0; m < found->n_metrics; m++) {
            const double e = elasticity_of(found, m, a);

            if (isnan(e))
                fprintf(out, " %20s", "-");
            else
                fprintf(out, " %20.4f", e);
        }
        fputc('\n', out);
    }
}

static void put_metric(struct json *json, const struct elasticity *found, size_t m)
{
    const struct grid *grid = &found->subject->job.plan.grid;

    json_put_object(json, found->metric[m]->name);
    json_put_real(json, "value", found->figure[m]);
    json_put_object(json, "axes");
    for (size_t a = 0; a < grid->n_axes; a++) {
        json_put_object(json, grid->axis[a].rule->name);
        json_put_real(json, "at", found->value[a]);
        json_put_real(json, "below", found->below[a]);
        json_put_real(json, "above", found->above[a]);
        json_put_real(json, "value_below", found->f_below[m][a]);
        json_put_real(json, "value_above", found->f_above[m][a]);
        json_put_real(json, "elasticity", elasticity_of(found, m, a));
        json_end(json);
    }
    json_end(json);
    json_end(json);
}

int elasticity_print_json(const struct elasticity *found, FILE *out, struct err *err)
{
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "instrument", found->subject->entry->instrument);
    json_put_text(&json, "method", "elasticity");
    json_put_object(&json, "metrics");
    for (size_t m = 0; m < found->n_metrics; m++)
        put_metric(&json, found, m);
    json_end(&json);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, out);
    free(bytes);
    return 0;
}
