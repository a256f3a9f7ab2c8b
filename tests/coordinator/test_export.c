/* What is written in a venue's shape reads back as no less than the set asks. */
#include "coordinator/export.h"
#include "core/json.h"
#include "tests/check.h"

#include <stdlib.h>

enum { MARKETS = 747, SIZES = 13 };

static uint64_t state = 20260213; /* of the markets' xorshift; any seed will do */

static uint64_t draw(uint64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % n;
}

/* Tiers as a set has them: caps rise, margins never fall, maintenance below initial. */
static struct export_market draw_market(void)
{
    struct export_market market = {.n = 1 + draw(6)};
    int64_t initial = 2 + (int64_t)draw(300000);
    int64_t maintenance = 1 + (int64_t)draw((uint64_t)initial - 1);
    double cap = 1000.0 * (double)(1 + draw(1000));

    snprintf(market.name, sizeof market.name, "M%llu", (unsigned long long)draw(9999));
    market.price = 0.01 * (double)(1 + draw(10000000));
    market.settings = export_unsaid();
    for (size_t k = 0; k < market.n; k++) {
        const bool is_last = k + 1 == market.n;

        market.tier[k] =
            (struct plimsoll_tier){is_last ? INFINITY : cap, initial, maintenance};
        cap *= 1.0 + 0.5 * (double)(1 + draw(8));
        const int64_t step = (int64_t)draw(100000);
        initial += step;
        maintenance += (int64_t)draw((uint64_t)step + 1);
    }
    return market;
}

static const struct plimsoll_tier *tier_at(const struct export_market *market,
                                           double notional)
{
    size_t k = 0;

    while (k + 1 < market->n && notional > market->tier[k].up_to_notional)
        k++;
    return &market->tier[k];
}

static char *write_one(const struct export_venue *venue,
                       const struct export_market *market, struct err *err)
{
    struct json json;
    size_t n_bytes;
    char *bytes;

    json_start(&json, 2);
    if (venue->put(1, market, &json, err) != 0) {
        json_abandon(&json);
        return NULL;
    }
    return json_finish(&json, &bytes, &n_bytes, err) == 0 ? bytes : NULL;
}

