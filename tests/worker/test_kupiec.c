#include "tests/check.h"
#include "worker/christoffersen.h"
#include "worker/combine.h"
#include "worker/kupiec.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

/* The likelihood ratio straight from its definition, by GSL's binomial density. */
static void agrees_with_the_binomial_likelihoods(void)
{
    static const struct {
        unsigned n, x;
        double p;
    } rows[] = {{250, 4, 0.01}, {747, 13, 0.0175}, {1013, 58, 0.05}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double n = rows[i].n, x = rows[i].x, p = rows[i].p;
        const double log_fitted =
            log(gsl_ran_binomial_pdf(rows[i].x, x / n, rows[i].n));
        const double log_promised = log(gsl_ran_binomial_pdf(rows[i].x, p, rows[i].n));

        /* absolute: the ratio nears 0 where the fit is good, and cancellation is the
         * oracle's */
        CU_ASSERT_DOUBLE_EQUAL(kupiec_test(rows[i].n, rows[i].x, p).lr,
                               2.0 * (log_fitted - log_promised), 1e-12);
    }
}

/* MathWorks, Risk Management Toolbox, varbacktest example "EquityIndex", 1043 days:
 * Normal95 fails 57 times, LR 0.46147, p 0.49694; Normal99 17 times, LR 3.5118,
 * p 0.060933.  As many digits as were published: half a unit of the last. */
