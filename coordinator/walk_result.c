#include "coordinator/walk_result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static size_t place_of(const struct plan *plan, const char *metric)
{
    const struct study *study = plan->study;

    return (size_t)(metric_find(study->n_metrics, study->metrics, metric) -
                    study->metrics);
}

/* ---- over all folds ---- */

static void add_fold(const struct plan *plan, const struct walk_fold *fold, size_t c,
                     struct walk_total *total, double *n_bars)
{
    const struct walk_choice *choice = &fold->choice[c];
    const double *in = choice->figure[JUDGED_TRAINING],
                 *out = choice->figure[JUDGED_TEST];
    const size_t coverage = place_of(plan, "coverage"),
                 mean = place_of(plan, "mean_margin");

    if (!choice->is_judged)
        return;
    total->n_chosen++;
    total->observations += out[place_of(plan, "observations")];
    total->exceedances += out[place_of(plan, "exceedances")];
    total->mean_margin += out[mean] * (double)fold->n_test;
    total->in_coverage += in[coverage];
    total->in_mean_margin += in[mean];
    *n_bars += (double)fold->n_test;
}

static void sum_up(const struct walk_result *result, struct walk_instrument *of,
                   size_t c)
{
    struct walk_total *total = &of->total[c];
    double n_bars = 0.0;

    *total = (struct walk_total){.mean_score = NAN};
    for (size_t k = 0; k < result->rules.n_folds; k++)
        if (of->has_fold[k])
            add_fold(&result->subject->job.plan, &of->fold[k], c, total, &n_bars);
    total->coverage = 1.0 - total->exceedances / total->observations;
    total->mean_margin /= n_bars;
    total->in_coverage /= (double)total->n_chosen;
    total->in_mean_margin /= (double)total->n_chosen;
}

static void look_at_axis(const struct walk_result *result, struct walk_instrument *of,
                         size_t a)
{
    const struct axis *axis = &result->subject->job.plan.grid.axis[a];
    struct walk_stability *stability = &of->stability[a];
    double last = NAN, way = 0.0;
    size_t n_steps = 0;
    bool seen[FOLDS_MAX] = {false};
    double place[FOLDS_MAX];

    *stability = (struct walk_stability){.min = INFINITY, .max = -INFINITY};
    for (size_t k = 0; k < result->rules.n_folds; k++) {
        const struct walk_choice *choice = &of->fold[k].choice[0];

        if (!of->has_fold[k] || !choice->is_judged)
            continue;
        place[k] = axis_place(axis, choice->value[a]);
        seen[k] = true;
        stability->min = fmin(stability->min, choice->value[a]);
        stability->max = fmax(stability->max, choice->value[a]);
        if (!isnan(last)) {
            way += fabs(place[k] - last);
            n_steps++;
        }
        last = place[k];
        bool is_new = true;
        for (size_t j = 0; j < k; j++)
            is_new = is_new && !(seen[j] && place[j] == place[k]);
        stability->n_values += is_new;
    }
    stability->mean_step = n_steps > 0 ? way / (double)n_steps : (double)NAN;
}

/* ---- against the challengers and the incumbent ---- */

static size_t count_contenders(const struct walk_instrument *of)
{
    for (size_t k = 0; k < FOLDS_MAX; k++)
        if (of->has_fold[k] && of->fold[k].choice[WALK_INCUMBENT].is_judged)
            return WALK_CONTENDERS;
    return WALK_CONTENDERS - 1;
}

static bool is_compared(const struct walk_instrument *of, const struct walk_fold *fold,
                        size_t t)
{
    for (size_t c = 0; c < of->n_contenders; c++)
        if (isnan(fold->choice[c].score[t]))
            return false;
    return true;
}

/* Scores of every contender at the test bars that have one of all, and d of all but the
 * job's choice [n_contenders - 1][n]. */
