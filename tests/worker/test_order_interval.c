#include "tests/check.h"
#include "worker/order_interval.h"

#include <gsl/gsl_randist.h>

/* Ranks of the 95 % interval of a median as tables of medical statistics print them
 * (M. J. Campbell, M. J. Gardner, BMJ 296 (1988), 1454-1456: n = 10: 2 and 9, n = 20:
 * 6 and 15, n = 50: 18 and 33, n = 100: 40 and 61). */
static void ranks_of_a_median_are_the_published_ones(void)
{
    static const size_t rows[][3] = {
        {10, 2, 9}, {20, 6, 15}, {50, 18, 33}, {100, 40, 61}};

    for (size_t i = 0; i < 4; i++) {
        const struct order_interval of = order_interval_of(rows[i][0], 0.5, 0.95);

        CU_ASSERT_EQUAL(of.low, rows[i][1]);
        CU_ASSERT_EQUAL(of.high, rows[i][2]);
    }
}

/* P(low <= X < high), and of the next narrower interval on either side. */
static double covers(size_t n, double c, size_t low, size_t high)
{
    double sum = 0.0;

    for (size_t x = low; x < high; x++)
        sum += gsl_ran_binomial_pdf((unsigned)x, c, (unsigned)n);
    return sum;
}

static void each_end_is_as_near_as_its_tail_lets_it_be(void)
{
    static const size_t sizes[] = {1, 7, 99, 250, 1001};
    static const double levels[] = {0.8, 0.95, 0.999}, cs[] = {0.5, 0.9, 0.99};

    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 3; j++)
            for (size_t k = 0; k < 3; k++) {
                const size_t n = sizes[i];
                const double tail = (1.0 - levels[j]) / 2.0;
                const struct order_interval of = order_interval_of(n, cs[k], levels[j]);

                CU_ASSERT(covers(n, cs[k], of.low, of.high) >= levels[j] - 1e-12);
                CU_ASSERT(covers(n, cs[k], 0, of.low) <= tail);
                CU_ASSERT(covers(n, cs[k], of.high, n + 1) <= tail);
                CU_ASSERT(of.low == n || covers(n, cs[k], 0, of.low + 1) > tail);
                CU_ASSERT(of.high == 0 || covers(n, cs[k], of.high - 1, n + 1) > tail);
            }
}

/* 0.99^250 = 0.081: the largest of 250 losses is not beyond the 99 % quantile often
 * enough for 95 %. */
static void too_few_values_have_no_upper_end(void)
{
    CU_ASSERT_EQUAL(order_interval_of(250, 0.99, 0.95).high, 251);
    CU_ASSERT(order_interval_of(500, 0.99, 0.95).high <= 500);
    CU_ASSERT_EQUAL(order_interval_of(1, 0.5, 0.95).low, 0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"ranks_of_a_median_are_the_published_ones",
         ranks_of_a_median_are_the_published_ones},
        {"each_end_is_as_near_as_its_tail_lets_it_be",
         each_end_is_as_near_as_its_tail_lets_it_be},
        {"too_few_values_have_no_upper_end", too_few_values_have_no_upper_end},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"order_interval", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
