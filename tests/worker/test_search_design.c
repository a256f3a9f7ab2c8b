/* Designs: points laid out before anything is rated. */
#include "tests/check.h"
#include "worker/search_method.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

static const struct axis_rule rule = {.name = "x", .min = -1e9, .max = 1e9};
static const double thirteen[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

static void a_latin_hypercube_has_one_point_in_every_cell_of_every_axis(void)
{
    enum { N = 747, D = 5 };
    static double u[N * D];
    bool seen[N];

    CU_ASSERT_FATAL(search_design_latin(7, N, D, u, NULL) == 0);
    for (size_t a = 0; a < D; a++) {
        memset(seen, 0, sizeof seen);
        for (size_t i = 0; i < N; i++) {
            const size_t cell = (size_t)(u[i * D + a] * N);

            CU_ASSERT_FATAL(u[i * D + a] >= 0.0 && cell < N);
            CU_ASSERT(!seen[cell]);
            seen[cell] = true;
        }
    }
    static double other[N * D];
    CU_ASSERT_FATAL(search_design_latin(8, N, D, other, NULL) == 0);
    CU_ASSERT(memcmp(u, other, sizeof u) != 0);
}

/* The first 2^k points, with the one that GSL leaves out, have one in every interval of
 * 1/2^k of every axis. */
static void sobol_points_are_one_in_every_dyadic_interval(void)
{
    enum { N = 255, D = 7 };
    static double u[N * D];
    int seen[N + 1];

    CU_ASSERT_FATAL(search_design_sobol(N, D, u, NULL) == 0);
    for (size_t a = 0; a < D; a++) {
        memset(seen, 0, sizeof seen);
        for (size_t i = 0; i < N; i++)
            seen[(size_t)(u[i * D + a] * (N + 1))]++;
        for (size_t cell = 0; cell <= N; cell++)
            CU_ASSERT(seen[cell] == (cell > 0));
    }
}

static void an_axis_takes_its_values_or_its_span_evenly(void)
{
    static const struct axis_rule whole = {.name = "n", .whole = true};
    const double ends[] = {2.0, 8.0}, days[] = {3.0, 5.0};
    const struct axis listed = {.rule = &rule, .n = 13, .value = thirteen},
                      linear = {&rule, 2, ends, AXIS_LINEAR, AXIS_INSTRUMENT},
                      log_of = {&rule, 2, ends, AXIS_LOG, AXIS_INSTRUMENT},
                      counted = {&whole, 2, days, AXIS_LINEAR, AXIS_INSTRUMENT};

    CU_ASSERT(axis_at(&listed, 0.0) == 0.0 && axis_at(&listed, 1.0) == 12.0);
    CU_ASSERT(axis_at(&listed, 6.0 / 13.0 + 1e-9) == 6.0);
    CU_ASSERT(axis_at(&linear, 0.25) == 3.5 && axis_at(&linear, 1.0) == 8.0);
    CHECK_REL(axis_at(&log_of, 0.5), 4.0, 4 * DBL_EPSILON);
    CU_ASSERT(axis_at(&log_of, 0.0) == 2.0 && axis_at(&log_of, 1.0) == 8.0);
    CU_ASSERT(axis_at(&counted, 0.3) == 3.0 && axis_at(&counted, 0.35) == 4.0);
    CU_ASSERT(axis_at(&counted, 0.7) == 5.0 && axis_at(&counted, 1.0) == 5.0);
    CU_ASSERT(axis_place(&listed, 3.0) == 0.25 && axis_place(&linear, 3.5) == 0.25);
    CHECK_REL(axis_place(&log_of, 4.0), 0.5, 4 * DBL_EPSILON);
}

int main(void)
{
    CU_TestInfo designs[] = {
        {"a_latin_hypercube_has_one_point_in_every_cell_of_every_axis",
         a_latin_hypercube_has_one_point_in_every_cell_of_every_axis},
        {"sobol_points_are_one_in_every_dyadic_interval",
         sobol_points_are_one_in_every_dyadic_interval},
        {"an_axis_takes_its_values_or_its_span_evenly",
         an_axis_takes_its_values_or_its_span_evenly},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"designs", NULL, NULL, NULL, NULL, designs},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
