#include "tests/check.h"
#include "worker/morris.h"

#include <stdlib.h>

enum { LEVELS = 4, INPUTS_MAX = 20 };

typedef double output(size_t k, const double x[]);

/* The effects of f from r trajectories. */
static void screen(output *f, size_t k, size_t r, struct morris_effect effect[])
{
    double *x = malloc(r * (k + 1) * k * sizeof *x);
    double *y = malloc(r * (k + 1) * sizeof *y);
    size_t *order = malloc(r * k * sizeof *order);

    for (size_t t = 0; t < r; t++) {
        morris_trajectory(7, t, LEVELS, k, x + t * (k + 1) * k, order + t * k);
        for (size_t s = 0; s <= k; s++)
            y[t * (k + 1) + s] = f(k, x + (t * (k + 1) + s) * k);
    }
    morris_effects(r, k, x, order, y, effect);
    free(x);
    free(y);
    free(order);
}

static void a_trajectory_moves_each_input_once_by_delta(void)
{
    enum { K = 5 };
    double x[(K + 1) * K];
    size_t order[K], n_up = 0;

    for (size_t t = 0; t < 200; t++) {
        morris_trajectory(3, t, LEVELS, K, x, order);
        for (size_t s = 0; s < K; s++)
            for (size_t i = 0; i < K; i++) {
                const double step = x[(s + 1) * K + i] - x[s * K + i];

                CU_ASSERT(x[s * K + i] >= 0.0 && x[s * K + i] <= 1.0);
                if (i != order[s])
                    CU_ASSERT(step == 0.0)
                else
                    CHECK_REL(fabs(step), 2.0 / 3, 2 * DBL_EPSILON);
                n_up += i == order[s] && step > 0.0;
            }
    }
    /* 1000 fair coins: 5 standard deviations of 15.8 */
    CU_ASSERT(n_up > 420 && n_up < 580);
}

static double linear(size_t k, const double x[])
{
    double y = 1.0;

    for (size_t i = 0; i < k; i++)
        y += ((double)i - 1.0) * x[i];
    return y;
}

static void a_linear_output_has_its_coefficients_for_effects(void)
{
    struct morris_effect effect[4];

    screen(linear, 4, 10, effect);
    for (size_t i = 0; i < 4; i++) {
        const double c = (double)i - 1.0;

        /* sums of four terms below 4, divided by 2/3: some 20 roundings */
        CU_ASSERT_DOUBLE_EQUAL(effect[i].mu, c, 20 * DBL_EPSILON);
        CU_ASSERT_DOUBLE_EQUAL(effect[i].mu_star, fabs(c), 20 * DBL_EPSILON);
        CU_ASSERT_DOUBLE_EQUAL(effect[i].sigma, 0.0, 20 * DBL_EPSILON);
        CU_ASSERT_EQUAL(effect[i].n, 10);
    }
}

static double bowl(size_t k, const double x[])
{
    (void)k;
    return (x[0] - 0.5) * (x[0] - 0.5);
}

/* From 0 to 2/3 the bowl falls by 2/9, from 1/3 to 1 it rises by 2/9: effects -1/3 and
 * 1/3, which cancel in mu and not in mu*. */
static void mu_star_sees_what_cancels_in_mu(void)
{
    enum { R = 400 };
    struct morris_effect effect[2];

    screen(bowl, 2, R, effect);
    CHECK_REL(effect[0].mu_star, 1.0 / 3, 20 * DBL_EPSILON);
    /* the mean of 400 signs: 5 standard deviations of 1/20 */
    CU_ASSERT(fabs(effect[0].mu) < 5.0 / 20 / 3);
    CHECK_REL(effect[0].sigma * effect[0].sigma * (R - 1) / R +
                  effect[0].mu * effect[0].mu,
              1.0 / 9, 1e-12);
    CU_ASSERT(effect[1].mu_star == 0.0 && effect[1].sigma == 0.0);
}

static const double g_weight[3] = {0.0, 1.0, 9.0};

static double sobol_g(size_t k, const double x[])
{
    double y = 1.0;

    for (size_t i = 0; i < k; i++)
        y *= (fabs(4.0 * x[i] - 2.0) + g_weight[i]) / (1.0 + g_weight[i]);
    return y;
}

/* Mean and second moment of the effect of input i, over every cell of the levels: what
 * the trajectories sample. */
static void enumerate(size_t i, double *size, double *size2, double *mu)
{
    const size_t other[2] = {(i + 1) % 3, (i + 2) % 3};

    *size = *size2 = *mu = 0.0;
    for (int b = 0; b < 2; b++)
        for (int u = 0; u < 4; u++)
            for (int v = 0; v < 4; v++) {
                double from[3], to[3];

                from[i] = b / 3.0;
                to[i] = (b + 2) / 3.0;
                from[other[0]] = to[other[0]] = u / 3.0;
                from[other[1]] = to[other[1]] = v / 3.0;
                const double d = (sobol_g(3, to) - sobol_g(3, from)) * 1.5;
                *size += fabs(d) / 32;
                *size2 += d * d / 32;
                *mu += d / 32;
            }
}

