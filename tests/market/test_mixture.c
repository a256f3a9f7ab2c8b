#include "market/mixture.h"
#include "tests/check.h"

/* P(T > x) and quantiles by GSL 2.7.1: gsl_cdf_tdist_Q, gsl_cdf_tdist_Qinv. */
static const struct {
    double nu, x, tail;
} tails[] = {
    {2.5, 0.1, 0.4639032720312448},   {2.5, 1, 0.2020305136391368},
    {2.5, 2.5, 0.05228498153907764},  {2.5, 40, 7.097817145246683e-05},
    {3, 0.1, 0.463326174400403},      {3, 40, 1.719034039457926e-05},
    {4.7, 1, 0.1829877564972748},     {4.7, 2.5, 0.02879607967343365},
    {4.7, 40, 1.945930555364184e-07}, {6, 0.1, 0.4618009759493958},
    {6, 2.5, 0.02326411614208366},    {6, 40, 8.159180465271221e-09},
    {30, 1, 0.1626543077130147},      {30, 40, 6.863022597203145e-28},
    {100, 0.1, 0.4602722655479256},   {100, 2.5, 0.007022894562038587},
    {100, 40, 1.231053801070037e-63},
};

static const struct {
    double nu, tail, x;
} quantiles[] = {
    {2.5, 0.05, 2.558218614135936},  {2.5, 1e-05, 87.64328685666185},
    {3, 0.01, 4.540702858568133},    {3, 0.001, 10.21453185240738},
    {4.7, 0.01, 3.456627080940138},  {4.7, 0.001, 6.189155353406723},
    {6, 0.05, 1.943180280515303},    {6, 0.01, 3.142668403290984},
    {30, 0.001, 3.385184866829305},  {100, 0.01, 2.364217366238482},
    {100, 1e-05, 4.478426902992736},
};

/* a ln z reaches 50 ln(1/17) = 142, so e to it loses 142 x 2^-53 = 2e-14 and a little
 * more in ln Gamma; GSL states no better. */
static void student_tail_agrees_with_gsl(void)
{
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
        CHECK_REL(mixture_student_tail(tails[i].nu, tails[i].x), tails[i].tail, 1e-12);
    CU_ASSERT_EQUAL(mixture_student_tail(5.0, 0.0), 0.5);
}

static void without_jumps_the_quantile_is_student_s(void)
{
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
        const struct mixture m = {quantiles[i].nu, 0.0, 1.0};

        CHECK_REL(mixture_quantile(&m, quantiles[i].tail) / mixture_scale(&m),
                  quantiles[i].x, 1e-12);
        CHECK_REL(mixture_scale(&m), sqrt((m.nu - 2) / m.nu), 2 * DBL_EPSILON);
    }
}

/* Bisection on (1-pi) gsl_cdf_tdist_Q(x, nu) + pi gsl_cdf_tdist_Q(x/kappa, nu). */
static void with_jumps_the_quantile_agrees_with_gsl(void)
{
    const struct mixture m = {6.0, 0.004, 4.0}, wild = {4.0, 0.02, 7.5};

    CHECK_REL(mixture_quantile(&m, 0.01) / mixture_scale(&m), 3.214466895043135, 1e-12);
    CHECK_REL(mixture_quantile(&m, 0.001) / mixture_scale(&m), 5.751521210445434,
              1e-12);
    CHECK_REL(mixture_quantile(&wild, 0.01) / mixture_scale(&wild), 4.751228121299164,
              1e-12);
}

static void a_table_s_value_is_met(void)
{
    const struct mixture m = {5.0, 0.0, 1.0}; /* any table of Student's t: 3.365 */

    CU_ASSERT_DOUBLE_EQUAL(mixture_quantile(&m, 0.01) / mixture_scale(&m), 3.365, 5e-4);
}

/* Half the mass is on either side; more jumps, more tail beyond a far point at the
 * same variance. */
static void jumps_fatten_the_tail_at_equal_variance(void)
{
    const struct mixture calm = {6.0, 0.0, 1.0}, jumpy = {6.0, 0.004, 4.0};

    CU_ASSERT_TRUE(mixture_tail(&jumpy, 8.0) > 2.0 * mixture_tail(&calm, 8.0));
    CHECK_REL(mixture_tail(&jumpy, 0.0), 0.5, DBL_EPSILON);
    CU_ASSERT_TRUE(mixture_quantile(&jumpy, 0.5) < 1e-14);
}

static CU_TestInfo tests[] = {
    {"mixture: student_tail_agrees_with_gsl", student_tail_agrees_with_gsl},
    {"mixture: without_jumps_the_quantile_is_student_s",
     without_jumps_the_quantile_is_student_s},
    {"mixture: with_jumps_the_quantile_agrees_with_gsl",
     with_jumps_the_quantile_agrees_with_gsl},
    {"mixture: a_table_s_value_is_met", a_table_s_value_is_met},
    {"mixture: jumps_fatten_the_tail_at_equal_variance",
     jumps_fatten_the_tail_at_equal_variance},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{"mixture", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
