#include "market/random.h"
#include "tests/check.h"
#include "tests/oracle/engine_oracle.h"
#include "worker/engine.h"

#include <stdlib.h>

enum { RUNS = 3000, STEPS = 240, PEOPLE = 24 };

/* A market, its accounts and an engine, all drawn. */
struct case_of {
    struct engine_rules rules;
    struct engine_path path;
    double price[STEPS + 1], fund, open_interest;
    struct account account[PEOPLE];
};

static double between(struct random *random, double low, double high)
{
    return low + (high - low) * random_uniform(random);
}

/* One of n, each as often. */
static size_t one_of(struct random *random, size_t n)
{
    return (size_t)(random_uniform(random) * (double)n);
}

static void draw_rules(struct random *random, struct engine_rules *rules)
{
    static const double deltas[] = {0.5, 0.4, 0.65, 1.0};
    static const double shares[] = {1.0, 0.5, 0.2, 0.07};

    *rules = (struct engine_rules){
        .latency_steps = one_of(random, 5),
        .feed_steps = 1 + one_of(random, 4),
        .share = shares[one_of(random, 4)],
        .cooldown_steps = one_of(random, 4),
        .whole_below = one_of(random, 2) ? 0.0 : 0.001,
        .fee = between(random, 0.0, 0.02),
        .fee_ramp = one_of(random, 2) ? 0.0 : 0.3,
        .auction_steps = one_of(random, 2) ? 0 : 1 + one_of(random, 9),
        .auction_start = between(random, -0.01, 0.02),
        .impact = {.y = one_of(random, 8) ? between(random, 0.1, 2.0) : 0.0,
                   .delta = deltas[one_of(random, 4)],
                   .halflife_steps = one_of(random, 4) ? between(random, 1.0, 40.0)
                                                       : (double)INFINITY},
        .auction = {.n_bidders = 1 + one_of(random, 6),
                    .aversion = one_of(random, 2) ? 0.0 : 0.6,
                    .capacity = one_of(random, 2) ? (double)INFINITY : 0.01,
                    .precision = one_of(random, 2) ? 0.0 : 30.0},
    };
}

static void draw_path(struct random *random, struct case_of *of)
{
    const double size = between(random, 0.001, 0.02);
    double at = 1.0;

    of->path = (struct engine_path){
        .n_steps = STEPS, .price = of->price, .sigma = between(random, 0.02, 0.2)};
    of->price[0] = of->path.low = of->path.high = 1.0;
    for (size_t s = 1; s <= STEPS; s++) {
        at *= 1.0 + size * (random_uniform(random) - 0.5);
        if (random_uniform(random) < 0.01)
            at *= 1.0 + 10.0 * size * (random_uniform(random) - 0.5);
        of->price[s] = at;
        of->path.low = fmin(of->path.low, at);
        of->path.high = fmax(of->path.high, at);
    }
}

static void draw_case(uint32_t run, struct case_of *of)
{
    const struct draws draws = {.seed = 9, .who = 77, .path = run};
    const struct population_rule who = {.n = PEOPLE, .spread = 1.2, .slack = 0.5};
    struct random random = random_at(4, 200, 0, run);
    double share[PEOPLE], slack[PEOPLE];

    draw_rules(&random, &of->rules);
    draw_path(&random, of);
    of->path.draws = draws;
    const struct tiers_rule tiers_rule = {.law = (enum tiers_law)one_of(&random, 3),
                                          .first = 0.003,
                                          .maintenance = between(&random, 0.3, 0.9)};
    const struct impact impact = impact_new(&of->rules.impact, of->path.sigma);
    const struct tiers tiers =
        tiers_of(&tiers_rule, between(&random, 0.01, 0.1), &impact);
    of->open_interest = between(&random, 0.05, 2.0);
    of->fund = between(&random, 0.0, 0.01) * of->open_interest;
    population_draw(&who, &draws, share, slack);
    population_open(PEOPLE, share, slack, of->open_interest, &tiers, of->account);
}

static double miss_of(double fast, double exact, double bound)
{
    return fabs(fast - exact) / bound;
}

