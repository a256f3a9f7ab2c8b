#include "coordinator/fits.h"
#include "coordinator/result.h"
#include "coordinator/walk_result.h"
#include "core/clock.h"
#include "core/json.h"

#include <math.h>
#include <string.h>

static const char *const window_name[] = {
    [FOLD_ANCHORED] = "anchored", [FOLD_ROLLING] = "rolling"};

static const struct plan *plan_of(const struct walk_result *result)
{
    return &result->subject->job.plan;
}

static double figure_of(const struct walk_result *result,
                        const struct walk_choice *choice, enum judged range,
                        const char *metric)
{
    const struct study *study = plan_of(result)->study;

    if (!choice->is_judged)
        return NAN;
    return choice->figure[range][metric_find(study->n_metrics, study->metrics, metric) -
                                 study->metrics];
}

/* ---- for people ---- */

static char *day_text(int64_t moment_ns, char out[CLOCK_TEXT_MAX])
{
    clock_moment_text(moment_ns, out);
    out[strcspn(out, "T")] = '\0';
    return out;
}

static void print_fold(const struct walk_result *result,
                       const struct walk_instrument *of, size_t k, FILE *out)
{
    const struct walk_fold *fold = &of->fold[k];
    const struct walk_choice *choice = &fold->choice[0];
    char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];

    fprintf(out, "%4zu", k + 1);
    if (!of->has_fold[k]) {
        fprintf(out, "  %s\n", of->fold_reason[k]);
        return;
    }
    fprintf(out, "  %s %s", day_text(fold->test_from_ns, from),
            day_text(fold->test_to_ns, to));
    for (size_t a = 0; a < plan_of(result)->grid.n_axes; a++)
        if (plan_of(result)->grid.axis[a].n > 1)
            fprintf(out, " %9.5g", choice->value[a]);
    fprintf(out, "  %8.5f %8.5f  %7.4f %7.4f  %s\n",
            figure_of(result, choice, JUDGED_TRAINING, "coverage"),
            figure_of(result, choice, JUDGED_TEST, "coverage"),
            figure_of(result, choice, JUDGED_TRAINING, "mean_margin"),
            figure_of(result, choice, JUDGED_TEST, "mean_margin"),
            status_text((enum status)choice->status));
}

static void print_head(const struct walk_result *result, FILE *out)
{
    fprintf(out, "fold  %-21s", "test bars");
    for (size_t a = 0; a < plan_of(result)->grid.n_axes; a++)
        if (plan_of(result)->grid.axis[a].n > 1)
            fprintf(out, " %9.9s", plan_of(result)->grid.axis[a].rule->name);
    fprintf(out, "  %8s %8s  %7s %7s  status\n", "coverage", "unseen", "mean",
            "unseen");
}

/* What no fold could tell is a dash. */
static void print_real(int width, int digits, double value, FILE *out)
{
    if (isnan(value))
        fprintf(out, " %*s", width, "-");
    else
        fprintf(out, " %*.*f", width, digits, value);
}

static void print_steps(const struct walk_result *result,
                        const struct walk_instrument *of, FILE *out)
{
    fprintf(out, "mean step along the axis   ");
    for (size_t a = 0; a < plan_of(result)->grid.n_axes; a++)
        if (plan_of(result)->grid.axis[a].n > 1)
            print_real(9, 3, of->stability[a].mean_step, out);
    fputs("\n", out);
}

static void print_total(const struct walk_instrument *of, size_t c, FILE *out)
{
    const struct walk_total *total = &of->total[c];

    fprintf(out, "  %-12s", walk_contender_name(c));
    print_real(8, 5, total->in_coverage, out);
    print_real(8, 5, total->coverage, out);
    print_real(8, 4, total->in_mean_margin, out);
    print_real(7, 4, total->mean_margin, out);
    if (isnan(total->mean_score))
        fprintf(out, "  %10s\n", "-");
    else
        fprintf(out, "  %10.4g\n", total->mean_score);
}

static void print_shared(const struct walk_overfit *overfit, FILE *out)
{
    if (overfit->shared.n_cells > 1)
        fprintf(out,
                "  ... of the shared values %.3f by tick loss, %.3f by the job's own "
                "rule (%llu combinations, %llu instruments)\n",
                overfit->shared.by_loss.pbo, overfit->shared.by_rule.pbo,
                (unsigned long long)overfit->shared.n_cells,
                (unsigned long long)overfit->shared.n_members);
}

static void print_overfit(const struct walk_overfit *overfit, FILE *out)
{
    if (isnan(overfit->by_loss.pbo)) {
        fprintf(out, "  probability of overfitting: none, %s\n", overfit->reason);
        return;
    }
    fprintf(
        out,
        "  probability of overfitting %.3f by tick loss, %.3f by the job's own rule "
        "(%llu points, %zu halves;\n  what one half chooses breaks a constraint on "
        "the other in %llu)\n",
        overfit->by_loss.pbo, overfit->by_rule.pbo,
        (unsigned long long)overfit->n_points, overfit->by_rule.n_halves,
        (unsigned long long)overfit->n_broken);
}

