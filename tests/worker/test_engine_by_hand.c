/* The liquidation engine, worked out by hand in numbers that doubles hold. */
#include "engine_world.h"

/* One long of 1 that posted 1/16 with maintenance 1/32, against shorts; the price falls
 * to `to` at once and stays. */
static void fall(struct world *world, double to, size_t n_shorts, const double cash[])
{
    *world = (struct world){.rules = plain, .n = 1 + n_shorts};
    world->path = (struct engine_path){.n_steps = 8, .sigma = 0.05};
    for (size_t s = 0; s <= 8; s++)
        world->price[s] = s == 0 ? 1.0 : to;
    set_extremes(world);
    world->account[0] = (struct account){
        .side = 1, .opened = 1, .quantity = 1, .cash = 0.0625 - 1, .rate = 0.03125};
    for (size_t i = 0; i < n_shorts; i++)
        world->account[1 + i] = (struct account){.side = -1,
                                                 .opened = 0.5,
                                                 .quantity = 0.5,
                                                 .cash = 0.5 + cash[i],
                                                 .rate = 0.03125};
}

static const double two[] = {0.25, 0.125};

static void at_maintenance_and_above_nothing_happens(void)
{
    struct world world;

    fall(&world, 0.96875, 2, two); /* equity 1/32 > 0.96875/32 */
    const struct engine_result result = run_of(&world, 0.0);
    CU_ASSERT_EQUAL(result.n_cases, 0);
    CU_ASSERT_EQUAL(world.account[0].quantity, 1.0);
}

static void below_maintenance_the_position_is_closed_and_the_rest_is_the_traders(void)
{
    struct world world;

    fall(&world, 0.953125, 2, two); /* equity 1/64 */
    const struct engine_result result = run_of(&world, 0.0);
    CU_ASSERT_EQUAL(result.n_cases, 1);
    CU_ASSERT_EQUAL(result.n_bankrupt, 0);
    CU_ASSERT_EQUAL(world.account[0].cash, 0.015625);
    CU_ASSERT_EQUAL(world.account[0].quantity, 0.0);
}

/* At 7/8 the long lacks 1/16. */
static void the_fund_pays_first(void)
{
    struct world world;

    fall(&world, 0.875, 2, two);
    const struct engine_result result = run_of(&world, 0.25);
    CU_ASSERT_EQUAL(result.bad_debt, 0.0625);
    CU_ASSERT_EQUAL(result.fund, 0.1875);
    CU_ASSERT_EQUAL(result.deleveraged, 0.0);
    CU_ASSERT_EQUAL(result.n_bankrupt, 1);
}

/* dYdX v4's own case of a long of 0.1 BTC that is bankrupt at 51,000 and closed at
 * 56,100 (tests/worker/test_venue.c), in units of its 5,000 at entry: of the 510 that
 * are left the fund gets 0.5 % of 5,610, or at most all. */
static void the_fund_gets_what_dydx_says_of_its_own_case(void)
{
    static const double fee[] = {0.005, 0.025, 1.0}, into[] = {28.05, 140.25, 510.0};
    struct world world;

    for (size_t i = 0; i < 3; i++) {
        fall(&world, 56100.0 / 50000.0, 1, two);
        world.rules.fee = fee[i];
        world.account[0].cash = -5100.0 / 5000.0;
        world.account[0].rate = 0.25; /* so that it is liquidated there */
        const struct engine_result result = run_of(&world, 0.0);

        CU_ASSERT_EQUAL(result.n_cases, 1);
        CU_ASSERT_EQUAL(result.n_bankrupt, 0);
        CU_ASSERT_DOUBLE_EQUAL(5000.0 * result.fees, into[i], 1e-10);
        CU_ASSERT_DOUBLE_EQUAL(5000.0 * world.account[0].cash, 510.0 - into[i], 1e-10);
    }
}

/* Gain 1/8 each.  The second short posted less, so it ranks first; both take their half
 * at the bankruptcy price, 15/16, and give up 1/32 each. */
static void then_others_are_deleveraged_in_rank_at_the_bankruptcy_price(void)
{
    struct world world;

    fall(&world, 0.875, 2, two);
    world.account[1].opened = world.account[1].quantity = 0.75;
    world.account[1].cash = 0.75 + two[0];
    const struct engine_result result = run_of(&world, 0.03125);
    CU_ASSERT_EQUAL(result.fund, 0.03125);
    CU_ASSERT_EQUAL(result.deleveraged, 0.875);
    CU_ASSERT_EQUAL(result.bad_debt, 0.0625);
    CU_ASSERT_EQUAL(result.clawed, 0.0);
    CU_ASSERT_EQUAL(world.account[2].quantity, 0.0);
    CU_ASSERT_EQUAL(world.account[2].cash, 0.5 + 0.125 - 0.5 * 0.9375);
    CU_ASSERT_EQUAL(world.account[1].quantity, 0.25);
    CU_ASSERT_EQUAL(world.account[1].cash, 0.75 + 0.25 - 0.5 * 0.9375);
}

