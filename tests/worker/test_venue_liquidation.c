/* Venues' liquidation rules: the worked examples of their own documentation, in its
 * figures. */
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

static struct decimal to_cent(struct decimal a)
{
    return decimal_round(a, of("0.01"), DECIMAL_NEAREST);
}

static struct decimal share(const char *a, const char *b)
{
    return decimal_divide(of(a), of(b));
}

/* ---- Bybit ----
 * "How to calculate Liquidation Price (Inverse Contract)" (help.bybit.com, article
 * 360039261334): Trader B, 0.5 BTC, long 10,000 contracts at 8,000 USD, cross margin,
 * maintenance 0.5 %, taker fee 0.075 %: bankruptcy price 5718.57, liquidation price
 * 5739.50, of which the tick is 0.5 and which for longs is rounded up ("What is
 * Bankruptcy Price?", article 360011431853). */
static void bybit_liquidates_trader_b_where_its_page_says(void)
{
    const struct venue_inverse trader_b = {.quantity = of("10000"),
                                           .entry = of("8000"),
                                           .balance = of("0.5"),
                                           .rate = of("0.005"),
                                           .fee = of("0.00075")};
    const struct decimal price = venue_inverse_liquidation(&trader_b);

    CHECK_TEXT(to_cent(venue_inverse_bankruptcy(&trader_b)), "5718.57");
    CHECK_TEXT(decimal_round(price, of("0.5"), DECIMAL_UP), "5739.5");
    CHECK_TEXT(to_cent(price), "5739.08");
}

/* "Bankruptcy Price (USDT Contract)": 1 BTC long at 10,000 USDT, 50x: 9,800. */
static void bybit_is_bankrupt_where_its_page_says(void)
{
    const struct venue_position position = {.side = 1,
                                            .quantity = of("1"),
                                            .entry = of("10000"),
                                            .wallet =
                                                decimal_divide(of("10000"), of("50"))};

    CHECK_TEXT(venue_bankruptcy(&position), "9800");
}

/* "Liquidation Price (USDT Contract)" (help-center/s/article/Liquidation-Price-USDT-
 * Contract), example 1: 1 BTC long at 20,000 USDT, 50x, maintenance 0.5 %: margins of
 * 400 and 100 USDT, liquidation price 19,700. */
static void bybit_liquidates_its_linear_long_where_its_page_says(void)
{
    const struct decimal wallet = decimal_divide(of("20000"), of("50"));
    const struct venue_position position = {
        .side = 1, .quantity = of("1"), .entry = of("20000"), .wallet = wallet};

    CHECK_TEXT(wallet, "400");
    CHECK_TEXT(venue_liquidation_at_entry(&position, of("0.005"), of("0")), "19700");
}

/* ---- Kraken ----
 * "Equity Protection Process" (support.kraken.com/articles/360022835671), example of a
 * liquidation: long 1,000 contracts of 1 USD at 8000, worth 0.125 BTC, on 0.01 BTC;
 * initial margin 2 %, maintenance 0.00125 BTC, which is 1 %.  Liquidated at a mark of
 * 7481, by an order that is limited to 7407, where nothing is left; whole dollars,
 * down. The page calls what is left at 7481 0.00125 BTC, which is the margin at entry:
 * 1 % of what the position is worth there is 0.00134, and to margin as of entry belongs
 * 7476. */
static void kraken_liquidates_and_limits_its_order_where_its_page_says(void)
{
    const struct venue_inverse position = {.quantity = of("1000"),
                                           .entry = of("8000"),
                                           .balance = of("0.01"),
                                           .rate = share("0.00125", "0.125"),
                                           .fee = of("0")};
    const struct decimal whole = of("1");
    const struct decimal at_mark = venue_inverse_liquidation_at_mark(&position);
    const struct decimal at_entry = venue_inverse_liquidation(&position);
    const struct decimal limit = venue_inverse_bankruptcy(&position);

    CHECK_TEXT(decimal_divide(position.quantity, position.entry), "0.125");
    CHECK_TEXT(decimal_round(at_mark, whole, DECIMAL_DOWN), "7481");
    CHECK_TEXT(decimal_round(limit, whole, DECIMAL_DOWN), "7407");
    CHECK_TEXT(decimal_round(at_entry, whole, DECIMAL_DOWN), "7476");
}

/* ---- KuCoin ----
 * "How to Calculate the Liquidation Price for KuCoin Contracts"
 * (www.kucoin.com/support/ 4408061803033) and "How to Calculate the Bankruptcy Price
 * for KuCoin Contracts" (kucoin.zendesk.com, article 19130776858521): short 5 contracts
 * of 0.001 BTC at 28,000, 100x, maintenance 0.4 %: margins of 1.4 and 0.56, liquidation
 * price 28,168, bankruptcy price 28,280. */
static void kucoin_liquidates_its_short_where_its_pages_say(void)
{
    const struct decimal quantity = decimal_multiply(of("5"), of("0.001"));
    const struct decimal value = decimal_multiply(quantity, of("28000"));
    const struct venue_position position = {.side = -1,
                                            .quantity = quantity,
                                            .entry = of("28000"),
                                            .wallet = decimal_divide(value, of("100"))};

    CHECK_TEXT(position.wallet, "1.4");
    CHECK_TEXT(decimal_multiply(value, of("0.004")), "0.56");
    CHECK_TEXT(venue_liquidation_at_entry(&position, of("0.004"), of("0")), "28168");
    CHECK_TEXT(venue_bankruptcy(&position), "28280");
}

