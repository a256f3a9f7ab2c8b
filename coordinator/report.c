#include "coordinator/report.h"
#include "coordinator/report_shared.h"
#include "coordinator/report_stress.h"
#include "coordinator/sources.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { AXES_SHOWN = 8 };

/* As wide as what stands in it, so that a line fits a terminal. */
struct widths {
    int name, axis[AXES_MAX];
};

/* Where there are many axes, those of one value stand in a line of their own. */
static bool is_column(const struct grid *grid, size_t a)
{
    return grid->n_axes <= AXES_SHOWN || grid->axis[a].n > 1;
}

static void widen(int *width, int n)
{
    if (n > *width)
        *width = n;
}

static struct widths widths_of(const struct result *result)
{
    const struct plan *plan = &result->job->plan;
    struct widths widths = {.name = (int)strlen("instrument")};
    double value[AXES_MAX];

    for (size_t a = 0; a < plan->grid.n_axes; a++)
        widths.axis[a] = (int)strlen(plan->grid.axis[a].rule->name);
    for (size_t i = 0; i < result->universe->n; i++) {
        const struct outcome *outcome = &result->outcome[i];

        widen(&widths.name, (int)strlen(outcome->entry->instrument));
        if (outcome->n_judged == 0)
            continue;
        outcome_values(plan, outcome, 0, value);
        for (size_t a = 0; a < plan->grid.n_axes; a++)
            widen(&widths.axis[a], snprintf(NULL, 0, "%.6g", value[a]));
    }
    return widths;
}

static void print_fixed(const struct grid *grid, FILE *out)
{
    bool is_any = false;

    for (size_t a = 0; a < grid->n_axes; a++) {
        if (is_column(grid, a))
            continue;
        fprintf(out, "%s%s %g",
                is_any ? ", " : "everywhere: ", grid->axis[a].rule->name,
                grid->axis[a].value[0]);
        is_any = true;
    }
    if (is_any)
        fputs("\n\n", out);
}

static void print_head(const struct plan *plan, const struct widths *widths, FILE *out)
{
    fprintf(out, "%-*s", widths->name, "instrument");
    for (size_t a = 0; a < plan->grid.n_axes; a++)
        if (is_column(&plan->grid, a))
            fprintf(out, " %*s", widths->axis[a], plan->grid.axis[a].rule->name);
    for (size_t c = 0; c < plan->study->n_columns; c++)
        fprintf(out, " %*s", plan->study->columns[c].width,
                plan->study->columns[c].title);
    fprintf(out, "  status\n");
}

static void print_figure(const struct plan *plan, const struct verdict *verdict,
                         const struct study_column *column, FILE *out)
{
    const struct metric *metric =
        metric_find(plan->study->n_metrics, plan->study->metrics, column->metric);
    double value = NAN;

    if (column->range == JUDGED_RANGES)
        value = verdict->last;
    else if (metric != NULL)
        value = verdict->figure[column->range][metric - plan->study->metrics];
    if (isnan(value))
        fprintf(out, " %*s", column->width, "-");
    else
        fprintf(out, " %*.*f", column->width, column->digits, value);
}

static void print_row(const struct plan *plan, const struct widths *widths,
                      const struct outcome *outcome, FILE *out)
{
    double value[AXES_MAX];

    fprintf(out, "%-*s", widths->name, outcome->entry->instrument);
    if (outcome->n_judged == 0) {
        fprintf(out, "  %s\n", status_text(outcome->status));
        return;
    }
    outcome_values(plan, outcome, 0, value);
    for (size_t a = 0; a < plan->grid.n_axes; a++)
        if (is_column(&plan->grid, a))
            fprintf(out, " %*.6g", widths->axis[a], value[a]);
    for (size_t c = 0; c < plan->study->n_columns; c++)
        print_figure(plan, &outcome->verdict[0], &plan->study->columns[c], out);
    fprintf(out, "  %s\n", status_text(outcome->status));
}

