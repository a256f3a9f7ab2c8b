/* What has to hold of the liquidation engine whatever it is tried on. */
#include "market/random.h"
#include "tests/check.h"
#include "worker/engine.h"

#include <string.h>

enum { STEPS = 400, PEOPLE = 40, RUNS = 400 };

struct world {
    struct engine_rules rules;
    struct engine_path path;
    double price[STEPS + 1];
    struct account account[PEOPLE];
    size_t n;
};
static struct engine_room *room;

static int begin(void)
{
    return engine_room_new(STEPS, &room, NULL);
}

static int finish(void)
{
    engine_room_free(room);
    return 0;
}

static const struct engine_rules plain = {
    .feed_steps = 1,
    .share = 1.0,
    .impact = {.y = 0.0, .delta = 0.5, .halflife_steps = 12.0},
    .auction = {.n_bidders = 1, .capacity = INFINITY}};

static void set_extremes(struct world *world)
{
    world->path.price = world->price;
    world->path.low = world->path.high = world->price[0];
    for (size_t s = 1; s <= world->path.n_steps; s++) {
        world->path.low = fmin(world->path.low, world->price[s]);
        world->path.high = fmax(world->path.high, world->price[s]);
    }
}

/* A walk of which no step is larger than `most` of the price. */
static void walk(struct world *world, uint32_t run, double most)
{
    world->path = (struct engine_path){
        .n_steps = STEPS, .sigma = 0.05, .draws = {.seed = 1, .who = 2, .path = run}};
    world->price[0] = 1.0;
    for (uint32_t s = 1; s <= STEPS; s++) {
        struct random random = random_at(41, 1, run, s);

        world->price[s] =
            world->price[s - 1] * (1.0 + most * (2.0 * random_uniform(&random) - 1.0));
    }
    set_extremes(world);
}

/* Accounts that post `initial` and a little more, with maintenance of half of it. */
static void open_accounts(struct world *world, double initial, double open_interest)
{
    const struct population_rule who = {.n = PEOPLE, .spread = 1.0, .slack = 0.5};
    const struct tiers_rule rule = {.law = TIERS_ONE, .first = 1.0, .maintenance = 0.5};
    const struct impact none = {0};
    const struct tiers tiers = tiers_of(&rule, initial, &none);
    double share[PEOPLE], slack[PEOPLE];

    population_draw(&who, &world->path.draws, share, slack);
    population_open(PEOPLE, share, slack, open_interest, &tiers, world->account);
    world->n = PEOPLE;
}

static struct engine_result run_of(struct world *world, double fund)
{
    return engine_run(&world->rules, &world->path, world->n, world->account, fund,
                      room);
}

static size_t check_no_bad_debt(struct world *world, uint32_t run, double most)
{
    walk(world, run, most);
    open_accounts(world, 0.04, 0.5);
    const struct engine_result result = run_of(world, 0.0);

    CU_ASSERT_EQUAL(result.bad_debt, 0.0);
    CU_ASSERT_EQUAL(result.n_bankrupt, 0);
    CU_ASSERT_EQUAL(result.deleveraged, 0.0);
    return result.n_cases;
}

/* At the step before, equity was at least maintenance, m q p; a step of less than m p
 * leaves some of it, and without impact the account is closed at that price.  Closed by
 * 0.3 at a time it takes four steps, which together must be less than m p. */
static void without_latency_impact_and_jumps_there_is_no_bad_debt(void)
{
    static struct world world;
    size_t n_at_once = 0, n_by_steps = 0;

    for (uint32_t run = 0; run < RUNS; run++) {
        world.rules = plain;
        world.rules.fee = 0.01;
        n_at_once += check_no_bad_debt(&world, run, 0.0199);
        world.rules.fee = 0.0;
        world.rules.share = 0.3;
        n_by_steps += check_no_bad_debt(&world, run, 0.0199 / 4.0);
    }
    CU_ASSERT_TRUE(n_at_once > 5000);
    CU_ASSERT_TRUE(n_by_steps > 5000);
}