static struct export_market round_trip(const struct export_venue *venue,
                                       const struct export_market *market)
{
    struct export_market back = {0}, none;
    struct err err = {0};
    char *bytes = write_one(venue, market, &err);

    if (bytes == NULL)
        fprintf(stderr, "%s\n", err.text);
    CU_ASSERT_FATAL(bytes != NULL);
    json_t *document = json_loads(bytes, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_FATAL(document != NULL);
    const int taken = venue->take(document, 0, &back, &err);
    if (taken != 1)
        fprintf(stderr, "%s: %s\n%s", venue->name, err.text, bytes);
    CU_ASSERT_EQUAL_FATAL(taken, 1);
    CU_ASSERT_EQUAL(venue->take(document, 1, &none, &err), 0);
    CU_ASSERT_STRING_EQUAL(back.name, market->name);
    json_decref(document);
    free(bytes);
    return back;
}

/* Just below, at and above each cap, and far beyond. */
static double size_of(const struct export_market *market, size_t i)
{
    const double cap = market->tier[(i / 3) % market->n].up_to_notional;
    static const double factor[] = {0.999, 1.0, 1.001};

    return isfinite(cap) ? cap * factor[i % 3] : 1e9 * (double)(1 + i);
}

static void binance_has_the_sets_brackets_and_no_leverage_too_many(void)
{
    for (int i = 0; i < MARKETS; i++) {
        const struct export_market market = draw_market();
        const struct export_market back = round_trip(&export_binance, &market);

        CU_ASSERT_EQUAL_FATAL(back.n, market.n);
        for (size_t k = 0; k < market.n; k++) {
            const int64_t asked = market.tier[k].initial_margin_ppm;
            const int64_t leverage = EXPORT_PPM / asked;

            CU_ASSERT_EQUAL(back.tier[k].maintenance_margin_ppm,
                            market.tier[k].maintenance_margin_ppm);
            CU_ASSERT_EQUAL(back.tier[k].up_to_notional, market.tier[k].up_to_notional);
            CU_ASSERT(back.tier[k].initial_margin_ppm >= asked);
            CU_ASSERT(asked * (leverage + 1) > EXPORT_PPM); /* one more is too many */
        }
    }
}

static void dydx_has_the_rates_of_the_last_tier(void)
{
    for (int i = 0; i < MARKETS; i++) {
        const struct export_market market = draw_market();
        const struct export_market back = round_trip(&export_dydx, &market);
        const struct plimsoll_tier *last = &market.tier[market.n - 1];

        CU_ASSERT_EQUAL(back.tier[0].initial_margin_ppm, last->initial_margin_ppm);
        CU_ASSERT_EQUAL(back.tier[0].maintenance_margin_ppm,
                        last->maintenance_margin_ppm);
    }
}

/* LiquidationsConfig.Validate refuses 0, an upper cap of 0 is none. */
static void dydx_takes_no_fee_and_no_cap_of_nothing(void)
{
    struct export_market market = draw_market();
    struct err err = {0};

    market.settings.fee_ppm = 0;
    market.settings.step_share_ppm = 250000;
    market.settings.open_interest_cap = 1e-9;
    char *bytes = write_one(&export_dydx, &market, &err);
    CHECK_CONTAINS(bytes, "\"max_liquidation_fee_ppm\": 1,");
    CHECK_CONTAINS(bytes, "\"open_interest_upper_cap\": \"1\"");
    free(bytes);
}

static void hyperliquid_never_asks_for_less_than_the_sets_rate(void)
{
    for (int i = 0; i < MARKETS; i++) {
        const struct export_market market = draw_market();
        const struct export_market back = round_trip(&export_hyperliquid, &market);

        for (size_t s = 0; s < SIZES; s++) {
            const double notional = size_of(&market, s);
            const struct plimsoll_tier *asked = tier_at(&market, notional);
            const struct plimsoll_tier *got = tier_at(&back, notional);

            CU_ASSERT(got->initial_margin_ppm >= asked->initial_margin_ppm);
            CU_ASSERT(got->maintenance_margin_ppm >= asked->maintenance_margin_ppm);
        }
    }
}

/* The venue's own whole numbers (Drift protocol v2, margin.rs,
 * calculate_size_premium_liability_weight): ratio of a size of 1e-9 base units. */
static int64_t drift_ratio(int64_t ratio, int64_t imf, double base_units)
{
    const uint64_t size = (uint64_t)(base_units * 1e9);
    const __int128 tenfold = (__int128)size * 10 + 1;
    __int128 root = (__int128)sqrtl((long double)tenfold);

    while (root * root > tenfold)
        root--;
    while ((root + 1) * (root + 1) <= tenfold)
        root++;
    const int64_t premium =
        ratio - ratio / 5 + (int64_t)(root * imf / (100000 * (1000000 / 10000)));
    return imf == 0 || premium < ratio ? ratio : premium;
}

/* Does the premium of its tiers fit?  Where a thousandth of a unit is a large position
 * it does not. */
static bool fits_drift(const struct export_market *market)
{
    struct err err = {0};
    char *bytes = write_one(&export_drift, market, &err);

    if (bytes == NULL)
        CHECK_CONTAINS(err.text, "above 1");
    free(bytes);
    return bytes != NULL;
}

/* What the program takes (validation/margin.rs, instructions/admin.rs): ratios of 200
 * to 10000, the initial one above the other, imf_factor up to 10^6. */
static void drift_takes_it(const struct export_market *back)
{
    const struct plimsoll_tier *tier = &back->tier[0];

    CU_ASSERT(tier->maintenance_margin_ppm >= 20000);
    CU_ASSERT(tier->initial_margin_ppm > tier->maintenance_margin_ppm);
    CU_ASSERT(tier->initial_margin_ppm <= 1000000);
    CU_ASSERT(back->size_imf <= 1e6);
}

static void drift_asks_for_enough_of_every_size_by_its_own_whole_numbers(void)
{
    size_t n_seen = 0;

    for (int i = 0; i < MARKETS; i++) {
        const struct export_market market = draw_market();

        if (!fits_drift(&market))
            continue;
        const struct export_market back = round_trip(&export_drift, &market);
        const int64_t imf = (int64_t)back.size_imf;

        drift_takes_it(&back);

        for (size_t s = 0; s < SIZES; s++) {
            const double notional = size_of(&market, s) * (1.0 + 1e-9);
            const struct plimsoll_tier *asked = tier_at(&market, notional);
            const double size = notional / market.price;

            if (size > 1e9)
                continue; /* the venue's sizes end there */
            n_seen++;
            CU_ASSERT(
                100 * drift_ratio(back.tier[0].initial_margin_ppm / 100, imf, size) >=
                asked->initial_margin_ppm);
            CU_ASSERT(100 * drift_ratio(back.tier[0].maintenance_margin_ppm / 100, imf,
                                        size) >=
                      asked->maintenance_margin_ppm);
        }
    }
    CU_ASSERT(n_seen > MARKETS);
}

/* ---- how it liquidates ---- */

static struct export_market draw_liquidated(void)
{
    struct export_market market = draw_market();
    struct export_settings *settings = &market.settings;
    const int64_t maintenance = market.tier[0].maintenance_margin_ppm;

    settings->step_share_ppm = 1 + (int64_t)draw(EXPORT_PPM);
    settings->fee_ppm = (int64_t)draw((uint64_t)(maintenance + 1) / 2 + 1);
    settings->discount_ppm = (int64_t)draw((uint64_t)maintenance / 2 + 1);
    settings->open_interest_cap =
        draw(3) == 0 ? INFINITY : 0.25 * (double)(1 + draw(1ULL << 34));
    settings->insurance_fund = 0.25 * (double)draw(1ULL << 30);
    return market;
}

static void dydx_keeps_cap_fee_and_step_share(void)
{
    for (int i = 0; i < MARKETS; i++) {
        const struct export_market market = draw_liquidated();
        const struct export_settings back = round_trip(&export_dydx, &market).settings;

        CU_ASSERT_EQUAL(back.open_interest_cap, market.settings.open_interest_cap);
        CU_ASSERT_EQUAL(back.fee_ppm, market.settings.fee_ppm);
        CU_ASSERT_EQUAL(back.step_share_ppm, market.settings.step_share_ppm);
        CU_ASSERT_TRUE(isnan(back.insurance_fund));
    }
}

/* The share in 1e-4, rounded up. */
static void drift_keeps_fees_fund_and_step_share(void)
{
    for (int i = 0; i < MARKETS; i++) {
        const struct export_market market = draw_liquidated();

        if (!fits_drift(&market))
            continue;
        const struct export_settings back = round_trip(&export_drift, &market).settings;
        const int64_t over = back.step_share_ppm - market.settings.step_share_ppm;

        CU_ASSERT_EQUAL(back.fee_ppm, market.settings.fee_ppm);
        CU_ASSERT_EQUAL(back.discount_ppm, market.settings.discount_ppm);
        CU_ASSERT_EQUAL(back.insurance_fund, market.settings.insurance_fund);
        CU_ASSERT_TRUE(over >= 0 && over < 100);
    }
}

/* 50 of the quote at a price of 20: 2.5 of the base. */
static void drift_caps_open_interest_in_base_units(void)
{
    struct export_market market = draw_liquidated();
    struct err err = {0};

    market.n = 1;
    market.price = 20.0;
    market.settings.open_interest_cap = 50.0;
    char *bytes = write_one(&export_drift, &market, &err);
    CHECK_CONTAINS(bytes, "\"max_open_interest\": 2500000000");
    free(bytes);
}

static void venues_without_a_place_say_so_and_write_the_same(void)
{
    static const struct export_venue *const bare[] = {&export_binance,
                                                      &export_hyperliquid};
    const struct export_venue *venue;
    struct export_market market = draw_liquidated();
    struct err err = {0};

    for (size_t i = 0; i < 2; i++) {
        char *with = write_one(bare[i], &market, &err);
        struct export_market less = market;

        less.settings = export_unsaid();
        char *without = write_one(bare[i], &less, &err);
        CU_ASSERT_STRING_EQUAL(with, without);
        free(with);
        free(without);
    }
    for (size_t i = 0; (venue = export_venue_row(i)) != NULL; i++)
        CHECK_CONTAINS(venue->no_place, "cooldown");
}

/* What a chain has once is written where all markets agree. */
static void markets_that_differ_leave_the_common_setting_out(void)
{
    struct export_market two[2] = {draw_liquidated(), draw_liquidated()};
    struct err err = {0};
    struct json json;
    size_t n_bytes;
    char *bytes;

    two[1].settings.fee_ppm = two[0].settings.fee_ppm;
    two[0].settings.step_share_ppm = 250000;
    two[1].settings.step_share_ppm = 500000;
    json_start(&json, 2);
    CU_ASSERT_EQUAL_FATAL(export_dydx.put(2, two, &json, &err), 0);
    CU_ASSERT_EQUAL_FATAL(json_finish(&json, &bytes, &n_bytes, &err), 0);
    CHECK_CONTAINS(bytes, "max_liquidation_fee_ppm");
    CU_ASSERT_PTR_NULL(strstr(bytes, "max_position_portion_liquidated_ppm"));
    free(bytes);
}

/* Brackets as the venue itself published them (tests/worker/test_venue.c). */
static const char published[] =
    "[{\"symbol\": \"BTCUSDT\", \"brackets\": ["
    "{\"bracket\": 1, \"initialLeverage\": 125, \"notionalCap\": 50000,"
    " \"notionalFloor\": 0, \"maintMarginRatio\": 0.004, \"cum\": 0.0},"
    "{\"bracket\": 2, \"initialLeverage\": 100, \"notionalCap\": 250000,"
    " \"notionalFloor\": 50000, \"maintMarginRatio\": 0.005, \"cum\": 50.0},"
    "{\"bracket\": 3, \"initialLeverage\": 50, \"notionalCap\": 1000000,"
    " \"notionalFloor\": 250000, \"maintMarginRatio\": 0.01, \"cum\": 1300.0}]}]";

static void binances_own_brackets_are_read_and_written_as_they_stand(void)
{
    json_t *document = json_loads(published, 0, NULL);
    struct export_market market;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(export_binance.take(document, 0, &market, &err), 1);
    json_decref(document);
    CU_ASSERT_EQUAL(market.n, 3);
    CU_ASSERT_EQUAL(market.tier[0].initial_margin_ppm, 8000);
    CU_ASSERT_EQUAL(market.tier[2].maintenance_margin_ppm, 10000);
    char *bytes = write_one(&export_binance, &market, &err);
    CHECK_CONTAINS(bytes, "\"initialLeverage\": 125");
    CHECK_CONTAINS(bytes, "\"maintMarginRatio\": 0.005");
    CHECK_CONTAINS(bytes, "\"cum\": 1300");
    free(bytes);
}

static void an_amount_that_does_not_add_up_is_refused(void)
{
    char *text = strdup(published);
    struct export_market market;
    struct err err = {0};

    memcpy(strstr(text, "1300.0"), "1301.0", 6);
    json_t *document = json_loads(text, 0, NULL);
    CU_ASSERT_EQUAL(export_binance.take(document, 0, &market, &err), -1);
    CHECK_CONTAINS(err.text, "BTCUSDT: brackets[2]: cum: 1301 does not continue the "
                             "bracket before, which 1300 does");
    json_decref(document);
    free(text);
}

static void refuses(const struct export_venue *venue,
                    const struct export_market *market, const char *why)
{
    struct err err = {0};

    CU_ASSERT_PTR_NULL(write_one(venue, market, &err));
    CU_ASSERT_EQUAL(err.kind, ERR_INPUT);
    CHECK_CONTAINS(err.text, why);
}

static void what_a_shape_cannot_say_is_refused(void)
{
    struct export_market market = {
        .name = "A", .n = 2, .price = NAN, .settings = export_unsaid()};
    const struct export_venue *venue;

    market.tier[0] = (struct plimsoll_tier){1000.0, 50000, 25000};
    market.tier[1] = (struct plimsoll_tier){INFINITY, 80000, 40000};
    refuses(&export_drift, &market, "A: has 2 tiers by notional");
    market.tier[1].initial_margin_ppm = 1000001;
    refuses(&export_binance, &market, "A: tiers[1]: initial_margin_ppm: 1000001");
    refuses(&export_hyperliquid, &market, "A: tiers[1]: initial_margin_ppm: 1000001");
    refuses(&export_dydx, &market, "A: initial_margin_ppm: 1000001");
    refuses(&export_drift, &market, "A: asks for more than the position is worth");
    market.tier[1].initial_margin_ppm = 80000;
    market.price = 1e5;
    market.tier[0].up_to_notional = 10.0;
    refuses(&export_drift, &market,
            "A: the size premium asks for an imf_factor of 4.01, above 1");
    market.n = 1;
    market.settings.fee_ppm = 990000;
    market.settings.discount_ppm = 25000;
    refuses(
        &export_drift, &market,
        "A: a liquidators' discount of 25000 ppm is not below the maintenance ratio "
        "of 25000");
    market.settings.discount_ppm = 10000;
    refuses(&export_drift, &market,
            "A: liquidation fees of 1000000 ppm are not below 1");
    memset(market.name, 'A', 33);
    refuses(&export_drift, &market, "AAAA: is longer than the 32 bytes of a name");
    market.settings = export_unsaid();
    market.settings.open_interest_cap = 1e15;
    refuses(&export_dydx, &market, "A: open_interest_cap: 1e+15 does not fit");
    for (size_t i = 0; (venue = export_venue_row(i)) != NULL; i++)
        CU_ASSERT_PTR_EQUAL(export_venue_find(venue->name), venue);
    CU_ASSERT_PTR_NULL(export_venue_find("nowhere"));
}

int main(void)
{
    CU_TestInfo exports[] = {
        {"binance_has_the_sets_brackets_and_no_leverage_too_many",
         binance_has_the_sets_brackets_and_no_leverage_too_many},
        {"dydx_has_the_rates_of_the_last_tier", dydx_has_the_rates_of_the_last_tier},
        {"dydx_takes_no_fee_and_no_cap_of_nothing",
         dydx_takes_no_fee_and_no_cap_of_nothing},
        {"hyperliquid_never_asks_for_less_than_the_sets_rate",
         hyperliquid_never_asks_for_less_than_the_sets_rate},
        {"dydx_keeps_cap_fee_and_step_share", dydx_keeps_cap_fee_and_step_share},
        {"drift_keeps_fees_fund_and_step_share", drift_keeps_fees_fund_and_step_share},
        {"drift_caps_open_interest_in_base_units",
         drift_caps_open_interest_in_base_units},
        {"venues_without_a_place_say_so_and_write_the_same",
         venues_without_a_place_say_so_and_write_the_same},
        {"markets_that_differ_leave_the_common_setting_out",
         markets_that_differ_leave_the_common_setting_out},
        {"drift_asks_for_enough_of_every_size_by_its_own_whole_numbers",
         drift_asks_for_enough_of_every_size_by_its_own_whole_numbers},
        {"binances_own_brackets_are_read_and_written_as_they_stand",
         binances_own_brackets_are_read_and_written_as_they_stand},
        {"an_amount_that_does_not_add_up_is_refused",
         an_amount_that_does_not_add_up_is_refused},
        {"what_a_shape_cannot_say_is_refused", what_a_shape_cannot_say_is_refused},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"export", NULL, NULL, NULL, NULL, exports},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
