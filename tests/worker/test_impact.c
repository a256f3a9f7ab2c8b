#include "market/random.h"
#include "tests/check.h"
#include "worker/impact.h"
#include "worker/tiers.h"

static const struct impact_rule root = {
    .y = 0.8, .delta = 0.5, .halflife_steps = INFINITY};

/* I = 0.8 * 0.05 * sqrt(0.04) = 0.008. */
static void a_fill_moves_the_price_by_the_square_root_of_its_share_of_adv(void)
{
    struct impact impact = impact_new(&root, 0.05);

    CHECK_REL(impact_of(&impact, 0.04), 0.008, 4 * DBL_EPSILON);
    CU_ASSERT_EQUAL(impact_price(&impact), 1.0);
    impact_add(&impact, 0.04);
    CHECK_REL(impact_price(&impact), 0.992, 2 * DBL_EPSILON);
    impact_add(&impact, -0.08);
    CHECK_REL(impact_price(&impact), 1.008, 2 * DBL_EPSILON);
}

/* The mean of I from 0 to q is I(q) / (1 + delta). */
static void a_fill_from_rest_costs_two_thirds_of_where_it_ends(void)
{
    struct impact impact = impact_new(&root, 0.05);

    /* as far as 1 - I tells of I */
    CU_ASSERT_DOUBLE_EQUAL(1.0 - impact_fill(&impact, 0.04), 0.008 * 2.0 / 3.0,
                           2 * DBL_EPSILON);
    CU_ASSERT_DOUBLE_EQUAL(impact_fill(&impact, -0.04) - 1.0, 0.008 * 2.0 / 3.0,
                           2 * DBL_EPSILON);
}

/* Money of q in parts is money of q at once, and selling what was bought in between
 * ends where it began: within 8 roundings of the integral, which is at most q I. */
static void cutting_a_fill_up_changes_nothing_without_decay(void)
{
    for (uint32_t run = 0; run < 2000; run++) {
        struct random random = random_at(31, 1, 1, run);
        const struct impact_rule rule = {.y = 2.0 * random_uniform(&random),
                                         .delta = 0.2 + 0.8 * random_uniform(&random),
                                         .halflife_steps = INFINITY};
        struct impact impact = impact_new(&rule, 0.1 * random_uniform(&random));
        const double start = random_uniform(&random) - 0.5;
        const double first = random_uniform(&random), second = random_uniform(&random);
        double parts, whole;

        impact_add(&impact, start);
        whole = (first + second) * impact_fill(&impact, first + second);
        parts = first * impact_fill(&impact, first);
        impact_add(&impact, first);
        parts += second * impact_fill(&impact, second);
        CU_ASSERT_DOUBLE_EQUAL(parts, whole, 64 * DBL_EPSILON);
    }
}

static void volume_halves_every_half_life(void)
{
    const struct impact_rule rule = {.y = 1.0, .delta = 0.5, .halflife_steps = 12.0};
    struct impact impact = impact_new(&rule, 0.05);

    impact_add(&impact, 0.3);
    for (int s = 0; s < 36; s++)
        impact_decay(&impact);
    CHECK_REL(impact.volume, 0.3 / 8.0, 36 * 4 * DBL_EPSILON);
}

static void some_price_is_left_however_much_is_sold(void)
{
    struct impact impact = impact_new(&root, 1.0);

    CU_ASSERT_EQUAL(impact_fill(&impact, 1e6), IMPACT_FLOOR);
    impact_add(&impact, 1e6);
    CU_ASSERT_EQUAL(impact_price(&impact), IMPACT_FLOOR);
}

static void check_order(const struct tiers *tiers, double base, double share)
{
    CU_ASSERT_EQUAL(tiers->initial[0], base);
    CU_ASSERT_TRUE(isinf(tiers->cap[tiers->n - 1]));
    for (size_t k = 0; k < tiers->n; k++) {
        CU_ASSERT_TRUE(tiers->maintenance[k] < tiers->initial[k]);
        CU_ASSERT_TRUE(tiers->initial[k] <= 1.0);
        CHECK_REL(tiers->maintenance[k], share * tiers->initial[k], DBL_EPSILON);
        if (k == 0)
            continue;
        CU_ASSERT_TRUE(tiers->cap[k] > tiers->cap[k - 1]);
        CU_ASSERT_TRUE(tiers->initial[k] >= tiers->initial[k - 1]);
        CU_ASSERT_TRUE(tiers->maintenance[k] >= tiers->maintenance[k - 1]);
    }
}

