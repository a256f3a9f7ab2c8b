#include "market/simulate.h"
#include "core/arith.h"
#include "core/clock.h"
#include "core/text.h"
#include "market/mixture.h"
#include "market/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double simulate_levels[SIMULATE_N_LEVELS] = {0.99, 0.999};
const char *const simulate_columns[SIMULATE_N_COLUMNS] = {
    "true_long_99", "true_short_99", "true_long_999", "true_short_999",
    "true_volatility"};

/* What a random number decides. */
enum purpose {
    REGIME = 1,
    MARKET_FACTOR,
    CHI_SQUARE,
    MARKET_JUMP,
    GROUP_FACTOR,
    OWN_FACTOR,
    OWN_JUMP,
    BRIDGE,
    TURNOVER,
};

/* What a bar has for all instruments. */
struct common {
    double factor; /* normal                                                */
    double mixing; /* nu / chi-square: the Student-t's variance in this bar */
    bool stressed, jump;
};

struct simulate_market {
    const struct simulate_plan *plan;
    struct common *bar; /* [n_bars + 1]: the last for the regime after the end */
};

/* FNV-1a, 64 bits, folded to the 56 of random.h: an instrument's numbers depend on its
 * name, not on its place in the file. */
static uint64_t place_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return (hash >> 56 ^ hash) & ((UINT64_C(1) << 56) - 1);
}

/* ---- the market ---- */

static double uniform_at(const struct simulate_plan *plan, enum purpose purpose,
                         uint64_t who, size_t t)
{
    struct random random =
        random_at((uint64_t)plan->seed, (uint8_t)purpose, who, (uint32_t)t);

    return random_uniform(&random);
}

static double normal_at(const struct simulate_plan *plan, enum purpose purpose,
                        uint64_t who, size_t t)
{
    struct random random =
        random_at((uint64_t)plan->seed, (uint8_t)purpose, who, (uint32_t)t);

    return random_normal(&random);
}

/* The regime is left with probability interval / mean stay. */
static bool next_regime(const struct simulate_plan *plan, size_t t, bool stressed)
{
    const int64_t stay_ns = stressed ? plan->stressed_ns : plan->calm_ns;
    const bool leaves =
        uniform_at(plan, REGIME, 0, t) < (double)plan->interval_ns / (double)stay_ns;

    return leaves ? !stressed : stressed;
}

static struct common common_at(const struct simulate_plan *plan, size_t t,
                               bool stressed)
{
    struct random chi = random_at((uint64_t)plan->seed, CHI_SQUARE, 0, (uint32_t)t);

    return (struct common){
        .factor = normal_at(plan, MARKET_FACTOR, 0, t),
        .mixing = 0.5 * plan->nu / random_gamma(&chi, 0.5 * plan->nu),
        .stressed = stressed,
        .jump = uniform_at(plan, MARKET_JUMP, 0, t) < plan->market_jumps,
    };
}

int simulate_market_new(const struct simulate_plan *plan,
                        struct simulate_market **market, struct err *err)
{
    const size_t n = (size_t)plan->n_bars + 1;
    struct simulate_market *made = calloc(1, sizeof *made);
    struct common *bar = calloc(n, sizeof *bar);
    bool stressed = false;

    if (made == NULL || bar == NULL) {
        free(made);
        free(bar);
        return err_set(err, ERR_MEMORY, "no memory for a market of %zu bars", n);
    }
    for (size_t t = 0; t < n; t++) {
        bar[t] = common_at(plan, t, stressed);
        stressed = next_regime(plan, t, stressed);
    }
    *made = (struct simulate_market){plan, bar};
    *market = made;
    return 0;
}

void simulate_market_free(struct simulate_market *market)
{
    if (market == NULL)
        return;
    free(market->bar);
    free(market);
}

size_t simulate_market_size(const struct simulate_market *market)
{
    return market->plan->instruments.n + (size_t)market->plan->n_generated;
}

/* ---- one instrument ---- */

struct path {
    const struct simulate_plan *plan;
    const struct simulate_market *market;
    const char *name;
    uint64_t who, group; /* group 0: none */
    double market_loading, group_loading, own_loading;
    double mu, omega, alpha, beta;
    double scale, kappa; /* c and kappa of market/mixture.h */
    double quantile[SIMULATE_N_LEVELS];
    double variance; /* g_t */
    double close;
};

