#include "worker/liquidation_inside.h"
#include "worker/rare.h"

#include <math.h>
#include <stdlib.h>

/* One point on paths of a law: the market of the last bar, and the same people on each.
 */
struct rare_market {
    struct liquidation_work *work;
    struct engine_rules rules;
    struct engine_path path;
    struct tiers tiers;
    double *price; /* [n_steps + 1] */
    double sigma_step, open_interest, fund;
    double share[ACCOUNTS_MAX], slack[ACCOUNTS_MAX];
};

/* Prices follow p[s] = p[s-1] (1 + sigma x[s]), a hundredth of the price at the least;
 * the loss is the bad debt, a share of the open interest. */
static double loss_of(void *context, size_t n_steps, const double x[])
{
    struct rare_market *market = context;
    struct liquidation_work *work = market->work;
    const size_t n = (size_t)work->settings->accounts;
    double *price = market->price;

    price[0] = market->path.low = market->path.high = 1.0;
    for (size_t s = 1; s <= n_steps; s++) {
        price[s] = price[s - 1] * fmax(1.0 + market->sigma_step * x[s - 1], 0.01);
        market->path.low = fmin(market->path.low, price[s]);
        market->path.high = fmax(market->path.high, price[s]);
    }
    population_open(n, market->share, market->slack, market->open_interest,
                    &market->tiers, work->account);
    return engine_run(&market->rules, &market->path, n, work->account, market->fund,
                      work->room)
               .bad_debt /
           market->open_interest;
}

static int set_up(struct liquidation_work *work, const double *value,
                  struct rare_market *market, struct err *err)
{
    const struct liquidation_settings *settings = work->settings;
    const double *on = value + path_n_axes(&work->plan->path);
    const size_t last = work->series.n - 1;
    const size_t n_steps = work->a_bar * work->plan->series.horizon_bars;
    const struct population_rule people = {(size_t)settings->accounts,
                                           settings->size_spread, settings->slack};
    const double sigma = liquidation_sigma(work, last);
    const double steps_a_day =
        86400e9 / (double)work->series.interval_ns * (double)work->a_bar;

    *market = (struct rare_market){.work = work,
                                   .rules = liquidation_rules(work, on),
                                   .tiers = liquidation_tiers(work, on, last),
                                   .sigma_step = sigma / sqrt(steps_a_day),
                                   .open_interest =
                                       fmin(settings->open_interest_days, on[LIQ_CAP])};
    market->fund = on[LIQ_FUND] * market->open_interest;
    market->price = calloc(n_steps + 1, sizeof *market->price);
    if (market->price == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a path of %zu steps", n_steps);
    market->path = (struct engine_path){
        .n_steps = n_steps,
        .price = market->price,
        .sigma = sigma,
        .draws = {.seed = (uint64_t)settings->seed, .who = work->who}};
    population_draw(&people, &market->path.draws, market->share, market->slack);
    return 0;
}

/* Figures of an estimate that its own diagnostics do not believe stay undefined. */
static void fill(const struct rare_estimate *estimate, double figure[LIQ_METRICS])
{
    const bool is_sound = estimate->status == RARE_SOUND;

    figure[LIQ_RARE_STATUS] = (double)estimate->status;
    figure[LIQ_RARE_PARETO_K] = estimate->pareto_k;
    figure[LIQ_RARE_EFFECTIVE] = estimate->effective;
    figure[LIQ_RARE_P] = is_sound ? estimate->probability : (double)NAN;
    figure[LIQ_RARE_ERROR] = is_sound ? estimate->probability_error : (double)NAN;
}

int liquidation_rare(struct liquidation_work *work, const double *value,
                     double figure[LIQ_METRICS], struct err *err)
{
    const struct liquidation_settings *settings = work->settings;
    const struct rare_rule rule = {.seed = (uint64_t)settings->seed,
                                   .who = work->who,
                                   .defensive = 0.1,
                                   .n_paths = (size_t)settings->rare_paths};
    struct rare_market market;
    struct rare_estimate estimate;

    if (settings->rare_paths == 0)
        return 0;
    if (set_up(work, value, &market, err) != 0)
        return -1;
    const struct rare_law law = {.n_steps = market.path.n_steps,
                                 .nu = settings->rare_nu};
    const struct rare_loss loss = {&market, loss_of};
    const struct rare_tilts tilts = rare_find_tilts(&law, &rule, &loss);
    const int status = rare_estimate(&law, &tilts, &rule, &loss, &estimate, err);
    if (status == 0)
        fill(&estimate, figure);
    free(market.price);
    return status;
}
