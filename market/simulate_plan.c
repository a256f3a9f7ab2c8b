#include "core/clock.h"
#include "market/history.h"
#include "market/simulate.h"

#include <string.h>

/* ---- instruments with all fields in force ---- */

static const struct {
    const char *base, *group;
    double price;
} generated[] = {
    {"BTC", "majors", 60000},  {"ETH", "majors", 3000},   {"SOL", "platforms", 150},
    {"BNB", "platforms", 550}, {"XRP", "payments", 0.6},  {"ADA", "platforms", 0.45},
    {"DOGE", "memes", 0.15},   {"AVAX", "platforms", 35}, {"LINK", "defi", 15},
    {"DOT", "platforms", 7},   {"LTC", "payments", 80},   {"UNI", "defi", 8},
    {"ATOM", "platforms", 9},  {"NEAR", "platforms", 6},  {"AAVE", "defi", 100},
    {"SHIB", "memes", 2e-5},
};

enum { N_BASES = sizeof generated / sizeof *generated };

/* BTC-PERP ... SHIB-PERP, then BTC2-PERP ...: volatilities from 0.75 to 1.75 times the
 * model's. */
static void generate(const struct simulate_plan *plan, size_t g,
                     char name[SIMULATE_NAME_MAX],
                     struct simulate_instrument *instrument)
{
    const size_t base = g % N_BASES, round = g / N_BASES;

    if (round == 0)
        snprintf(name, SIMULATE_NAME_MAX, "%s-PERP", generated[base].base);
    else
        snprintf(name, SIMULATE_NAME_MAX, "%s%zu-PERP", generated[base].base,
                 round + 1);
    *instrument = plan->preset;
    instrument->name = name;
    instrument->group = (char *)generated[base].group;
    instrument->price = generated[base].price;
    instrument->volatility *= 0.75 + 0.05 * (double)(g % 21);
    instrument->listed_ns = plan->start_ns;
}

void simulate_instrument(const struct simulate_plan *plan, size_t i,
                         char name[SIMULATE_NAME_MAX],
                         struct simulate_instrument *instrument)
{
    const struct simulate_instrument *listed = plan->instruments.item;

    if (i >= plan->instruments.n) {
        generate(plan, i - plan->instruments.n, name, instrument);
        return;
    }
    *instrument = listed[i];
    if (instrument->volatility == 0.0)
        instrument->volatility = plan->preset.volatility;
    if (instrument->alpha == 0.0)
        instrument->alpha = plan->preset.alpha;
    if (instrument->beta == 0.0)
        instrument->beta = plan->preset.beta;
    if (instrument->jump_scale == 0.0)
        instrument->jump_scale = plan->preset.jump_scale;
    if (instrument->listed_ns == 0)
        instrument->listed_ns = plan->start_ns;
}

/* ---- what one row cannot see ---- */

static int check_model(const struct simulate_plan *plan, const struct conf *conf,
                       struct err *err)
{
    const int64_t last_ns = clock_days_from_civil(2261, 1, 1) * CLOCK_DAY;

    if (plan->instruments.n == 0 && plan->n_generated == 0)
        return conf_complain(conf, "instruments", err,
                             "there is none; list some or set generated");
    if (plan->n_bars > (last_ns - plan->start_ns) / plan->interval_ns)
        return conf_complain(conf, "bars", err, "%lld bars end after 2260",
                             (long long)plan->n_bars);
    if (plan->calm_ns < plan->interval_ns)
        return conf_complain(conf, "regimes.calm", err, "is shorter than a bar");
    if (plan->stressed_ns < plan->interval_ns)
        return conf_complain(conf, "regimes.stressed", err, "is shorter than a bar");
    if (!(plan->preset.alpha + plan->preset.beta < 1.0))
        return conf_complain(conf, "model.beta", err,
                             "alpha + beta = %g is not below 1",
                             plan->preset.alpha + plan->preset.beta);
    if (!(plan->market_correlation + plan->group_correlation < 1.0))
        return conf_complain(conf, "correlation.group", err,
                             "market + group = %g is not below 1",
                             plan->market_correlation + plan->group_correlation);
    return 0;
}

static bool is_name_taken(const struct simulate_plan *plan, size_t i)
{
    const struct simulate_instrument *listed = plan->instruments.item;
    struct simulate_instrument other;
    char name[SIMULATE_NAME_MAX];

    for (size_t j = 0; j < i; j++)
        if (strcmp(listed[j].name, listed[i].name) == 0)
            return true;
    for (size_t g = 0; g < (size_t)plan->n_generated; g++) {
        generate(plan, g, name, &other);
        if (strcmp(name, listed[i].name) == 0)
            return true;
    }
    return false;
}

static int check_instrument(const struct simulate_plan *plan, size_t i,
                            const struct conf *conf, struct err *err)
{
    const int64_t end_ns = plan->start_ns + plan->n_bars * plan->interval_ns;
    struct simulate_instrument instrument;
    char name[SIMULATE_NAME_MAX], path[64];
    struct err why;

    simulate_instrument(plan, i, name, &instrument);
    snprintf(path, sizeof path, "instruments[%zu].name", i);
    if (history_check_name(instrument.name, &why) != 0)
        return conf_complain(conf, path, err, "%s", why.text);
    if (is_name_taken(plan, i))
        return conf_complain(conf, path, err, "there are two of the name %s",
                             instrument.name);
    if (!(instrument.alpha + instrument.beta < 1.0))
        return conf_complain(conf, path, err, "alpha + beta = %g is not below 1",
                             instrument.alpha + instrument.beta);
    snprintf(path, sizeof path, "instruments[%zu].listed", i);
    if (instrument.listed_ns < plan->start_ns || instrument.listed_ns >= end_ns)
        return conf_complain(conf, path, err, "is not within the market's bars");
    return 0;
}

static int check_outages(const struct simulate_plan *plan, const struct conf *conf,
                         struct err *err)
{
    const struct simulate_outage *outage = plan->outages.item;
    char path[64];

    for (size_t i = 0; i < plan->outages.n; i++) {
        snprintf(path, sizeof path, "outages[%zu].to", i);
        if (outage[i].to_ns <= outage[i].from_ns)
            return conf_complain(conf, path, err, "is not after from");
    }
    return 0;
}

static int check_plan(const struct simulate_plan *plan, const struct conf *conf,
                      struct err *err)
{
    if (check_model(plan, conf, err) != 0)
        return -1;
    for (size_t i = 0; i < plan->instruments.n; i++)
        if (check_instrument(plan, i, conf, err) != 0)
            return -1;
    return check_outages(plan, conf, err);
}

int simulate_read(const char *path, size_t n_settings, const char *const settings[],
                  struct simulate_plan *plan, struct conf **conf, struct err *err)
{
    struct simulate_plan read;
    struct conf *made;

    if (conf_read(path, n_settings, settings, simulate_table(), &read, &made, err) != 0)
        return -1;
    if (check_plan(&read, made, err) != 0) {
        conf_free(made, NULL);
        return -1;
    }
    *plan = read;
    *conf = made;
    return 0;
}
