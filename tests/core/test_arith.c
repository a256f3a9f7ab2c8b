#include "core/arith.h"
#include "tests/check.h"

#include <stdlib.h>

/* Against the C library's long double, which has 11 bits more: errors in ulps of the
 * double result.  The bound is the series' remainder and a handful of roundings. */
static double ulps(double got, long double want)
{
    const double step = fabs(nextafter((double)want, INFINITY) - (double)want);

    return (double)(fabsl((long double)got - want) / (long double)step);
}

static void the_logarithm_is_within_one_ulp_or_so(void)
{
    double worst = 0.0;

    srand48(13);
    for (int i = 0; i < 200000; i++) {
        const double x = exp(1400.0 * (drand48() - 0.5));
        const double near_one = 1.0 + (drand48() - 0.5) * exp(-30.0 * drand48());

        worst = fmax(worst, ulps(arith_log(x), logl((long double)x)));
        if (near_one != 1.0)
            worst = fmax(worst, ulps(arith_log(near_one), logl((long double)near_one)));
    }
    CU_ASSERT(worst < 1.5);
    CU_ASSERT(arith_log(1.0) == 0.0);
    CHECK_REL(arith_log(0x1p-1074), -1074.0 * log(2.0), DBL_EPSILON);
}

static void the_exponential_is_within_two_ulps(void)
{
    double worst = 0.0;

    srand48(747);
    for (int i = 0; i < 200000; i++) {
        const double x = 1400.0 * (drand48() - 0.5);

        worst = fmax(worst, ulps(arith_exp(x), expl((long double)x)));
        worst =
            fmax(worst, ulps(arith_exp(x / 1000.0), expl((long double)(x / 1000.0))));
    }
    CU_ASSERT(worst < 2.0);
    CU_ASSERT(arith_exp(0.0) == 1.0);
}

static void both_keep_their_digits_near_zero(void)
{
    double worst_log = 0.0, worst_exp = 0.0;

    srand48(1729);
    for (int i = 0; i < 200000; i++) {
        const double sign = drand48() < 0.5 ? -1.0 : 1.0;
        const double near_zero = sign * exp(-60.0 * drand48() - 1e-9);
        const double above = exp(600.0 * drand48());
        const double wide = 740.0 * drand48() - 40.0;

        worst_log = fmax(worst_log, ulps(arith_log1p(near_zero), log1pl(near_zero)));
        worst_log = fmax(worst_log, ulps(arith_log1p(above), log1pl(above)));
        worst_exp = fmax(worst_exp, ulps(arith_expm1(near_zero), expm1l(near_zero)));
        worst_exp = fmax(worst_exp, ulps(arith_expm1(wide), expm1l(wide)));
    }
    CU_ASSERT(worst_log < 3.0);
    CU_ASSERT(worst_exp < 3.0);
    CU_ASSERT(arith_log1p(0.0) == 0.0 && arith_expm1(0.0) == 0.0);
    CU_ASSERT(arith_log1p(-0x1p-1074) == -0x1p-1074);
    CU_ASSERT(arith_expm1(-1e300) == -1.0);
}

/* Typed in from a run of this code: what must never change (e is one ulp high). */
static void the_bits_are_these(void)
{
    CU_ASSERT(arith_log(2.0) == 0x1.62e42fefa39efp-1);
    CU_ASSERT(arith_log(10.0) == 0x1.26bb1bbb55516p+1);
    CU_ASSERT(arith_exp(1.0) == 0x1.5bf0a8b14576ap+1);
}

int main(void)
{
    CU_TestInfo arith[] = {
        {"the_logarithm_is_within_one_ulp_or_so",
         the_logarithm_is_within_one_ulp_or_so},
        {"the_exponential_is_within_two_ulps", the_exponential_is_within_two_ulps},
        {"both_keep_their_digits_near_zero", both_keep_their_digits_near_zero},
        {"the_bits_are_these", the_bits_are_these},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"arith", NULL, NULL, NULL, NULL, arith},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