static void gives_the_published_values_of_the_equity_index(void)
{
    CU_ASSERT_DOUBLE_EQUAL(kupiec_test(1043, 57, 0.05).lr, 0.46147, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(kupiec_test(1043, 57, 0.05).p_value, 0.49694, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(kupiec_test(1043, 17, 0.01).lr, 3.5118, 5e-5);
    CU_ASSERT_DOUBLE_EQUAL(kupiec_test(1043, 17, 0.01).p_value, 0.060933, 5e-7);
}

static void is_never_negative_and_vanishes_at_a_perfect_fit(void)
{
    for (size_t n = 50; n < 3000; n += 7)
        for (size_t x = 1; x < n; x += 3) {
            const double lr = kupiec_test(n, x, (double)x / (double)n).lr;

            CU_ASSERT(lr >= 0.0 && lr < 1e-20);
        }
}

static void is_finite_when_no_bar_or_every_bar_exceeds(void)
{
    CHECK_REL(kupiec_test(250, 0, 0.01).lr, -500.0 * log1p(-0.01), 64 * DBL_EPSILON);
    CHECK_REL(kupiec_test(250, 250, 0.01).lr, -500.0 * log(0.01), 64 * DBL_EPSILON);
    CU_ASSERT(kupiec_test(250, 0, 0.01).p_upper > 0.98);
    CU_ASSERT(kupiec_test(250, 250, 0.01).p_upper < 1e-300);
}

static void one_sided_is_small_only_for_too_many(void)
{
    for (size_t x = 0; x < 40; x++) {
        const struct kupiec kupiec = kupiec_test(747, x, 0.0175);
        const double smaller = fmin(kupiec.p_upper, 1.0 - kupiec.p_upper);

        CU_ASSERT((kupiec.p_upper < 0.5) == ((double)x > 747 * 0.0175));
        /* both sides together are the two-sided test; 1 - p loses its digits to 1 */
        CU_ASSERT_DOUBLE_EQUAL(2.0 * smaller, kupiec.p_value, 4 * DBL_EPSILON);
    }
}

/* By adding up the law over every count: n roundings of terms that GSL has to 1e-12 or
 * so, through logarithms of size n. */
static void exact_is_the_sum_over_counts_as_far_out(void)
{
    static const struct {
        unsigned n;
        double p;
    } rows[] = {{250, 0.01},  {747, 0.0175}, {40, 0.25},
                {1000, 0.05}, {8, 0.5},      {1, 0.01}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned x = 0; x <= rows[i].n; x += 1 + rows[i].n / 97) {
            const double lr = kupiec_test(rows[i].n, x, rows[i].p).lr;
            double sum = 0.0;

            for (unsigned k = 0; k <= rows[i].n; k++)
                if (kupiec_test(rows[i].n, k, rows[i].p).lr >= lr * (1 - 1e-12))
                    sum += gsl_ran_binomial_pdf(k, rows[i].p, rows[i].n);
            CU_ASSERT_DOUBLE_EQUAL(kupiec_exact_p(rows[i].n, x, rows[i].p), sum, 1e-10);
        }
    /* none is less far out than 7: at 250 days and 1 % those that lie outside of
     * Kupiec's region are 0 and 7 and more */
    CHECK_REL(kupiec_exact_p(250, 0, 0.01),
              gsl_cdf_binomial_Q(6, 0.01, 250) + pow(0.99, 250), 1e-12);
    CHECK_REL(kupiec_exact_p(250, 7, 0.01), gsl_cdf_binomial_Q(6, 0.01, 250), 1e-12);
    CU_ASSERT(kupiec_exact_p(1000, 50, 0.05) == 1.0);
}

/* MathWorks, varbacktest/cc, "EquityIndex", Normal95: N00 932, N10 53, N01 53, N11 4,
 * LRatioCCI 0.25866, PValueCCI 0.61104; LRatioCC 0.72013, PValueCC 0.69763. */
static void independence_gives_the_equity_index_value(void)
{
    const struct transitions pairs = {.n00 = 932, .n01 = 53, .n10 = 53, .n11 = 4};
    const struct independence test = christoffersen_independence(&pairs);
    const double coverage = kupiec_test(1043, 57, 0.05).lr;

    CU_ASSERT_DOUBLE_EQUAL(test.lr, 0.25866, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(test.p_value, 0.61104, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(coverage + test.lr, 0.72013, 5e-6);
    CU_ASSERT_DOUBLE_EQUAL(christoffersen_conditional_p(coverage, test.lr), 0.69763,
                           5e-6);
}

/* The ratio from the definition with plain powers, on counts where they do not
 * underflow. */
static void independence_agrees_with_its_likelihoods(void)
{
    const struct transitions pairs = {.n00 = 30, .n01 = 5, .n10 = 4, .n11 = 3};
    const double pi01 = 5.0 / 35, pi11 = 3.0 / 7, pi = 8.0 / 42;
    const double markov =
        pow(1 - pi01, 30) * pow(pi01, 5) * pow(1 - pi11, 4) * pow(pi11, 3);
    const double even = pow(1 - pi, 34) * pow(pi, 8);
    const struct independence test = christoffersen_independence(&pairs);

    /* 42 factors of a relative rounding each, and the subtraction of two logarithms */
    CHECK_REL(test.lr, 2.0 * log(markov / even), 200 * DBL_EPSILON);
    CHECK_REL(test.p_value, gsl_cdf_chisq_Q(test.lr, 1.0), 0.0);
}

static void independence_is_calm_where_nothing_can_be_said(void)
{
    static const struct transitions quiet[] = {
        {.n00 = 747}, {.n11 = 13}, {0}, {.n00 = 90, .n10 = 1}, {.n01 = 1, .n00 = 90}};

    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++) {
        const struct independence test = christoffersen_independence(&quiet[i]);

        CU_ASSERT(test.lr >= 0.0 && test.lr < 0.1 && test.p_value > 0.7);
    }
}

static void the_combination_is_twice_the_median_at_most_one(void)
{
    double odd[] = {0.9, 0.001, 0.02}, even[] = {0.5, 0.1, 0.01, 0.03}, one[] = {0.3},
           high[] = {0.6, 0.9, 0.7};

    CU_ASSERT(combine_p_values(3, odd) == 0.04);
    CHECK_REL(combine_p_values(4, even), 0.13, 2 * DBL_EPSILON);
    CU_ASSERT(combine_p_values(1, one) == 0.3);
    CU_ASSERT(combine_p_values(3, high) == 1.0);
    CU_ASSERT(isnan(combine_p_values(0, NULL)));
}

int main(void)
{
    CU_TestInfo kupiec[] = {
        {"agrees_with_the_binomial_likelihoods", agrees_with_the_binomial_likelihoods},
        {"gives_the_published_values_of_the_equity_index",
         gives_the_published_values_of_the_equity_index},
        {"is_never_negative_and_vanishes_at_a_perfect_fit",
         is_never_negative_and_vanishes_at_a_perfect_fit},
        {"is_finite_when_no_bar_or_every_bar_exceeds",
         is_finite_when_no_bar_or_every_bar_exceeds},
        {"one_sided_is_small_only_for_too_many", one_sided_is_small_only_for_too_many},
        {"exact_is_the_sum_over_counts_as_far_out",
         exact_is_the_sum_over_counts_as_far_out},
        CU_TEST_INFO_NULL,
    };
    CU_TestInfo christoffersen[] = {
        {"independence_gives_the_equity_index_value",
         independence_gives_the_equity_index_value},
        {"independence_agrees_with_its_likelihoods",
         independence_agrees_with_its_likelihoods},
        {"independence_is_calm_where_nothing_can_be_said",
         independence_is_calm_where_nothing_can_be_said},
        {"the_combination_is_twice_the_median_at_most_one",
         the_combination_is_twice_the_median_at_most_one},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"kupiec", NULL, NULL, NULL, NULL, kupiec},
        {"christoffersen", NULL, NULL, NULL, NULL, christoffersen},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
