/* Venues' margins and amounts in the figures of their own pages, and their programs'
 * own worked cases; liquidation by their pages: test_venue_liquidation.c. */
#include "tests/check.h"
#include "worker/venue.h"

#define CHECK_TEXT(value, want)                                                        \
    do {                                                                               \
        char check_text[DECIMAL_TEXT_MAX];                                             \
        CU_ASSERT_STRING_EQUAL(decimal_text((value), check_text), (want));             \
    } while (0)

static struct decimal of(const char *text)
{
    return decimal_of(text);
}

/* ---- Deribit ----
 * "Linear Perpetual" (support.deribit.com, article 25944738177565), "Standard Margin IM
 * & MM examples": BTC at 100,000 USDC with 2 % + size * 0.005 % initial, 1 % + size *
 * 0.005 % maintenance; SOL at 200 USDC with 4 % and 2 % + size * 0.0005 %. */
static void deribit_asks_what_its_page_says_of_btc(void)
{
    const struct decimal slope = of("0.00005"), price = of("100000");

    CHECK_TEXT(venue_rising(of("0.02"), slope, of("0"), price), "0");
    CHECK_TEXT(venue_rising(of("0.02"), slope, of("25"), price), "53125");
    CHECK_TEXT(venue_rising(of("0.02"), slope, of("350"), price), "1312500");
    CHECK_TEXT(venue_rising(of("0.01"), slope, of("25"), price), "28125");
    CHECK_TEXT(venue_rising(of("0.02"), slope, of("25"), of("1")), "0.53125");
    CHECK_TEXT(venue_rising(of("0.02"), slope, of("350"), of("1")), "13.125");
    CHECK_TEXT(venue_rising(of("0.01"), slope, of("25"), of("1")), "0.28125");
}

static void deribit_asks_what_its_page_says_of_sol(void)
{
    const struct decimal slope = of("0.000005"), price = of("200");

    CHECK_TEXT(venue_rising(of("0.04"), slope, of("25"), price), "200.625");
    CHECK_TEXT(venue_rising(of("0.04"), slope, of("6000"), price), "84000");
    CHECK_TEXT(venue_rising(of("0.02"), slope, of("25"), price), "100.625");
    CHECK_TEXT(venue_rising(of("0.04"), slope, of("25"), of("1")), "1.003125");
    CHECK_TEXT(venue_rising(of("0.04"), slope, of("6000"), of("1")), "420");
}

/* ---- dYdX v4 ----
 * The chain's own worked cases, protocol/x/clob/keeper/liquidations_test.go at commit
 * 031eadfb, TestGetFillablePrice and TestGetLiquidationInsuranceFundDelta: BTC at
 * 50,000, ETH at 3,000, maintenance 10 %; bankruptcy adjustment 1 and a spread of 0.1
 * of the maintenance margin unless said otherwise. */
static struct venue_subaccount tenth_of_a_bitcoin(int side, const char *net)
{
    return (struct venue_subaccount){.side = side,
                                     .quantity = of("0.1"),
                                     .price = of("50000"),
                                     .maintenance = of("500"),
                                     .net = of(net),
                                     .required = of("500")};
}

static void dydx_offers_positions_at_the_prices_of_its_own_cases(void)
{
    static const struct {
        int side;
        const char *net, *adjustment, *spread, *price;
    } at[] = {
        {1, "499", "1", "0.1", "49999"},
        {1, "499", "2", "0.1", "49998"},
        {1, "499", "1", "0.2", "49998"},
        {-1, "499", "1", "0.1", "50001"},
        {-1, "499", "2", "0.1", "50002"},
        {-1, "499", "1", "0.2", "50002"},
        {1, "0", "1", "0.1", "49500"},
        {-1, "0", "1", "0.1", "50500"},
        {1, "-500", "1", "0.1", "49500"},
        {-1, "-500", "1", "0.1", "50500"},
        {1, "499", "4294.967295", "0.1", "49500"},
        {1, "499", "1", "0.000001", "49999.99999"},
        {1, "499", "1", "1", "49990"},
    };

    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        const struct venue_subaccount account =
            tenth_of_a_bitcoin(at[i].side, at[i].net);

        CHECK_TEXT(venue_fillable(&account, of(at[i].adjustment), of(at[i].spread)),
                   at[i].price);
    }
}

