#include "tests/check.h"
#include "worker/root.h"

static int n_calls;

static double cubic(double x, const void *context)
{
    n_calls++;
    return x * x * x - *(const double *)context;
}

static double step(double x, const void *context)
{
    return x < *(const double *)context ? -1.0 : 1e-200;
}

static double steep(double x, const void *context)
{
    (void)context;
    return x > 0.0 ? log(x) : -INFINITY;
}

static double holed(double x, const void *context)
{
    (void)context;
    return x > 0.4 && x < 0.6 ? NAN : x - 0.45;
}

/* The tolerance, or two ulps where that is less. */
static void a_change_of_sign_is_found_to_the_tolerance(void)
{
    for (double cube = 1e-12; cube < 1e12; cube *= 7.0) {
        n_calls = 0;
        CHECK_REL(root_find(cubic, &cube, 0.0, 2e4, 0.0), cbrt(cube),
                  4.0 * DBL_EPSILON);
        CU_ASSERT(n_calls < 2 * 60);
        n_calls = 0;
        CU_ASSERT(fabs(root_find(cubic, &cube, 0.0, 2e4, 1e-3) - cbrt(cube)) < 1e-3);
    }
}

static void a_jump_and_an_infinite_end_are_bracketed_as_well(void)
{
    const double at = 0.3;

    CHECK_REL(root_find(step, &at, 0.0, 1.0, 0.0), at, 8.0 * DBL_EPSILON);
    CHECK_REL(root_find(steep, NULL, 0.0, 7.0, 0.0), 1.0, 4.0 * DBL_EPSILON);
}

static void what_has_no_change_of_sign_has_no_root(void)
{
    const double below = -1.0, at_end = 8.0;

    CU_ASSERT(isnan(root_find(cubic, &below, 0.0, 3.0, 0.0)));
    CU_ASSERT(isnan(root_find(holed, NULL, 0.0, 1.0, 0.0)));
    CU_ASSERT(root_find(cubic, &at_end, 2.0, 3.0, 0.0) == 2.0);
    CU_ASSERT(root_find(cubic, &at_end, 0.0, 2.0, 0.0) == 2.0);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"a_change_of_sign_is_found_to_the_tolerance",
         a_change_of_sign_is_found_to_the_tolerance},
        {"a_jump_and_an_infinite_end_are_bracketed_as_well",
         a_jump_and_an_infinite_end_are_bracketed_as_well},
        {"what_has_no_change_of_sign_has_no_root",
         what_has_no_change_of_sign_has_no_root},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"root", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