/* What the study has to say beside the table. */
static void print_told(const struct result *result, FILE *out)
{
    const struct plan *plan = &result->job->plan;

    sources_print(plan, result->universe, out);
    for (size_t i = 0; plan->study->tell != NULL && i < result->universe->n; i++) {
        const struct outcome *outcome = &result->outcome[i];

        if (outcome->n_judged == 0)
            continue;
        fprintf(out, "%s\n", outcome->entry->instrument);
        plan->study->tell(plan, outcome->verdict[0].figure[JUDGED_TRAINING], out);
    }
}

static void print_reasons(const struct result *result, FILE *out)
{
    for (size_t i = 0; i < result->universe->n; i++) {
        const struct outcome *outcome = &result->outcome[i];

        if (outcome->status != STATUS_CALIBRATED)
            fprintf(out, "%s %s: %s\n", outcome->entry->instrument,
                    status_text(outcome->status), outcome->reason);
    }
}

static void print_work(const struct result *result, FILE *out)
{
    const double elapsed_s =
        (double)(result->end_ns - result->start_ns) / (double)CLOCK_SECOND;
    const struct result_balance balance = result_balance(result);
    double n_points = 0.0;

    for (size_t i = 0; i < result->universe->n; i++)
        n_points += (double)result->outcome[i].found.n_points;
    fprintf(out,
            "%.6g points over %zu instrument%s in %.2f s on %d rank%s: at work %.0f of "
            "100, the busiest %.0f above the mean, coordinating %.1f\n",
            n_points, result->universe->n, result->universe->n == 1 ? "" : "s",
            elapsed_s, result->n_ranks, result->n_ranks == 1 ? "" : "s",
            100.0 * balance.utilisation, 100.0 * balance.imbalance,
            100.0 * balance.coordinator_load);
    if (result->figures.n_given_again > 0)
        fprintf(out, "%llu late units were given to a second rank\n",
                (unsigned long long)result->figures.n_given_again);
    if (result->figures.n_absent > 0)
        fprintf(out, "%d ranks did not answer at the end (absent in run.json)\n",
                result->figures.n_absent);
}

/* A winner at the end of an axis may have a better neighbour outside; ends that are the
 * bounds of what the axis may be are no news, nor are axes of two values. */
static size_t count_at_end(const struct result *result, size_t a)
{
    const struct plan *plan = &result->job->plan;
    const struct axis *axis = &plan->grid.axis[a];
    const bool has_ends = axis->n > 2 || axis->span != AXIS_LISTED;
    double value[AXES_MAX];
    size_t n = 0;

    for (size_t i = 0; has_ends && i < result->universe->n; i++) {
        const struct outcome *outcome = &result->outcome[i];

        if (outcome->n_judged == 0 || outcome->point[0].point >= INCUMBENT_POINT)
            continue;
        outcome_values(plan, outcome, 0, value);
        n += (value[a] == axis->value[0] && value[a] > axis->rule->min) ||
             (value[a] == axis->value[axis->n - 1] && value[a] < axis->rule->max);
    }
    return n;
}

static void print_ends(const struct result *result, FILE *out)
{
    for (size_t a = 0; a < result->job->plan.grid.n_axes; a++) {
        const size_t n = count_at_end(result, a);

        if (n > 0)
            fprintf(out, "%s is chosen at an end of its axis for %zu instrument%s\n",
                    result->job->plan.grid.axis[a].rule->name, n, n == 1 ? "" : "s");
    }
}

/* ---- against the incumbent ---- */

