#include "client/members.h"
#include "coordinator/export.h"
#include "core/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* meta.marginTables: an array of [id, {description, marginTiers: [{lowerBound,
 * maxLeverage}]}].  Ids below 50 are flat tables at that leverage and stand in no list,
 * 50 is the flat one of 50.  Maintenance is half of the initial margin at the most
 * leverage of the tier ("Margin tiers"), so a leverage has to ask for enough of both.
 */
enum { FIRST_ID = 51, LEVERAGE_MAX = 50 };

static int leverage_of(const struct plimsoll_tier *tier, int64_t *leverage,
                       struct err *err)
{
    const int64_t twice = 2 * tier->maintenance_margin_ppm;
    const int64_t ppm =
        twice > tier->initial_margin_ppm ? twice : tier->initial_margin_ppm;

    if (export_leverage(ppm, leverage, err) != 0)
        return -1;
    if (*leverage > LEVERAGE_MAX)
        *leverage = LEVERAGE_MAX;
    return 0;
}

static void put_tier(double bound, int64_t leverage, struct json *json)
{
    char text[TEXT_REAL_MAX], decimal[TEXT_REAL_MAX + 2];

    text_from_real(bound, text);
    snprintf(decimal, sizeof decimal, "%s%s", text,
             strpbrk(text, ".e") == NULL ? ".0" : "");
    json_put_object(json, NULL);
    json_put_text(json, "lowerBound", decimal);
    json_put_integer(json, "maxLeverage", leverage);
    json_end(json);
}

/* Neighbours of the same leverage are one tier. */
static int put_tiers(const struct export_market *market, struct json *json,
                     struct err *err)
{
    int64_t before = 0, leverage;

    for (size_t k = 0; k < market->n; k++) {
        if (leverage_of(&market->tier[k], &leverage, err) != 0)
            return err_add(err, "%s: tiers[%zu]", market->name, k);
        if (leverage != before)
            put_tier(k == 0 ? 0.0 : market->tier[k - 1].up_to_notional, leverage, json);
        before = leverage;
    }
    return 0;
}

static int put(size_t n, const struct export_market market[], struct json *json,
               struct err *err)
{
    json_put_object(json, NULL);
    json_put_array(json, "marginTables");
    for (size_t i = 0; i < n; i++) {
        json_put_array(json, NULL);
        json_put_integer(json, NULL, FIRST_ID + (int64_t)i);
        json_put_object(json, NULL);
        json_put_text(json, "description", market[i].name);
        json_put_array(json, "marginTiers");
        if (put_tiers(&market[i], json, err) != 0)
            return -1;
        json_end(json);
        json_end(json);
        json_end(json);
    }
    json_end(json);
    json_end(json);
    return 0;
}

static int take_tier(const json_t *entry, double *bound, struct plimsoll_tier *tier,
                     struct err *err)
{
    const char *text;
    int64_t leverage;

    if (member_text(entry, "lowerBound", &text, err) != 0 ||
        member_integer(entry, "maxLeverage", 1, EXPORT_PPM, &leverage, err) != 0)
        return -1;
    if (text_to_real(text, strlen(text), bound, err) != 0)
        return err_add(err, "lowerBound");
    tier->up_to_notional = INFINITY;
    tier->initial_margin_ppm = export_ceiling(EXPORT_PPM, leverage);
    tier->maintenance_margin_ppm = export_ceiling(EXPORT_PPM, 2 * leverage);
    return 0;
}

static int take_tiers(const json_t *tiers, struct export_market *market,
                      struct err *err)
{
    double bound;

    if (json_array_size(tiers) < 1 || json_array_size(tiers) > EXPORT_TIERS_MAX)
        return err_set(err, ERR_INPUT, "marginTiers: %zu are not 1 to %d",
                       json_array_size(tiers), EXPORT_TIERS_MAX);
    for (market->n = 0; market->n < json_array_size(tiers); market->n++) {
        const size_t k = market->n;
        const double before = k < 2 ? 0.0 : market->tier[k - 2].up_to_notional;

        if (take_tier(json_array_get(tiers, k), &bound, &market->tier[k], err) != 0)
            return err_add(err, "marginTiers[%zu]", k);
        if (k == 0 ? bound != 0.0 : !(bound > before))
            return err_set(err, ERR_INPUT,
                           "marginTiers[%zu]: lowerBound: %g does not rise from 0", k,
                           bound);
        if (k > 0)
            market->tier[k - 1].up_to_notional = bound;
    }
    return 0;
}

static int take(const json_t *document, size_t i, struct export_market *market,
                struct err *err)
{
    const json_t *tables, *tiers;
    const char *name;

    if (member_array(document, "marginTables", &tables, err) != 0)
        return -1;
    const json_t *pair = json_array_get(tables, i);
    if (pair == NULL)
        return 0;
    const json_t *table = json_array_get(pair, 1);
    *market = (struct export_market){.price = NAN, .settings = export_unsaid()};
    if (!json_is_object(table))
        return err_set(err, ERR_INPUT, "marginTables[%zu]: is no [id, table]", i);
    if (member_text(table, "description", &name, err) != 0 ||
        member_array(table, "marginTiers", &tiers, err) != 0 ||
        take_tiers(tiers, market, err) != 0)
        return err_add(err, "marginTables[%zu]", i);
    snprintf(market->name, sizeof market->name, "%s", name);
    return 1;
}

const struct export_venue export_hyperliquid = {
    .name = "hyperliquid",
    .meaning = "margin tables; whole leverages up to 50, maintenance half of the "
               "initial margin: whichever of the set's two asks for more decides",
    .no_place = "step share, cooldown, fee, auction, open-interest cap, insurance fund",
    .put = put,
    .take = take,
};