/* Each of the three by itself is enough for bad debt. */
static void jumps_latency_or_impact_make_bad_debt(void)
{
    static struct world world;
    double jumps = 0, latency = 0, impact = 0;

    for (uint32_t run = 0; run < RUNS; run++) {
        world.rules = plain;
        walk(&world, run, 0.06);
        open_accounts(&world, 0.04, 0.5);
        jumps += run_of(&world, 1.0).bad_debt;
        world.rules.latency_steps = 6;
        walk(&world, run, 0.0199);
        open_accounts(&world, 0.04, 0.5);
        latency += run_of(&world, 1.0).bad_debt;
        world.rules = plain;
        world.rules.impact.y = 1.5;
        open_accounts(&world, 0.04, 0.5);
        impact += run_of(&world, 1.0).bad_debt;
    }
    CU_ASSERT_TRUE(jumps > 0.0);
    CU_ASSERT_TRUE(latency > 0.0);
    CU_ASSERT_TRUE(impact > 0.0);
}

/* Sales push the price on, so more of the same accounts are closed. */
static void impact_spreads_liquidations(void)
{
    static struct world world;
    size_t n_without = 0, n_with = 0;

    for (uint32_t run = 0; run < RUNS; run++) {
        world.rules = plain;
        walk(&world, run, 0.01);
        open_accounts(&world, 0.06, 0.5);
        n_without += run_of(&world, 1.0).n_cases;
        world.rules.impact.y = 1.0;
        open_accounts(&world, 0.06, 0.5);
        n_with += run_of(&world, 1.0).n_cases;
    }
    CU_ASSERT_TRUE(n_without > 0 && n_with > n_without);
}

/* ---- by hand, in numbers that doubles hold exactly or to a rounding ---- */

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

/* Money only changes hands: with nothing sold to the market (no fund, all deleveraged)
 * the cash of all accounts stays what it was, to a rounding of each of the 2n transfers
 * (amounts are below 2). */
static void deleveraging_moves_money_and_makes_none(void)
{
    static struct world world;
    size_t n_seen = 0;

    for (uint32_t run = 0; run < RUNS; run++) {
        double before = 0.0, after = 0.0;

        world.rules = plain;
        walk(&world, run, 0.06);
        open_accounts(&world, 0.02, 0.5);
        for (size_t i = 0; i < world.n; i++)
            before += world.account[i].cash;
        const struct engine_result result = run_of(&world, 0.0);
        for (size_t i = 0; i < world.n; i++)
            after += world.account[i].cash;
        if (result.n_fills > 0 || result.clawed > 0.0)
            continue;
        n_seen += result.deleveraged > 0.0;
        CU_ASSERT_DOUBLE_EQUAL(before, after, 8.0 * PEOPLE * DBL_EPSILON);
    }
    CU_ASSERT_TRUE(n_seen > 0);
}

static void the_same_path_gives_the_same_bits_after_any_other(void)
{
    static struct world world, again;

    for (uint32_t run = 0; run < 50; run++) {
        world.rules = plain;
        world.rules.impact.y = 1.0;
        world.rules.auction_steps = run % 3 * 4;
        world.rules.auction.precision = 10.0;
        walk(&world, run, 0.03);
        open_accounts(&world, 0.05, 0.5);
        again = world;
        set_extremes(&again);
        const struct engine_result first = run_of(&world, 0.01);

        walk(&world, run + 1000, 0.05);
        open_accounts(&world, 0.05, 0.5);
        run_of(&world, 0.0);
        const struct engine_result second = run_of(&again, 0.01);
        CU_ASSERT_EQUAL(memcmp(&first, &second, sizeof first), 0);
    }
}

int main(void)
{
    static CU_TestInfo laws[] = {
        {"without_latency_impact_and_jumps_there_is_no_bad_debt",
         without_latency_impact_and_jumps_there_is_no_bad_debt},
        {"jumps_latency_or_impact_make_bad_debt",
         jumps_latency_or_impact_make_bad_debt},
        {"impact_spreads_liquidations", impact_spreads_liquidations},
        {"deleveraging_moves_money_and_makes_none",
         deleveraging_moves_money_and_makes_none},
        {"the_same_path_gives_the_same_bits_after_any_other",
         the_same_path_gives_the_same_bits_after_any_other},
        CU_TEST_INFO_NULL,
    };
    static CU_TestInfo by_hand[] = {
        {"at_maintenance_and_above_nothing_happens",
         at_maintenance_and_above_nothing_happens},
        {"below_maintenance_the_position_is_closed_and_the_rest_is_the_traders",
         below_maintenance_the_position_is_closed_and_the_rest_is_the_traders},
        {"the_fund_pays_first", the_fund_pays_first},
        {"then_others_are_deleveraged_in_rank_at_the_bankruptcy_price",
         then_others_are_deleveraged_in_rank_at_the_bankruptcy_price},
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
        {"engine", begin, finish, NULL, NULL, laws},
        {"by hand", begin, finish, NULL, NULL, by_hand},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
