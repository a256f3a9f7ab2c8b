#include "tests/check.h"
#include "worker/auction.h"

enum { LOTS = 20000, STEPS = 20000 };
static const struct draws draws = {.seed = 5, .who = 9, .path = 3};

/* So fine that the discount at which it is taken is the winner's to 1/STEPS. */
static double taken_at(const struct auction_rule *rule, const struct auction_lot *lot)
{
    struct auction auction = auction_open(rule, &draws, lot);
    double least = INFINITY;

    for (size_t j = 0; j < rule->n_bidders; j++)
        least = fmin(least, auction.wanted[j]);
    if (isinf(least))
        return NAN;
    for (size_t low = 0, high = lot->n_steps;;) { /* the first age at which it goes */
        const size_t age = low + (high - low) / 2;

        if (low == high) {
            CU_ASSERT_EQUAL(auction_take(rule, &draws, &auction, age, 1.0), 1.0);
            return auction_discount(&auction, age);
        }
        if (auction_discount(&auction, age) >= least)
            high = age;
        else
            low = age + 1;
    }
}

static struct auction_lot lot_of(uint32_t number, double end)
{
    return (struct auction_lot){
        .start = 0.0, .end = end, .n_steps = STEPS, .worst = 0.05, .number = number};
}

static void a_single_neutral_bidder_waits_for_the_last_discount(void)
{
    const struct auction_rule rule = {.n_bidders = 1, .capacity = INFINITY};

    for (uint32_t i = 0; i < 500; i++) {
        const struct auction_lot wide = lot_of(i, 0.08), exact = lot_of(i, 0.05);

        CU_ASSERT_EQUAL(taken_at(&rule, &wide), 0.08);
        CU_ASSERT_EQUAL(taken_at(&rule, &exact), 0.05);
    }
}

/* ... and stays away where that does not pay: its cost is uniform on (0, 0.05), so of
 * LOTS lots that end at 0.02 it takes 0.4, within 4.5 standard deviations. */
static void a_single_bidder_stays_away_where_its_cost_is_more(void)
{
    const struct auction_rule rule = {.n_bidders = 1, .capacity = INFINITY};
    size_t n = 0;

    for (uint32_t i = 0; i < LOTS; i++) {
        const struct auction_lot lot = lot_of(i, 0.02);
        const double at = taken_at(&rule, &lot);

        if (isnan(at))
            continue;
        CU_ASSERT_EQUAL(at, 0.02);
        n++;
    }
    CU_ASSERT_DOUBLE_EQUAL((double)n / LOTS, 0.4, 4.5 * sqrt(0.4 * 0.6 / LOTS));
}

/* v is R less the cost that the same draw gives; b = (n - 1)/n v. */
static void neutral_bidders_ask_for_one_nth_of_what_it_is_worth_to_them(void)
{
    for (size_t n = 2; n <= 6; n++)
        for (uint32_t i = 0; i < 300; i++) {
            const struct auction_rule rule = {.n_bidders = n, .capacity = INFINITY};
            const struct auction_lot lot = lot_of(i, 0.05);
            const struct auction auction = auction_open(&rule, &draws, &lot);

            for (uint32_t j = 0; j < n; j++) {
                struct random random =
                    draws_at(&draws, DRAW_BIDDER, i * BIDDERS_MAX + j);
                const double value = 0.05 * (1.0 - random_uniform(&random));
                const double bid = ((double)n - 1.0) / (double)n * value;

                CHECK_REL(0.05 - auction.wanted[j], bid, 32 * DBL_EPSILON * 0.05 / bid);
            }
        }
}

/* The best of n uniform values is n/(n+1) in the mean, so the lot brings (n-1)/(n+1) of
 * R above its lowest price; its variance is that of the best value, n/((n+1)^2 (n+2)),
 * times (n-1)^2/n^2. */
static void a_lot_brings_the_revenue_of_a_first_price_auction(void)
{
    for (size_t k = 2; k <= 5; k++) {
        const struct auction_rule rule = {.n_bidders = k, .capacity = INFINITY};
        const double n = (double)k, share = (n - 1.0) / n;
        const double deviation = share * sqrt(n / ((n + 1) * (n + 1) * (n + 2)));
        double sum = 0.0;

        for (uint32_t i = 0; i < LOTS; i++) {
            const struct auction_lot lot = lot_of(i, 0.05);

            sum += (0.05 - taken_at(&rule, &lot)) / 0.05;
        }
        CU_ASSERT_DOUBLE_EQUAL(sum / LOTS, (n - 1.0) / (n + 1.0),
                               4.5 * deviation / sqrt(LOTS) + 1.0 / STEPS);
    }
}