static void effects_of_sobol_g_are_those_of_all_cells(void)
{
    enum { R = 20000 };
    struct morris_effect effect[3];

    screen(sobol_g, 3, R, effect);
    for (size_t i = 0; i < 3; i++) {
        double size, size2, mu;

        enumerate(i, &size, &size2, &mu);
        /* five standard errors of a mean of 20000 */
        const double bound = 5.0 * sqrt((size2 - size * size) / R);
        CU_ASSERT_DOUBLE_EQUAL(effect[i].mu_star, size, bound);
        CU_ASSERT_DOUBLE_EQUAL(effect[i].mu, mu, 5.0 * sqrt(size2 / R));
        CHECK_REL(effect[i].mu_star_error, bound / 5.0, 0.05);
        /* sigma's own error is about sigma / sqrt(2 R) for a kurtosis of 3 */
        CHECK_REL(effect[i].sigma, sqrt(size2 - mu * mu), 0.05);
    }
    CU_ASSERT(effect[0].mu_star > effect[1].mu_star &&
              effect[1].mu_star > effect[2].mu_star);
}

/* The function of Morris 1991, section 4, with the coefficients that the paper leaves
 * to chance set to 0: inputs 1 to 10 matter, 11 to 20 do not; 8, 9 and 10 are linear.
 */
static double morris_1991(size_t k, const double x[])
{
    double w[INPUTS_MAX], y = 0.0;

    for (size_t i = 0; i < k; i++)
        w[i] = i == 2 || i == 4 || i == 6 ? 2.0 * (1.1 * x[i] / (x[i] + 0.1) - 0.5)
                                          : 2.0 * (x[i] - 0.5);
    for (size_t i = 0; i < 10; i++)
        y += 20.0 * w[i];
    for (size_t i = 0; i < 6; i++)
        for (size_t j = i + 1; j < 6; j++)
            y -= 15.0 * w[i] * w[j];
    for (size_t i = 0; i < 5; i++)
        for (size_t j = i + 1; j < 5; j++)
            for (size_t l = j + 1; l < 5; l++)
                y -= 10.0 * w[i] * w[j] * w[l];
    for (size_t i = 0; i < 4; i++)
        for (size_t j = i + 1; j < 4; j++)
            for (size_t l = j + 1; l < 4; l++)
                for (size_t s = l + 1; s < 4; s++)
                    y += 5.0 * w[i] * w[j] * w[l] * w[s];
    return y;
}

static void morris_own_function_falls_into_his_three_groups(void)
{
    struct morris_effect effect[INPUTS_MAX];

    screen(morris_1991, 20, 20, effect);
    for (size_t i = 0; i < 7; i++) /* they interact, or bend (input 7) */
        CU_ASSERT(effect[i].mu_star > 10.0 && effect[i].sigma > 5.0);
    for (size_t i = 7; i < 10; i++) {
        CHECK_REL(effect[i].mu_star, 40.0, 1e-12);
        CU_ASSERT(effect[i].sigma < 1e-10);
    }
    for (size_t i = 10; i < 20; i++)
        CU_ASSERT(effect[i].mu_star == 0.0);
}

static void steps_without_an_output_or_a_way_are_left_out(void)
{
    /* input 0 goes by 1/2; then by nothing; then to an output that is undefined */
    const double x[] = {0, 0.5, 1, 1, 0, 0.25}, y[] = {1, 3, 5, 5, 2, NAN};
    const size_t order[] = {0, 0, 0};
    struct morris_effect effect;

    morris_effects(3, 1, x, order, y, &effect);
    CU_ASSERT_EQUAL(effect.n, 1);
    CU_ASSERT(effect.mu == 4.0 && effect.mu_star == 4.0 && isnan(effect.sigma));
    morris_effects(1, 1, x + 2, order, y + 2, &effect);
    CU_ASSERT(effect.n == 0 && isnan(effect.mu_star));
}

int main(void)
{
    CU_TestInfo morris[] = {
        {"a_trajectory_moves_each_input_once_by_delta",
         a_trajectory_moves_each_input_once_by_delta},
        {"a_linear_output_has_its_coefficients_for_effects",
         a_linear_output_has_its_coefficients_for_effects},
        {"mu_star_sees_what_cancels_in_mu", mu_star_sees_what_cancels_in_mu},
        {"effects_of_sobol_g_are_those_of_all_cells",
         effects_of_sobol_g_are_those_of_all_cells},
        {"morris_own_function_falls_into_his_three_groups",
         morris_own_function_falls_into_his_three_groups},
        {"steps_without_an_output_or_a_way_are_left_out",
         steps_without_an_output_or_a_way_are_left_out},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"morris", NULL, NULL, NULL, NULL, morris},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
