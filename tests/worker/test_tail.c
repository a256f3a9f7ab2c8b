#include "market/random.h"
#include "tests/check.h"
#include "tests/reference.h"
#include "worker/hill.h"
#include "worker/pot.h"
#include "worker/tail.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>

enum { N = 4000 };
static double z[N], room[2 * N];
static const struct tail_sample sample = {N, z, room};

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

static void every_kind_puts_the_shortfall_beyond_the_quantile(void)
{
    const double parameter[] = {0.0, 5.0, 0.1, 0.05};
    size_t i = 0;

    fill(3);
    for (; tail_row(i) != NULL; i++) {
        const struct tail tail = {tail_row(i), parameter[i]};
        struct tail_risk risk[] = {
            {.confidence = 0.96}, {.confidence = 0.99}, {.confidence = 0.999}};
        const char *why = "untouched";

        CU_ASSERT_FATAL(tail_measure(&tail, &sample, 3, risk, &why, NULL) == 0);
        CU_ASSERT(why == NULL && tail_find(tail.kind->name) == tail.kind);
        for (int j = 0; j < 3; j++) {
            CU_ASSERT(risk[j].es > risk[j].var && risk[j].var > 0.0);
            CU_ASSERT(j == 0 ||
                      (risk[j].var > risk[j - 1].var && risk[j].es > risk[j - 1].es));
        }
    }
    CU_ASSERT_EQUAL(i, 4);
    CU_ASSERT(tail_find("cauchy") == NULL);
}

/* z is t_4 of unit variance, so `student` has its true figures.  The largest share of
 * 4000 fixes VaR_.99 to sqrt(.01 .99 / 4000)/f = 7 % of itself at four errors and the
 * shortfall, whose fit of xi errs by 0.07, to a third. */
static void the_fitted_kinds_find_the_quantile_that_made_the_sample(void)
{
    const char *const names[] = {"pot", "hill"};
    const struct tail_risk truth = tail_student(0.99, 4.0);

    for (uint64_t seed = 1; seed <= 10; seed++) {
        fill(seed);
        for (int i = 0; i < 2; i++) {
            const struct tail tail = {tail_find(names[i]), i == 0 ? 0.1 : 0.03};
            struct tail_risk risk = {.confidence = 0.99};
            const char *why;

            CU_ASSERT(tail_measure(&tail, &sample, 1, &risk, &why, NULL) == 0);
            CHECK_REL(risk.var, truth.var, 0.15);
            CHECK_REL(risk.es, truth.es, 0.33);
        }
    }
}

static void a_kind_is_its_kernel(void)
{
    static double sorted[N], excess[N];
    struct tail_risk risk = {.confidence = 0.995};
    const char *why;

    fill(5);
    z[17] = z[800] = NAN;
    const size_t n = pot_sort(N, z, sorted), k = (size_t)(0.08 * (double)n);
    const struct pot pot = pot_fit(n, sorted, sorted[n - 1 - k], excess);
    const struct hill hill = hill_fit(n, sorted, k);
    struct tail tail = {tail_find("pot"), 0.08};

    CU_ASSERT_EQUAL(n, N - 2);
    CU_ASSERT(tail_measure(&tail, &sample, 1, &risk, &why, NULL) == 0);
    CU_ASSERT(risk.var == pot_var(&pot, 0.995) && risk.es == pot_es(&pot, 0.995));
    tail.kind = tail_find("hill");
    CU_ASSERT(tail_measure(&tail, &sample, 1, &risk, &why, NULL) == 0);
    CU_ASSERT(risk.var == hill_var(&hill, 0.995) && risk.es == hill_es(&hill, 0.995));
}

static void a_parameter_out_of_range_is_refused_by_name(void)
{
    struct tail_risk risk = {0.99, -1.0, -2.0};
    struct err err = {0};
    const char *why = "untouched";

    for (int i = 0; i < 4; i++) {
        const struct tail tail = {tail_find(i < 2 ? "student" : "pot"),
                                  (double[]){2.0, NAN, 0.0, 1.0}[i]};

        CU_ASSERT(tail_measure(&tail, &sample, 1, &risk, &why, &err) == -1);
        CHECK_CONTAINS(err.text, i < 2 ? "tail student: nu" : "tail pot: share");
    }
    for (int i = 0; i < 4; i++) {
        const struct tail tail = {tail_find("normal"), 0.0};

        risk.confidence = (double[]){0.5, 1.0, NAN, 99.0}[i];
        CU_ASSERT(tail_measure(&tail, &sample, 1, &risk, &why, &err) == -1);
        CHECK_CONTAINS(err.text, "is not between 0.5 and 1");
    }
    CU_ASSERT(risk.var == -1.0 && risk.es == -2.0);
    CU_ASSERT_STRING_EQUAL(why, "untouched");
}

static void a_sample_without_a_tail_says_why(void)
{
    const struct tail_sample none = {0, z, room};
    struct tail_risk risk = {.confidence = 0.99};
    const char *why = NULL;

    memset(z, 0, sizeof z); /* frozen prices */
    for (int i = 0; i < 2; i++) {
        const struct tail tail = {tail_find(i == 0 ? "pot" : "hill"), 0.1};

        CU_ASSERT(tail_measure(&tail, &sample, 1, &risk, &why, NULL) == 0);
        CU_ASSERT(isnan(risk.var) && isnan(risk.es));
        CHECK_CONTAINS(why, i == 0 ? "too few excesses" : "threshold");
        CU_ASSERT(tail_measure(&tail, &none, 1, &risk, &why, NULL) == 0);
        CU_ASSERT(isnan(risk.var) && isnan(risk.es));
        CHECK_CONTAINS(why, "too few");
    }
    for (size_t t = 0; t < N; t++)
        z[t] = NAN;
    const struct tail tail = {tail_find("pot"), 0.1};
    CU_ASSERT(tail_measure(&tail, &sample, 1, &risk, &why, NULL) == 0);
    CHECK_CONTAINS(why, "too few");
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"closed_forms_agree_with_scipy_and_quadrature",
         closed_forms_agree_with_scipy_and_quadrature},
        {"student_tends_to_the_normal", student_tends_to_the_normal},
        {"every_kind_puts_the_shortfall_beyond_the_quantile",
         every_kind_puts_the_shortfall_beyond_the_quantile},
        {"the_fitted_kinds_find_the_quantile_that_made_the_sample",
         the_fitted_kinds_find_the_quantile_that_made_the_sample},
        {"a_kind_is_its_kernel", a_kind_is_its_kernel},
        {"a_parameter_out_of_range_is_refused_by_name",
         a_parameter_out_of_range_is_refused_by_name},
        {"a_sample_without_a_tail_says_why", a_sample_without_a_tail_says_why},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"tail", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    return check_run(suites);
}
