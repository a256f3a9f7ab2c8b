#include "worker/liquidation.h"
#include "core/sha256.h"
#include "worker/engine.h"
#include "worker/liquidation_paths.h"
#include "worker/study.h"
#include "worker/walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One instrument under work. */
struct liquidation_work {
    const struct plan *plan;
    const struct liquidation_settings *settings;
    struct series series;
    struct range range[JUDGED_RANGES];
    struct liquidation_paths paths[JUDGED_RANGES];
    double adv_quote; /* mean volume of a day of late */
    uint64_t who;     /* for the draws                */
    /* The path of volatility that was followed last, and the margins on it. */
    bool has_path;
    double path_value[AXES_MAX];
    struct path_stages stages; /* [n] each */
    struct path_fits fits;
    double *scaled, *margin; /* [n]        */
    struct account account[ACCOUNTS_MAX];
    struct engine_room *room;
};

static void liquidation_release(void *of)
{
    struct liquidation_work *work = of;

    if (work == NULL)
        return;
    for (int r = 0; r < JUDGED_RANGES; r++)
        liquidation_paths_free(&work->paths[r]);
    series_free(&work->series);
    free(work->stages.volatility);
    free(work->stages.tail);
    free(work->stages.steadied);
    free(work->scaled);
    free(work->margin);
    engine_room_free(work->room);
    free(work);
}

/* Who an instrument is to the draws: its first bar, so that bars that come later change
 * nothing for paths that were there. */
static uint64_t identity(const struct bars *bars)
{
    const struct bar first = bars_at(bars, 0);
    const double prices[] = {first.open, first.high, first.low, first.close,
                             first.volume};
    struct sha256 sha;
    char text[SHA256_TEXT_MAX];

    sha256_start(&sha);
    sha256_add(&sha, &first.time, sizeof first.time);
    sha256_add(&sha, prices, sizeof prices);
    sha256_text(&sha, text);
    text[14] = '\0'; /* 56 bits */
    return strtoull(text, NULL, 16);
}

/* Mean volume of a day over the last 30 days of bars, in the quote currency. */
static double recent_volume(const struct bars *bars,
                            const struct liquidation_settings *settings)
{
    const double bars_a_day = 86400e9 / (double)bars->interval_ns;
    const size_t most = (size_t)ceil(30.0 * bars_a_day);
    const size_t first = bars->n > most ? bars->n - most : 0;
    double sum = 0.0;

    for (size_t t = first; t < bars->n; t++)
        sum +=
            bars->volume[t] * (settings->volume == VOLUME_BASE ? bars->close[t] : 1.0);
    return sum * bars_a_day / (double)(bars->n - first);
}

static bool has_tiers(const struct plan *plan)
{
    const struct axis *law = &plan->grid.axis[path_n_axes(&plan->path) + LIQ_TIER_LAW];

    return law->value[law->n - 1] > TIERS_ONE;
}

static int check_volume(const struct liquidation_work *work, struct err *err)
{
    if (has_tiers(work->plan) && !(work->adv_quote > 0.0))
        return err_set(err, ERR_INPUT,
                       "no volume in the last 30 days: tiers have no sizes");
    return 0;
}