/* 0.004 BTC and 0.1 ETH against a debt of 490: the ETH goes at 2,976. */
static void dydx_offers_one_of_two_positions_by_what_all_of_them_lack(void)
{
    const struct venue_subaccount account = {.side = 1,
                                             .quantity = of("0.1"),
                                             .price = of("3000"),
                                             .maintenance = of("30"),
                                             .net = of("10"),
                                             .required = of("50")};

    CHECK_TEXT(venue_fillable(&account, of("1"), of("0.1")), "2976");
}

/* Bankruptcy prices of 51,000 (long, -5,100) and 49,000 (short, 4,900). */
static void dydx_feeds_its_fund_by_the_amounts_of_its_own_cases(void)
{
    static const struct {
        int side;
        const char *bankruptcy, *price, *max_fee, *delta;
    } at[] = {
        {1, "51000", "56100", "0.005", "28.05"},
        {1, "51000", "56100", "0.025", "140.25"},
        {1, "51000", "56100", "1", "510"},
        {-1, "49000", "44100", "0.005", "22.05"},
        {-1, "49000", "44100", "0.025", "110.25"},
        {-1, "49000", "44100", "1", "490"},
        {1, "51000", "51051", "0.005", "5.1"},
        {-1, "49000", "48951", "0.005", "4.9"},
        {1, "51000", "51000", "0.005", "0"},
        {-1, "49000", "49000", "0.005", "0"},
    };

    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        const struct venue_subaccount account = tenth_of_a_bitcoin(at[i].side, "0");

        CHECK_TEXT(venue_fund_delta(&account, of(at[i].bankruptcy), of(at[i].price),
                                    of(at[i].max_fee)),
                   at[i].delta);
    }
}

/* ---- Drift v2 ----
 * The program's own worked cases, programs/drift/src/math/liquidation/tests.rs at
 * commit 01c0b68a, calculate_base_asset_amount_to_cover_margin_shortage: 10 USD short
 * of margin, 10x, oracle at 100 USD; amounts in whole 1e-9 of the base. */
static void drift_takes_as_much_of_a_position_as_its_own_cases_say(void)
{
    static const char *const fee[] = {"0", "0.01", "0.01"};
    static const char *const fund_fee[] = {"0", "0", "0.01"};
    static const char *const amount[] = {"1", "1.111111111", "1.25"};

    for (size_t i = 0; i < 3; i++)
        CHECK_TEXT(decimal_round(venue_partial(of("10"), of("100"), of("0.1"),
                                               of(fee[i]), of(fund_fee[i])),
                                 of("0.000000001"), DECIMAL_DOWN),
                   amount[i]);
}

/* ---- Binance ----
 * "How to Calculate Liquidation Price of COIN-M Futures Contracts" (FAQ
 * ceccfcfb4e3a45e3b48b0b1bb1a8ae46): the BTCUSD Maintenance Amount on Level 5 is 50 BTC
 * * (5% - 2.5%) + 0.56 BTC = 1.81 BTC; a position of 300 BTC has the rate 12.5 % and
 * the amount 11.81 BTC.  The brackets are those of "Leverage and Margin in
 * Coin-Margined Futures Contracts" (FAQ be2c7d9d95b04a7e8044ed02dd7dfe5c) of
 * 2020-06-11: up to 10, 20, 30, 50, 100, 200 and 400 BTC at 125, 100, 50, 20, 10, 5 and
 * 4 times, of which the maintenance rate is half of the initial rate. */
static void binance_coin_margined_amounts_are_those_of_its_pages(void)
{
    static const char *const floors[] = {"0", "10", "20", "30", "50", "100", "200"};
    static const int leverages[] = {125, 100, 50, 20, 10, 5, 4};
    enum { N = sizeof floors / sizeof *floors };
    struct decimal floor[N], rate[N], amount[N];

    for (size_t k = 0; k < N; k++) {
        floor[k] = of(floors[k]);
        rate[k] = decimal_divide(of("0.5"), decimal_whole(leverages[k]));
    }
    venue_amounts(N, floor, rate, amount);
    CHECK_TEXT(amount[3], "0.56");
    CHECK_TEXT(amount[4], "1.81");
    CHECK_TEXT(rate[venue_bracket(N, floor, of("300"))], "0.125");
    CHECK_TEXT(amount[venue_bracket(N, floor, of("300"))], "11.81");
}

/* "How to Calculate Liquidation Price of USD-M Futures Contracts" (FAQ
 * b3c689c1f50a44cabb3a84e663b81d93): BTCUSDT of 264,000 USDT has the rate 1 %, of
 * 500,000 the amount 1,300.  The other brackets of that time and their amounts are
 * those that a reader took out of the venue's own script (gist
 * highfestiva/b71e76f51eed84d56c1b). */