/* Each amount is a sum of products of at most the open interest Q of both sides, their
 * number that of the fills f and of the accounts n; a product is rounded half a dozen
 * times.  What is lost where volumes before and after a fill are nearly equal, eps I
 * per fill, is of the same order, and so is what the clawing of one account adds for
 * all n others: 16 eps (f + n) 2Q n.
 *
 * The volume v is within 8 eps (f + n) 2Q of its own; where sales and purchases nearly
 * cancel that moves the mark by Y sigma delta |v|^(delta-1) times as much. */
static double bound_of(const struct case_of *of, const struct engine_result *exact,
                       double least_volume)
{
    const struct impact_rule *impact = &of->rules.impact;
    const double both = 2.0 * of->open_interest;
    const double lost = 8.0 * DBL_EPSILON * (double)(exact->n_fills + PEOPLE) * both;
    const double slope = impact->y * of->path.sigma * impact->delta *
                         pow(least_volume, impact->delta - 1.0);

    return 2.0 * lost + lost * slope * both;
}

static double worst_miss(const struct engine_result *fast,
                         const struct engine_result *exact, double bound)
{
    const double miss[] = {miss_of(fast->closed, exact->closed, bound),
                           miss_of(fast->cost, exact->cost, bound),
                           miss_of(fast->fees, exact->fees, bound),
                           miss_of(fast->bad_debt, exact->bad_debt, bound),
                           miss_of(fast->deleveraged, exact->deleveraged, bound),
                           miss_of(fast->clawed, exact->clawed, bound),
                           miss_of(fast->fund, exact->fund, bound)};
    double worst = 0.0;

    for (size_t i = 0; i < sizeof miss / sizeof *miss; i++)
        worst = fmax(worst, miss[i]);
    return worst;
}

static void doubles_do_what_decimals_do(void)
{
    static struct case_of of;
    size_t n_cases = 0, n_bankrupt = 0, n_deleveraged = 0, n_clawed = 0;
    struct engine_room *room;
    double worst = 0.0;

    CU_ASSERT_EQUAL_FATAL(engine_room_new(STEPS, &room, NULL), 0);
    for (uint32_t run = 0; run < RUNS; run++) {
        draw_case(run, &of);
        double least_volume, debt[PEOPLE];
        const struct engine_result exact = engine_oracle(
            &of.rules, &of.path, PEOPLE, of.account, of.fund, debt, &least_volume);
        const struct engine_result fast =
            engine_run(&of.rules, &of.path, PEOPLE, of.account, of.fund, room);
        const double bound = bound_of(&of, &exact, least_volume);
        double miss = worst_miss(&fast, &exact, bound);

        for (size_t i = 0; i < PEOPLE; i++)
            miss = fmax(miss, miss_of(of.account[i].debt, debt[i], bound));

        CU_ASSERT_EQUAL(fast.n_cases, exact.n_cases);
        CU_ASSERT_EQUAL(fast.n_bankrupt, exact.n_bankrupt);
        CU_ASSERT_EQUAL(fast.n_fills, exact.n_fills);
        if (!(miss <= 1.0))
            fprintf(stderr, "run %u: %.3g of the bound\n", run, miss);
        CU_ASSERT_TRUE(miss <= 1.0);
        worst = fmax(worst, miss);
        n_cases += exact.n_cases;
        n_bankrupt += exact.n_bankrupt;
        n_deleveraged += exact.deleveraged > 0.0;
        n_clawed += exact.clawed > 0.0;
    }
    printf(
        "\n%zu cases, %zu bankrupt; deleveraging in %zu runs, clawing in %zu; at most "
        "%.2g of the bound\n",
        n_cases, n_bankrupt, n_deleveraged, n_clawed, worst);
    /* nothing is compared where nothing happens */
    CU_ASSERT_TRUE(n_cases > 10 * RUNS / 4);
    CU_ASSERT_TRUE(n_bankrupt > RUNS / 4);
    CU_ASSERT_TRUE(n_deleveraged > RUNS / 20);
    CU_ASSERT_TRUE(n_clawed > RUNS / 100);
    engine_room_free(room);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"doubles_do_what_decimals_do", doubles_do_what_decimals_do},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"engine", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
