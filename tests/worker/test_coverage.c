/* On a market whose true conditional quantiles are known: does GARCH, fitted to a
 * training span, cover them out of sample, and is its error the one that the amount of
 * data allows? */
enum { MARKETS = 24 };
#include "tests/worker/known_quantiles.h"

/* The true quantile itself, so that the market and its truth are above doubt. */
static void check_truth(void (*draw)(uint64_t, size_t))
{
    const struct band band = binomial_band(MARKETS * AFTER, 0.0005);
    unsigned x = 0;

    for (uint64_t market = 0; market < MARKETS; market++) {
        draw(1000 + market, AFTER);
        for (size_t t = 0; t < AFTER; t++)
            x += -r[t] > truth[t];
    }
    printf("\n    the truth is exceeded %u times, band [%u, %u]", x, band.low,
           band.high);
    CU_ASSERT(x >= band.low && x <= band.high);
}

static void true_quantiles_are_exceeded_as_often_as_they_say(void)
{
    check_truth(draw_normal);
    check_truth(draw_student);
    check_truth(draw_jumps);
}

static struct outcome forecast_garch(void (*draw)(uint64_t, size_t), bool student,
                                     size_t training)
{
    struct outcome outcome = nothing_yet();

    for (uint64_t market = 0; market < MARKETS; market++) {
        draw(market, training + AFTER);
        const struct garch_fit fit = fit_garch(student, training);
        const double q = student ? student_quantile(fit.parameter[GARCH_NU])
                                 : gsl_cdf_ugaussian_Qinv(p);

        for (size_t t = training; t < training + AFTER; t++)
            forecast[t] = q * sqrt(h[t]);
        judge(training, forecast, &outcome);
    }
    return outcome;
}

/* n times the mean square over what the data allow: 1 in the limit.  At 8000 it must be
 * so within 4 standard errors on both sides (nothing beats the bound for long); four
 * times fewer data may err by half as much again for what the limit leaves out. */
static void check_efficiency(void (*draw)(uint64_t, size_t), bool student,
                             const struct allowed *allowed, double g)
{
    const double errors = allowed_errors(allowed), sum = allowed_sum(allowed);
    const struct outcome few = forecast_garch(draw, student, TRAINING_MAX / 4);
    const struct outcome many = forecast_garch(draw, student, TRAINING_MAX);
    const double at_few = few.square / few.n * (TRAINING_MAX / 4) / sum;
    const double at_many = many.square / many.n * TRAINING_MAX / sum;

    check_coverage(student ? "GARCH-t, 2000 returns" : "GARCH, 2000 returns", &few, g);
    check_coverage(student ? "GARCH-t, 8000 returns" : "GARCH, 8000 returns", &many, g);
    printf("\n    mean square over the Cramer-Rao bound: %.3f, %.3f; 1 +- %.2f", at_few,
           at_many, errors);
    CU_ASSERT(fabs(at_many - 1.0) < errors);
    CU_ASSERT(at_few < 1.5 * (1.0 + errors));
    CU_ASSERT(many.square / many.n < 0.5 * few.square / few.n);
}

static void garch_errs_by_what_the_data_allow(void)
{
    const struct allowed allowed = {2, 0.5, 0.5};

    check_efficiency(draw_normal, false, &allowed, normal_g());
}

static void garch_t_errs_by_what_the_data_allow(void)
{
    const struct allowed allowed = allowed_student(5.0);

    check_efficiency(draw_student, true, &allowed, student_g(5.0));
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(true_quantiles_are_exceeded_as_often_as_they_say),
        TEST(garch_errs_by_what_the_data_allow),
        TEST(garch_t_errs_by_what_the_data_allow),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"coverage", make_file, remove_file, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    gsl_set_error_handler_off();
    printf("seed %llu\n", (unsigned long long)seed);
    return check_run(suites);
}
