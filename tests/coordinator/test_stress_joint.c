/* What bad days do to all instruments together, and which of them are named for the
 * next job: by hand. */
#include "coordinator/stress_found.h"
#include "coordinator/stress_joint.h"
#include "coordinator/verdicts.h"
#include "core/clock.h"
#include "tests/check.h"
#include "worker/stress_margin.h"

enum { N = 4, F = STRESS_MARGIN_FIGURES };

struct world {
    struct plan plan;
    struct history_entry entry[N];
    struct outcome outcome[N];
};

/* Rows: two windows, worst-1, roughest, four shocks, two reverse ones. */
enum { FIRST, SECOND, WORST, ROUGHEST, BREAK, DEPEG, THIN, LATE, FALL, RISE, ROWS };

static void put(struct world *world, size_t i, size_t row, double beyond)
{
    struct stress_table *table = &world->outcome[i].verdict[0].stress;

    table->at_ns[row] = (int64_t)(1000 + row) * CLOCK_DAY;
    for (size_t f = 0; f < F; f++)
        table->figure[row * F + f] = f == STRESS_MARGIN_BEYOND ? beyond : 0.5;
}

static void open_world(struct world *world)
{
    static const char *const names[N] = {"AAA", "BBB", "CCC", "DDD"};

    *world = (struct world){
        .plan = {.study = &margin_study,
                 .stress = {.is_on = true,
                            .n_windows = 2,
                            .window = {{"first", 1000 * CLOCK_DAY, 1003 * CLOCK_DAY},
                                       {"second", 1100 * CLOCK_DAY, 1101 * CLOCK_DAY}},
                            .n_found = 1}}};
    CU_ASSERT_EQUAL_FATAL(stress_n_rows(&world->plan.stress), ROWS);
    for (size_t i = 0; i < N; i++) {
        struct outcome *outcome = &world->outcome[i];

        strcpy(world->entry[i].instrument, names[i]);
        outcome->entry = &world->entry[i];
        outcome->n_judged = 1;
        CU_ASSERT_EQUAL_FATAL(verdicts_new(&world->plan, 1, &outcome->verdict, NULL),
                              0);
        outcome->verdict[0].stress.money = (double)(i + 1);
        for (size_t row = 0; row < ROWS; row++)
            put(world, i, row, 0.125 * (double)(i + 1));
    }
}

static void close_world(struct world *world)
{
    for (size_t i = 0; i < N; i++)
        verdicts_free(world->outcome[i].verdict);
}

static const struct stress_joint_row *find(const struct stress_joint *joint, size_t row)
{
    for (size_t r = 0; r < joint->n; r++)
        if (joint->row[r].row == row)
            return &joint->row[r];
    return NULL;
}

static void figures_are_means_by_money_of_those_it_covers(void)
{
    struct world world;

    open_world(&world);
    world.outcome[3].status = STATUS_FAILED; /* has no say */
    world.outcome[1].verdict[0].stress.at_ns[SECOND] = STRESS_NOWHERE;
    struct stress_joint joint = stress_joint_of(&world.plan, N, world.outcome);
    CU_ASSERT_EQUAL(joint.n_instruments, 3);
    /* (1 1 + 2 2 + 3 3)/8 / (1 + 2 + 3) */
    CHECK_REL(find(&joint, FIRST)->figure[STRESS_MARGIN_BEYOND], 14.0 / 48.0, 1e-15);
    CU_ASSERT_EQUAL(find(&joint, FIRST)->n_instruments, 3);
    CHECK_REL(find(&joint, SECOND)->figure[STRESS_MARGIN_BEYOND], 10.0 / 32.0, 1e-15);
    CU_ASSERT_EQUAL(find(&joint, SECOND)->n_instruments, 2);
    CHECK_REL(find(&joint, LATE)->figure[STRESS_MARGIN_LOSS], 0.5, 1e-15);
    CU_ASSERT_PTR_NULL(find(&joint, WORST));
    CU_ASSERT_PTR_NULL(find(&joint, ROUGHEST));
    CU_ASSERT_PTR_NULL(find(&joint, FALL));
    for (size_t i = 0; i < N; i++)
        world.outcome[i].verdict[0].stress.at_ns[SECOND] = STRESS_NOWHERE;
    joint = stress_joint_of(&world.plan, N, world.outcome);
    CU_ASSERT_PTR_NULL(find(&joint, SECOND));       /* covers nobody */
    world.outcome[0].verdict[0].stress.money = 0.0; /* nothing at stake */
    CU_ASSERT_EQUAL(stress_joint_of(&world.plan, N, world.outcome).n_instruments, 2);
    close_world(&world);
}

/* 1 k/64 + 2 k/32 against funds of 1/4 + 2/8: 5 k > 32. */
static void all_move_until_the_funds_together_are_not_enough(void)
{
    struct world world;

    open_world(&world);
    world.outcome[2].n_judged = world.outcome[3].n_judged = 0;
    for (size_t k = 0; k < STRESS_CURVE; k++) {
        world.outcome[0].verdict[0].stress.curve[k] = (double)(k + 1) / 64.0;
        world.outcome[1].verdict[0].stress.curve[k] = (double)(k + 1) / 32.0;
    }
    world.outcome[0].verdict[0].stress.fund = 0.25;
    world.outcome[1].verdict[0].stress.fund = 0.125;
    CU_ASSERT_EQUAL(stress_joint_of(&world.plan, N, world.outcome).reverse_volatilities,
                    7);
    world.outcome[0].verdict[0].stress.fund = 9.0;
    CU_ASSERT_EQUAL(stress_joint_of(&world.plan, N, world.outcome).reverse_volatilities,
                    0);
    close_world(&world);
}