static void print_spa(const struct spa *spa, FILE *out)
{
    if (isnan(spa->p_consistent))
        fputs("  no test against the challengers: no fold has unseen bars\n", out);
    else
        fprintf(out, "  another has the smaller tick loss: SPA p %.3f (%.3f to %.3f)\n",
                spa->p_consistent, spa->p_lower, spa->p_upper);
}

static void print_instrument(const struct walk_result *result,
                             const struct walk_instrument *of, FILE *out)
{
    fprintf(out, "\n%s: %s%s%s\n", of->entry->instrument, status_text(of->status),
            of->reason[0] != '\0' ? ", " : "", of->reason);
    print_head(result, out);
    for (size_t k = 0; k < result->rules.n_folds; k++)
        print_fold(result, of, k, out);
    print_steps(result, of, out);
    fprintf(out, "  %-12s %8s %8s  %7s %7s  %10s\n", "all folds", "coverage", "unseen",
            "mean", "unseen", "tick loss");
    for (size_t c = 0; c < of->n_contenders; c++)
        print_total(of, c, out);
    print_overfit(&of->overfit, out);
    print_shared(&of->overfit, out);
    print_spa(&of->spa, out);
}

void walk_print_table(const struct walk_result *result, FILE *out)
{
    fprintf(out,
            "%s: %zu folds, %s; parameters chosen on the bars before each, `unseen` on "
            "its own\n",
            result->subject->job.keys.name, result->rules.n_folds,
            window_name[result->rules.window]);
    for (size_t i = 0; i < result->n; i++)
        print_instrument(result, &result->instrument[i], out);
}

/* ---- for programs ---- */

static void put_moment(struct json *json, const char *name, int64_t moment_ns)
{
    char text[CLOCK_TEXT_MAX];

    json_put_text(json, name, clock_moment_text(moment_ns, text));
}

static void put_span(struct json *json, const char *name, int64_t from_ns,
                     int64_t to_ns, uint64_t n_bars)
{
    json_put_object(json, name);
    put_moment(json, "first_bar", from_ns);
    put_moment(json, "last_bar", to_ns);
    json_put_integer(json, "bars", (int64_t)n_bars);
    json_end(json);
}

static void put_parameters(struct json *json, const struct grid *grid,
                           const double value[])
{
    json_put_object(json, "parameters");
    for (size_t a = 0; a < grid->n_axes; a++)
        json_put_real(json, grid->axis[a].rule->name, value[a]);
    json_end(json);
}

static void put_fold(struct json *json, const struct walk_result *result,
                     const struct walk_instrument *of, size_t k)
{
    const struct walk_fold *fold = &of->fold[k];
    const struct walk_choice *choice = &fold->choice[0];

    json_put_object(json, NULL);
    if (!of->has_fold[k]) {
        json_put_text(json, "status", status_text(STATUS_FAILED));
        json_put_text(json, "reason", of->fold_reason[k]);
        json_end(json);
        return;
    }
    put_span(json, "training_span", fold->training_from_ns, fold->training_to_ns,
             fold->n_training);
    put_span(json, "test_span", fold->test_from_ns, fold->test_to_ns, fold->n_test);
    json_put_text(json, "status", status_text((enum status)choice->status));
    json_put_text(json, "reason", choice->reason);
    if (choice->is_judged) {
        put_parameters(json, &plan_of(result)->grid, choice->value);
        figures_put(json, "training", plan_of(result)->study,
                    choice->figure[JUDGED_TRAINING]);
        figures_put(json, "test", plan_of(result)->study, choice->figure[JUDGED_TEST]);
    }
    json_end(json);
}

static void put_total(struct json *json, const struct walk_instrument *of, size_t c)
{
    const struct walk_total *total = &of->total[c];

    json_put_object(json, walk_contender_name(c));
    json_put_integer(json, "folds", (int64_t)total->n_chosen);
    json_put_real(json, "coverage_in_sample", total->in_coverage);
    json_put_real(json, "mean_margin_in_sample", total->in_mean_margin);
    json_put_real(json, "observations", total->observations);
    json_put_real(json, "exceedances", total->exceedances);
    json_put_real(json, "coverage", total->coverage);
    json_put_real(json, "mean_margin", total->mean_margin);
    json_put_real(json, "tick_loss", total->mean_score);
    json_end(json);
}

static void put_stability(struct json *json, const struct walk_result *result,
                          const struct walk_instrument *of)
{
    const struct grid *grid = &plan_of(result)->grid;

    json_put_object(json, "stability");
    for (size_t a = 0; a < grid->n_axes; a++) {
        const struct walk_stability *stability = &of->stability[a];

        json_put_object(json, grid->axis[a].rule->name);
        json_put_real(json, "min", stability->min);
        json_put_real(json, "max", stability->max);
        json_put_integer(json, "values", (int64_t)stability->n_values);
        json_put_real(json, "mean_step", stability->mean_step);
        json_end(json);
    }
    json_end(json);
}

