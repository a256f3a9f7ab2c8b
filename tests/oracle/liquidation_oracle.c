#include "liquidation_oracle.h"
#include "core/sha256.h"
#include "engine_oracle.h"
#include "market/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define KEY(name)                                                                      \
    {                                                                                  \
#name, offsetof(struct liquidation_request, name)                              \
    }
const struct liquidation_key oracle_liquidation_keys[] = {
    KEY(horizon_bars),
    KEY(warmup_bars),
    KEY(holdout),
    KEY(embargo_bars),
    KEY(confidence),
    KEY(finer_s),
    KEY(steps_a_bar),
    KEY(start_every_bars),
    KEY(latency_steps),
    KEY(feed_steps),
    KEY(accounts),
    KEY(bidders),
    KEY(seed),
    KEY(size_spread),
    KEY(slack),
    KEY(open_interest_days),
    KEY(whole_below),
    KEY(fee_ramp),
    KEY(impact),
    KEY(impact_delta),
    KEY(impact_halflife_steps),
    KEY(aversion),
    KEY(capacity),
    KEY(precision),
    KEY(capital_rate),
    KEY(lambda),
    KEY(q),
    KEY(floor),
    KEY(maintenance),
    KEY(tier_law),
    KEY(tier_first),
    KEY(step_share),
    KEY(cooldown),
    KEY(liquidation_fee),
    KEY(auction_start),
    KEY(auction_length),
    KEY(oi_cap),
    KEY(fund),
};
const size_t oracle_n_liquidation_keys =
    sizeof oracle_liquidation_keys / sizeof *oracle_liquidation_keys;

#define NAME(name)                                                                     \
    {                                                                                  \
#name, offsetof(struct liquidation_figures, name)                              \
    }
const struct liquidation_key oracle_liquidation_names[] = {
    NAME(observations),
    NAME(left_out),
    NAME(finer),
    NAME(bad_debt_probability),
    NAME(bad_debt),
    NAME(bad_debt_es),
    NAME(bad_debt_max),
    NAME(fund_solvency),
    NAME(fund_needed),
    NAME(before_bankruptcy),
    NAME(liquidated),
    NAME(closed),
    NAME(liquidation_cost),
    NAME(deleveraged),
    NAME(clawed),
    NAME(mean_margin),
    NAME(mean_initial),
    NAME(mean_maintenance),
    NAME(fund_size),
    NAME(refused),
    NAME(cost),
};
const size_t oracle_n_liquidation_names =
    sizeof oracle_liquidation_names / sizeof *oracle_liquidation_names;

/* ---- the market at one bar ---- */

struct world {
    const struct liquidation_request *ask;
    const struct bars *bars;
    double *margin, *scaled; /* of the point; of q = 1 without a floor */
    uint64_t who;
    size_t first, end; /* of the range */
};

static struct oracle_request margins_asked(const struct liquidation_request *ask,
                                           double q, double floor)
{
    return (struct oracle_request){.horizon_bars = (size_t)ask->horizon_bars,
                                   .loss = ORACLE_PATH,
                                   .sides = ORACLE_BOTH,
                                   .confidence = ask->confidence,
                                   .warmup_bars = (size_t)ask->warmup_bars,
                                   .holdout = ask->holdout,
                                   .embargo_bars = (size_t)ask->embargo_bars,
                                   .release_from = 1.25,
                                   .release_full = 2.0,
                                   .release_halflife_bars = 720.0,
                                   .lambda = ask->lambda,
                                   .q = q,
                                   .floor = floor};
}

/* The first bar's bytes name the instrument. */
static uint64_t who_of(const struct bars *bars)
{
    struct {
        int64_t time;
        double price[5];
    } first = {
        bars->time[0],
        {bars->open[0], bars->high[0], bars->low[0], bars->close[0], bars->volume[0]}};
    char text[SHA256_TEXT_MAX];

    sha256_of(&first, sizeof first, text);
    text[14] = '\0';
    return strtoull(text, NULL, 16);
}

static double bars_a_day(const struct world *w)
{
    return 86400e9 / (double)w->bars->interval_ns;
}

