#include "tests/check.h"
#include "tests/reference.h"
#include "worker/student_fit.h"

#include <math.h>

enum { MOST = 800 };
static double sample[MOST];

static size_t read_sample(const char *name)
{
    struct reference table;
    size_t n = 0;

    CU_ASSERT_FATAL(reference_open("student_samples.csv", &table));
    for (size_t row = 0; row < table.n_rows && n < MOST; row++)
        if (strcmp(reference_text(&table, row, "sample"), name) == 0)
            sample[n++] = reference_real(&table, row, "x");
    reference_close(&table);
    return n;
}

/* Newton's step is below 1e-8 standard errors when the fit stops; errors come from
 * first differences of relative step 1e-5, whose own error is some 1e-9 of them. */
static void agrees_with_scipy_and_sixty_digits(void)
{
    static const char *const names[] = {"mean", "scale", "nu"};
    static const char *const errors[] = {"mean_error", "scale_error", "nu_error"};
    struct reference table;

    CU_ASSERT_FATAL(reference_open("student_reference.csv", &table));
    CU_ASSERT_EQUAL(table.n_rows, 4);
    for (size_t row = 0; row < table.n_rows; row++) {
        const size_t n = read_sample(reference_text(&table, row, "sample"));
        const struct student_fit fit = student_fit(n, sample);

        CU_ASSERT_EQUAL(fit.status, STUDENT_CONVERGED);
        CU_ASSERT(fit.distance < 1e-8);
        for (int i = 0; i < STUDENT_PARAMETERS; i++) {
            const double error = reference_real(&table, row, errors[i]);

            CU_ASSERT(fabs(fit.parameter[i] - reference_real(&table, row, names[i])) <
                      1e-7 * error);
            CHECK_REL(fit.error[i], error, 1e-7);
            CU_ASSERT(fabs(fit.gradient[i]) * error < 1e-7);
        }
        CHECK_REL(fit.log_likelihood, reference_real(&table, row, "log_likelihood"),
                  1e-13 * (double)n);
    }
    reference_close(&table);
}

/* x -> a + b x moves the mean, stretches the scale and leaves nu alone. */
static void another_unit_moves_mean_and_scale_alone(void)
{
    const size_t n = read_sample("t8");
    const struct student_fit fit = student_fit(n, sample);

    for (size_t i = 0; i < n; i++)
        sample[i] = 100.0 - 1000.0 * sample[i];
    const struct student_fit moved = student_fit(n, sample);
    CHECK_REL(moved.parameter[STUDENT_MEAN],
              100.0 - 1000.0 * fit.parameter[STUDENT_MEAN], 1e-9);
    CHECK_REL(moved.parameter[STUDENT_SCALE], 1000.0 * fit.parameter[STUDENT_SCALE],
              1e-7);
    CHECK_REL(moved.parameter[STUDENT_NU], fit.parameter[STUDENT_NU], 1e-7);
}

static void tails_that_are_too_thin_end_at_the_bound(void)
{
    for (int i = 0; i < 200; i++)
        sample[i] = (double)i; /* uniform */
    const struct student_fit fit = student_fit(200, sample);
    const struct student_fit normal = student_fit_normal(200, sample);

    CU_ASSERT_EQUAL(fit.status, STUDENT_AT_BOUND);
    CU_ASSERT_EQUAL(fit.parameter[STUDENT_NU], STUDENT_NU_MAX);
    CU_ASSERT(isnan(fit.error[STUDENT_NU]));
    CU_ASSERT_EQUAL(normal.status, STUDENT_CONVERGED);
    CHECK_REL(normal.parameter[STUDENT_MEAN], 99.5, 4 * DBL_EPSILON);
    /* (n^2 - 1)/12 is the variance of 0 .. n - 1 */
    CHECK_REL(normal.parameter[STUDENT_SCALE], sqrt((200.0 * 200.0 - 1.0) / 12.0),
              16 * DBL_EPSILON);
    CHECK_REL(fit.log_likelihood, normal.log_likelihood, 1e-2);
}

static void what_is_missing_is_left_out(void)
{
    const size_t n = read_sample("few");
    const struct student_fit fit = student_fit(n, sample);

    memmove(sample + 5, sample + 4, (n - 4) * sizeof *sample);
    sample[4] = NAN;
    const struct student_fit holed = student_fit(n + 1, sample);
    CU_ASSERT_EQUAL(holed.n, n);
    CHECK_REL(holed.parameter[STUDENT_NU], fit.parameter[STUDENT_NU], 1e-9);
}

static void expect(enum student_status status, size_t n)
{
    const struct student_fit fit = student_fit(n, sample);

    CU_ASSERT_EQUAL(fit.status, status);
    for (int i = 0; i < STUDENT_PARAMETERS; i++)
        CU_ASSERT(isnan(fit.parameter[i]) && isnan(fit.error[i]));
    CU_ASSERT(isnan(fit.log_likelihood));
}

static void without_an_estimate_there_is_a_status_and_no_number(void)
{
    for (int i = 0; i < 50; i++)
        sample[i] = sin((double)i);
    expect(STUDENT_TOO_FEW, 9);
    for (int i = 0; i < 25; i++)
        sample[2 * i] = 0.5;
    expect(STUDENT_NO_SPREAD, 50);
    sample[0] = sample[2] = 0.1;
    CU_ASSERT(student_fit(50, sample).status != STUDENT_NO_SPREAD);
    sample[7] = INFINITY;
    expect(STUDENT_NOT_FINITE, 50);
    for (int i = 0; i < 50; i++)
        sample[i] = 2.5;
    CU_ASSERT_EQUAL(student_fit_normal(50, sample).status, STUDENT_NO_SPREAD);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"agrees_with_scipy_and_sixty_digits", agrees_with_scipy_and_sixty_digits},
        {"another_unit_moves_mean_and_scale_alone",
         another_unit_moves_mean_and_scale_alone},
        {"tails_that_are_too_thin_end_at_the_bound",
         tails_that_are_too_thin_end_at_the_bound},
        {"what_is_missing_is_left_out", what_is_missing_is_left_out},
        {"without_an_estimate_there_is_a_status_and_no_number",
         without_an_estimate_there_is_a_status_and_no_number},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"student fit", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
