#include "worker/margin_inside.h"
#include "worker/policy_axis.h"
#include "worker/stress_margin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct axis_rule policy_axes[POLICY_AXES] = {
    [AXIS_Q] = POLICY_AXIS_Q,
    [AXIS_FLOOR] = POLICY_AXIS_FLOOR,
    [AXIS_BUFFER] = {.name = "buffer",
                     .unit = "fraction of margin",
                     .meaning = "anti-procyclicality buffer on top (0.25: 25 %)",
                     .min = 0.0,
                     .max = 10.0,
                     .preset = "[0]"},
    [AXIS_RELEASE] = {.name = "release",
                      .unit = "0 or 1",
                      .meaning =
                          "1: the buffer is released while volatility runs ahead",
                      .min = 0.0,
                      .max = 1.0,
                      .whole = true,
                      .preset = "[0]"},
};

static void margin_release(void *of)
{
    struct margin_work *work = of;

    if (work == NULL)
        return;
    sweep_free(work->sweep);
    rater_free(work->rater);
    series_free(&work->series);
    free(work->path.volatility);
    free(work->path.tail);
    free(work->path.steadied);
    free(work->scaled);
    free(work->in_use);
    free(work->margin);
    if (work->plan->laws == NULL)
        null_laws_free(work->backtests.laws);
    free(work->backtests.real);
    free(work->phase);
    free(work);
}