/* Volatility over h bars to that of a day. */
static double sigma_at(const struct world *w, size_t t)
{
    return w->scaled[t] / sqrt(w->ask->horizon_bars) * sqrt(bars_a_day(w));
}

/* ---- tiers ---- */

static double impact_at(const struct world *w, size_t t, double notional)
{
    return w->ask->impact * sigma_at(w, t) * pow(notional, w->ask->impact_delta);
}

static double initial_rate(const struct world *w, size_t t, double notional)
{
    const double first = w->ask->tier_first, base = w->margin[t];
    const double largest = first * 4 * 4 * 4 * 4 * 4; /* six tiers */
    double upper = first, rate = base;

    while (notional > upper && upper < largest)
        upper *= 4;
    if (w->ask->tier_law == 1)
        rate = base * sqrt(upper / first);
    if (w->ask->tier_law == 2)
        rate = base + impact_at(w, t, upper) - impact_at(w, t, first);
    return fmin(rate, 1.0);
}

/* ---- accounts ---- */

static double draw(const struct world *w, size_t t, unsigned purpose, uint32_t index,
                   int normal)
{
    struct random random =
        random_at((uint64_t)w->ask->seed, (uint8_t)purpose, w->who,
                  (uint32_t)(w->bars->time[t] / w->bars->interval_ns));

    random.n_drawn = index;
    return normal ? random_normal(&random) : random_uniform(&random);
}

static double open_interest(const struct world *w)
{
    return fmin(w->ask->open_interest_days, w->ask->oi_cap);
}

static void open_accounts(const struct world *w, size_t t, struct account account[],
                          double *initial, double *maintenance)
{
    const size_t n = (size_t)w->ask->accounts;
    double size[ACCOUNTS_MAX], all[2] = {0, 0};

    for (uint32_t i = 0; i < n; i++) {
        size[i] = exp(w->ask->size_spread * draw(w, t, 64, i * 65536, 1));
        all[i % 2] += size[i];
    }
    *initial = *maintenance = 0.0;
    for (uint32_t i = 0; i < n; i++) {
        const double share = size[i] / all[i % 2], notional = share * open_interest(w);
        const double rate = initial_rate(w, t, notional);
        const double more = -w->ask->slack * log(draw(w, t, 65, i, 0));

        account[i] = (struct account){.side = i % 2 == 0 ? 1 : -1,
                                      .opened = notional,
                                      .quantity = notional,
                                      .cash = rate * (1 + more) * notional -
                                              (i % 2 == 0 ? notional : -notional),
                                      .rate = w->ask->maintenance * rate};
        *initial += share * rate / 2;
        *maintenance += share * rate * w->ask->maintenance / 2;
    }
}

/* ---- the prices of a path ---- */

/* One bar's steps behind price[s]; the next free place. */
static size_t lay_bar(const struct bar *bar, size_t n_steps, double scale,
                      double price[], size_t s)
{
    const int low_first = bar->open - bar->low <= bar->high - bar->open;
    const double turn[] = {bar->open, low_first ? bar->low : bar->high,
                           low_first ? bar->high : bar->low, bar->close};

    for (size_t leg = 0; leg < 3; leg++) {
        const size_t a_leg = n_steps * (leg + 1) / 3 - n_steps * leg / 3;

        for (size_t i = 1; i <= a_leg; i++)
            price[s++] = (turn[leg] +
                          (turn[leg + 1] - turn[leg]) * ((double)i / (double)a_leg)) /
                         scale;
    }
    return s;
}

/* All shorter bars of [from, to) as one; how many there are. */
static size_t all_of(const struct bars *finer, int64_t from, int64_t to,
                     struct bar *all)
{
    size_t n = 0;

    for (size_t i = 0; i < finer->n; i++) {
        if (finer->time[i] < from || finer->time[i] >= to)
            continue;
        if (n++ == 0)
            *all = bars_at(finer, i);
        all->high = fmax(all->high, finer->high[i]);
        all->low = fmin(all->low, finer->low[i]);
        all->close = finer->close[i];
    }
    return n;
}

/* In shorter bars, merged so that each has three whole steps or more; 0: they are not
 * all there. */