/* Why the set moves, or does not. */
static void print_why(const struct plan *plan, const struct outcome *outcome, FILE *out)
{
    const struct outcome_warm *warm = &outcome->warm;

    if (!warm->is_scored)
        fprintf(out, "the incumbent %s\n",
                outcome->incumbent->is_other ? "has other parameters"
                                             : "cannot be scored on these bars");
    else if (outcome->point[0].point == INCUMBENT_POINT)
        fprintf(out, "stays: the best point saves %.2f of 100 of its %s\n",
                100.0 * warm->gain, plan->objective->name);
    else if (warm->breach[0] != '\0')
        fprintf(out, "the incumbent breaks a limit: %s\n", warm->breach);
    else
        fprintf(out, "saves %.2f of 100 of the incumbent's %s\n", 100.0 * warm->gain,
                plan->objective->name);
}

static void print_changes(const struct plan *plan, const struct outcome *outcome,
                          FILE *out)
{
    double value[AXES_MAX];

    outcome_values(plan, outcome, 0, value);
    for (size_t a = 0; outcome->incumbent->n_points > 0 && a < plan->grid.n_axes; a++)
        if (value[a] != outcome->incumbent->point[0][a])
            fprintf(out, "%s %g -> %g, ", plan->grid.axis[a].rule->name,
                    outcome->incumbent->point[0][a], value[a]);
}

static void print_moves(const struct result *result, const struct widths *widths,
                        FILE *out)
{
    const struct plan *plan = &result->job->plan;
    size_t n_new = 0;

    if (result->universe->incumbents.n == 0)
        return;
    fprintf(out, "against the set in production (%.12s):\n",
            result->universe->incumbents.sha256);
    for (size_t i = 0; i < result->universe->n; i++) {
        const struct outcome *outcome = &result->outcome[i];
        const bool is_there = outcome->incumbent->is_there;

        n_new += !is_there;
        if (!is_there || outcome->n_judged == 0)
            continue;
        fprintf(out, "%-*s margin %.4f -> %.4f, ", widths->name,
                outcome->entry->instrument,
                1e-6 * (double)outcome->incumbent->initial_margin_ppm,
                outcome->verdict[0].last);
        print_changes(plan, outcome, out);
        print_why(plan, outcome, out);
    }
    if (n_new > 0)
        fprintf(out, "%zu instrument%s no margin in it\n", n_new,
                n_new == 1 ? " has" : "s have");
    fputc('\n', out);
}

void report_print(const struct result *result, FILE *out)
{
    const struct plan *plan = &result->job->plan;
    const struct widths widths = widths_of(result);

    fprintf(out, "%s: ", result->job->keys.name);
    plan->study->ask(plan, out);
    print_fixed(&plan->grid, out);
    print_head(plan, &widths, out);
    for (size_t i = 0; i < result->universe->n; i++)
        print_row(plan, &widths, &result->outcome[i], out);
    fputc('\n', out);
    print_told(result, out);
    report_shared(result, out);
    report_stress(result, out);
    print_moves(result, &widths, out);
    print_reasons(result, out);
    print_ends(result, out);
    fprintf(out, "%zu calibrated, %zu held, %zu failed\n",
            result_count(result, STATUS_CALIBRATED), result_count(result, STATUS_HELD),
            result_count(result, STATUS_FAILED));
    print_work(result, out);
    fprintf(out, "the set is %s/parameters.json, its evidence %s/calibration.h5\n",
            result->job->keys.output, result->job->keys.output);
}

void report_log(const struct result *result)
{
    for (size_t i = 0; i < result->universe->n; i++) {
        const struct outcome *outcome = &result->outcome[i];

        if (outcome->n_judged > 0)
            log_detail("outcome", "instrument=%s status=%s cost=%.6g last_margin=%.6g",
                       outcome->entry->instrument, status_text(outcome->status),
                       outcome->point[0].cost, outcome->verdict[0].last);
        else
            log_detail("outcome", "instrument=%s status=%s", outcome->entry->instrument,
                       status_text(outcome->status));
    }
    log_detail("done", "ranks=%d instruments=%zu elapsed_s=%.3f", result->n_ranks,
               result->universe->n,
               (double)(result->end_ns - result->start_ns) / (double)CLOCK_SECOND);
}
