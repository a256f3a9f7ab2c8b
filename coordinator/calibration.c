#include "coordinator/calibration.h"
#include "coordinator/calibration_search.h"
#include "coordinator/calibration_shared.h"
#include "coordinator/evidence.h"
#include "core/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { GROUP_MAX = HISTORY_NAME_MAX + 32, COLUMN_MAX = 64 };

/* "lambda q floor buffer release" */
static void list_axes(const struct grid *grid, char text[AXES_MAX * COLUMN_MAX])
{
    size_t n = 0;

    text[0] = '\0';
    for (size_t a = 0; a < grid->n_axes; a++)
        n += (size_t)snprintf(text + n, AXES_MAX * COLUMN_MAX - n, "%s%s",
                              a > 0 ? " " : "", grid->axis[a].rule->name);
}

static int write_provenance(const struct result *result, struct evidence *evidence,
                            struct err *err)
{
    char started[CLOCK_TEXT_MAX], ended[CLOCK_TEXT_MAX];
    char axes[AXES_MAX * COLUMN_MAX];
    const char *slurm_job = getenv("SLURM_JOB_ID");

    list_axes(&result->job->plan.grid, axes);
    const struct {
        const char *name, *value;
    } texts[] = {
        {"program", result_program()},
        {"build", PLIMSOLL_BUILD},
        {"job", result->job->keys.name},
        {"job_file", result->job->source},
        {"job_in_force", result->job->canonical},
        {"job_sha256", result->job->sha256},
        {"axes", axes},
        {"history", result->history_path},
        {"history_sha256", result->universe->sha256},
        {"started", clock_moment_text(result->start_ns, started)},
        {"ended", clock_moment_text(result->end_ns, ended)},
        {"slurm_job_id", slurm_job != NULL ? slurm_job : ""},
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (evidence_set_text(evidence, "/", texts[i].name, texts[i].value, err) != 0)
            return -1;
    char *environment;
    if (environment_text((size_t)result->n_ranks, result->place, &environment, err) !=
        0)
        return -1;
    const int status =
        evidence_set_text(evidence, "/", "environment", environment, err);
    free(environment);
    return status != 0
               ? -1
               : evidence_set_integer(evidence, "/", "ranks", result->n_ranks, err);
}

/* ---- a row an instrument ---- */

struct overview {
    const char **name, **status, **reason;
    double *cost, *last, *n_points;
};

static void fill_overview(const struct result *result, struct overview *overview)
{
    for (size_t i = 0; i < result->universe->n; i++) {
        const struct outcome *outcome = &result->outcome[i];
        const bool judged = outcome->n_judged > 0;

        overview->name[i] = outcome->entry->instrument;
        overview->status[i] = status_text(outcome->status);
        overview->reason[i] = outcome->reason;
        overview->cost[i] = judged ? outcome->point[0].cost : NAN;
        overview->last[i] = judged ? outcome->verdict[0].last : NAN;
        overview->n_points[i] = (double)outcome->found.n_points;
    }
}

static int put_overview(const struct result *result, const struct overview *overview,
                        struct evidence *evidence, struct err *err)
{
    const struct evidence_axis axis = {.name = "instrument",
                                       .unit = "",
                                       .meaning = "name",
                                       .n = result->universe->n,
                                       .label = overview->name};
    const struct evidence_figure figure[] = {
        {.name = "status", .unit = "", .meaning = "status", .text = overview->status},
        {.name = "reason", .unit = "", .meaning = "reason", .text = overview->reason},
        {.name = "cost",
         .unit = "1",
         .meaning = "the objective at the chosen point",
         .value = overview->cost},
        {.name = "last_margin",
         .unit = "1",
         .meaning = "margin of the last bar",
         .value = overview->last},
        {.name = "n_points",
         .unit = "1",
         .meaning = "grid points searched",
         .value = overview->n_points},
    };
    const struct evidence_surface surface = {
        .n_axes = 1,
        .axis = &axis,
        .n_figures = sizeof figure / sizeof *figure,
        .figure = figure,
    };

    return evidence_write(evidence, "/instruments", &surface, err);
}

static int write_overview(const struct result *result, struct evidence *evidence,
                          struct err *err)
{
    const size_t n = result->universe->n;
    const char **texts = calloc(3 * n, sizeof *texts);
    double *reals = calloc(3 * n, sizeof *reals);
    int status = -1;