static void tiers_never_fall_and_maintenance_is_below_initial(void)
{
    for (uint32_t run = 0; run < 3000; run++) {
        struct random random = random_at(32, 1, 1, run);
        const struct impact_rule rule = {.y = 2.0 * random_uniform(&random),
                                         .delta = 0.1 + 0.9 * random_uniform(&random),
                                         .halflife_steps = 10.0};
        const struct impact impact = impact_new(&rule, 0.3 * random_uniform(&random));
        const double base = random_uniform(&random), share = random_uniform(&random);
        const struct tiers_rule law = {.law = (enum tiers_law)(run % TIERS_LAWS),
                                       .first = random_uniform(&random),
                                       .maintenance = share};
        const struct tiers tiers = tiers_of(&law, base, &impact);

        CU_ASSERT_EQUAL(tiers.n, law.law == TIERS_ONE ? 1 : TIERS_MAX);
        check_order(&tiers, base, share);
    }
}

/* Caps 0.01, 0.04, 0.16 ...: the root doubles from tier to tier. */
static void the_root_law_doubles_at_four_times_the_size(void)
{
    const struct tiers_rule law = {
        .law = TIERS_ROOT, .first = 0.01, .maintenance = 0.5};
    const struct impact impact = impact_new(&root, 0.05);
    const struct tiers tiers = tiers_of(&law, 0.02, &impact);

    for (size_t k = 0; k < 5; k++)
        CHECK_REL(tiers.initial[k], 0.02 * (double)(1 << k), 4 * DBL_EPSILON);
    CU_ASSERT_EQUAL(tiers_find(&tiers, 0.0), 0);
    CU_ASSERT_EQUAL(tiers_find(&tiers, 0.01), 0);
    CU_ASSERT_EQUAL(tiers_find(&tiers, 0.0101), 1);
    CU_ASSERT_EQUAL(tiers_find(&tiers, 1e9), TIERS_MAX - 1);
}

/* A position of a tier's end costs, to sell, as much more as its rate is higher. */
static void the_impact_law_asks_what_selling_costs_more(void)
{
    const struct tiers_rule law = {
        .law = TIERS_IMPACT, .first = 0.01, .maintenance = 0.5};
    const struct impact impact = impact_new(&root, 0.05);
    const struct tiers tiers = tiers_of(&law, 0.02, &impact);

    CHECK_REL(tiers.initial[2] - 0.02, 0.8 * 0.05 * (0.4 - 0.1), 32 * DBL_EPSILON);
}

int main(void)
{
    static CU_TestInfo impact[] = {
        {"a_fill_moves_the_price_by_the_square_root_of_its_share_of_adv",
         a_fill_moves_the_price_by_the_square_root_of_its_share_of_adv},
        {"a_fill_from_rest_costs_two_thirds_of_where_it_ends",
         a_fill_from_rest_costs_two_thirds_of_where_it_ends},
        {"cutting_a_fill_up_changes_nothing_without_decay",
         cutting_a_fill_up_changes_nothing_without_decay},
        {"volume_halves_every_half_life", volume_halves_every_half_life},
        {"some_price_is_left_however_much_is_sold",
         some_price_is_left_however_much_is_sold},
        CU_TEST_INFO_NULL,
    };
    static CU_TestInfo tiers[] = {
        {"tiers_never_fall_and_maintenance_is_below_initial",
         tiers_never_fall_and_maintenance_is_below_initial},
        {"the_root_law_doubles_at_four_times_the_size",
         the_root_law_doubles_at_four_times_the_size},
        {"the_impact_law_asks_what_selling_costs_more",
         the_impact_law_asks_what_selling_costs_more},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"impact", NULL, NULL, NULL, NULL, impact},
        {"tiers", NULL, NULL, NULL, NULL, tiers},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
