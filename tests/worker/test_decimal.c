#include "market/random.h"
#include "tests/check.h"
#include "worker/decimal.h"

/* The text of an expression, for comparison by eye. */
#define CHECK_TEXT(value, want)                                                        \
    do {                                                                               \
        char check_text[DECIMAL_TEXT_MAX];                                             \
        CU_ASSERT_STRING_EQUAL(decimal_text((value), check_text), (want));             \
    } while (0)

static struct decimal of(const char *text)
{
    return decimal_of(text);
}

static void texts_come_back_as_they_were(void)
{
    static const char *const texts[] = {"0",
                                        "7",
                                        "-0.5",
                                        "5718.57",
                                        "0.000000000000000001",
                                        "-99999999999999999999.999999999999999999",
                                        "100",
                                        "1535443.01"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK_TEXT(of(texts[i]), texts[i]);
    CHECK_TEXT(of("-0"), "0");
    CHECK_TEXT(of("2.50"), "2.5");
}

static void what_is_no_amount_is_lost(void)
{
    static const char *const texts[] = {"",      "-",
                                        ".",     "1.",
                                        "1e5",   " 1",
                                        "1,5",   "0.0000000000000000001",
                                        "1.2.3", "171000000000000000000"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_TRUE(decimal_is_lost(of(texts[i])));
    CU_ASSERT_TRUE(decimal_is_lost(decimal_divide(of("1"), of("0"))));
    CU_ASSERT_TRUE(
        decimal_is_lost(decimal_multiply(of("100000000000"), of("10000000000"))));
    CU_ASSERT_TRUE(decimal_is_lost(
        decimal_add(of("100000000000000000000"), of("100000000000000000000"))));
    CU_ASSERT_TRUE(decimal_is_lost(decimal_subtract(DECIMAL_LOST, of("1"))));
    CU_ASSERT_TRUE(decimal_is_lost(decimal_of_real(NAN)));
    CHECK_TEXT(DECIMAL_LOST, "lost");
}

static void sums_are_exact_where_doubles_are_not(void)
{
    CHECK_TEXT(decimal_add(of("0.1"), of("0.2")), "0.3");
    CHECK_TEXT(decimal_subtract(of("100000000000000000.01"), of("0.01")),
               "100000000000000000");
}

static void products_and_quotients_are_rounded_once_ties_to_even(void)
{
    CHECK_TEXT(decimal_multiply(of("1.005"), of("1.005")), "1.010025");
    CHECK_TEXT(decimal_divide(of("2"), of("3")), "0.666666666666666667");
    CHECK_TEXT(decimal_divide(of("-2"), of("3")), "-0.666666666666666667");
    CHECK_TEXT(decimal_multiply(of("0.000000000000000001"), of("0.5")), "0");
    CHECK_TEXT(decimal_multiply(of("0.000000000000000003"), of("0.5")),
               "0.000000000000000002");
    CHECK_TEXT(decimal_divide(of("99999999999999999999"), of("3")),
               "33333333333333333333");
}

static void a_tick_is_rounded_to_as_the_page_says(void)
{
    CHECK_TEXT(decimal_round(of("5739.08"), of("0.5"), DECIMAL_UP), "5739.5");
    CHECK_TEXT(decimal_round(of("5739.08"), of("0.5"), DECIMAL_DOWN), "5739");
    CHECK_TEXT(decimal_round(of("5739.25"), of("0.5"), DECIMAL_NEAREST), "5739.5");
    CHECK_TEXT(decimal_round(of("-1.005"), of("0.01"), DECIMAL_NEAREST), "-1.01");
    CHECK_TEXT(decimal_round(of("3"), of("0.5"), DECIMAL_UP), "3");
    CU_ASSERT_TRUE(decimal_is_lost(decimal_round(of("3"), of("0"), DECIMAL_UP)));
}

/* (a b) / b is a within the two roundings: half a unit of a b, seen through 1/b, and
 * half a unit. */
static void dividing_undoes_multiplying(void)
{
    for (uint32_t t = 0; t < 20000; t++) {
        struct random random = random_at(20, 1, 1, t);
        const struct decimal a = decimal_of_real(1e6 * (random_uniform(&random) - 0.5));
        const struct decimal b = decimal_of_real(0.01 + 100 * random_uniform(&random));
        const struct decimal back = decimal_divide(decimal_multiply(a, b), b);
        const double miss = decimal_real(decimal_subtract(back, a));

        CU_ASSERT_TRUE(fabs(miss) <= 1e-18 * (0.5 / decimal_real(b) + 0.5) * 1.001);
    }
}

/* A double has 53 bits; so small a number is rounded to 18 places, others are exact. */
static void doubles_go_in_and_out(void)
{
    for (uint32_t t = 0; t < 20000; t++) {
        struct random random = random_at(21, 1, 1, t);
        const double a = (random_uniform(&random) - 0.5) *
                         ldexp(1.0, (int)(60.0 * random_uniform(&random)) - 20);

        CU_ASSERT_TRUE(fabs(decimal_real(decimal_of_real(a)) - a) <=
                       0.5e-18 + DBL_EPSILON * fabs(a));
    }
    CHECK_TEXT(decimal_of_real(0.1), "0.100000000000000006");
    CHECK_TEXT(decimal_of_real(-2.5), "-2.5");
}

static void order_is_that_of_numbers(void)
{
    CU_ASSERT_EQUAL(decimal_compare(of("-1"), of("0.5")), -1);
    CU_ASSERT_EQUAL(decimal_compare(of("0.50"), of("0.5")), 0);
    CU_ASSERT_EQUAL(decimal_compare(of("3"), of("2.999999999999999999")), 1);
    CU_ASSERT_EQUAL(decimal_compare(DECIMAL_LOST, of("-5")), -1);
}

int main(void)
{
    static CU_TestInfo tests[] = {
        {"texts_come_back_as_they_were", texts_come_back_as_they_were},
        {"what_is_no_amount_is_lost", what_is_no_amount_is_lost},
        {"sums_are_exact_where_doubles_are_not", sums_are_exact_where_doubles_are_not},
        {"products_and_quotients_are_rounded_once_ties_to_even",
         products_and_quotients_are_rounded_once_ties_to_even},
        {"a_tick_is_rounded_to_as_the_page_says",
         a_tick_is_rounded_to_as_the_page_says},
        {"dividing_undoes_multiplying", dividing_undoes_multiplying},
        {"doubles_go_in_and_out", doubles_go_in_and_out},
        {"order_is_that_of_numbers", order_is_that_of_numbers},
        CU_TEST_INFO_NULL,
    };
    static CU_SuiteInfo suites[] = {
        {"decimal", NULL, NULL, NULL, NULL, tests},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