static int allocate(struct liquidation_work *work, struct err *err)
{
    const size_t n = work->series.n;

    work->stages.volatility = calloc(n, sizeof(double));
    work->stages.tail = calloc(n, sizeof(double));
    work->stages.steadied = calloc(n, sizeof(double));
    work->scaled = calloc(n, sizeof(double));
    work->margin = calloc(n, sizeof(double));
    if (work->stages.volatility == NULL || work->stages.tail == NULL ||
        work->stages.steadied == NULL || work->scaled == NULL || work->margin == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    return engine_room_new((size_t)work->settings->steps_a_bar *
                               work->plan->series.horizon_bars,
                           &work->room, err);
}

static int lay_paths(struct liquidation_work *work, struct err *err)
{
    static const char *const name[] = {"training", "test"};

    for (int r = 0; r < JUDGED_RANGES; r++) {
        if (r == JUDGED_TEST && !plan_has_test(work->plan))
            continue;
        if (liquidation_paths_new(&work->series, work->range[r], work->settings,
                                  work->who, &work->paths[r], err) != 0)
            return -1;
        if (work->paths[r].n == 0)
            return err_set(err, ERR_INPUT,
                           "no %s bar starts a path of %zu bars (%zu bars, %zu of them "
                           "warm-up)",
                           name[r], work->plan->series.horizon_bars, work->series.n,
                           work->plan->series.warmup_bars);
    }
    return 0;
}

static int liquidation_prepare(const struct plan *plan, const struct bars *bars,
                               void **out, struct err *err)
{
    struct liquidation_work *work = calloc(1, sizeof *work);

    if (work == NULL)
        return err_set(err, ERR_MEMORY, "no memory for an instrument");
    work->plan = plan;
    work->settings = plan->settings;
    work->range[JUDGED_TRAINING] = plan_training(plan, bars->n);
    work->range[JUDGED_TEST] = plan_test(plan, bars->n);
    work->adv_quote = recent_volume(bars, work->settings);
    work->who = identity(bars);
    if (series_new(bars, &plan->series, &work->series, err) != 0 ||
        check_volume(work, err) != 0 || allocate(work, err) != 0 ||
        lay_paths(work, err) != 0) {
        liquidation_release(work);
        return -1;
    }
    *out = work;
    return 0;
}

/* ---- what a point says ---- */

static struct impact_rule impact_of_settings(
    const struct liquidation_settings *settings)
{
    return (struct impact_rule){.y = settings->impact_y,
                                .delta = settings->impact_delta,
                                .halflife_steps = settings->impact_halflife_steps};
}

static struct engine_rules rules_of(const struct liquidation_settings *settings,
                                    const double *on)
{
    return (struct engine_rules){
        .latency_steps = (size_t)settings->latency_steps,
        .feed_steps = (size_t)settings->feed_steps,
        .share = on[LIQ_SHARE],
        .cooldown_steps = (size_t)on[LIQ_COOLDOWN],
        .whole_below = settings->whole_below,
        .fee = on[LIQ_FEE],
        .fee_ramp = settings->fee_ramp,
        .auction_steps = (size_t)on[LIQ_AUCTION_LENGTH],
        .auction_start = on[LIQ_AUCTION_START],
        .impact = impact_of_settings(settings),
        .auction = {.n_bidders = (size_t)settings->bidders,
                    .aversion = settings->aversion,
                    .capacity = settings->capacity,
                    .precision = settings->precision},
    };
}

static struct tiers_rule tiers_rule_of(const double *on)
{
    return (struct tiers_rule){.law = (enum tiers_law)on[LIQ_TIER_LAW],
                               .first = on[LIQ_TIER_FIRST],
                               .maintenance = on[LIQ_MAINTENANCE]};
}

/* Volatility of a day at bar t. */
static double sigma_at(const struct liquidation_work *work, size_t t)
{
    const double bars_a_day = 86400e9 / (double)work->series.interval_ns;

    return sqrt(work->stages.volatility[t] * bars_a_day);
}

static struct tiers tiers_at(const struct liquidation_work *work, const double *on,
                             size_t t)
{
    const struct impact_rule rule = impact_of_settings(work->settings);
    const struct impact impact = impact_new(&rule, sigma_at(work, t));
    const struct tiers_rule tiers = tiers_rule_of(on);

    return tiers_of(&tiers, work->margin[t], &impact);
}

/* The margins of a point; neighbours share their path. */
static int follow(struct liquidation_work *work, const double *value, struct err *err)
{
    const struct path_models *models = &work->plan->path;
    const size_t n_axes = path_n_axes(models);
    const struct policy policy = {.q = value[n_axes + LIQ_Q],
                                  .floor = value[n_axes + LIQ_FLOOR]};
    const struct kernels *kernels;

    if (!work->has_path ||
        memcmp(value, work->path_value, n_axes * sizeof *value) != 0) {
        work->has_path = false;
        if (kernels_choose(&kernels, err) != 0 ||
            path_follow(models, kernels, &work->series, value, &work->stages,
                        &work->fits, err) != 0)
            return -1;
        kernels->scale(work->series.n, (double)work->series.rules.horizon_bars,
                       work->stages.steadied, work->scaled);
        memcpy(work->path_value, value, n_axes * sizeof *value);
        work->has_path = true;
    }
    walk_margin(&work->series, &policy, work->scaled, NULL, work->margin);
    return 0;
}

/* ---- along the paths ---- */

/* Rates that the accounts have to post, by their sizes; of each side, so halved. */
static void add_rates(struct liquidation_tally *tally, const struct tiers *tiers,
                      size_t n, const double share[], double open_interest)
{
    double initial = 0.0, maintenance = 0.0;

    for (size_t i = 0; i < n; i++) {
        const size_t k = tiers_find(tiers, share[i] * open_interest);

        initial += share[i] * tiers->initial[k];
        maintenance += share[i] * tiers->maintenance[k];
    }
    tally->initial += 0.5 * initial;
    tally->maintenance += 0.5 * maintenance;
}

static void add_result(struct liquidation_tally *tally,
                       const struct engine_result *result, double open_interest)
{
    const double debt = result->bad_debt / open_interest;
    const double need = debt - result->fees / open_interest;

    tally->n_cases += result->n_cases;
    tally->n_bankrupt += result->n_bankrupt;
    tally->n_bad += result->bad_debt > 0.0;
    tally->n_unmet += result->deleveraged > 0.0 || result->clawed > 0.0;
    tally->cost += result->cost / open_interest;
    tally->closed += result->closed / open_interest;
    tally->deleveraged += result->deleveraged / open_interest;
    tally->clawed += result->clawed / open_interest;
    tally->bad_debt += debt;
    tally->debt[tally->n] = debt;
    tally->need[tally->n] = need > 0.0 ? need : 0.0;
    tally->n++;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What a point is besides its paths. */
static struct liquidation_tally start_tally(struct liquidation_work *work,
                                            enum judged r, const double *on)
{
    const struct liquidation_paths *paths = &work->paths[r];
    const double demanded = work->settings->open_interest_days;
    const double accepted = fmin(demanded, on[LIQ_CAP]);
    struct liquidation_tally tally = {
        .left_out = paths->n_left_out,
        .n_accounts = paths->n * (uint64_t)work->settings->accounts,
        .last = fmin(work->margin[work->series.n - 1], 1.0),
        .fund = on[LIQ_FUND],
        .refused = 1.0 - accepted / demanded,
        .years = (double)work->plan->series.horizon_bars *
                 (double)work->series.interval_ns / (365.0 * 86400e9),
        .capital_rate = work->settings->capital_rate,
        .debt = paths->debt,
        .need = paths->need,
    };

    for (size_t t = work->range[r].first; t < work->range[r].end; t++)
        tally.base += fmin(work->margin[t], 1.0);
    tally.base /= (double)(work->range[r].end - work->range[r].first);
    return tally;
}

/* All paths of a range at a point that was followed. */
static struct liquidation_tally run_paths(struct liquidation_work *work, enum judged r,
                                          const double *value)
{
    const struct liquidation_settings *settings = work->settings;
    const struct liquidation_paths *paths = &work->paths[r];
    const double *on = value + path_n_axes(&work->plan->path);
    const double open_interest = fmin(settings->open_interest_days, on[LIQ_CAP]);
    const struct engine_rules rules = rules_of(settings, on);
    const size_t n = (size_t)settings->accounts;
    struct liquidation_tally tally = start_tally(work, r, on);
    const uint64_t seed =
        draws_seed((uint64_t)settings->seed,
                   settings->own_numbers ? work->plan->grid.n_axes : 0, value);

    for (size_t p = 0; p < paths->n; p++) {
        struct engine_path path = liquidation_path(paths, p, seed);
        const struct tiers tiers = tiers_at(work, on, paths->start[p]);
        const double *share, *slack;

        liquidation_people(paths, p, &path.draws, &share, &slack);
        path.sigma = sigma_at(work, paths->start[p]);
        population_open(n, share, slack, open_interest, &tiers, work->account);
        add_rates(&tally, &tiers, n, share, open_interest);
        const struct engine_result result = engine_run(
            &rules, &path, n, work->account, on[LIQ_FUND] * open_interest, work->room);
        add_result(&tally, &result, open_interest);
    }
    qsort(tally.debt, tally.n, sizeof(double), ascending);
    qsort(tally.need, tally.n, sizeof(double), ascending);
    return tally;
}

/* ---- the study's verbs ---- */

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
        if (follow(work, value, err) != 0)
            return -1;
        const struct liquidation_tally tally = run_paths(work, JUDGED_TRAINING, value);
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
    const struct liquidation_tally tally = run_paths(work, r, value);

    for (size_t i = 0; i < LIQ_TALLIED; i++)
        figure[i] = liquidation_metrics[i].of(&tally, work->plan->confidence);
    liquidation_interval(tally.n_bad, tally.n, 0.95, &figure[LIQ_BAD_LOW],
                         &figure[LIQ_BAD_HIGH]);
}

/* The margins of the last bar, in the quote currency. */
static struct verdict_tiers tiers_of_last(const struct liquidation_work *work,
                                          const double *on)
{
    const struct tiers tiers = tiers_at(work, on, work->series.n - 1);
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

static int liquidation_judge(void *of, const double *value, struct verdict *verdict,
                             struct err *err)
{
    struct liquidation_work *work = of;
    const double *on = value + path_n_axes(&work->plan->path);

    if (follow(work, value, err) != 0)
        return -1;
    for (int r = 0; r < JUDGED_RANGES; r++)
        for (size_t i = 0; i < LIQ_METRICS; i++)
            verdict->figure[r][i] = NAN;
    judge_range(work, JUDGED_TRAINING, value, verdict->figure[JUDGED_TRAINING]);
    if (plan_has_test(work->plan))
        judge_range(work, JUDGED_TEST, value, verdict->figure[JUDGED_TEST]);
    verdict->fits = work->fits;
    verdict->tiers = tiers_of_last(work, on);
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

    if (settings->steps_a_bar % STEPS_LEGS != 0) {
        snprintf(why, STUDY_WHY_MAX, "%lld is no multiple of %d",
                 (long long)settings->steps_a_bar, STEPS_LEGS);
        return "liquidation.steps_a_bar";
    }
    if (settings->accounts % 2 != 0) {
        snprintf(why, STUDY_WHY_MAX, "%lld is odd: each side has as many",
                 (long long)settings->accounts);
        return "liquidation.accounts";
    }
    return NULL;
}

/* Measured as cost.h's constants are. */
static double point_ns(const struct plan *plan, uint64_t n_bars)
{
    static const double ACCOUNT_NS = 12.0, STEP_NS = 2.0;
    const struct liquidation_settings *settings = plan->settings;
    const double every = settings->start_every_bars > 0
                             ? (double)settings->start_every_bars
                             : (double)plan->series.horizon_bars;
    const double n_paths = (1.0 - plan->holdout) * (double)n_bars / every;

    return n_paths * (ACCOUNT_NS * (double)settings->accounts +
                      STEP_NS * (double)plan->series.horizon_bars *
                          (double)settings->steps_a_bar);
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
    .ask = ask,
    .n_columns = sizeof columns / sizeof *columns,
    .columns = columns,
    .point_ns = point_ns,
    .prepare = liquidation_prepare,
    .search = liquidation_search,
    .judge = liquidation_judge,
    .release = liquidation_release,
};
