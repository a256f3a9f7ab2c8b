#include "market/random.h"
#include "tests/check.h"
#include "worker/spa.h"

#include <stdlib.h>

enum { N = 200, M_MAX = 20, REPLICATES = 300 };

static struct spa run(size_t n, size_t m, const double *d, double mean_block,
                      uint64_t seed)
{
    static double mean[M_MAX], omega[M_MAX];
    static size_t draw[4096];
    const struct spa_problem problem = {n, m, d, mean_block, REPLICATES, seed};
    const struct spa_room room = {mean, omega, draw};

    return spa_of(&problem, &room);
}

/* Independent d of mean mu_k and deviation 1. */
static void draw_d(uint64_t round, size_t m, const double mu[], double d[])
{
    struct random random = random_at(77, 0, round, 0);

    for (size_t i = 0; i < m * N; i++)
        d[i] = mu[i / N] + random_normal(&random);
}

/* Where nothing differs (all E d = 0) the p-value is near to uniform. */
static void rejects_as_often_as_it_says_where_nothing_differs(void)
{
    enum { ROUNDS = 500, M = 5 };
    static double d[M * N];
    static const double mu[M] = {0};
    int n_lower = 0, n_consistent = 0, n_upper = 0;

    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw_d(round, M, mu, d);
        const struct spa spa = run(N, M, d, 2.0, round);

        n_lower += spa.p_lower <= 0.1;
        n_consistent += spa.p_consistent <= 0.1;
        n_upper += spa.p_upper <= 0.1;
        CU_ASSERT(spa.p_lower <= spa.p_consistent && spa.p_consistent <= spa.p_upper);
    }
    /* 0.1, four standard deviations of 500 trials 0.054, and 0.03 for a bootstrap of
     * 200 times and 300 replicates; lower is liberal by design */
    CU_ASSERT(n_consistent > 0.016 * ROUNDS && n_consistent < 0.184 * ROUNDS);
    CU_ASSERT(n_upper > 0.016 * ROUNDS && n_upper < 0.184 * ROUNDS);
    CU_ASSERT(n_lower >= n_consistent && n_consistent >= n_upper);
}

/* d_t = x_t + ... + x_{t-3}: blocks of one take the mean for surer than it is and
 * reject far too often, blocks of ten do not. */
static void long_blocks_stand_dependence(void)
{
    enum { ROUNDS = 300, M = 3 };
    static double d[M * N];
    int n_short = 0, n_long = 0;

    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct random random = random_at(78, 0, round, 0);

        for (size_t k = 0; k < M; k++) {
            double x[4] = {0};

            for (size_t t = 0; t < N + 4; t++) {
                x[t % 4] = random_normal(&random);
                if (t >= 4)
                    d[k * N + t - 4] = x[0] + x[1] + x[2] + x[3];
            }
        }
        n_short += run(N, M, d, 1.0, round).p_consistent <= 0.1;
        n_long += run(N, M, d, 10.0, round).p_consistent <= 0.1;
    }
    CU_ASSERT(n_short > 0.25 * ROUNDS);
    /* 0.1, four standard deviations 0.069, and 0.05 for 20 blocks of bootstrap */
    CU_ASSERT(n_long < 0.22 * ROUNDS);
}

static void finds_the_one_that_is_better(void)
{
    enum { ROUNDS = 100, M = 5 };
    static double d[M * N];
    static const double mu[M] = {0, 0, -0.3, 0.35, 0};
    int n_found = 0;

    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw_d(round, M, mu, d);
        const struct spa spa = run(N, M, d, 2.0, round);

        n_found += spa.p_consistent <= 0.05 && spa.best == 3;
    }
    /* 0.35 sqrt(200) = 4.9 standard errors against a critical value of about 2.3 */
    CU_ASSERT(n_found >= 95);
}

/* Fifteen hopeless alternatives hide a good one from the upper p-value and hardly from
 * the consistent one: what Hansen made it for. */
static void hopeless_alternatives_do_not_hide_a_good_one(void)
{
    enum { ROUNDS = 100, M = 16 };
    static double d[M * N];
    static double mu[M];
    double alone = 0.0, consistent = 0.0, upper = 0.0;

    for (size_t k = 0; k < M; k++)
        mu[k] = k == 0 ? 0.12 : -1.0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        draw_d(round, M, mu, d);
        const struct spa all = run(N, M, d, 2.0, round), one = run(N, 1, d, 2.0, round);

        alone += one.p_consistent / ROUNDS;
        consistent += all.p_consistent / ROUNDS;
        upper += all.p_upper / ROUNDS;
    }
    /* the hopeless are 14 standard errors away: the consistent test drops them all, and
     * one replicate's accident in 300 is all they can add */
    CU_ASSERT_DOUBLE_EQUAL(consistent, alone, 0.01);
    CU_ASSERT(upper > alone + 0.2);
}

