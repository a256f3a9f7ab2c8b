#include "tests/check.h"
#include "worker/rolling_quantile.h"

#include <stdbool.h>
#include <stdlib.h>

enum { N = 1511 };

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The definition: sort the window at each bar. */
static double slow(size_t t, size_t window, size_t least, double c, const double x[])
{
    double value[N];
    size_t m = 0;

    for (size_t s = t + 1 > window ? t + 1 - window : 0; s <= t; s++)
        if (!isnan(x[s]))
            value[m++] = x[s];
    qsort(value, m, sizeof *value, ascending);
    return m < least || m == 0 ? NAN : value[quantile_place(c, m) - 1];
}

static void fill(uint64_t seed, double missing, double grain, double x[N])
{
    for (size_t t = 0; t < N; t++) {
        const double u =
            (double)((seed * 2654435761u + t * 40503u * (t + seed)) % 1000003) /
            1000003.0;
        const double v = (double)((t * 7919 + seed * 31) % 1009) / 1009.0;

        x[t] = v < missing ? NAN : grain > 0.0 ? floor((u - 0.5) / grain) : u - 0.5;
    }
}

static bool is_same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void check(const double x[N], size_t window, size_t least)
{
    static const double level[] = {0.01, 0.25, 0.5, 0.9, 0.975, 0.99, 0.9999};
    enum { LEVELS = sizeof level / sizeof *level };
    double *got = malloc(LEVELS * N * sizeof *got);
    struct ranks ranks;

    CU_ASSERT_FATAL(ranks_new(N, &ranks, NULL) == 0);
    ranks_of(&ranks, N, x);
    rolling_quantiles(&ranks, window, least, LEVELS, level, got);
    for (size_t l = 0; l < LEVELS; l++)
        for (size_t t = 0; t < N; t++)
            CU_ASSERT(is_same(got[l * N + t], slow(t, window, least, level[l], x)));
    ranks_free(&ranks);
    free(got);
}

static void is_the_place_in_the_sorted_window(void)
{
    static const size_t windows[] = {1, 2, 13, 250, 747, N, 3 * N};
    double x[N];

    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        fill(i + 1, 0.0, 0.0, x);
        check(x, windows[i], 1);
        fill(i + 101, 0.1, 0.0, x);
        check(x, windows[i], 20);
    }
}

static void holds_for_ties_constants_and_nothing_at_all(void)
{
    double x[N];

    fill(7, 0.05, 0.2, x);
    check(x, 100, 1);
    for (size_t t = 0; t < N; t++)
        x[t] = 0.03;
    check(x, 100, 1);
    for (size_t t = 0; t < N; t++)
        x[t] = t % 2 ? 0.0 : -0.0;
    check(x, 100, 1);
    for (size_t t = 0; t < N; t++)
        x[t] = NAN;
    check(x, 100, 1);
    for (size_t t = 0; t < N; t++)
        x[t] = t % 3 == 0 ? INFINITY : t % 3 == 1 ? -INFINITY : -1e-300 * (double)t;
    check(x, 100, 1);
}

/* 0.57 * 100 is 56.99999999999999 and 0.07 * 100 is 7.000000000000001 in doubles. */
static void takes_whole_products_for_whole(void)
{
    for (size_t m = 1; m <= 2000; m++)
        for (size_t i = 1; i < 1000; i++) {
            const size_t exact = (i * m + 999) / 1000;

            CU_ASSERT(quantile_place((double)i / 1000.0, m) == exact);
        }
}

static void does_not_look_ahead(void)
{
    static const double level = 0.99;
    double x[N], before[N], after[N];
    struct ranks ranks;

    fill(3, 0.02, 0.0, x);
    CU_ASSERT_FATAL(ranks_new(N, &ranks, NULL) == 0);
    ranks_of(&ranks, N, x);
    rolling_quantiles(&ranks, 250, 1, 1, &level, before);
    for (size_t t = 900; t < N; t++)
        x[t] = 10.0 + (double)t;
    ranks_of(&ranks, N, x);
    rolling_quantiles(&ranks, 250, 1, 1, &level, after);
    CU_ASSERT(memcmp(before, after, 900 * sizeof *before) == 0);
    CU_ASSERT(before[N - 1] != after[N - 1]);
    ranks_free(&ranks);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"is_the_place_in_the_sorted_window", is_the_place_in_the_sorted_window},
        {"holds_for_ties_constants_and_nothing_at_all",
         holds_for_ties_constants_and_nothing_at_all},
        {"takes_whole_products_for_whole", takes_whole_products_for_whole},
        {"does_not_look_ahead", does_not_look_ahead},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"rolling quantile", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