/* One account as of the entry, with margin and maintenance of its notional. */
static struct account opened(int side, double quantity, double margin, double rate)
{
    return (struct account){.side = side,
                            .opened = quantity,
                            .quantity = quantity,
                            .cash = margin - side * quantity,
                            .rate = rate};
}

static double worth(const struct account *account, double price)
{
    return account->cash + account->side * account->quantity * price;
}

/* KuCoin, "Insurance Fund" (tests/worker/test_venue_liquidation.c), in units of 40,000:
 * long 1 on a margin of 1,000; closed at 38,850, 150 are lost beyond it, and the fund
 * pays them. */
static void the_fund_pays_what_kucoin_says_of_its_example(void)
{
    struct world world;

    fall(&world, 38850.0 / 40000.0, 0, NULL);
    world.account[0] = opened(1, 1.0, 1000.0 / 40000.0, 0.004);
    const struct engine_result result = run_of(&world, 1.0);

    CU_ASSERT_DOUBLE_EQUAL(40000.0 * result.bad_debt, 150.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(40000.0 * (1.0 - result.fund), 150.0, 1e-9);
    CU_ASSERT_EQUAL(result.deleveraged, 0.0);
}

/* dYdX, "Trading Core", Deleveraging Example (docs.dydx.community/dydx-token-migration/
 * dydx-chain-modules-and-parameters/governance-adjustable-parameters/trading-core), in
 * units of 2,000 USDC: A holds +1 BTC and -1000 USDC, B -9 BTC and 10000 USDC.  At 900
 * A is worth -100 and the fund is empty; B gets A's balance, then holds -8 BTC and 9000
 * USDC, has lost 100, and its margin went from 23.46 % to 25 %. */
static void dydx_deleverages_b_by_what_its_page_says(void)
{
    const double usdc = 2000.0, price = 900.0 / usdc;
    struct world world;

    fall(&world, price, 1, two);
    world.account[0] = opened(1, 1.0, 1000.0 / usdc, 0.075);
    world.account[1] = opened(-1, 9.0, 10000.0 / usdc - 9.0, 0.075);
    const struct account *a = &world.account[0], *b = &world.account[1];
    const double before = worth(b, price);

    CU_ASSERT_DOUBLE_EQUAL(usdc * worth(a, price), -100.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(before / (b->quantity * price), 0.2346, 0.00005);
    const struct engine_result result = run_of(&world, 0.0);
    CU_ASSERT_EQUAL(a->quantity, 0.0);
    CU_ASSERT_EQUAL(a->cash, 0.0);
    CU_ASSERT_EQUAL(b->quantity, 8.0);
    CU_ASSERT_EQUAL(usdc * b->cash, 9000.0);
    CU_ASSERT_DOUBLE_EQUAL(usdc * (before - worth(b, price)), 100.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(usdc * result.bad_debt, 100.0, 1e-9);
    CU_ASSERT_DOUBLE_EQUAL(worth(b, price) / (b->quantity * price), 0.25,
                           4 * DBL_EPSILON);
}

/* dYdX, "Contract Loss Mechanisms" (tests/worker/test_venue_liquidation.c): A long and
 * B short 500 at 1 on 100 each; the price jumps to 2, B's equity is -400, A's position
 * is closed at 1.2 with 100 of profit, and B is left with 0. */
static void dydx_closes_a_at_the_bankruptcy_price_that_its_page_says(void)
{
    struct world world;

    fall(&world, 2.0, 1, two);
    world.account[0] = opened(1, 500.0, 100.0, 0.03);
    world.account[1] = opened(-1, 500.0, 100.0, 0.03);
    CU_ASSERT_EQUAL(worth(&world.account[1], 2.0), -400.0);
    const struct engine_result result = run_of(&world, 0.0);

    CU_ASSERT_EQUAL(result.n_bankrupt, 1);
    CU_ASSERT_EQUAL(world.account[0].quantity, 0.0);
    CU_ASSERT_DOUBLE_EQUAL(world.account[0].cash, 200.0, 1e-9);
    CU_ASSERT_EQUAL(world.account[1].quantity, 0.0);
    CU_ASSERT_DOUBLE_EQUAL(world.account[1].cash, 0.0, 1e-9);
}

/* Nobody is on the other side but one short of 1/2: it takes half; the other half is
 * sold at 7/8, and the 1/32 that lacks is the short's to bear. */
static void what_is_still_lacking_is_taken_from_all_others(void)
{
    struct world world;

    fall(&world, 0.875, 1, two);
    const struct engine_result result = run_of(&world, 0.0);
    CU_ASSERT_EQUAL(result.deleveraged, 0.4375);
    CU_ASSERT_EQUAL(result.clawed, 0.03125);
    CU_ASSERT_EQUAL(result.bad_debt, 0.0625);
    CU_ASSERT_EQUAL(world.account[1].cash, 0.5 + 0.25 - 0.5 * 0.9375 - 0.03125);
}

/* 1/4 a step and two steps of pause: closed at steps 1, 4 and 7; the fee grows by half
 * of itself from step to step. */
static void steps_pauses_and_the_ramp_of_the_fee_are_kept(void)
{
    struct world world;

    fall(&world, 0.953125, 2, two);
    world.account[0].rate = 0.5; /* never enough again */
    world.account[0].cash = 0.25 - 1;
    world.rules.share = 0.25;
    world.rules.cooldown_steps = 2;
    world.rules.fee = 0.0625;
    world.rules.fee_ramp = 0.5;
    const struct engine_result result = run_of(&world, 0.0);
    CU_ASSERT_EQUAL(result.n_fills, 3);
    CU_ASSERT_EQUAL(world.account[0].quantity, 0.25);
    CU_ASSERT_EQUAL(result.fees, 0.25 * 0.953125 * 0.0625 * (1 + 1.5 + 2));
    CU_ASSERT_EQUAL(result.fund, result.fees);
    CU_ASSERT_EQUAL(result.cost, result.fees);
}

static void a_fee_is_never_more_than_what_is_left(void)
{
    struct world world;

    fall(&world, 0.953125, 2, two);
    world.rules.fee = 0.5;
    const struct engine_result result = run_of(&world, 0.0);
    CU_ASSERT_EQUAL(result.fees, 0.015625);
    CU_ASSERT_EQUAL(result.bad_debt, 0.0);
    CU_ASSERT_EQUAL(world.account[0].cash, 0.0);
}

/* Seen three steps late, the fall of step 1 is acted on at step 4, at the price of step
 * 4. */
static void what_is_seen_late_is_closed_at_the_price_of_then(void)
{
    struct world world;

    fall(&world, 0.953125, 2, two);
    for (size_t s = 4; s <= 8; s++)
        world.price[s] = 0.9375;
    set_extremes(&world);
    world.rules.latency_steps = 3;
    CU_ASSERT_EQUAL(run_of(&world, 0.0).n_cases, 1);
    CU_ASSERT_EQUAL(world.account[0].cash, 0.0);
}

/* A feed that is renewed every 4 steps shows the fall of step 1 at step 4. */
static void a_stale_feed_is_a_late_one(void)
{
    struct world world;

    fall(&world, 0.953125, 2, two);
    for (size_t s = 4; s <= 8; s++)
        world.price[s] = 0.945;
    set_extremes(&world);
    world.rules.feed_steps = 4;
    CU_ASSERT_EQUAL(run_of(&world, 0.0).n_cases, 1);
    CHECK_REL(world.account[0].cash, 0.945 - 0.9375, 1e-14);
}

/* A single bidder and no haste: it waits until nothing is left of the account. */
static void an_auction_with_one_bidder_ends_at_the_bankruptcy_price(void)
{
    struct world world;

    fall(&world, 0.953125, 2, two);
    world.rules.auction_steps = 4;
    world.rules.impact.y = 1e-3;
    const struct engine_result result = run_of(&world, 0.0);
    CU_ASSERT_EQUAL(result.n_cases, 1);
    CU_ASSERT_EQUAL(result.n_bankrupt, 0);
    CU_ASSERT_EQUAL(world.account[0].quantity, 0.0);
    CU_ASSERT_DOUBLE_EQUAL(world.account[0].cash, 0.0, 4 * DBL_EPSILON);
}

int main(void)
{
    static CU_TestInfo by_hand[] = {
        {"at_maintenance_and_above_nothing_happens",
         at_maintenance_and_above_nothing_happens},
        {"below_maintenance_the_position_is_closed_and_the_rest_is_the_traders",
         below_maintenance_the_position_is_closed_and_the_rest_is_the_traders},
        {"the_fund_pays_first", the_fund_pays_first},
        {"the_fund_gets_what_dydx_says_of_its_own_case",
         the_fund_gets_what_dydx_says_of_its_own_case},
        {"then_others_are_deleveraged_in_rank_at_the_bankruptcy_price",
         then_others_are_deleveraged_in_rank_at_the_bankruptcy_price},
        {"the_fund_pays_what_kucoin_says_of_its_example",
         the_fund_pays_what_kucoin_says_of_its_example},
        {"dydx_deleverages_b_by_what_its_page_says",
         dydx_deleverages_b_by_what_its_page_says},
        {"dydx_closes_a_at_the_bankruptcy_price_that_its_page_says",
         dydx_closes_a_at_the_bankruptcy_price_that_its_page_says},
        {"what_is_still_lacking_is_taken_from_all_others",
         what_is_still_lacking_is_taken_from_all_others},
        {"steps_pauses_and_the_ramp_of_the_fee_are_kept",
         steps_pauses_and_the_ramp_of_the_fee_are_kept},
        {"a_fee_is_never_more_than_what_is_left",
         a_fee_is_never_more_than_what_is_left},
        {"what_is_seen_late_is_closed_at_the_price_of_then",
         what_is_seen_late_is_closed_at_the_price_of_then},
        {"a_stale_feed_is_a_late_one", a_stale_feed_is_a_late_one},
        {"an_auction_with_one_bidder_ends_at_the_bankruptcy_price",
         an_auction_with_one_bidder_ends_at_the_bankruptcy_price},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"engine, by hand", begin, finish, NULL, NULL, by_hand},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
