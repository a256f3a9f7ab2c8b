/* What has to hold of the liquidation engine whatever it is tried on. */
#include "engine_world.h"
#include "market/random.h"

#include <string.h>

enum { RUNS = 400 };

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
    static CU_SuiteInfo suites[] = {
        {"engine", begin, finish, NULL, NULL, laws},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