static size_t gather(const struct walk_result *result, struct walk_instrument *of,
                     size_t n_max, double *d)
{
    size_t n = 0, i = 0;

    for (int pass = 0; pass < 2; pass++) {
        double sum[WALK_CONTENDERS] = {0};

        i = 0;
        for (size_t k = 0; k < result->rules.n_folds; k++)
            for (size_t t = 0; of->has_fold[k] && t < of->fold[k].n_test; t++) {
                const struct walk_choice *choice = of->fold[k].choice;

                if (!is_compared(of, &of->fold[k], t))
                    continue;
                for (size_t c = 0; c < of->n_contenders; c++) {
                    sum[c] += choice[c].score[t];
                    if (pass == 1 && c > 0 && i < n_max)
                        d[(c - 1) * n + i] = choice[0].score[t] - choice[c].score[t];
                }
                i++;
            }
        n = i;
        for (size_t c = 0; c < WALK_CONTENDERS; c++)
            of->total[c].mean_score = n > 0 ? sum[c] / (double)n : (double)NAN;
    }
    return n;
}

/* Blocks of two horizons, over which losses overlap, or of n^(1/3) where that is more
 * (Politis and Romano 1994 on the rate). */
static double block_of(const struct walk_result *result, size_t n)
{
    const double two = 2.0 * (double)result->subject->job.plan.series.horizon_bars;

    return fmax(two, ceil(cbrt((double)n)));
}

static int compare(const struct walk_result *result, struct walk_instrument *of,
                   struct err *err)
{
    double mean[WALK_CONTENDERS], omega[WALK_CONTENDERS];
    size_t n_max = 0;

    of->n_contenders = count_contenders(of);
    for (size_t k = 0; k < result->rules.n_folds; k++)
        n_max += of->has_fold[k] ? of->fold[k].n_test : 0;
    double *d = calloc((of->n_contenders - 1) * n_max + 1, sizeof *d);
    size_t *draw = calloc(n_max + 1, sizeof *draw);
    if (d == NULL || draw == NULL) {
        free(d);
        free(draw);
        return err_set(err, ERR_MEMORY, "no memory for %zu scores", n_max);
    }
    of->n_compared = gather(result, of, n_max, d);
    of->mean_block = block_of(result, of->n_compared);
    const struct spa_problem problem = {.n = of->n_compared,
                                        .m = of->n_contenders - 1,
                                        .d = d,
                                        .mean_block = of->mean_block,
                                        .n_replicates = result->n_replicates,
                                        .seed = result->seed};
    const struct spa_room room = {mean, omega, draw};
    of->spa = spa_of(&problem, &room);
    free(d);
    free(draw);
    return 0;
}

/* ---- the decision ---- */

static void decide(const struct walk_result *result, struct walk_instrument *of)
{
    const double most = result->subject->job.keys.max_overfitting;
    size_t n_folds = 0, n_held = 0, first = FOLDS_MAX;

    for (size_t k = result->rules.n_folds; k-- > 0;) {
        n_folds += of->has_fold[k] && of->fold[k].choice[0].is_judged;
        if (of->has_fold[k] && of->fold[k].choice[0].status == STATUS_CALIBRATED)
            continue;
        n_held++;
        first = k;
    }
    of->status = STATUS_CALIBRATED;
    if (n_held > 0) {
        of->status = n_folds == 0 ? STATUS_FAILED : STATUS_HELD;
        snprintf(of->reason, sizeof of->reason,
                 "%zu of %zu folds, first fold %zu: %.300s", n_held,
                 result->rules.n_folds, first + 1,
                 of->has_fold[first] ? of->fold[first].choice[0].reason
                                     : of->fold_reason[first]);
    } else if (of->overfit.by_loss.pbo > most) {
        of->status = STATUS_HELD;
        snprintf(of->reason, sizeof of->reason,
                 "the probability of overfitting, %.3f, is above %g",
                 of->overfit.by_loss.pbo, most);
    } else if (of->overfit.shared.n_cells > 1 &&
               of->overfit.shared.by_loss.pbo > most) {
        of->status = STATUS_HELD;
        snprintf(of->reason, sizeof of->reason,
                 "the probability that the shared values are overfit, %.3f, is above "
                 "%g",
                 of->overfit.shared.by_loss.pbo, most);
    }
}

int walk_conclude(const struct walk_result *result, struct walk_instrument *of,
                  struct err *err)
{
    for (size_t c = 0; c < WALK_CONTENDERS; c++)
        sum_up(result, of, c);
    for (size_t a = 0; a < result->subject->job.plan.grid.n_axes; a++)
        look_at_axis(result, of, a);
    if (compare(result, of, err) != 0)
        return -1;
    decide(result, of);
    return 0;
}