static void a_broken_limit_holds_all_that_are_calibrated(void)
{
    struct world world;

    open_world(&world);
    world.outcome[2].status = STATUS_HELD;
    strcpy(world.outcome[2].reason, "its own");
    world.plan.stress.n_joint = 1;
    world.plan.stress.joint[0] =
        (struct stress_limit){STRESS_MARGIN_BEYOND, -INFINITY, 0.375};
    struct stress_joint joint = stress_joint_of(&world.plan, N, world.outcome);
    stress_joint_hold(&world.plan, &joint, N, world.outcome);
    CU_ASSERT_EQUAL(world.outcome[0].status, STATUS_CALIBRATED); /* 0.375 exactly */
    put(&world, 3, SECOND, 0.6);
    joint = stress_joint_of(&world.plan, N, world.outcome);
    stress_joint_hold(&world.plan, &joint, N, world.outcome);
    for (size_t i = 0; i < N; i++) {
        CU_ASSERT_EQUAL(world.outcome[i].status, STATUS_HELD);
        CU_ASSERT_EQUAL(world.outcome[i].is_stressed, i != 2);
        CHECK_CONTAINS(world.outcome[i].reason,
                       i == 2 ? "its own"
                              : "under stress, with all instruments together: in "
                                "second, beyond 0.415 is above 0.375");
    }
    close_world(&world);
}

/* ---- days ---- */

static void find_days(struct world *world, struct stress_day day[STRESS_DAYS_MAX],
                      size_t *n)
{
    CU_ASSERT_EQUAL_FATAL(
        stress_find_days(&world->plan, N, world->outcome, day, n, NULL), 0);
}

static void set_short(struct world *world, size_t i, size_t j, int64_t day,
                      double beyond)
{
    world->outcome[i].verdict[0].stress.shortfall[j] =
        (struct stress_shortfall){day * CLOCK_DAY + CLOCK_HOUR, beyond};
}

static void days_that_struck_most_come_first(void)
{
    struct stress_day day[STRESS_DAYS_MAX];
    struct world world;
    size_t n;

    open_world(&world);
    for (size_t i = 0; i < N; i++) /* the worst of all is in the first window */
        world.outcome[i].verdict[0].stress.at_ns[WORST] = 1001 * CLOCK_DAY;
    find_days(&world, day, &n);
    CU_ASSERT_EQUAL(n, 0);
    set_short(&world, 0, 0, 1200, 0.5);
    set_short(&world, 0, 1, 1300, 0.1);
    set_short(&world, 1, 0, 1300, 0.2);
    set_short(&world, 2, 0, 1002, 0.7); /* in the window */
    set_short(&world, 3, 0, 1250, 0.6);
    find_days(&world, day, &n);
    CU_ASSERT_EQUAL_FATAL(n, 3);
    CU_ASSERT_EQUAL(day[0].day, 1300);
    CU_ASSERT_EQUAL(day[0].n_short, 2);
    CHECK_REL(day[0].beyond, 0.3, 1e-15);
    CU_ASSERT_STRING_EQUAL(day[0].most, "BBB");
    CU_ASSERT_EQUAL(day[1].day, 1250);
    CU_ASSERT_EQUAL(day[2].day, 1200);
    close_world(&world);
}

static void a_day_that_is_the_worst_of_half_is_one(void)
{
    struct stress_day day[STRESS_DAYS_MAX];
    struct world world;
    size_t n;

    open_world(&world);
    world.outcome[0].verdict[0].stress.at_ns[WORST] = 1400 * CLOCK_DAY;
    world.outcome[1].verdict[0].stress.at_ns[WORST] = 1401 * CLOCK_DAY - 1;
    world.outcome[2].verdict[0].stress.at_ns[WORST] = 1500 * CLOCK_DAY;
    world.outcome[3].verdict[0].stress.at_ns[WORST] = STRESS_NOWHERE;
    find_days(&world, day, &n);
    CU_ASSERT_EQUAL_FATAL(n, 1);
    CU_ASSERT_EQUAL(day[0].day, 1400);
    CU_ASSERT_EQUAL(day[0].n_worst, 2);
    world.outcome[1].verdict[0].stress.at_ns[WORST] = 1401 * CLOCK_DAY;
    find_days(&world, day, &n);
    CU_ASSERT_EQUAL(n, 0);
    close_world(&world);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"figures_are_means_by_money_of_those_it_covers",
         figures_are_means_by_money_of_those_it_covers},
        {"all_move_until_the_funds_together_are_not_enough",
         all_move_until_the_funds_together_are_not_enough},
        {"a_broken_limit_holds_all_that_are_calibrated",
         a_broken_limit_holds_all_that_are_calibrated},
        {"days_that_struck_most_come_first", days_that_struck_most_come_first},
        {"a_day_that_is_the_worst_of_half_is_one",
         a_day_that_is_the_worst_of_half_is_one},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"stress together", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
