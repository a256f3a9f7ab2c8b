#include "coordinator/choose.h"
#include "core/json.h"

#include <math.h>
#include <stdlib.h>

static double figure_of(const struct choose_front *of, size_t k, size_t objective)
{
    const double f = of->f[of->front[k] * of->m + objective];

    return of->is_most[objective] ? -f : f;
}

static void print_row(const struct choose_front *of, size_t k, FILE *out)
{
    const struct grid *grid = &of->job->plan.grid;
    double value[AXES_MAX];

    choose_values(of, k, value);
    fprintf(out, "%5zu", k + 1);
    for (size_t j = 0; j < of->m; j++)
        fprintf(out, " %14.6g", figure_of(of, k, j));
    fputs("  ", out);
    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].n > 1)
            fprintf(out, " %9.5g", value[a]);
    fprintf(out, "%s%s\n", k == of->knee ? "  knee" : "",
            k == of->preferred && k != of->knee ? "  preferred" : "");
}

void choose_print_table(const struct choose_front *of, FILE *out)
{
    const struct grid *grid = &of->job->plan.grid;

    fprintf(out, "%s: %zu of %zu points (%s) that no other is better than\n",
            of->instrument, of->n_front, of->n_within,
            of->is_grid ? "every one of the grid"
                        : "winner and runners-up; `surfaces` in the job keeps more");
    if (!isnan(of->hypervolume))
        fprintf(
            out,
            "they leave %.1f of 100 of the box between best and worst undominated\n",
            100.0 * (1.0 - of->hypervolume));
    else if (of->untold != NULL)
        fprintf(out, "their hypervolume is not told: %s (--objectives, --limit)\n",
                of->untold);
    fprintf(out, "\n%5s", "");
    for (size_t k = 0; k < of->m; k++)
        fprintf(out, " %14.14s", of->metric[k]->name);
    fputs("  ", out);
    for (size_t a = 0; a < grid->n_axes; a++)
        if (grid->axis[a].n > 1)
            fprintf(out, " %9.9s", grid->axis[a].rule->name);
    fputs("\n", out);
    for (size_t k = 0; k < of->n_front; k++)
        print_row(of, k, out);
}

static void put_row(struct json *json, const struct choose_front *of, size_t k)
{
    const struct grid *grid = &of->job->plan.grid;
    double value[AXES_MAX];

    choose_values(of, k, value);
    json_put_object(json, NULL);
    json_put_object(json, "parameters");
    for (size_t a = 0; a < grid->n_axes; a++)
        json_put_real(json, grid->axis[a].rule->name, value[a]);
    json_end(json);
    json_put_object(json, "objectives");
    for (size_t j = 0; j < of->m; j++)
        json_put_real(json, of->metric[j]->name, figure_of(of, k, j));
    json_end(json);
    json_end(json);
}

int choose_print_json(const struct choose_front *of, FILE *out, struct err *err)
{
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "instrument", of->instrument);
    json_put_text(&json, "points", of->is_grid ? "grid" : "judged");
    json_put_integer(&json, "n_points", (int64_t)of->n_within);
    json_put_real(&json, "hypervolume", of->hypervolume);
    if (of->untold != NULL)
        json_put_text(&json, "hypervolume_untold", of->untold);
    json_put_integer(&json, "knee", (int64_t)of->knee + 1);
    json_put_integer(&json, "preferred", (int64_t)of->preferred + 1);
    json_put_array(&json, "front");
    for (size_t k = 0; k < of->n_front; k++)
        put_row(&json, of, k);
    json_end(&json);
    json_end(&json);
    if (json_finish(&json, &bytes, &n_bytes, err) != 0)
        return -1;
    fputs(bytes, out);
    free(bytes);
    return 0;
}
