#include "worker/liquidation_inside.h"
#include "worker/rare.h"

#include <math.h>

static double violation_of(const struct plan *plan,
                           const struct liquidation_tally *tally)
{
    double violation = 0.0;

    for (size_t i = 0; i < plan->n_constraints; i++)
        violation += constraint_violation(
            &plan->constraint[i],
            plan->constraint[i].metric->of(tally, plan->confidence));
    return violation;
}

static int liquidation_search(void *of, const struct box *box, struct found *found,
                              struct err *err)
{
    struct liquidation_work *work = of;
    const struct plan *plan = work->plan;
    const uint64_t first = grid_point(&plan->grid, box->first);
    const uint64_t n_points = box_n_points(&plan->grid, box);
    double value[AXES_MAX];

    found->surface_first = first;
    for (uint64_t k = first; k < first + n_points; k++) {
        grid_values(&plan->grid, k, value);
        if (liquidation_follow(work, value, err) != 0)
            return -1;
        const struct liquidation_tally tally =
            liquidation_run(work, JUDGED_TRAINING, value);
        const double cost = plan->objective->of(&tally, plan->confidence);

        for (size_t s = 0; s < plan->n_surfaces; s++)
            *found_surface(found, s, k) =
                plan->surface[s]->of(&tally, plan->confidence);
        if (isnan(cost) || !found_wants(found, cost, k))
            continue;
        const struct candidate candidate = {violation_of(plan, &tally), cost, k};
        found_offer(found, &candidate);
    }
    found->n_points += n_points;
    return 0;
}

static void judge_range(struct liquidation_work *work, enum judged r,
                        const double *value, double *figure)
{
    const struct liquidation_tally tally = liquidation_run(work, r, value);

    for (size_t i = 0; i < LIQ_TALLIED; i++)
        figure[i] = liquidation_metrics[i].of(&tally, work->plan->confidence);
    liquidation_interval(tally.n_bad, tally.n, 0.95, &figure[LIQ_BAD_LOW],
                         &figure[LIQ_BAD_HIGH]);
}

/* The margins of the last bar, in the quote currency. */
static struct verdict_tiers tiers_of_last(const struct liquidation_work *work,
                                          const double *on)
{
    const struct tiers tiers = liquidation_tiers(work, on, work->series.n - 1);
    struct verdict_tiers last = {.n = tiers.n};

    _Static_assert((int)TIERS_MAX == (int)VERDICT_TIERS, "one for one");
    for (size_t k = 0; k < tiers.n; k++) {
        last.up_to[k] = tiers.cap[k] * work->adv_quote;
        last.initial[k] = tiers.initial[k];
        last.maintenance[k] = tiers.maintenance[k];
    }
    last.up_to[tiers.n - 1] = INFINITY;
    return last;
}

enum { ENGINE_SETTINGS = 7 };
static const struct study_engine engine[ENGINE_SETTINGS] = {
    {"step_share_ppm", false},    {"cooldown_ms", false},
    {"fee_ppm", false},           {"auction_length_ms", false},
    {"auction_start_ppm", false}, {"open_interest_cap", true},
    {"insurance_fund", true},
};

/* Engines hold whole millionths; what costs traders is never rounded up. */
static void fill_engine(const struct liquidation_work *work, const double *on,
                        double value[ENGINE_SETTINGS])
{
    const double step_ms =
        (double)work->series.interval_ns / (1e6 * (double)work->a_bar);
    const double cap = on[LIQ_CAP], ppm = 1e6;
    const double accepted = fmin(work->settings->open_interest_days, cap);

    value[0] = fmax(floor(on[LIQ_SHARE] * ppm), 1.0);
    value[1] = ceil(on[LIQ_COOLDOWN] * step_ms);
    value[2] = floor(on[LIQ_FEE] * ppm);
    value[3] = ceil(on[LIQ_AUCTION_LENGTH] * step_ms);
    value[4] = floor(on[LIQ_AUCTION_START] * ppm);
    value[5] = cap < LIQ_NO_CAP && work->adv_quote > 0.0 ? cap * work->adv_quote
                                                         : (double)INFINITY;
    value[6] = on[LIQ_FUND] * accepted * work->adv_quote;
}

static int liquidation_judge(void *of, const double *value, struct verdict *verdict,
                             struct err *err)
{
    struct liquidation_work *work = of;
    const double *on = value + path_n_axes(&work->plan->path);

    if (liquidation_follow(work, value, err) != 0)
        return -1;
    for (int r = 0; r < JUDGED_RANGES; r++)
        for (size_t i = 0; i < LIQ_METRICS; i++)
            verdict->figure[r][i] = NAN;
    judge_range(work, JUDGED_TRAINING, value, verdict->figure[JUDGED_TRAINING]);
    if (plan_has_test(work->plan))
        judge_range(work, JUDGED_TEST, value, verdict->figure[JUDGED_TEST]);
    if (liquidation_rare(work, value, verdict->figure[JUDGED_TRAINING], err) != 0 ||
        liquidation_elasticities(work, value, verdict->figure[JUDGED_TRAINING], err) !=
            0 ||
        liquidation_follow(work, value, err) != 0)
        return -1;
    if (liquidation_stress(work, value, &verdict->stress, err) != 0)
        return -1;
    verdict->fits = work->fits;
    verdict->tiers = tiers_of_last(work, on);
    fill_engine(work, on, verdict->engine);
    verdict->last = verdict->tiers.initial[0];
    verdict->as_of_ns = work->series.time[work->series.n - 1];
    return 0;
}