static int allocate(struct margin_work *work, struct err *err)
{
    const size_t n = work->series.n;

    work->path.volatility = calloc(n, sizeof(double));
    work->path.tail = calloc(n, sizeof(double));
    work->path.steadied = calloc(n, sizeof(double));
    work->scaled = calloc(n, sizeof(double));
    work->in_use = calloc(n, sizeof(double));
    work->margin = calloc(n, sizeof(double));
    work->backtests.real = calloc(6 * n + 8, sizeof(double));
    work->phase = calloc(work->plan->series.horizon_bars, sizeof(struct phase));
    if (work->path.volatility == NULL || work->path.tail == NULL ||
        work->path.steadied == NULL || work->scaled == NULL || work->in_use == NULL ||
        work->margin == NULL || work->backtests.real == NULL || work->phase == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    work->backtests.confidence = work->plan->confidence;
    work->backtests.laws = work->plan->laws;
    return work->plan->laws != NULL ? 0 : null_laws_new(&work->backtests.laws, err);
}

/* Both ranges must hold something to judge. */
static int check_ranges(const struct margin_work *work, struct err *err)
{
    static const char *const name[] = {"training", "test"};

    for (int r = 0; r < JUDGED_RANGES; r++) {
        if (r == JUDGED_TEST && !plan_has_test(work->plan))
            continue;
        if (work->range[r].first >= work->range[r].end ||
            series_n_scored(&work->series, work->range[r]) == 0)
            return err_set(err, ERR_INPUT,
                           "no %s bar has a whole horizon of %zu bars (%zu bars, %zu "
                           "of them warm-up)",
                           name[r], work->plan->series.horizon_bars, work->series.n,
                           work->plan->series.warmup_bars);
    }
    return 0;
}

static int margin_prepare(const struct plan *plan, const struct bars *bars, void **out,
                          struct err *err)
{
    struct margin_work *work = calloc(1, sizeof *work);

    if (work == NULL)
        return err_set(err, ERR_MEMORY, "no memory for an instrument");
    work->plan = plan;
    work->needs = plan_needs(plan);
    work->range[JUDGED_TRAINING] = plan_training(plan, bars->n);
    work->range[JUDGED_TEST] = plan_test(plan, bars->n);
    if (series_new(bars, &plan->series, &work->series, err) != 0 ||
        check_ranges(work, err) != 0 || allocate(work, err) != 0) {
        margin_release(work);
        return -1;
    }
    *out = work;
    return 0;
}

struct sweep_rules margin_rules(const struct margin_work *work)
{
    return (struct sweep_rules){
        .series = &work->series,
        .range = work->range[JUDGED_TRAINING],
        .grid = &work->plan->grid,
        .path = &work->plan->path,
        .release = work->plan->release,
        .needs = work->needs,
    };
}

static double violation_of(const struct margin_work *work, const struct tally *tally)
{
    const struct plan *plan = work->plan;
    double violation = 0.0;

    for (size_t i = 0; i < plan->n_constraints; i++) {
        const struct constraint *constraint = &plan->constraint[i];

        violation += constraint_violation(
            constraint, constraint->metric->of(tally, plan->confidence));
    }
    return violation;
}

/* The sweep's sums differ in their last bits with the box they are made in.  Costs that
 * agree to 40 bits are ties here, the lowest point first; the walk, whose sums have one
 * order, decides among those that are kept. */
static double to_forty_bits(double cost)
{
    enum { DROPPED = 53 - 40 };
    uint64_t bits;

    memcpy(&bits, &cost, sizeof bits);
    bits = (bits + (1u << (DROPPED - 1))) >> DROPPED << DROPPED;
    memcpy(&cost, &bits, sizeof cost);
    return cost;
}

/* Rank the points of the box that was swept.  The constraints of a point that is too
 * dear to be of use even if feasible are not looked at, once something feasible is
 * known. */
static void rank_box(struct margin_work *work, const struct box *box,
                     struct found *found)
{
    const struct plan *plan = work->plan;
    const uint64_t first = grid_point(&plan->grid, box->first);
    const uint64_t n_points = box_n_points(&plan->grid, box);
    struct tally tally = {.preferences = plan_preferences(plan)};

    for (uint64_t j = 0; j < n_points; j++) {
        sweep_tally(work->sweep, j, &tally);
        const double cost =
            to_forty_bits(plan->objective->of(&tally, plan->confidence));

        if (isnan(cost) || !found_wants(found, cost, first + j))
            continue;
        const struct candidate candidate = {violation_of(work, &tally), cost,
                                            first + j};
        found_offer(found, &candidate);
    }
    found->n_points += n_points;
}

/* Keep the metrics that are asked for at every point of the box. */
static void fill_surfaces(const struct margin_work *work, const struct box *box,
                          struct found *found)
{
    const struct plan *plan = work->plan;
    const uint64_t n_points = box_n_points(&plan->grid, box);
    struct tally tally = {.preferences = plan_preferences(plan)};

    found->surface_first = grid_point(&plan->grid, box->first);
    for (uint64_t j = 0; plan->n_surfaces > 0 && j < n_points; j++) {
        sweep_tally(work->sweep, j, &tally);
        for (size_t s = 0; s < plan->n_surfaces; s++)
            *found_surface(found, s, found->surface_first + j) =
                plan->surface[s]->of(&tally, plan->confidence);
    }
}

static int margin_search(void *of, const struct box *box, struct found *found,
                         struct err *err)
{
    struct margin_work *work = of;

    if (work->sweep == NULL) {
        const struct sweep_rules rules = margin_rules(work);

        if (sweep_new(&rules, work->plan->max_points, &work->sweep, err) != 0)
            return -1;
    }
    if (sweep_box(work->sweep, box, err) != 0)
        return -1;
    rank_box(work, box, found);
    fill_surfaces(work, box, found);
    return 0;
}

static int margin_rate(void *of, size_t n, const double *value, double share,
                       struct rating *rating, char *refusal, struct err *err)
{
    struct margin_work *work = of;
    const struct rater_rules rules = {work->plan, &work->series,
                                      work->range[JUDGED_TRAINING], work->needs};

    if (work->rater == NULL && rater_new(&rules, &work->rater, err) != 0)
        return -1;
    return rater_rate(work->rater, n, value, share, rating, refusal, err);
}

/* The figures shown, of the training bars (search) or of those after (unseen). */
static const struct study_column columns[] = {
    {"coverage", "coverage", JUDGED_TRAINING, 8, 5},
    {"unseen", "coverage", JUDGED_TEST, 7, 5},
    {"POF p", "kupiec_phase_p", JUDGED_TRAINING, 5, 3},
    {"unseen", "kupiec_phase_p", JUDGED_TEST, 6, 3},
    {"indep. p", "independence_p", JUDGED_TRAINING, 8, 3},
    {"mean", "mean_margin", JUDGED_TRAINING, 6, 4},
    {"last", "last_margin", JUDGED_RANGES, 6, 4},
};

/* What the constraints ask for; where they say nothing of it, the confidence. */
static double share_covered(const struct plan *plan)
{
    for (size_t i = 0; i < plan->n_constraints; i++)
        if (strcmp(plan->constraint[i].metric->name, "coverage") == 0 &&
            plan->constraint[i].min > 0.0)
            return plan->constraint[i].min;
    return plan->confidence;
}

static void ask(const struct plan *plan, FILE *out)
{
    static const char *const sides[] = {
        [SIDES_BOTH] = "both sides", [SIDES_LONG] = "long", [SIDES_SHORT] = "short"};

    fputs(plan->objective->name, out);
    if (plan_preferences(plan) != NULL)
        fputs(" (mean_margin", out);
    for (size_t i = 0; i < plan->preferences.n; i++)
        fprintf(out, " + %g %s", plan->preferences.weight[i],
                plan->preferences.metric[i]->name);
    fprintf(out,
            "%s least that covers %g of the %s losses within %zu bars, %s\n"
            "(unseen: on the bars that the search did not see; POF p: Kupiec's test "
            "against too many\nexceedances, indep. p: Christoffersen's, both on "
            "non-overlapping horizons)\n\n",
            plan_preferences(plan) != NULL ? ")" : "", share_covered(plan),
            plan->series.loss == LOSS_PATH ? "path" : "closing",
            plan->series.horizon_bars, sides[plan->series.sides]);
}

const struct study margin_study = {
    .name = "margin",
    .meaning = "initial margin: volatility, multiplier, floor and buffer",
    .n_axes = POLICY_AXES,
    .axes = policy_axes,
    .metrics = margin_metrics,
    .n_metrics = MARGIN_METRICS,
    .rivals = "coverage,mean_shortfall,peak_to_trough",
    .ask = ask,
    .n_columns = sizeof columns / sizeof *columns,
    .columns = columns,
    .n_stress = STRESS_MARGIN_FIGURES,
    .stress = stress_margin_figures,
    .stress_cost = STRESS_MARGIN_BEYOND,
    .prepare = margin_prepare,
    .search = margin_search,
    .rate = margin_rate,
    .judge = margin_judge,
    .scores = margin_scores,
    .release = margin_release,
};
