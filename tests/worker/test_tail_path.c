/* Historical simulation, plain and filtered, against their definition. */
#include "tests/worker/paths.h"

#include "worker/rolling_quantile.h"

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The quantile of what is known at bar t, by sorting: losses that began in
 * (t - h - window, t - h], at W or later, over their sigma where there is one. */
static double slow_tail(size_t t, size_t window, double level, const double *sigma)
{
    double known[WINDOW];
    size_t m = 0;

    for (size_t s = W; s + H <= t; s++)
        if (s + H + window > t && !isnan(series.loss[s]))
            known[m++] = sigma == NULL ? series.loss[s] : series.loss[s] / sigma[s];
    if (m == 0)
        return NAN;
    qsort(known, m, sizeof *known, ascending);
    return known[quantile_place(level, m) - 1];
}

/* 64 eps: the rate goes through a square, a product with h, a quotient and a root. */
static void check_path(const char *model, const double *value, const double *sigma)
{
    const size_t filtered = sigma != NULL, window = (size_t)value[filtered];
    double *v = malloc(series.n * sizeof *v);

    CU_ASSERT_FATAL(follow(model, value, v, NULL, NULL) == 0);
    for (size_t t = 0; t < series.n; t++) {
        const double tail = slow_tail(t, window, value[filtered + 1], sigma);

        if (t < W) {
            CU_ASSERT(v[t] == 0.0);
        } else if (!isnan(tail)) {
            CHECK_REL(sqrt(H * v[t]), sigma == NULL ? tail : tail * sigma[t],
                      64 * DBL_EPSILON);
        }
    }
    free(v);
}

static void is_the_quantile_of_the_losses_that_are_known(void)
{
    static const double values[][2] = {{300, 0.98}, {150, 0.9}, {2, 0.5}, {700, 0.999}};

    set_up(1200, 0.03);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        check_path("historical", values[i], NULL);
    tear_down();
}

static void filtered_is_that_of_the_losses_over_their_own_sigma(void)
{
    static const double values[][3] = {{0.94, 300, 0.98}, {0.99, 150, 0.9}};
    double sigma[1200];

    set_up(1200, 0.03);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        CU_ASSERT_FATAL(follow("ewma", values[i], sigma, NULL, NULL) == 0);
        for (size_t t = 0; t < series.n; t++)
            sigma[t] = sqrt(H * sigma[t]);
        check_path("filtered", values[i], sigma);
    }
    tear_down();
}

/* Lanes of several lambdas, windows and levels, as a grid has them. */
static void lanes_of_all_kinds_are_the_paths_of_each(void)
{
    const struct volatility of = {volatility_find("filtered"), kernels_of(isa_best()),
                                  &series};
    double parameter[3 * KERNEL_LANES], *many, one[1200];

    set_up(1200, 0.03);
    many = malloc(KERNEL_LANES * series.n * sizeof *many);
    for (size_t lane = 0; lane < KERNEL_LANES; lane++) {
        parameter[lane] = lane < 9 ? 0.94 : 0.97;
        parameter[KERNEL_LANES + lane] = lane % 9 < 4 ? 200 : 500;
        parameter[2 * KERNEL_LANES + lane] = 0.9 + 0.01 * (double)(lane % 5);
    }
    CU_ASSERT_FATAL(volatility_paths(&of, parameter, many, NULL) == 0);
    for (size_t lane = 0; lane < KERNEL_LANES; lane++) {
        const double value[] = {parameter[lane], parameter[KERNEL_LANES + lane],
                                parameter[2 * KERNEL_LANES + lane]};

        CU_ASSERT(follow("filtered", value, one, NULL, NULL) == 0);
        CU_ASSERT(memcmp(one, many + lane * series.n, sizeof one) == 0);
    }
    free(many);
    tear_down();
}

/* A higher level never asks for less. */
static void thresholds_are_nested_in_the_level(void)
{
    double low[1200], high[1200];

    set_up(1200, 0.0);
    CU_ASSERT(follow("historical", (double[]){300, 0.95}, low, NULL, NULL) == 0);
    CU_ASSERT(follow("historical", (double[]){300, 0.99}, high, NULL, NULL) == 0);
    for (size_t t = 0; t < series.n; t++)
        CU_ASSERT(low[t] <= high[t]);
    tear_down();
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(is_the_quantile_of_the_losses_that_are_known),
        TEST(filtered_is_that_of_the_losses_over_their_own_sigma),
        TEST(lanes_of_all_kinds_are_the_paths_of_each),
        TEST(thresholds_are_nested_in_the_level),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"tail path", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
