#include "client/members.h"
#include "coordinator/export.h"
#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* dydxprotocol.perpetuals.LiquidityTier: {id, name, initial_margin_ppm,
 * maintenance_fraction_ppm, base_position_notional, impact_notional,
 * open_interest_lower_cap, open_interest_upper_cap}; notionals in quote quantums of
 * 1e-6, as texts.  The maintenance margin is a fraction of the initial one.
 *
 * A tier there is a kind of market, not a size: the rates of the last tier stand for
 * all sizes.  impact_notional is what its comment recommends, 500 USDC / initial margin
 * fraction.  Between the caps of open interest the chain raises the initial margin to
 * all of the notional; the set knows one cap, so both are that (0: none, so that a cap
 * of less than a quantum is one).
 *
 * dydxprotocol.clob.LiquidationsConfig is one for the whole chain:
 * max_liquidation_fee_ppm (into the fund, as the set's fee) and
 * position_block_limits.max_position_portion_liquidated_ppm (of a position, a block)
 * stand there where all markets agree; the chain takes neither of 0, so no fee is one
 * of 1e-6 (LiquidationsConfig.Validate).  The chain rounds the maintenance margin down
 * (GetMaintenanceMarginPpm): the fraction is the least that keeps the set's. */
static const double IMPACT_QUANTUMS = 500e6;

static int put_market(const struct export_market *market, size_t id, struct json *json,
                      struct err *err)
{
    const struct plimsoll_tier *tier = &market->tier[market->n - 1];
    const int64_t initial = tier->initial_margin_ppm;
    char impact[32], cap[32] = "0";
    int64_t quantums;

    if (isfinite(market->settings.open_interest_cap)) {
        if (export_quantums(market->settings.open_interest_cap, floor, &quantums,
                            err) != 0)
            return err_add(err, "%s: open_interest_cap", market->name);
        quantums = quantums > 0 ? quantums : 1;
        snprintf(cap, sizeof cap, "%lld", (long long)quantums);
    }
    if (initial < 1 || initial > EXPORT_PPM)
        return err_set(err, ERR_INPUT, "%s: initial_margin_ppm: %lld is not in [1, %d]",
                       market->name, (long long)initial, EXPORT_PPM);
    snprintf(impact, sizeof impact, "%.0f", IMPACT_QUANTUMS * EXPORT_PPM / initial);
    json_put_object(json, NULL);
    json_put_integer(json, "id", (int64_t)id);
    json_put_text(json, "name", market->name);
    json_put_integer(json, "initial_margin_ppm", initial);
    json_put_integer(
        json, "maintenance_fraction_ppm",
        export_ceiling(tier->maintenance_margin_ppm * EXPORT_PPM, initial));
    json_put_text(json, "base_position_notional", "0");
    json_put_text(json, "impact_notional", impact);
    json_put_text(json, "open_interest_lower_cap", cap);
    json_put_text(json, "open_interest_upper_cap", cap);
    json_end(json);
    return 0;
}

static void put_config(size_t n, const struct export_market market[], struct json *json)
{
    const int64_t fee = export_common(n, market, export_fee);
    const int64_t share = export_common(n, market, export_step_share);

    if (fee == EXPORT_UNSAID && share == EXPORT_UNSAID)
        return;
    json_put_object(json, "liquidations_config");
    if (fee != EXPORT_UNSAID)
        json_put_integer(json, "max_liquidation_fee_ppm", fee > 0 ? fee : 1);
    if (share != EXPORT_UNSAID) {
        json_put_object(json, "position_block_limits");
        json_put_integer(json, "max_position_portion_liquidated_ppm", share);
        json_end(json);
    }
    json_end(json);
}

static int put(size_t n, const struct export_market market[], struct json *json,
               struct err *err)
{
    json_put_object(json, NULL);
    json_put_array(json, "liquidity_tiers");
    for (size_t i = 0; i < n; i++)
        if (put_market(&market[i], i, json, err) != 0)
            return -1;
    json_end(json);
    put_config(n, market, json);
    json_end(json);
    return 0;
}

/* A text of whole 1e-6; 0 stands for no cap. */
static int take_cap(const json_t *entry, double *cap, struct err *err)
{
    int64_t quantums;
    const char *text;

    if (json_object_get(entry, "open_interest_upper_cap") == NULL) {
        *cap = NAN;
        return 0;
    }
    if (member_text(entry, "open_interest_upper_cap", &text, err) != 0)
        return -1;
    if (text_to_integer(text, strlen(text), 0, INT64_MAX, &quantums, err) != 0)
        return err_add(err, "open_interest_upper_cap");
    *cap = quantums == 0 ? (double)INFINITY : (double)quantums / EXPORT_PPM;
    return 0;
}

static int take_config(const json_t *document, struct export_settings *settings,
                       struct err *err)
{
    const json_t *config = json_object_get(document, "liquidations_config");
    const json_t *limits = json_object_get(config, "position_block_limits");

    if (export_take_integer(config, "max_liquidation_fee_ppm", EXPORT_PPM,
                            &settings->fee_ppm, err) != 0 ||
        export_take_integer(limits, "max_position_portion_liquidated_ppm", EXPORT_PPM,
                            &settings->step_share_ppm, err) != 0)
        return err_add(err, "liquidations_config");
    return 0;
}

static int take(const json_t *document, size_t i, struct export_market *market,
                struct err *err)
{
    const json_t *tiers;
    const char *name;
    int64_t initial, fraction;

    if (member_array(document, "liquidity_tiers", &tiers, err) != 0)
        return -1;
    const json_t *entry = json_array_get(tiers, i);
    if (entry == NULL)
        return 0;
    if (member_text(entry, "name", &name, err) != 0 ||
        member_integer(entry, "initial_margin_ppm", 0, EXPORT_PPM, &initial, err) !=
            0 ||
        member_integer(entry, "maintenance_fraction_ppm", 0, EXPORT_PPM, &fraction,
                       err) != 0)
        return err_add(err, "liquidity_tiers[%zu]", i);
    *market = (struct export_market){.n = 1, .price = NAN, .settings = export_unsaid()};
    if (take_config(document, &market->settings, err) != 0)
        return -1;
    if (take_cap(entry, &market->settings.open_interest_cap, err) != 0)
        return err_add(err, "liquidity_tiers[%zu]", i);
    snprintf(market->name, sizeof market->name, "%s", name);
    market->tier[0] = (struct plimsoll_tier){.up_to_notional = INFINITY,
                                             .initial_margin_ppm = initial,
                                             .maintenance_margin_ppm =
                                                 initial * fraction / EXPORT_PPM};
    return 1;
}

const struct export_venue export_dydx = {
    .name = "dydx",
    .meaning = "liquidity tiers in ppm of the v4 chain; one rate a market: that of the "
               "last tier",
    .no_place = "cooldown, auction, insurance fund (the chain's own account); fee and "
                "step share where markets differ",
    .put = put,
    .take = take,
};
