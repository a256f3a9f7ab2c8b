#include "coordinator/sensitivity.h"
#include "core/json.h"

#include <stdlib.h>

static const char *const method_name[] = {"morris", "sobol"};

static const struct axis *axis_of(const struct sensitivity *found, size_t i)
{
    return &found->subject->job.plan.grid.axis[found->input[i]];
}

static void print_effects(const struct sensitivity *found, size_t m, FILE *out)
{
    fprintf(out, "%-16s %12s %12s %12s %11s %12s %12s\n", "axis", "from", "to", "mu*",
            "std. error", "mu", "sigma");
    for (size_t i = 0; i < found->n_inputs; i++) {
        const struct axis *axis = axis_of(found, i);
        const struct morris_effect *e = &found->effect[m * found->n_inputs + i];

        fprintf(out, "%-16s %12.6g %12.6g %12.5g %11.2g %12.5g %12.5g\n",
                axis->rule->name, axis->value[0], axis->value[axis->n - 1], e->mu_star,
                e->mu_star_error, e->mu, e->sigma);
    }
}

static void print_indices(const struct sensitivity *found, size_t m, FILE *out)
{
    fprintf(out, "%-16s %12s %12s %10s %20s %10s %20s\n", "axis", "from", "to", "first",
            "95 %", "total", "95 %");
    for (size_t i = 0; i < found->n_inputs; i++) {
        const struct axis *axis = axis_of(found, i);
        const struct sobol_index *s = &found->index[m * found->n_inputs + i];

        fprintf(out,
                "%-16s %12.6g %12.6g %10.4f  [%8.4f, %8.4f] %10.4f  [%8.4f, %8.4f]\n",
                axis->rule->name, axis->value[0], axis->value[axis->n - 1], s->first,
                s->first_low, s->first_high, s->total, s->total_low, s->total_high);
    }
}

void sensitivity_print_table(const struct sensitivity *found, FILE *out)
{
    const bool is_morris = found->request.method == SENSITIVITY_MORRIS;

    fprintf(out, "%s: %zu points judged", found->subject->entry->instrument,
            found->n_points);
    if (found->n_refused > 0)
        fprintf(out, ", %zu of them without figures (%s)", found->n_refused,
                found->refusal);
    fprintf(out, "; seed %llu\n%s\n", (unsigned long long)found->request.seed,
            is_morris
                ? "effects of an axis' whole range, in the metric's unit (Morris "
                  "1991, Campolongo 2007)"
                : "shares of the metric's variance, by itself and in all (Saltelli "
                  "2010, Jansen 1999)");
    for (size_t m = 0; m < found->n_metrics; m++) {
        fprintf(out, "\n%s (%s)", found->metric[m]->name, found->metric[m]->unit);
        if (!is_morris && found->n_used[m] < found->request.n_samples)
            fprintf(out, ", %zu of %zu rows defined", found->n_used[m],
                    found->request.n_samples);
        fputs("\n", out);
        if (is_morris)
            print_effects(found, m, out);
        else
            print_indices(found, m, out);
    }
}

/* ---- JSON ---- */

static void put_effect(struct json *json, const struct morris_effect *effect)
{
    json_put_integer(json, "n", (int64_t)effect->n);
    json_put_real(json, "mu_star", effect->mu_star);
    json_put_real(json, "mu_star_error", effect->mu_star_error);
    json_put_real(json, "mu", effect->mu);
    json_put_real(json, "sigma", effect->sigma);
}

static void put_index(struct json *json, const struct sobol_index *index)
{
    json_put_real(json, "first", index->first);
    json_put_real(json, "first_low", index->first_low);
    json_put_real(json, "first_high", index->first_high);
    json_put_real(json, "total", index->total);
    json_put_real(json, "total_low", index->total_low);
    json_put_real(json, "total_high", index->total_high);
}

static void put_metric(struct json *json, const struct sensitivity *found, size_t m)
{
    const bool is_morris = found->request.method == SENSITIVITY_MORRIS;

    json_put_object(json, found->metric[m]->name);
    if (!is_morris)
        json_put_integer(json, "rows", (int64_t)found->n_used[m]);
    json_put_object(json, "axes");
    for (size_t i = 0; i < found->n_inputs; i++) {
        const struct axis *axis = axis_of(found, i);
        const size_t place = m * found->n_inputs + i;

        json_put_object(json, axis->rule->name);
        json_put_real(json, "from", axis->value[0]);
        json_put_real(json, "to", axis->value[axis->n - 1]);
        if (is_morris)
            put_effect(json, &found->effect[place]);
        else
            put_index(json, &found->index[place]);
        json_end(json);
    }
    json_end(json);
    json_end(json);
}

int sensitivity_print_json(const struct sensitivity *found, FILE *out, struct err *err)
{
    struct json json;
    char *bytes;
    size_t n_bytes;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "instrument", found->subject->entry->instrument);
    json_put_text(&json, "method", method_name[found->request.method]);
    json_put_integer(&json, "samples", (int64_t)found->request.n_samples);
    json_put_integer(&json, "seed", (int64_t)found->request.seed);
    json_put_integer(&json, "points", (int64_t)found->n_points);
    json_put_integer(&json, "points_refused", (int64_t)found->n_refused);
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