/* Riley and Samuelson: v is worth what it would win; at the reserve it bids itself. */
static void a_reserve_makes_bids_higher(void)
{
    const struct auction_rule rule = {.n_bidders = 3, .capacity = INFINITY};

    for (uint32_t i = 0; i < 300; i++) {
        const struct auction_lot open_lot = lot_of(i, 0.05), lot = lot_of(i, 0.03);
        const struct auction free_bids = auction_open(&rule, &draws, &open_lot);
        const struct auction auction = auction_open(&rule, &draws, &lot);

        for (size_t j = 0; j < 3; j++) {
            const double v = (0.05 - free_bids.wanted[j]) * 1.5, w = 0.02;

            if (v < w) {
                CU_ASSERT_TRUE(isinf(auction.wanted[j]));
                continue;
            }
            const double bid = 2.0 / 3.0 * v + w * w * w / (3.0 * v * v);
            CHECK_REL(0.05 - auction.wanted[j], bid, 64 * DBL_EPSILON * 0.05 / bid);
            CU_ASSERT_TRUE(auction.wanted[j] <= free_bids.wanted[j] + DBL_EPSILON);
            CU_ASSERT_TRUE(auction.wanted[j] <= 0.03 + DBL_EPSILON);
        }
    }
}

/* (n - 1)/(n - rho): 3/(4 - 0.6). */
static void averse_bidders_bid_more(void)
{
    const struct auction_rule neutral = {.n_bidders = 4, .capacity = INFINITY};
    const struct auction_rule averse = {
        .n_bidders = 4, .aversion = 0.6, .capacity = INFINITY};
    const struct auction_lot lot = lot_of(11, 0.05);
    const struct auction a = auction_open(&neutral, &draws, &lot);
    const struct auction b = auction_open(&averse, &draws, &lot);

    for (size_t j = 0; j < 4; j++)
        CHECK_REL((0.05 - b.wanted[j]) / (0.05 - a.wanted[j]),
                  (3.0 / 3.4) / (3.0 / 4.0), 1e-13);
}

static void nobody_takes_more_than_its_capacity(void)
{
    const struct auction_rule rule = {.n_bidders = 3, .capacity = 0.25};
    const struct auction_lot lot = lot_of(7, 0.05);
    struct auction auction = auction_open(&rule, &draws, &lot);

    CU_ASSERT_EQUAL(auction_take(&rule, &draws, &auction, STEPS, 1.0), 0.75);
    CU_ASSERT_EQUAL(auction_take(&rule, &draws, &auction, STEPS, 1.0), 0.0);
}

/* At the discount that it wants a noisy bidder accepts every other time; far beyond it
 * always, and the more precise it is the nearer to that. */
static void noise_makes_acceptance_a_matter_of_degree(void)
{
    const struct auction_rule rule = {
        .n_bidders = 1, .capacity = INFINITY, .precision = 20.0};
    size_t n_at = 0, n_short = 0;

    for (uint32_t i = 0; i < LOTS; i++) {
        const struct auction_lot lot = {
            .start = 0.05, .end = 0.05, .n_steps = 1, .worst = 0.05, .number = i};
        struct auction at = auction_open(&rule, &draws, &lot), before = at;

        before.wanted[0] = 0.06; /* odds 20 * -0.01 / 0.05 = -4 */
        n_at += auction_take(&rule, &draws, &at, 0, 1.0) > 0.0;
        n_short += auction_take(&rule, &draws, &before, 0, 1.0) > 0.0;
    }
    const double p = 1.0 / (1.0 + exp(4.0));
    CU_ASSERT_DOUBLE_EQUAL((double)n_at / LOTS, 0.5, 4.5 * sqrt(0.25 / LOTS));
    CU_ASSERT_DOUBLE_EQUAL((double)n_short / LOTS, p, 4.5 * sqrt(p * (1 - p) / LOTS));
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"a_single_neutral_bidder_waits_for_the_last_discount",
         a_single_neutral_bidder_waits_for_the_last_discount},
        {"a_single_bidder_stays_away_where_its_cost_is_more",
         a_single_bidder_stays_away_where_its_cost_is_more},
        {"neutral_bidders_ask_for_one_nth_of_what_it_is_worth_to_them",
         neutral_bidders_ask_for_one_nth_of_what_it_is_worth_to_them},
        {"a_lot_brings_the_revenue_of_a_first_price_auction",
         a_lot_brings_the_revenue_of_a_first_price_auction},
        {"a_reserve_makes_bids_higher", a_reserve_makes_bids_higher},
        {"averse_bidders_bid_more", averse_bidders_bid_more},
        {"nobody_takes_more_than_its_capacity", nobody_takes_more_than_its_capacity},
        {"noise_makes_acceptance_a_matter_of_degree",
         noise_makes_acceptance_a_matter_of_degree},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"auction", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