    if (texts == NULL || reals == NULL) {
        err_set(err, ERR_MEMORY, "no memory for %zu instruments", n);
    } else {
        struct overview overview = {texts, texts + n, texts + 2 * n,
                                    reals, reals + n, reals + 2 * n};

        fill_overview(result, &overview);
        status = put_overview(result, &overview, evidence, err);
    }
    free(texts);
    free(reals);
    return status;
}

/* ---- the points of one instrument ---- */

/* The columns of the table of points: axes, then each metric of each range. */
struct points {
    size_t n, n_columns;
    double *number; /* 0, 1, ...          */
    double *value;  /* [n_columns][n]     */
    struct evidence_figure *figure;
    char (*name)[COLUMN_MAX];
};

static void add_column(struct points *points, const char *name, const char *unit,
                       const char *meaning)
{
    const size_t c = points->n_columns++;

    points->figure[c] =
        (struct evidence_figure){.name = name,
                                 .unit = unit,
                                 .meaning = meaning,
                                 .value = points->value + c * points->n};
}

static void add_axes(const struct plan *plan, const struct outcome *outcome,
                     struct points *points)
{
    double value[AXES_MAX];

    for (size_t a = 0; a < plan->grid.n_axes; a++) {
        const struct axis_rule *rule = plan->grid.axis[a].rule;

        for (size_t i = 0; i < points->n; i++) {
            outcome_values(plan, outcome, i, value);
            points->value[points->n_columns * points->n + i] = value[a];
        }
        add_column(points, rule->name, rule->unit, rule->meaning);
    }
}

static void add_metrics(const struct plan *plan, const struct outcome *outcome,
                        enum judged range, struct points *points)
{
    for (size_t m = 0; m < plan->study->n_metrics; m++) {
        const struct metric *metric = &plan->study->metrics[m];
        char *name = points->name[points->n_columns];

        snprintf(name, COLUMN_MAX, "%s%s", range == JUDGED_TEST ? "test_" : "",
                 metric->name);
        for (size_t i = 0; i < points->n; i++)
            points->value[points->n_columns * points->n + i] =
                outcome->verdict[i].figure[range][m];
        add_column(points, name, metric->unit, metric->meaning);
    }
}

static int put_points(const struct plan *plan, const struct outcome *outcome,
                      const char *group, struct points *points,
                      struct evidence *evidence, struct err *err)
{
    for (size_t i = 0; i < points->n; i++)
        points->number[i] = (double)i;
    add_axes(plan, outcome, points);
    add_metrics(plan, outcome, JUDGED_TRAINING, points);
    if (plan->holdout > 0.0)
        add_metrics(plan, outcome, JUDGED_TEST, points);
    const struct evidence_axis axis = {.name = "point",
                                       .unit = "",
                                       .meaning = "place: 0 is the winner",
                                       .n = points->n,
                                       .value = points->number};
    const struct evidence_surface surface = {.n_axes = 1,
                                             .axis = &axis,
                                             .n_figures = points->n_columns,
                                             .figure = points->figure};
    return evidence_write(evidence, group, &surface, err);
}

static int write_points(const struct plan *plan, const struct outcome *outcome,
                        struct evidence *evidence, struct err *err)
{
    const size_t n_columns = plan->grid.n_axes + JUDGED_RANGES * plan->study->n_metrics;
    const size_t n = outcome->n_judged;
    struct points points = {.n = n,
                            .number = calloc(n, sizeof(double)),
                            .value = calloc(n * n_columns, sizeof(double)),
                            .figure = calloc(n_columns, sizeof *points.figure),
                            .name = calloc(n_columns, sizeof *points.name)};
    char group[GROUP_MAX];
    int status;

