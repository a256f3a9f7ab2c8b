#include "client/members.h"
#include "coordinator/export.h"
#include "worker/venue.h"

#include <math.h>
#include <stdio.h>

/* GET /fapi/v1/leverageBracket: an array of {symbol, notionalCoef, brackets: [{bracket,
 * initialLeverage, notionalCap, notionalFloor, maintMarginRatio, cum}]}.  The last cap
 * of a market without an end is 2^63 - 1 there. */
static const int64_t NO_CAP = INT64_MAX;

static double floor_of(const struct export_market *market, size_t k)
{
    return k == 0 ? 0.0 : market->tier[k - 1].up_to_notional;
}

static struct decimal rate_of(int64_t ppm)
{
    return decimal_divide(decimal_whole((long long)ppm), decimal_whole(EXPORT_PPM));
}

static int amounts_of(const struct export_market *market,
                      struct decimal amount[EXPORT_TIERS_MAX], struct err *err)
{
    struct decimal floor[EXPORT_TIERS_MAX], rate[EXPORT_TIERS_MAX];

    for (size_t k = 0; k < market->n; k++) {
        floor[k] = decimal_of_real(floor_of(market, k));
        rate[k] = rate_of(market->tier[k].maintenance_margin_ppm);
    }
    venue_amounts(market->n, floor, rate, amount);
    if (decimal_is_lost(amount[market->n - 1]))
        return err_set(err, ERR_INPUT, "%s: notionals are too large for exact amounts",
                       market->name);
    return 0;
}

static int put_bracket(const struct export_market *market, size_t k,
                       struct decimal amount, struct json *json, struct err *err)
{
    const struct plimsoll_tier *tier = &market->tier[k];
    char text[DECIMAL_TEXT_MAX];
    int64_t leverage;

    if (export_leverage(tier->initial_margin_ppm, &leverage, err) != 0)
        return err_add(err, "%s: tiers[%zu]", market->name, k);
    json_put_object(json, NULL);
    json_put_integer(json, "bracket", (int64_t)k + 1);
    json_put_integer(json, "initialLeverage", leverage);
    if (isinf(tier->up_to_notional))
        json_put_integer(json, "notionalCap", NO_CAP);
    else
        json_put_real(json, "notionalCap", tier->up_to_notional);
    json_put_real(json, "notionalFloor", floor_of(market, k));
    json_put_real(json, "maintMarginRatio",
                  (double)tier->maintenance_margin_ppm / EXPORT_PPM);
    json_put_raw(json, "cum", decimal_text(amount, text));
    json_end(json);
    return 0;
}

static int put(size_t n, const struct export_market market[], struct json *json,
               struct err *err)
{
    struct decimal amount[EXPORT_TIERS_MAX];

    json_put_array(json, NULL);
    for (size_t i = 0; i < n; i++) {
        if (amounts_of(&market[i], amount, err) != 0)
            return -1;
        json_put_object(json, NULL);
        json_put_text(json, "symbol", market[i].name);
        json_put_real(json, "notionalCoef", 1.0);
        json_put_array(json, "brackets");
        for (size_t k = 0; k < market[i].n; k++)
            if (put_bracket(&market[i], k, amount[k], json, err) != 0)
                return -1;
        json_end(json);
        json_end(json);
    }
    json_end(json);
    return 0;
}

/* The venue's rates, and do its amounts add up?  To the nearest 1e-6, since amounts
 * are published rounded. */
static int take_bracket(const json_t *bracket, struct plimsoll_tier *tier,
                        double *amount, struct err *err)
{
    int64_t leverage;
    double rate;

    if (member_integer(bracket, "initialLeverage", 1, EXPORT_PPM, &leverage, err) !=
            0 ||
        member_real(bracket, "notionalCap", &tier->up_to_notional, err) != 0 ||
        member_real(bracket, "maintMarginRatio", &rate, err) != 0 ||
        member_real(bracket, "cum", amount, err) != 0)
        return -1;
    if (!(rate > 0.0 && rate <= 1.0))
        return err_set(err, ERR_INPUT, "maintMarginRatio: %g is not in (0, 1]", rate);
    tier->initial_margin_ppm = export_ceiling(EXPORT_PPM, leverage);
    tier->maintenance_margin_ppm = llround(rate * EXPORT_PPM);
    return 0;
}

static int check_amounts(const struct export_market *market, const double published[],
                         struct err *err)
{
    struct decimal amount[EXPORT_TIERS_MAX];

    if (amounts_of(market, amount, err) != 0)
        return -1;
    for (size_t k = 0; k < market->n; k++)
        if (!(fabs(decimal_real(amount[k]) - published[k]) <=
              1e-6 * fmax(1.0, published[k])))
            return err_set(err, ERR_INPUT,
                           "%s: brackets[%zu]: cum: %.17g does not continue the "
                           "bracket before, which %.17g does",
                           market->name, k, published[k], decimal_real(amount[k]));
    return 0;
}

static int take(const json_t *document, size_t i, struct export_market *market,
                struct err *err)
{
    const json_t *entry = json_array_get(document, i), *brackets;
    double amount[EXPORT_TIERS_MAX];
    const char *name;

    if (entry == NULL)
        return 0;
    if (member_text(entry, "symbol", &name, err) != 0 ||
        member_array(entry, "brackets", &brackets, err) != 0)
        return -1;
    *market = (struct export_market){
        .n = json_array_size(brackets), .price = NAN, .settings = export_unsaid()};
    snprintf(market->name, sizeof market->name, "%s", name);
    if (market->n < 1 || market->n > EXPORT_TIERS_MAX)
        return err_set(err, ERR_INPUT, "%s: %zu brackets are not 1 to %d", name,
                       market->n, EXPORT_TIERS_MAX);
    for (size_t k = 0; k < market->n; k++)
        if (take_bracket(json_array_get(brackets, k), &market->tier[k], &amount[k],
                         err) != 0)
            return err_add(err, "%s: brackets[%zu]", name, k);
    if (market->tier[market->n - 1].up_to_notional >= (double)NO_CAP)
        market->tier[market->n - 1].up_to_notional = INFINITY;
    return check_amounts(market, amount, err) != 0 ? -1 : 1;
}

const struct export_venue export_binance = {
    .name = "binance",
    .meaning = "leverage brackets with `cum`, as GET /fapi/v1/leverageBracket answers; "
               "leverages are whole, so initial margin may be a little more",
    .no_place = "step share, cooldown, fee, auction, open-interest cap, insurance fund",
    .put = put,
    .take = take,
};