static int lay_finer(const struct world *w, size_t t, double price[])
{
    const struct bars *finer = w->bars->finer;
    const int64_t interval = w->bars->interval_ns;
    const double a_bar = w->ask->steps_a_bar;
    const int64_t end =
        w->bars->time[t] + (1 + (int64_t)w->ask->horizon_bars) * interval;
    size_t s = 1;

    if (finer == NULL)
        return 0;
    const size_t parts = (size_t)(interval / finer->interval_ns);
    size_t pieces = parts; /* of a bar */
    while (pieces > 1 && (parts % pieces != 0 || fmod(a_bar, (double)pieces) != 0 ||
                          a_bar / (double)pieces < 3))
        pieces--;
    if (pieces == 1)
        return 0;
    for (int64_t at = w->bars->time[t] + interval; at < end;
         at += interval / (int64_t)pieces) {
        struct bar bar;

        if (all_of(finer, at, at + interval / (int64_t)pieces, &bar) != parts / pieces)
            return 0;
        s = lay_bar(&bar, (size_t)a_bar / pieces, w->bars->close[t], price, s);
    }
    return 1;
}

static int lay_price(const struct world *w, size_t t, double price[])
{
    size_t s = 1;

    price[0] = 1.0;
    if (lay_finer(w, t, price))
        return 1;
    for (size_t j = 1; j <= (size_t)w->ask->horizon_bars; j++) {
        const struct bar bar = bars_at(w->bars, t + j);

        s = lay_bar(&bar, (size_t)w->ask->steps_a_bar, w->bars->close[t], price, s);
    }
    return 0;
}

static struct engine_rules rules_of(const struct liquidation_request *ask)
{
    return (struct engine_rules){
        .latency_steps = (size_t)ask->latency_steps,
        .feed_steps = (size_t)ask->feed_steps,
        .share = ask->step_share,
        .cooldown_steps = (size_t)ask->cooldown,
        .whole_below = ask->whole_below,
        .fee = ask->liquidation_fee,
        .fee_ramp = ask->fee_ramp,
        .auction_steps = (size_t)ask->auction_length,
        .auction_start = ask->auction_start,
        .impact = {ask->impact, ask->impact_delta, ask->impact_halflife_steps},
        .auction = {(size_t)ask->bidders, ask->aversion, ask->capacity, ask->precision},
    };
}

static struct engine_result run_path(const struct world *w, size_t t, double *initial,
                                     double *maintenance, double *n_finer)
{
    const size_t n_steps = (size_t)(w->ask->horizon_bars * w->ask->steps_a_bar);
    const struct engine_rules rules = rules_of(w->ask);
    struct account account[ACCOUNTS_MAX];
    double *price = calloc(n_steps + 1, sizeof *price), least;
    const struct engine_path path = {
        .n_steps = n_steps,
        .price = price,
        .sigma = sigma_at(w, t),
        .draws = {.seed = (uint64_t)w->ask->seed,
                  .who = w->who,
                  .path = (uint32_t)(w->bars->time[t] / w->bars->interval_ns)}};

    *n_finer += lay_price(w, t, price);
    open_accounts(w, t, account, initial, maintenance);
    const struct engine_result result =
        engine_oracle(&rules, &path, (size_t)w->ask->accounts, account,
                      w->ask->fund * open_interest(w), NULL, &least);
    free(price);
    return result;
}

/* ---- all of them ---- */

static int is_whole(const struct world *w, size_t t)
{
    const size_t h = (size_t)w->ask->horizon_bars;

    return w->bars->time[t + h] - w->bars->time[t] == (int64_t)h * w->bars->interval_ns;
}

static int from_worst(const void *a, const void *b)
{
    return (*(const double *)a < *(const double *)b) -
           (*(const double *)a > *(const double *)b);
}

static void add_path(const struct world *w, const struct engine_result *result,
                     struct liquidation_figures *f, double *debt, double *need)
{
    const double all = open_interest(w);

    *debt = result->bad_debt / all;
    *need = fmax(0.0, (result->bad_debt - result->fees) / all);
    f->bad_debt_probability += result->bad_debt > 0;
    f->bad_debt += *debt;
    f->fund_solvency += !(result->deleveraged > 0 || result->clawed > 0);
    f->liquidated += (double)result->n_cases;
    f->before_bankruptcy += (double)result->n_bankrupt;
    f->closed += result->closed / all;
    f->liquidation_cost += result->cost / all;
    f->deleveraged += result->deleveraged / all;
    f->clawed += result->clawed / all;
}