static void binance_stable_margined_amounts_are_those_of_its_page(void)
{
    static const char *const floors[] = {"0",        "50000",    "250000",
                                         "1000000",  "10000000", "20000000",
                                         "50000000", "100000000"};
    static const char *const rates[] = {"0.004", "0.005", "0.01",  "0.025",
                                        "0.05",  "0.1",   "0.125", "0.15"};
    static const char *const amounts[] = {"0",      "50",      "1300",    "16300",
                                          "266300", "1266300", "2516300", "5016300"};
    enum { N = sizeof floors / sizeof *floors };
    struct decimal floor[N], rate[N], amount[N];

    for (size_t k = 0; k < N; k++) {
        floor[k] = of(floors[k]);
        rate[k] = of(rates[k]);
    }
    venue_amounts(N, floor, rate, amount);
    for (size_t k = 0; k < N; k++)
        CHECK_TEXT(amount[k], amounts[k]);
    CHECK_TEXT(rate[venue_bracket(N, floor, of("264000"))], "0.01");
    CHECK_TEXT(amount[venue_bracket(N, floor, of("500000"))], "1300");
}

/* ---- laws ---- */

/* Hyperliquid, "Margin tiers": "the total maintenance margin [is] a continuous function
 * of position size"; DOGE on testnet, 10x to 20k, 5x to 100k, 3x beyond, each at half
 * of the initial rate. */
static void margins_do_not_jump_from_bracket_to_bracket(void)
{
    const struct decimal floor[] = {of("0"), of("20000"), of("100000")};
    const struct decimal rate[] = {of("0.05"), of("0.1"),
                                   decimal_divide(of("1"), of("6"))};
    struct decimal amount[3];

    venue_amounts(3, floor, rate, amount);
    for (size_t k = 1; k < 3; k++) {
        const struct decimal below =
            decimal_subtract(decimal_multiply(floor[k], rate[k - 1]), amount[k - 1]);
        const struct decimal above =
            decimal_subtract(decimal_multiply(floor[k], rate[k]), amount[k]);

        CU_ASSERT_EQUAL(decimal_compare(below, above), 0);
    }
}

/* The definition: what is left is the margin that is asked. */
static void equity_at_the_liquidation_price_is_the_maintenance_margin(void)
{
    static const int sides[] = {1, -1};

    for (size_t i = 0; i < 2; i++) {
        const struct venue_position position = {.side = sides[i],
                                                .quantity = of("3.5"),
                                                .entry = of("20000"),
                                                .wallet = of("4321.09")};
        const struct decimal rate = of("0.01"), amount = of("1300");
        const struct decimal price = venue_liquidation(&position, rate, amount);
        const struct decimal gain =
            decimal_multiply(decimal_whole(sides[i]),
                             decimal_multiply(position.quantity,
                                              decimal_subtract(price, position.entry)));
        const struct decimal asked = decimal_subtract(
            decimal_multiply(decimal_multiply(position.quantity, price), rate), amount);
        const struct decimal miss =
            decimal_subtract(decimal_add(position.wallet, gain), asked);

        CU_ASSERT_TRUE(fabs(decimal_real(miss)) <= 1e-17);
    }
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"deribit_asks_what_its_page_says_of_btc",
         deribit_asks_what_its_page_says_of_btc},
        {"deribit_asks_what_its_page_says_of_sol",
         deribit_asks_what_its_page_says_of_sol},
        {"dydx_offers_positions_at_the_prices_of_its_own_cases",
         dydx_offers_positions_at_the_prices_of_its_own_cases},
        {"dydx_offers_one_of_two_positions_by_what_all_of_them_lack",
         dydx_offers_one_of_two_positions_by_what_all_of_them_lack},
        {"dydx_feeds_its_fund_by_the_amounts_of_its_own_cases",
         dydx_feeds_its_fund_by_the_amounts_of_its_own_cases},
        {"drift_takes_as_much_of_a_position_as_its_own_cases_say",
         drift_takes_as_much_of_a_position_as_its_own_cases_say},
        {"binance_coin_margined_amounts_are_those_of_its_pages",
         binance_coin_margined_amounts_are_those_of_its_pages},
        {"binance_stable_margined_amounts_are_those_of_its_page",
         binance_stable_margined_amounts_are_those_of_its_page},
        {"margins_do_not_jump_from_bracket_to_bracket",
         margins_do_not_jump_from_bracket_to_bracket},
        {"equity_at_the_liquidation_price_is_the_maintenance_margin",
         equity_at_the_liquidation_price_is_the_maintenance_margin},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"venue", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