/* "How to Calculate Contract Bankruptcy Price" (kucoin.zendesk.com, article
 * 27619032569113), coin-margined: long at 28,000, 50x: 28,000 / (1 + 2 %) = 27,450,
 * whole and down. */
static void kucoin_is_bankrupt_in_coins_where_its_page_says(void)
{
    const struct venue_inverse position = {
        .quantity = of("100"),
        .entry = of("28000"),
        .balance = decimal_divide(share("100", "28000"), of("50")),
        .fee = of("0")};

    CHECK_TEXT(
        decimal_round(venue_inverse_bankruptcy(&position), of("1"), DECIMAL_DOWN),
        "27450");
}

/* "Insurance Fund" (www.kucoin.com/support/26686139092889): long 1000 contracts, 1 BTC,
 * at 40,000, margin 1,000, 40x, maintenance 0.4 %: liquidation price 39160, bankruptcy
 * price 39000; closed at 38850, the fund pays 150.  The engine with the same figures:
 * test_engine_by_hand.c. */
static void kucoin_liquidates_its_long_and_pays_for_it_as_its_page_says(void)
{
    const struct venue_position position = {.side = 1,
                                            .quantity = of("1"),
                                            .entry = of("40000"),
                                            .wallet = share("40000", "40")};
    const struct venue_subaccount account = {.side = 1, .quantity = of("1")};

    CHECK_TEXT(position.wallet, "1000");
    CHECK_TEXT(venue_liquidation_at_entry(&position, of("0.004"), of("0")), "39160");
    CHECK_TEXT(venue_bankruptcy(&position), "39000");
    CHECK_TEXT(venue_fund_delta(&account, of("39000"), of("38850"), of("1")), "-150");
}

/* ---- dYdX v4 ----
 * "Liquidations" (docs.dydx.xyz/concepts/trading/liquidations; dydxprotocol/
 * v4-documentation, docs/pages/concepts/trading/liquidations.mdx at df2cc995),
 * "Isolated Liquidation Price": 1,000 USD, short 3 ETH at 3,000, maintenance 5 %:
 * 10000 / 3.15 = 3174.60, where 3 * 3174.6 * 0.05 = 476.2 are left. */
static void dydx_liquidates_an_isolated_short_where_its_page_says(void)
{
    const struct venue_position position = {
        .side = -1, .quantity = of("3"), .entry = of("3000"), .wallet = of("1000")};
    const struct decimal price = venue_liquidation(&position, of("0.05"), of("0"));
    const struct decimal left = decimal_multiply(
        decimal_multiply(position.quantity, to_cent(price)), of("0.05"));

    CHECK_TEXT(to_cent(price), "3174.6");
    CHECK_TEXT(decimal_round(left, of("0.1"), DECIMAL_NEAREST), "476.2");
}

/* "Cross Liquidation Price": 1,000 USD, short 1.5 ETH at 3,000, maintenance 5 %, and
 * 1,000 STRK at 1.75 that ask 10 %, 175: 5325 / 1.575 = 3380.95. */
static void dydx_liquidates_a_cross_short_where_its_page_says(void)
{
    const struct venue_position position = {
        .side = -1, .quantity = of("1.5"), .entry = of("3000"), .wallet = of("1000")};
    const struct decimal others =
        decimal_multiply(decimal_multiply(of("1000"), of("1.75")), of("0.1"));
    const struct decimal amount = decimal_subtract(of("0"), others);

    CHECK_TEXT(others, "175");
    CHECK_TEXT(to_cent(venue_liquidation(&position, of("0.05"), amount)), "3380.95");
}

/* "Contract Loss Mechanisms" (dydx-documentation-six.vercel.app/concepts/trading/
 * contract-loss-mechanism): short 500 at 1 on 100: bankrupt at 1.2, where a long of 500
 * at 1 is closed with 100 of profit.  The engine does: test_engine_by_hand.c. */
static void dydx_is_bankrupt_where_its_page_says(void)
{
    const struct venue_position position = {
        .side = -1, .quantity = of("500"), .entry = of("1"), .wallet = of("100")};

    CHECK_TEXT(venue_bankruptcy(&position), "1.2");
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"bybit_liquidates_trader_b_where_its_page_says",
         bybit_liquidates_trader_b_where_its_page_says},
        {"bybit_is_bankrupt_where_its_page_says",
         bybit_is_bankrupt_where_its_page_says},
        {"bybit_liquidates_its_linear_long_where_its_page_says",
         bybit_liquidates_its_linear_long_where_its_page_says},
        {"kraken_liquidates_and_limits_its_order_where_its_page_says",
         kraken_liquidates_and_limits_its_order_where_its_page_says},
        {"kucoin_liquidates_its_short_where_its_pages_say",
         kucoin_liquidates_its_short_where_its_pages_say},
        {"kucoin_is_bankrupt_in_coins_where_its_page_says",
         kucoin_is_bankrupt_in_coins_where_its_page_says},
        {"kucoin_liquidates_its_long_and_pays_for_it_as_its_page_says",
         kucoin_liquidates_its_long_and_pays_for_it_as_its_page_says},
        {"dydx_liquidates_an_isolated_short_where_its_page_says",
         dydx_liquidates_an_isolated_short_where_its_page_says},
        {"dydx_liquidates_a_cross_short_where_its_page_says",
         dydx_liquidates_a_cross_short_where_its_page_says},
        {"dydx_is_bankrupt_where_its_page_says", dydx_is_bankrupt_where_its_page_says},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"venue, liquidation", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