static void finish(const struct world *w, double *debt, double *need,
                   struct liquidation_figures *f)
{
    const double n = f->observations, c = w->ask->confidence;
    const size_t n_worst = (size_t)fmax(1.0, ceil((1.0 - c) * n));
    const double cases = f->liquidated, years = w->ask->horizon_bars *
                                                (double)w->bars->interval_ns /
                                                (365.0 * 86400e9);
    double *const means[] = {
        &f->finer,        &f->bad_debt_probability, &f->bad_debt,    &f->fund_solvency,
        &f->closed,       &f->liquidation_cost,     &f->deleveraged, &f->clawed,
        &f->mean_initial, &f->mean_maintenance};

    qsort(debt, (size_t)n, sizeof *debt, from_worst);
    qsort(need, (size_t)n, sizeof *need, from_worst);
    f->bad_debt_max = debt[0];
    for (size_t i = 0; i < n_worst; i++)
        f->bad_debt_es += debt[i] / (double)n_worst;
    f->fund_needed = need[(size_t)n - (size_t)fmax(1.0, ceil(c * n))];
    f->before_bankruptcy = cases > 0 ? 1 - f->before_bankruptcy / cases : 1;
    f->liquidated = cases / (n * w->ask->accounts);
    for (size_t i = 0; i < sizeof means / sizeof *means; i++)
        *means[i] /= n;
    f->cost = w->ask->capital_rate * (2 * f->mean_initial + w->ask->fund) +
              (f->liquidation_cost + f->bad_debt) / years;
}

static int score(const struct world *w, struct liquidation_figures *f, struct err *err)
{
    const size_t h = (size_t)w->ask->horizon_bars;
    const int64_t every =
        (int64_t)(w->ask->start_every_bars > 0 ? w->ask->start_every_bars : (double)h);
    double *debt = calloc(w->end + 1, sizeof *debt);
    double *need = calloc(w->end + 1, sizeof *need);
    size_t n = 0;

    for (size_t t = w->first; t + h < w->end; t++) {
        double initial, maintenance;

        if (w->bars->time[t] / w->bars->interval_ns % every != 0)
            continue;
        if (!is_whole(w, t)) {
            f->left_out++;
            continue;
        }
        const struct engine_result result =
            run_path(w, t, &initial, &maintenance, &f->finer);

        f->mean_initial += initial;
        f->mean_maintenance += maintenance;
        add_path(w, &result, f, &debt[n], &need[n]);
        n++;
    }
    f->observations = (double)n;
    if (n > 0)
        finish(w, debt, need, f);
    free(debt);
    free(need);
    return n > 0 ? 0 : err_set(err, ERR_INPUT, "no path");
}

int oracle_liquidation(const struct liquidation_request *request,
                       const struct bars *bars, enum oracle_range range,
                       struct liquidation_figures *figures, struct err *err)
{
    const struct oracle_request margins =
        margins_asked(request, request->q, request->floor);
    const struct oracle_request bare = margins_asked(request, 1.0, 0.0);
    struct world w = {.ask = request, .bars = bars, .who = who_of(bars)};
    int status = -1;

    *figures = (struct liquidation_figures){
        .fund_size = request->fund,
        .refused = 1 - fmin(request->open_interest_days, request->oi_cap) /
                           request->open_interest_days};
    w.margin = calloc(bars->n, sizeof *w.margin);
    w.scaled = calloc(bars->n, sizeof *w.scaled);
    oracle_range_bars(&margins, range, bars->n, &w.first, &w.end);
    if (oracle_margins(&margins, bars, w.margin, err) == 0 &&
        oracle_margins(&bare, bars, w.scaled, err) == 0) {
        for (size_t t = w.first; t < w.end; t++)
            figures->mean_margin += fmin(w.margin[t], 1.0);
        figures->mean_margin /= (double)(w.end - w.first);
        status = score(&w, figures, err);
    }
    free(w.margin);
    free(w.scaled);
    return status;
}