/* ---- the row ---- */

static const struct study_limit constraints[] = {
    {"before_bankruptcy", 0.99, INFINITY},
    {"fund_solvency", 0.99, INFINITY},
};
static const struct study_limit gates[] = {{"fund_solvency", 0.98, INFINITY}};

static const struct study_column columns[] = {
    {"bad debt p", "bad_debt_probability", JUDGED_TRAINING, 10, 5},
    {"unseen", "bad_debt_probability", JUDGED_TEST, 8, 5},
    {"ES of OI", "bad_debt_es", JUDGED_TRAINING, 9, 6},
    {"fund ok", "fund_solvency", JUDGED_TRAINING, 8, 5},
    {"unseen", "fund_solvency", JUDGED_TEST, 8, 5},
    {"in time", "before_bankruptcy", JUDGED_TRAINING, 8, 5},
    {"unseen", "before_bankruptcy", JUDGED_TEST, 8, 5},
    {"liq. cost", "liquidation_cost", JUDGED_TRAINING, 9, 6},
    {"mean", "mean_initial", JUDGED_TRAINING, 8, 4},
    {"last", "mean_margin", JUDGED_RANGES, 8, 4},
};

static void ask(const struct plan *plan, FILE *out)
{
    const struct liquidation_settings *settings = plan->settings;

    fprintf(out,
            "%s least for a side of %g days of volume, %lld accounts, over %zu bars\n"
            "(unseen: on the bars that the search did not see; bad debt p: share of "
            "paths with losses\nbeyond collateral, ES: mean of the worst %g of them; "
            "fund ok: the fund was enough; in time:\nliquidations that ended before "
            "bankruptcy; mean: initial margin with tiers)\n\n",
            plan->objective->name, settings->open_interest_days,
            (long long)settings->accounts, plan->series.horizon_bars,
            1.0 - plan->confidence);
}

static const char *disagree(const struct plan *plan, char why[STUDY_WHY_MAX])
{
    const struct liquidation_settings *settings = plan->settings;

    if (settings->accounts % 2 != 0) {
        snprintf(why, STUDY_WHY_MAX, "%lld is odd: each side has as many",
                 (long long)settings->accounts);
        return "liquidation.accounts";
    }
    if (settings->steps_a_bar > 0 && settings->steps_a_bar < STEPS_LEGS) {
        snprintf(why, STUDY_WHY_MAX, "%lld is neither 0 nor %d or more",
                 (long long)settings->steps_a_bar, STEPS_LEGS);
        return "liquidation.steps_a_bar";
    }
    if (settings->rare_paths > 0 &&
        liquidation_steps_a_bar(settings, plan->interval_ns) *
                plan->series.horizon_bars >
            RARE_STEPS_MAX) {
        snprintf(why, STUDY_WHY_MAX, "a path of more than %d steps cannot be sampled",
                 RARE_STEPS_MAX);
        return "liquidation.rare_paths";
    }
    return NULL;
}

static const char *measured_path(const struct plan *plan)
{
    const struct liquidation_settings *settings = plan->settings;

    return settings->estimates;
}

/* Bars of three steps say all that the steps can show. */
static int64_t finer_ns(const struct plan *plan, int64_t interval_ns)
{
    const struct liquidation_settings *settings = plan->settings;

    if (!settings->finer)
        return 0;
    return STEPS_LEGS * interval_ns /
           (int64_t)liquidation_steps_a_bar(settings, interval_ns);
}

/* Measured as cost.h's constants are. */
static double point_ns(const struct plan *plan, uint64_t n_bars)
{
    static const double ACCOUNT_NS = 40.0, STEP_NS = 2.0;
    const struct liquidation_settings *settings = plan->settings;
    const double every = settings->start_every_bars > 0
                             ? (double)settings->start_every_bars
                             : (double)plan->series.horizon_bars;
    const double n_paths = (1.0 - plan->holdout) * (double)n_bars / every;

    return n_paths * (ACCOUNT_NS * (double)settings->accounts +
                      STEP_NS * (double)plan->series.horizon_bars *
                          (double)liquidation_steps_a_bar(settings, plan->interval_ns));
}

const struct study liquidation_study = {
    .name = "liquidation",
    .meaning = "the other half: maintenance, tiers, liquidation, insurance fund",
    .n_axes = LIQ_AXES,
    .axes = liquidation_axes,
    .metrics = liquidation_metrics,
    .n_metrics = LIQ_METRICS,
    .n_keys = LIQ_KEYS,
    .settings_size = sizeof(struct liquidation_settings),
    .keys = liquidation_keys,
    .disagree = disagree,
    .objective = "cost",
    .n_constraints = sizeof constraints / sizeof *constraints,
    .constraints = constraints,
    .n_gates = sizeof gates / sizeof *gates,
    .gates = gates,
    .n_engine = ENGINE_SETTINGS,
    .engine = engine,
    .n_stress = LIQ_STRESS_FIGURES,
    .stress = liquidation_stress_figures,
    .stress_cost = LIQ_STRESS_BAD_DEBT,
    .rivals = "bad_debt_es,before_bankruptcy,mean_initial",
    .ask = ask,
    .n_columns = sizeof columns / sizeof *columns,
    .columns = columns,
    .point_ns = point_ns,
    .finer_ns = finer_ns,
    .measured_path = measured_path,
    .sources = liquidation_sources,
    .tell = liquidation_tell,
    .prepare = liquidation_prepare,
    .search = liquidation_search,
    .judge = liquidation_judge,
    .release = liquidation_release,
};
