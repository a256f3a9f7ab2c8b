#include "client/members.h"
#include "coordinator/export.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* PerpMarket of Drift's protocol v2: margin_ratio_initial and margin_ratio_maintenance
 * in 1e-4, imf_factor in 1e-6.  A position of S base units has the ratio
 *
 *     max(r, 4/5 r + imf_factor 1e-6 sqrt(S))
 *
 * (calculate_size_premium_liability_weight), so that a tier that begins above notional
 * N at price P asks for enough where  imf_factor >= 1e6 (rate - 4/5 r) / sqrt(N / P).
 *
 * The program refuses other ratios than 1/50 to 1, a maintenance that is not below the
 * initial one (validate_margin) and an imf_factor above 1 (admin.rs): what is below is
 * raised, what is above refused here.
 *
 * Liquidation: if_liquidation_fee (into the fund) and liquidator_fee (the discount at
 * which a liquidator takes the position) in 1e-6, the latter below the maintenance
 * ratio, both together below 1; insurance_claim.quote_max_insurance in 1e-6 of the
 * quote, at most what the market's contract tier has; amm.max_open_interest in 1e-9 of
 * the base, which its admin rounds down to the market's order_step_size.
 * initial_pct_to_liquidate, in 1e-4, is the program's state: there where all markets
 * agree. */
enum {
    RATIO_PPM = 100,
    RATIO_ONE = 10000,
    RATIO_MIN = RATIO_ONE / 50,
    IMF_PER_UNIT = 1000000,
    BASE_UNITS = 1000000000,
    NAME_MAX_BYTES = 32
};

/* The ratio of 1e-4 that is not below ppm. */
static int64_t ratio_of(int64_t ppm)
{
    return export_ceiling(ppm, RATIO_PPM);
}

/* ... of the first tier, as high as the program wants them. */
static int ratios_of(const struct export_market *market, int64_t *initial,
                     int64_t *maintenance, struct err *err)
{
    *initial = ratio_of(market->tier[0].initial_margin_ppm);
    *maintenance = ratio_of(market->tier[0].maintenance_margin_ppm);
    if (*maintenance < RATIO_MIN)
        *maintenance = RATIO_MIN;
    if (*initial <= *maintenance)
        *initial = *maintenance + 1;
    if (*initial > RATIO_ONE ||
        market->tier[market->n - 1].initial_margin_ppm > EXPORT_PPM)
        return err_set(err, ERR_INPUT, "%s: asks for more than the position is worth",
                       market->name);
    return 0;
}

/* Of the tiers behind the first; one unit more for the venue's whole numbers, which
 * round the root, and 1e-4 of the ratio, down. */
static double slope_of(const struct export_market *market, int64_t base, bool initial)
{
    const double kept = 0.8 * (double)base / 10000.0;
    double slope = 0.0;

    for (size_t k = 1; k < market->n; k++) {
        const struct plimsoll_tier *tier = &market->tier[k];
        const int64_t ppm =
            initial ? tier->initial_margin_ppm : tier->maintenance_margin_ppm;
        const double rate = (double)(ratio_of(ppm) + 1) / 10000.0;
        const double size = market->tier[k - 1].up_to_notional / market->price;

        slope = fmax(slope, (rate - kept) / sqrt(size));
    }
    return slope;
}

static int imf_of(const struct export_market *market, int64_t initial,
                  int64_t maintenance, int64_t *imf, struct err *err)
{
    *imf = 0;
    if (market->n == 1)
        return 0;
    if (!(market->price > 0.0))
        return err_set(err, ERR_INPUT,
                       "%s: has %zu tiers by notional, Drift counts in base units: "
                       "--price %s=P is needed",
                       market->name, market->n, market->name);
    const double slope =
        fmax(slope_of(market, initial, true), slope_of(market, maintenance, false));
    if (!(slope <= 1.0))
        return err_set(err, ERR_INPUT,
                       "%s: the size premium asks for an imf_factor of %.3g, above 1",
                       market->name, slope);
    *imf = (int64_t)ceil(slope * IMF_PER_UNIT);
    return 0;
}

static int check_fees(const struct export_market *market, int64_t maintenance,
                      struct err *err)
{
    const struct export_settings *settings = &market->settings;

    if (settings->fee_ppm == EXPORT_UNSAID)
        return 0;
    if (settings->discount_ppm >= maintenance * RATIO_PPM)
        return err_set(err, ERR_INPUT,
                       "%s: a liquidators' discount of %lld ppm is not below the "
                       "maintenance ratio of %lld",
                       market->name, (long long)settings->discount_ppm,
                       (long long)(maintenance * RATIO_PPM));
    if (settings->discount_ppm + settings->fee_ppm >= EXPORT_PPM)
        return err_set(err, ERR_INPUT,
                       "%s: liquidation fees of %lld ppm are not below 1", market->name,
                       (long long)(settings->discount_ppm + settings->fee_ppm));
    return 0;
}

static int put_fund(const struct export_market *market, struct json *json,
                    struct err *err)
{
    int64_t quantums;

    if (!isfinite(market->settings.insurance_fund))
        return 0;
    if (export_quantums(market->settings.insurance_fund, ceil, &quantums, err) != 0)
        return err_add(err, "%s: insurance_fund", market->name);
    json_put_object(json, "insurance_claim");
    json_put_integer(json, "quote_max_insurance", quantums);
    json_end(json);
    return 0;
}