    snprintf(group, sizeof group, "/%s/points", outcome->entry->instrument);
    if (points.number == NULL || points.value == NULL || points.figure == NULL ||
        points.name == NULL)
        status = err_set(err, ERR_MEMORY, "no memory for %zu points", n);
    else
        status = put_points(plan, outcome, group, &points, evidence, err);
    free(points.number);
    free(points.value);
    free(points.figure);
    free(points.name);
    return status;
}

/* ---- marginals ---- */

static int write_marginal(const struct axis *axis, const struct candidate *best,
                          const char *group, struct evidence *evidence, struct err *err)
{
    double *cost = calloc(2 * axis->n, sizeof *cost);

    if (cost == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a marginal of %zu", axis->n);
    double *violation = cost + axis->n;
    for (size_t d = 0; d < axis->n; d++) {
        cost[d] = best[d].cost;
        violation[d] = isinf(best[d].violation) ? NAN : best[d].violation;
    }
    const struct evidence_axis along = {.name = axis->rule->name,
                                        .unit = axis->rule->unit,
                                        .meaning = axis->rule->meaning,
                                        .n = axis->n,
                                        .value = axis->value};
    const struct evidence_figure figure[] = {
        {.name = "best_cost",
         .unit = "1",
         .meaning =
             "least cost of the points with this value, nearest to feasible first",
         .value = cost},
        {.name = "violation",
         .unit = "1",
         .meaning = "of that point; 0: every constraint holds",
         .value = violation},
    };
    const struct evidence_surface surface = {
        .n_axes = 1, .axis = &along, .n_figures = 2, .figure = figure};
    const int status = evidence_write(evidence, group, &surface, err);
    free(cost);
    return status;
}

static int write_marginals(const struct outcome *outcome, struct evidence *evidence,
                           struct err *err)
{
    const struct marginal *marginal = &outcome->found.marginal;
    char group[GROUP_MAX + 64];

    for (size_t a = 0; a < marginal->grid->n_axes; a++) {
        snprintf(group, sizeof group, "/%s/marginals/%s", outcome->entry->instrument,
                 marginal->grid->axis[a].rule->name);
        if (write_marginal(&marginal->grid->axis[a], marginal->best[a], group, evidence,
                           err) != 0)
            return -1;
    }
    return 0;
}

/* ---- surfaces ---- */

static int write_surfaces(const struct job *job, const struct outcome *outcome,
                          struct evidence *evidence, struct err *err)
{
    const struct plan *plan = &job->plan;
    struct evidence_axis axis[AXES_MAX];
    struct evidence_figure figure[SURFACES_MAX];
    char group[GROUP_MAX];

    if (plan->n_surfaces == 0)
        return 0;
    for (size_t a = 0; a < plan->grid.n_axes; a++)
        axis[a] = (struct evidence_axis){.name = plan->grid.axis[a].rule->name,
                                         .unit = plan->grid.axis[a].rule->unit,
                                         .meaning = plan->grid.axis[a].rule->meaning,
                                         .n = plan->grid.axis[a].n,
                                         .value = plan->grid.axis[a].value};
    for (size_t s = 0; s < plan->n_surfaces; s++)
        figure[s] =
            (struct evidence_figure){.name = plan->surface[s]->name,
                                     .unit = plan->surface[s]->unit,
                                     .meaning = plan->surface[s]->meaning,
                                     .value = found_surface(&outcome->found, s, 0)};
    const struct evidence_surface surface = {.n_axes = plan->grid.n_axes,
                                             .axis = axis,
                                             .n_figures = plan->n_surfaces,
                                             .figure = figure,
                                             .is_deflated =
                                                 job->keys.surfaces_deflated};
    snprintf(group, sizeof group, "/%s/surface", outcome->entry->instrument);
    return evidence_write(evidence, group, &surface, err);
}

static int write_instrument(const struct job *job, const struct outcome *outcome,
                            struct evidence *evidence, struct err *err)
{
    const struct plan *plan = &job->plan;
    char group[GROUP_MAX];

    snprintf(group, sizeof group, "/%s", outcome->entry->instrument);
    if (evidence_set_text(evidence, group, "status", status_text(outcome->status),
                          err) != 0 ||
        evidence_set_text(evidence, group, "reason", outcome->reason, err) != 0)
        return -1;
    if (outcome->n_judged == 0)
        return 0;
    if (write_points(plan, outcome, evidence, err) != 0 ||
        write_surfaces(job, outcome, evidence, err) != 0)
        return -1;
    return search_is_grid(plan->search.method)
               ? write_marginals(outcome, evidence, err)
               : calibration_write_searched(plan, outcome, evidence, err);
}

static int write_all(const struct result *result, struct evidence *evidence,
                     struct err *err)
{
    if (write_provenance(result, evidence, err) != 0 ||
        write_overview(result, evidence, err) != 0 ||
        calibration_write_shared(result, evidence, err) != 0)
        return -1;
    for (size_t i = 0; i < result->universe->n; i++)
        if (write_instrument(result->job, &result->outcome[i], evidence, err) != 0)
            return -1;
    return 0;
}

int calibration_write(const struct result *result, const char *path, struct err *err)
{
    struct evidence *evidence;

    if (evidence_create(path, &evidence, err) != 0)
        return -1;
    if (write_all(result, evidence, err) != 0) {
        evidence_abandon(evidence);
        return -1;
    }
    return evidence_commit(evidence, err);
}
