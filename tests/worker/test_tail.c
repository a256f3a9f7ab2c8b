#include "market/random.h"
#include "tests/check.h"
#include "tests/reference.h"
#include "worker/hill.h"
#include "worker/pot.h"
#include "worker/tail.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

enum { N = 4000 };
static double z[N];

/* scipy's quantile after a Newton step, its distribution function being right to a few
 * 1e-14; the shortfall integrates the density numerically, 1e-14 as estimated.  GSL's
 * density of t_nu takes lngamma of nu/2, up to 360 for nu = 200: some 1e-13. */
static void closed_forms_agree_with_scipy_and_quadrature(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("tail_values.csv", &table));
    CU_ASSERT_EQUAL(table.n_rows, 63);
    for (size_t row = 0; row < table.n_rows; row++) {
        const double nu = reference_real(&table, row, "nu");
        const double c = reference_real(&table, row, "confidence");
        const struct tail_risk risk = isinf(nu) ? tail_normal(c) : tail_student(c, nu);

        CHECK_REL(risk.var, reference_real(&table, row, "var"), 1e-12);
        CHECK_REL(risk.es, reference_real(&table, row, "es"), 1e-12);
    }
    reference_close(&table);
}

/* t_nu less the normal falls like 1/nu. */
static void student_tends_to_the_normal(void)
{
    for (double c = 0.9; c < 0.9999; c += 0.01) {
        const struct tail_risk normal = tail_normal(c), near = tail_student(c, 1e7);

        CHECK_REL(near.var, normal.var, 1e-6);
        CHECK_REL(near.es, normal.es, 1e-6);
    }
}

static void fill(uint64_t seed)
{
    for (size_t t = 0; t < N; t++) {
        struct random random = random_at(seed, 1, 0, (uint32_t)t);
        const double chi = 2.0 * random_gamma(&random, 2.0); /* 4 degrees */

        z[t] = random_normal(&random) / sqrt(chi / 4.0) * sqrt(0.5);
    }
}

/* z is t_4 of unit variance, so `student` has its true figures.  The largest share of
 * 4000 fixes VaR_.99 to sqrt(.01 .99 / 4000)/f = 7 % of itself at four errors and the
 * shortfall, whose fit of xi errs by 0.07, to a third. */
static void fitted_tails_find_the_quantile_that_made_the_sample(void)
{
    static double sorted[N], excess[N];
    const struct tail_risk truth = tail_student(0.99, 4.0);

    for (uint64_t seed = 1; seed <= 10; seed++) {
        fill(seed);
        pot_sort(N, z, sorted);
        const struct pot pot =
            pot_fit(N, sorted, pot_threshold(N, sorted, N / 10), excess);
        const struct hill hill = hill_fit(N, sorted, 3 * N / 100);

        CHECK_REL(pot_var(&pot, 0.99), truth.var, 0.15);
        CHECK_REL(pot_es(&pot, 0.99), truth.es, 0.33);
        CHECK_REL(hill_var(&hill, 0.99), truth.var, 0.15);
        CHECK_REL(hill_es(&hill, 0.99), truth.es, 0.33);
    }
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"closed_forms_agree_with_scipy_and_quadrature",
         closed_forms_agree_with_scipy_and_quadrature},
        {"student_tends_to_the_normal", student_tends_to_the_normal},
        {"fitted_tails_find_the_quantile_that_made_the_sample",
         fitted_tails_find_the_quantile_that_made_the_sample},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"tail", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