/* In base units, so only where the price is known. */
static int put_cap(const struct export_market *market, struct json *json,
                   struct err *err)
{
    const double cap = market->settings.open_interest_cap;
    int64_t units;

    if (!isfinite(cap) || !(market->price > 0.0))
        return 0;
    if (export_quantums(cap / market->price * (BASE_UNITS / EXPORT_PPM), floor, &units,
                        err) != 0)
        return err_add(err, "%s: open_interest_cap", market->name);
    json_put_object(json, "amm");
    json_put_integer(json, "max_open_interest", units);
    json_end(json);
    return 0;
}

static int put_settings(const struct export_market *market, struct json *json,
                        struct err *err)
{
    if (market->settings.fee_ppm == EXPORT_UNSAID)
        return 0;
    json_put_integer(json, "liquidator_fee", market->settings.discount_ppm);
    json_put_integer(json, "if_liquidation_fee", market->settings.fee_ppm);
    return put_fund(market, json, err) != 0 ? -1 : put_cap(market, json, err);
}

static int check_name(const struct export_market *market, struct err *err)
{
    return strlen(market->name) <= NAME_MAX_BYTES
               ? 0
               : err_set(err, ERR_INPUT, "%.60s: is longer than the %d bytes of a name",
                         market->name, NAME_MAX_BYTES);
}

static int put_market(const struct export_market *market, size_t index,
                      struct json *json, struct err *err)
{
    int64_t initial, maintenance, imf;

    if (check_name(market, err) != 0 ||
        ratios_of(market, &initial, &maintenance, err) != 0 ||
        imf_of(market, initial, maintenance, &imf, err) != 0 ||
        check_fees(market, maintenance, err) != 0)
        return -1;
    json_put_object(json, NULL);
    json_put_integer(json, "market_index", (int64_t)index);
    json_put_text(json, "name", market->name);
    json_put_integer(json, "margin_ratio_initial", initial);
    json_put_integer(json, "margin_ratio_maintenance", maintenance);
    json_put_integer(json, "imf_factor", imf);
    if (put_settings(market, json, err) != 0)
        return -1;
    json_end(json);
    return 0;
}

static int put(size_t n, const struct export_market market[], struct json *json,
               struct err *err)
{
    json_put_object(json, NULL);
    json_put_array(json, "perp_markets");
    for (size_t i = 0; i < n; i++)
        if (put_market(&market[i], i, json, err) != 0)
            return -1;
    json_end(json);
    const int64_t share = export_common(n, market, export_step_share);
    if (share != EXPORT_UNSAID) {
        json_put_object(json, "state");
        json_put_integer(json, "initial_pct_to_liquidate", ratio_of(share));
        json_end(json);
    }
    json_end(json);
    return 0;
}

/* The cap stands in base units, whose price the shape does not have. */
static int take_settings(const json_t *document, const json_t *entry,
                         struct export_settings *settings, struct err *err)
{
    const json_t *claim = json_object_get(entry, "insurance_claim");
    const json_t *state = json_object_get(document, "state");
    int64_t fund, share;

    if (export_take_integer(entry, "if_liquidation_fee", EXPORT_PPM, &settings->fee_ppm,
                            err) != 0 ||
        export_take_integer(entry, "liquidator_fee", EXPORT_PPM,
                            &settings->discount_ppm, err) != 0 ||
        export_take_integer(claim, "quote_max_insurance", INT64_MAX, &fund, err) != 0 ||
        export_take_integer(state, "initial_pct_to_liquidate", RATIO_ONE, &share,
                            err) != 0)
        return -1;
    if (fund != EXPORT_UNSAID)
        settings->insurance_fund = (double)fund / EXPORT_PPM;
    if (share != EXPORT_UNSAID)
        settings->step_share_ppm = share * RATIO_PPM;
    return 0;
}

static int take(const json_t *document, size_t i, struct export_market *market,
                struct err *err)
{
    int64_t initial, maintenance, imf;
    const json_t *markets;
    const char *name;

    if (member_array(document, "perp_markets", &markets, err) != 0)
        return -1;
    const json_t *entry = json_array_get(markets, i);
    if (entry == NULL)
        return 0;
    if (member_text(entry, "name", &name, err) != 0 ||
        member_integer(entry, "margin_ratio_initial", 1, RATIO_ONE, &initial, err) !=
            0 ||
        member_integer(entry, "margin_ratio_maintenance", 1, RATIO_ONE, &maintenance,
                       err) != 0 ||
        member_integer(entry, "imf_factor", 0, UINT32_MAX, &imf, err) != 0)
        return err_add(err, "perp_markets[%zu]", i);
    *market = (struct export_market){
        .n = 1, .price = NAN, .size_imf = (double)imf, .settings = export_unsaid()};
    if (take_settings(document, entry, &market->settings, err) != 0)
        return err_add(err, "perp_markets[%zu]", i);
    snprintf(market->name, sizeof market->name, "%s", name);
    market->tier[0] =
        (struct plimsoll_tier){.up_to_notional = INFINITY,
                               .initial_margin_ppm = initial * RATIO_PPM,
                               .maintenance_margin_ppm = maintenance * RATIO_PPM};
    return 1;
}

const struct export_venue export_drift = {
    .name = "drift",
    .meaning =
        "margin ratios (1/50 at the least) and imf_factor of a perp market; sizes "
        "in base units, so several tiers need --price, and the premium rises with "
        "the root",
    .no_place = "cooldown, auction length; the open-interest cap without --price; step "
                "share where markets differ",
    .put = put,
    .take = take,
};