/* The closed form against the bootstrap itself. */
static void omega_is_the_variance_of_the_bootstrap(void)
{
    enum { LENGTH = 60, DRAWS = 40000 };
    static const double blocks[] = {1.0, 3.0, 8.0};
    double d[LENGTH];
    size_t draw[LENGTH];
    struct random random = random_at(79, 0, 0, 0);

    d[0] = 0.0;
    for (size_t t = 1; t < LENGTH; t++)
        d[t] = 0.6 * d[t - 1] + random_normal(&random);
    for (int i = 0; i < 3; i++) {
        double mean = 0.0, squares = 0.0;

        for (size_t r = 0; r < DRAWS; r++) {
            double sum = 0.0;

            spa_draw(5, r, LENGTH, blocks[i], draw);
            for (size_t t = 0; t < LENGTH; t++)
                sum += d[draw[t]];
            sum /= LENGTH;
            mean += sum / DRAWS;
            squares += sum * sum / DRAWS;
        }
        /* a variance of 40000 near-normal draws: 5 sqrt(2 / 40000) */
        CHECK_REL(LENGTH * (squares - mean * mean), spa_variance(LENGTH, d, blocks[i]),
                  0.036);
    }
}

/* Runs begin with probability q = 1 / mean block, but for one that happens to go on. */
static void runs_have_the_mean_length_asked_for(void)
{
    enum { LENGTH = 4000 };
    static size_t draw[LENGTH];
    size_t n_breaks = 0;

    for (size_t r = 0; r < 50; r++) {
        spa_draw(6, r, LENGTH, 5.0, draw);
        for (size_t t = 1; t < LENGTH; t++)
            n_breaks += draw[t] != (draw[t - 1] + 1) % LENGTH;
    }
    /* 200000 trials of 0.2: five standard deviations */
    CU_ASSERT_DOUBLE_EQUAL((double)n_breaks / (50 * (LENGTH - 1)), 0.2, 0.0045);
}

static void nothing_is_said_of_nothing(void)
{
    static const double same[] = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1},
                        worse[] = {-1, -2, -1, -2, -1, -2, -1};
    struct spa spa = run(7, 1, same, 2.0, 1);

    CU_ASSERT(isnan(spa.statistic) && isnan(spa.p_consistent) && spa.n_constant == 1);
    spa = run(2, 1, worse, 2.0, 1);
    CU_ASSERT(isnan(spa.statistic));
    /* all alternatives worse: nothing speaks against the benchmark */
    spa = run(7, 1, worse, 2.0, 1);
    CU_ASSERT(spa.statistic == 0.0 && spa.p_lower == 1.0 && spa.p_upper == 1.0);
}

static void the_same_seed_gives_the_same_p_values(void)
{
    enum { M = 4 };
    static double d[M * N];
    static const double mu[M] = {0.1, 0, 0, 0};

    draw_d(9, M, mu, d);
    const struct spa one = run(N, M, d, 3.0, 4), two = run(N, M, d, 3.0, 4),
                     other = run(N, M, d, 3.0, 5);
    CU_ASSERT(memcmp(&one, &two, sizeof one) == 0);
    CU_ASSERT(one.statistic == other.statistic);
    CU_ASSERT(one.p_upper != other.p_upper || one.p_lower != other.p_lower);
}

int main(void)
{
    CU_TestInfo spa[] = {
        {"rejects_as_often_as_it_says_where_nothing_differs",
         rejects_as_often_as_it_says_where_nothing_differs},
        {"long_blocks_stand_dependence", long_blocks_stand_dependence},
        {"finds_the_one_that_is_better", finds_the_one_that_is_better},
        {"hopeless_alternatives_do_not_hide_a_good_one",
         hopeless_alternatives_do_not_hide_a_good_one},
        {"omega_is_the_variance_of_the_bootstrap",
         omega_is_the_variance_of_the_bootstrap},
        {"runs_have_the_mean_length_asked_for", runs_have_the_mean_length_asked_for},
        {"nothing_is_said_of_nothing", nothing_is_said_of_nothing},
        {"the_same_seed_gives_the_same_p_values",
         the_same_seed_gives_the_same_p_values},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"spa", NULL, NULL, NULL, NULL, spa},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
