#include "worker/liquidation_inside.h"
#include "worker/walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what a point says ---- */

struct engine_rules liquidation_rules(const struct liquidation_work *work,
                                      const double *on)
{
    const struct liquidation_settings *settings = work->settings;

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
        .impact = work->impact,
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
double liquidation_sigma(const struct liquidation_work *work, size_t t)
{
    const double bars_a_day = 86400e9 / (double)work->series.interval_ns;

    return sqrt(work->stages.volatility[t] * bars_a_day);
}

struct tiers liquidation_tiers(const struct liquidation_work *work, const double *on,
                               size_t t)
{
    const struct impact impact = impact_new(&work->impact, liquidation_sigma(work, t));
    const struct tiers_rule tiers = tiers_rule_of(on);

    return tiers_of(&tiers, work->margin[t], &impact);
}

int liquidation_follow(struct liquidation_work *work, const double *value,
                       struct err *err)
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
        .n_finer = paths->n_finer,
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

struct liquidation_tally liquidation_run(struct liquidation_work *work, enum judged r,
                                         const double *value)
{
    const struct liquidation_settings *settings = work->settings;
    const struct liquidation_paths *paths = &work->paths[r];
    const double *on = value + path_n_axes(&work->plan->path);
    const double open_interest = fmin(settings->open_interest_days, on[LIQ_CAP]);
    const struct engine_rules rules = liquidation_rules(work, on);
    const size_t n = (size_t)settings->accounts;
    struct liquidation_tally tally = start_tally(work, r, on);
    const uint64_t seed =
        draws_seed((uint64_t)settings->seed,
                   settings->own_numbers ? work->plan->grid.n_axes : 0, value);

    for (size_t p = 0; p < paths->n; p++) {
        struct engine_path path = liquidation_path(paths, p, seed);
        const struct tiers tiers = liquidation_tiers(work, on, paths->start[p]);
        const double *share, *slack;

        liquidation_people(paths, p, &path.draws, &share, &slack);
        path.sigma = liquidation_sigma(work, paths->start[p]);
        population_open(n, share, slack, open_interest, &tiers, work->account);
        add_rates(&tally, &tiers, n, share, open_interest);
        const double fund = on[LIQ_FUND] * open_interest;
        struct engine_result result = {.fund = fund};

        if (!engine_is_idle(&path, n, work->account)) {
            path.price = liquidation_lay(paths, p, NULL);
            result = engine_run(&rules, &path, n, work->account, fund, work->room);
        }
        add_result(&tally, &result, open_interest);
    }
    qsort(tally.debt, tally.n, sizeof(double), ascending);
    qsort(tally.need, tally.n, sizeof(double), ascending);
    return tally;
}
