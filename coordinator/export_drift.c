#include "client/members.h"
#include "coordinator/export.h"

#include <math.h>
#include <stdio.h>

/* PerpMarket of Drift's protocol v2: margin_ratio_initial and margin_ratio_maintenance
 * in 1e-4, imf_factor in 1e-6.  A position of S base units has the ratio
 *
 *     max(r, 4/5 r + imf_factor 1e-6 sqrt(S))
 *
 * (calculate_size_premium_liability_weight), so that a tier that begins above notional
 * N at price P asks for enough where  imf_factor >= 1e6 (rate - 4/5 r) / sqrt(N / P).
 */
enum { RATIO_PPM = 100, IMF_PER_UNIT = 1000000 };

/* The ratio of 1e-4 that is not below ppm. */
static int64_t ratio_of(int64_t ppm)
{
    return export_ceiling(ppm, RATIO_PPM);
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
    if (!(slope * IMF_PER_UNIT < UINT32_MAX))
        return err_set(err, ERR_INPUT, "%s: the size premium does not fit imf_factor",
                       market->name);
    *imf = (int64_t)ceil(slope * IMF_PER_UNIT);
    return 0;
}

static int put_market(const struct export_market *market, size_t index,
                      struct json *json, struct err *err)
{
    const int64_t initial = ratio_of(market->tier[0].initial_margin_ppm);
    const int64_t maintenance = ratio_of(market->tier[0].maintenance_margin_ppm);
    int64_t imf;

    if (market->tier[market->n - 1].initial_margin_ppm > EXPORT_PPM)
        return err_set(err, ERR_INPUT, "%s: asks for more than the position is worth",
                       market->name);
    if (imf_of(market, initial, maintenance, &imf, err) != 0)
        return -1;
    json_put_object(json, NULL);
    json_put_integer(json, "market_index", (int64_t)index);
    json_put_text(json, "name", market->name);
    json_put_integer(json, "margin_ratio_initial", initial);
    json_put_integer(json, "margin_ratio_maintenance", maintenance);
    json_put_integer(json, "imf_factor", imf);
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
    json_end(json);
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
        member_integer(entry, "margin_ratio_initial", 1, 10000, &initial, err) != 0 ||
        member_integer(entry, "margin_ratio_maintenance", 1, 10000, &maintenance,
                       err) != 0 ||
        member_integer(entry, "imf_factor", 0, UINT32_MAX, &imf, err) != 0)
        return err_add(err, "perp_markets[%zu]", i);
    *market = (struct export_market){.n = 1, .price = NAN, .size_imf = (double)imf};
    snprintf(market->name, sizeof market->name, "%s", name);
    market->tier[0] =
        (struct plimsoll_tier){.up_to_notional = INFINITY,
                               .initial_margin_ppm = initial * RATIO_PPM,
                               .maintenance_margin_ppm = maintenance * RATIO_PPM};
    return 1;
}

const struct export_venue export_drift = {
    .name = "drift",
    .meaning = "margin ratios and imf_factor of a perp market; sizes in base units, so "
               "several tiers need --price, and the premium rises with the root",
    .put = put,
    .take = take,
};
