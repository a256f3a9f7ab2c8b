/* GARCH of given parameters against the recursion written out. */
#include "tests/worker/paths.h"

#include <math.h>

/* v[t] = mean of h[t+1 .. t+H] given h[t+1], by stepping it on. */
static double forecast(double h, double omega, double persistence)
{
    double sum = 0.0;

    for (int j = 0; j < H; j++) {
        sum += h;
        h = omega + persistence * h;
    }
    return sum / H;
}

/* 1e-12: rounding grows no further than 1 / (1 - persistence) steps, 50 here. */
static void check(const double axis[4])
{
    const double alpha = axis[0], gamma = axis[1], beta = axis[2];
    const double persistence = alpha + 0.5 * gamma + beta;
    const double start = volatility_start(&series);
    const double omega = fmax(0.0, 1.0 - persistence) * axis[3] * start;
    double v[1200], h = start;

    CU_ASSERT_FATAL(follow("garch_grid", axis, v, NULL, NULL) == 0);
    for (size_t t = W; t < series.n; t++) {
        const double r = series.r[t];

        h = isnan(r) ? omega + persistence * h
                     : omega + (alpha + (r < 0.0 ? gamma : 0.0)) * r * r + beta * h;
        CHECK_REL(v[t], forecast(h, omega, persistence), 1e-12);
    }
}

static void is_the_recursion_of_its_parameters(void)
{
    set_up(1200, 0.03);
    check((double[]){0.08, 0.0, 0.9, 1.0});
    check((double[]){0.05, 0.06, 0.88, 0.5});
    check((double[]){0.0, 0.0, 0.5, 2.0});
    tear_down();
}

/* Persistence of one or more has no long run: omega is 0, and the forecast finite. */
static void an_integrated_one_has_no_omega(void)
{
    set_up(1200, 0.0);
    check((double[]){0.06, 0.0, 0.94, 1.0});
    check((double[]){0.2, 0.0, 0.9, 1.0});
    tear_down();
}

/* alpha = 1 - lambda, beta = lambda: RiskMetrics, of the same start but for the bar
 * that starts it. */
static void is_ewma_where_it_is_integrated(void)
{
    double garch[1200], ewma[1200];

    set_up(1200, 0.0);
    CU_ASSERT(
        follow("garch_grid", (double[]){0.06, 0.0, 0.94, 1.0}, garch, NULL, NULL) == 0);
    CU_ASSERT(follow("ewma", (double[]){0.94}, ewma, NULL, NULL) == 0);
    /* the start's share is 0.94^600, below the rounding */
    for (size_t t = W + 600; t < series.n; t++)
        CHECK_REL(garch[t], ewma[t], 1e-12);
    tear_down();
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(is_the_recursion_of_its_parameters),
        TEST(an_integrated_one_has_no_omega),
        TEST(is_ewma_where_it_is_integrated),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"garch grid", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