static void put_overfit_shared(struct json *json,
                               const struct walk_overfit_shared *shared)
{
    if (shared->n_cells < 2)
        return;
    json_put_object(json, "shared");
    json_put_real(json, "probability", shared->by_loss.pbo);
    json_put_real(json, "probability_by_rule", shared->by_rule.pbo);
    json_put_integer(json, "combinations", (int64_t)shared->n_cells);
    json_put_integer(json, "instruments", (int64_t)shared->n_members);
    json_put_integer(json, "halves", (int64_t)shared->by_loss.n_halves);
    json_put_integer(json, "halves_undecided", (int64_t)shared->by_loss.n_undecided);
    json_put_real(json, "median_place", shared->by_loss.median_omega);
    json_put_real(json, "median_place_by_rule", shared->by_rule.median_omega);
    json_end(json);
}

static void put_overfit(struct json *json, const struct walk_overfit *overfit)
{
    const struct cscv *rule = &overfit->by_rule, *loss = &overfit->by_loss;

    json_put_object(json, "overfitting");
    json_put_real(json, "probability", loss->pbo);
    json_put_real(json, "probability_by_rule", rule->pbo);
    if (isnan(loss->pbo)) {
        json_put_text(json, "reason", overfit->reason);
    } else {
        json_put_integer(json, "points", (int64_t)overfit->n_points);
        json_put_integer(json, "halves", (int64_t)rule->n_halves);
        json_put_integer(json, "halves_undecided", (int64_t)rule->n_undecided);
        json_put_integer(json, "halves_broken_elsewhere", (int64_t)overfit->n_broken);
        json_put_real(json, "median_place", loss->median_omega);
        json_put_real(json, "median_place_by_rule", rule->median_omega);
    }
    put_overfit_shared(json, &overfit->shared);
    json_end(json);
}

static void put_spa(struct json *json, const struct walk_instrument *of)
{
    json_put_object(json, "superior_challenger");
    json_put_real(json, "statistic", of->spa.statistic);
    json_put_real(json, "p_lower", of->spa.p_lower);
    json_put_real(json, "p_consistent", of->spa.p_consistent);
    json_put_real(json, "p_upper", of->spa.p_upper);
    if (!isnan(of->spa.statistic))
        json_put_text(json, "best", walk_contender_name(1 + of->spa.best));
    json_put_integer(json, "bars", (int64_t)of->n_compared);
    json_put_real(json, "mean_block_bars", of->mean_block);
    json_end(json);
}

static void put_instrument(struct json *json, const struct walk_result *result,
                           const struct walk_instrument *of)
{
    json_put_object(json, NULL);
    json_put_text(json, "instrument", of->entry->instrument);
    json_put_text(json, "status", status_text(of->status));
    json_put_text(json, "reason", of->reason);
    json_put_object(json, "contenders");
    for (size_t c = 0; c < of->n_contenders; c++)
        put_total(json, of, c);
    json_end(json);
    put_overfit(json, &of->overfit);
    put_spa(json, of);
    put_stability(json, result, of);
    json_put_array(json, "folds");
    for (size_t k = 0; k < result->rules.n_folds; k++)
        put_fold(json, result, of, k);
    json_end(json);
    json_end(json);
}

static void put_head(struct json *json, const struct walk_result *result)
{
    const struct job *job = &result->subject->job;

    json_put_text(json, "schema", "plimsoll-walkforward");
    json_put_integer(json, "schema_version", 1);
    json_put_object(json, "job");
    json_put_text(json, "name", job->keys.name);
    json_put_text(json, "sha256", job->sha256);
    json_end(json);
    json_put_text(json, "program", result_program());
    json_put_text(json, "history_sha256", result->subject->universe.sha256);
    json_put_text(json, "window", window_name[result->rules.window]);
    json_put_real(json, "first_share", result->rules.first_share);
    json_put_integer(json, "embargo_bars", (int64_t)result->rules.embargo_bars);
    json_put_integer(json, "purge_bars", (int64_t)job->plan.series.horizon_bars);
    json_put_integer(json, "blocks", (int64_t)result->n_blocks);
    json_put_integer(json, "bootstrap_replicates", (int64_t)result->n_replicates);
    json_put_integer(json, "seed", (int64_t)result->seed);
}

int walk_make_json(const struct walk_result *result, char **bytes, size_t *n_bytes,
                   struct err *err)
{
    struct json json;

    json_start(&json, 2);
    json_put_object(&json, NULL);
    put_head(&json, result);
    json_put_array(&json, "instruments");
    for (size_t i = 0; i < result->n; i++)
        if (result->instrument[i].is_walked)
            put_instrument(&json, result, &result->instrument[i]);
    json_end(&json);
    json_end(&json);
    return json_finish(&json, bytes, n_bytes, err);
}