static struct path path_of(const struct simulate_market *market, const char *name,
                           const struct simulate_instrument *instrument)
{
    const struct simulate_plan *plan = market->plan;
    const double years = (double)plan->interval_ns / (365.0 * (double)CLOCK_DAY);
    const double v = instrument->volatility * instrument->volatility * years;
    const double in_group = instrument->group != NULL ? plan->group_correlation : 0.0;
    const struct mixture mixture = {
        .nu = plan->nu,
        .pi = 1.0 - (1.0 - plan->market_jumps) * (1.0 - plan->own_jumps),
        .kappa = instrument->jump_scale,
    };
    struct path path = {
        .plan = plan,
        .market = market,
        .name = name,
        .who = place_of(name),
        .group = instrument->group != NULL ? place_of(instrument->group) : 0,
        .market_loading = sqrt(plan->market_correlation),
        .group_loading = sqrt(in_group),
        .own_loading = sqrt(1.0 - plan->market_correlation - in_group),
        .mu = plan->drift * years,
        .omega = (1.0 - instrument->alpha - instrument->beta) * v,
        .alpha = instrument->alpha,
        .beta = instrument->beta,
        .scale = mixture_scale(&mixture),
        .kappa = mixture.kappa,
        .variance = v,
        .close = instrument->price,
    };

    for (int l = 0; l < SIMULATE_N_LEVELS; l++)
        path.quantile[l] = mixture_quantile(&mixture, 1.0 - simulate_levels[l]);
    return path;
}

/* x to so many significant digits: an integer over or times a power of ten that a
 * double holds exactly (up to 10^22), so that every step but one is exact. */
static double round_to(double x, int digits)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int k = 0;

    while (k < 22 && x * ten[k] < ten[digits - 1])
        k++;
    while (k > -22 && (k >= 0 ? x * ten[k] : x / ten[-k]) >= ten[digits])
        k--;
    const double whole = floor((k >= 0 ? x * ten[k] : x / ten[-k]) + 0.5);
    return k >= 0 ? whole / ten[k] : whole * ten[-k];
}

enum { PRICE_DIGITS = 8, VOLUME_DIGITS = 6 };

/* The correlated normal of this instrument and bar. */
static double normal_of(const struct path *path, size_t t)
{
    const struct simulate_plan *plan = path->plan;
    double z = path->market_loading * path->market->bar[t].factor +
               path->own_loading * normal_at(plan, OWN_FACTOR, path->who, t);

    if (path->group != 0)
        z += path->group_loading * normal_at(plan, GROUP_FACTOR, path->group, t);
    return z;
}

/* The extremes of a Brownian bridge from 0 to r of variance v, given uniforms:
 * max = (r + sqrt(r^2 - 2 v ln u)) / 2, the inverse of
 * P(max > m) = exp(-2 m (m - r) / v)  (Karatzas and Shreve, 2nd ed., 4.3.40). */
static double bridge_reach(double r, double v, double u)
{
    return sqrt(r * r - 2.0 * v * arith_log(u));
}

static struct bar bar_of(const struct path *path, size_t t, double r, double v)
{
    const struct simulate_plan *plan = path->plan;
    struct random bridge =
        random_at((uint64_t)plan->seed, BRIDGE, path->who, (uint32_t)t);
    const double up = 0.5 * (r + bridge_reach(r, v, random_uniform(&bridge)));
    const double down = 0.5 * (r - bridge_reach(r, v, random_uniform(&bridge)));
    const double open = path->close,
                 close = round_to(open * arith_exp(r), PRICE_DIGITS);
    const double high = round_to(open * arith_exp(up), PRICE_DIGITS);
    const double low = round_to(open * arith_exp(down), PRICE_DIGITS);
    const double turnover = /* lognormal, and more when the price moves */
        1e6 * arith_exp(0.5 * normal_at(plan, TURNOVER, path->who, t)) *
        (0.5 + fabs(r) / sqrt(path->variance));

    return (struct bar){
        .time = plan->start_ns + (int64_t)t * plan->interval_ns,
        .open = open,
        .high = fmax(high, fmax(open, close)),
        .low = fmin(low, fmin(open, close)),
        .close = close,
        .volume = round_to(turnover / close, VOLUME_DIGITS),
    };
}

static double volatility_at(const struct path *path, size_t t)
{
    const double m = path->market->bar[t].stressed ? path->plan->stressed_scale : 1.0;

    return m * sqrt(path->variance);
}

/* Bar t, and the path moved on to what is known at its close. */
static struct bar step(struct path *path, size_t t)
{
    const struct simulate_plan *plan = path->plan;
    const struct common *common = &path->market->bar[t];
    const bool jump =
        common->jump || uniform_at(plan, OWN_JUMP, path->who, t) < plan->own_jumps;
    const double width = volatility_at(path, t) * path->scale *
                         (jump ? path->kappa : 1.0) * sqrt(common->mixing);
    const double z = normal_of(path, t);
    const double u2 = z * z * common->mixing * ((plan->nu - 2.0) / plan->nu);
    const struct bar bar = bar_of(path, t, path->mu + width * z, width * width);

    path->close = bar.close;
    path->variance =
        path->omega + path->alpha * path->variance * u2 + path->beta * path->variance;
    return bar;
}

static bool is_out(const struct path *path, int64_t time_ns)
{
    const struct simulate_outage *outage = path->plan->outages.item;

    for (size_t i = 0; i < path->plan->outages.n; i++)
        if (time_ns >= outage[i].from_ns && time_ns < outage[i].to_ns &&
            text_matches(outage[i].instruments, path->name))
            return true;
    return false;
}

/* The truths that stand at the bar just made, of bar t. */
static void write_truths(const struct path *path, size_t t,
                         struct simulate_series *series, size_t row)
{
    const double sigma = volatility_at(path, t);

    for (int l = 0; l < SIMULATE_N_LEVELS; l++) {
        const double reach = sigma * path->quantile[l];

        series->column[2 * l][row] = 1.0 - arith_exp(path->mu - reach);
        series->column[2 * l + 1][row] = arith_exp(path->mu + reach) - 1.0;
    }
    series->column[SIMULATE_N_COLUMNS - 1][row] = sigma;
}

static int run(struct path *path, size_t first, struct simulate_series *series,
               struct err *err)
{
    for (size_t t = first; t < (size_t)path->plan->n_bars; t++) {
        const struct bar bar = step(path, t);

        if (!(bar.low >= 1e-9 && bar.high <= 1e12))
            return err_set(err, ERR_INPUT,
                           "%s: its price leaves 1e-9 to 1e12 at bar %zu (lower its "
                           "volatility)",
                           path->name, t);
        if (is_out(path, bar.time))
            continue;
        write_truths(path, t + 1, series, series->bars.n);
        if (bars_append(&series->bars, &bar, err) != 0)
            return -1;
    }
    if (series->bars.n == 0)
        return err_set(err, ERR_INPUT, "%s: all of its bars are in outages",
                       path->name);
    return 0;
}

int simulate_run(const struct simulate_market *market, size_t i,
                 struct simulate_series *series, struct err *err)
{
    const struct simulate_plan *plan = market->plan;
    struct simulate_series made = {.bars = {.interval_ns = plan->interval_ns}};
    struct simulate_instrument instrument;
    int status = 0;

    simulate_instrument(plan, i, made.name, &instrument);
    if (instrument.name != made.name)
        snprintf(made.name, sizeof made.name, "%s", instrument.name);
    for (int c = 0; c < SIMULATE_N_COLUMNS; c++) {
        made.column[c] = calloc((size_t)plan->n_bars, sizeof(double));
        if (made.column[c] == NULL)
            status = err_set(err, ERR_MEMORY, "no memory for %lld bars",
                             (long long)plan->n_bars);
    }
    if (status == 0)
        status = bars_reserve(&made.bars, (size_t)plan->n_bars, err);
    if (status == 0) {
        struct path path = path_of(market, made.name, &instrument);
        const int64_t late_ns = instrument.listed_ns - plan->start_ns;

        status =
            run(&path, (size_t)((late_ns + plan->interval_ns - 1) / plan->interval_ns),
                &made, err);
    }
    if (status != 0) {
        simulate_series_free(&made);
        return -1;
    }
    *series = made;
    return 0;
}

void simulate_series_free(struct simulate_series *series)
{
    bars_free(&series->bars);
    for (int c = 0; c < SIMULATE_N_COLUMNS; c++) {
        free(series->column[c]);
        series->column[c] = NULL;
    }
}
