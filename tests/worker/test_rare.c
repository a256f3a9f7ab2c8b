/* Rare losses against laws that are known exactly, and a diagnostic that says when not
 * to believe. */
#include "tests/check.h"
#include "tests/reference.h"
#include "worker/pareto_k.h"
#include "worker/rare.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <stdlib.h>

enum { SEED = 20260313, STEPS = 13 };

struct beyond {
    double limit; /* of the sum's standard deviations */
    bool both;
};

/* How far the sum falls (or moves either way) beyond the limit. */
static double fall(void *context, size_t n, const double x[])
{
    const struct beyond *beyond = context;
    double sum = 0.0;

    for (size_t j = 0; j < n; j++)
        sum += x[j];
    sum /= sqrt((double)n);
    const double far = beyond->both ? fabs(sum) : -sum;
    return far > beyond->limit ? far - beyond->limit : 0.0;
}

/* P(X < -limit), X of unit variance. */
static double exact(const struct rare_law *law, double limit)
{
    if (!isfinite(law->nu))
        return gsl_cdf_ugaussian_Q(limit);
    return gsl_cdf_tdist_Q(limit / sqrt((law->nu - 2.0) / law->nu), law->nu);
}

static double limit_of(const struct rare_law *law, double probability)
{
    if (!isfinite(law->nu))
        return gsl_cdf_ugaussian_Qinv(probability);
    return gsl_cdf_tdist_Qinv(probability, law->nu) * sqrt((law->nu - 2.0) / law->nu);
}

static struct rare_estimate estimate_at(const struct rare_law *law,
                                        const struct rare_rule *rule,
                                        struct beyond *beyond)
{
    const struct rare_loss loss = {beyond, fall};
    const struct rare_tilts tilts = rare_find_tilts(law, rule, &loss);
    struct rare_estimate estimate;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(rare_estimate(law, &tilts, rule, &loss, &estimate, &err), 0);
    return estimate;
}

static const struct rare_law laws[] = {
    {STEPS, INFINITY}, {1, INFINITY}, {STEPS, 3.0}, {STEPS, 4.5}, {1, 8.0}};
enum { N_LAWS = sizeof laws / sizeof *laws };

/* Four standard errors: 60 intervals of 6e-5 each. */
static void tails_are_exact_within_their_error_down_to_1e_9(void)
{
    static const double wanted[] = {1e-2, 1e-3, 1e-5, 1e-7, 1e-9};
    struct rare_rule rule = {SEED, 1, 0.1, 20000};

    for (size_t k = 0; k < N_LAWS; k++)
        for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
            for (int both = 0; both <= 1; both++) {
                struct beyond beyond = {limit_of(&laws[k], wanted[i]), both};
                const double p = (1.0 + both) * exact(&laws[k], beyond.limit);
                const struct rare_estimate e = estimate_at(&laws[k], &rule, &beyond);

                rule.who++;
                CU_ASSERT_EQUAL(e.status, RARE_SOUND);
                if (e.status != RARE_SOUND || e.probability_error >= 0.1 * p)
                    fprintf(stderr, "law %zu: %g of %g: error %.2g, k %.2f, %s\n", k,
                            wanted[i], p, e.probability_error / p, e.pareto_k,
                            rare_status_text(e.status));
                if (fabs(e.probability - p) > 4.0 * e.probability_error)
                    fprintf(stderr, "law %zu: %g is not %g +- %g\n", k, e.probability,
                            p, e.probability_error);
                CU_ASSERT(fabs(e.probability - p) <= 4.0 * e.probability_error);
                CU_ASSERT(e.probability_error < 0.1 * p);
            }
}

/* E (X - a)+ = phi(a) - a Q(a). */
static void mean_losses_are_exact_within_their_error(void)
{
    struct rare_rule rule = {SEED, 2, 0.1, 20000};

    for (double a = 2.0; a < 5.5; a += 0.5) {
        struct beyond beyond = {a, false};
        const struct rare_estimate e = estimate_at(&laws[0], &rule, &beyond);
        const double want = gsl_ran_ugaussian_pdf(a) - a * gsl_cdf_ugaussian_Q(a);

        CU_ASSERT(fabs(e.mean - want) <= 4.0 * e.mean_error);
        CHECK_REL(e.shortfall, want / gsl_cdf_ugaussian_Q(a), 0.1);
    }
}

/* 95 % intervals of 400 seeds hold the truth in 95 % of them: 380 +- 4 sqrt(19). */
static void intervals_hold_the_truth_as_often_as_they_say(void)
{
    static const struct rare_law of_one_step[] = {{1, INFINITY}, {1, 3.0}, {1, 8.0}};

    for (size_t k = 0; k < 3; k++) {
        struct beyond beyond = {limit_of(&of_one_step[k], 1e-5), false};
        int n_held = 0;

        for (uint64_t seed = 0; seed < 400; seed++) {
            const struct rare_rule rule = {SEED + seed, 3, 0.1, 2000};
            const struct rare_estimate e = estimate_at(&of_one_step[k], &rule, &beyond);

            n_held += fabs(e.probability - 1e-5) <= 1.96 * e.probability_error;
        }
        if (abs(n_held - 380) > 18)
            fprintf(stderr, "law %zu: %d of 400\n", k, n_held);
        CU_ASSERT(abs(n_held - 380) <= 18);
    }
}

/* Pilots are counted too. */
static void a_loss_of_1e_5_takes_a_hundredth_of_plain_paths(void)
{
    for (size_t k = 0; k < N_LAWS; k++) {
        const struct rare_rule rule = {SEED, 4 + k, 0.1, 40000};
        struct beyond beyond = {limit_of(&laws[k], 1e-5), false};
        const struct rare_estimate e = estimate_at(&laws[k], &rule, &beyond);
        const double fewer = e.plain_paths / (double)(rule.n_paths + RARE_PILOTS_MAX);

        printf("law %zu (nu %g): %.0f times fewer paths\n", k, laws[k].nu, fewer);
        CU_ASSERT(fewer >= 100.0);
    }
}

/* What plain_paths says is what plain Monte Carlo needs: at 1e-2 both can be run. */
static void plain_paths_have_the_error_that_is_said(void)
{
    struct beyond beyond = {limit_of(&laws[3], 1e-2), false};
    const struct rare_rule rule = {SEED, 9, 0.1, 5000};
    const struct rare_estimate e = estimate_at(&laws[3], &rule, &beyond);
    const struct rare_rule plain = {SEED, 10, 1.0, (size_t)e.plain_paths};
    const struct rare_loss loss = {&beyond, fall};
    const struct rare_tilts none = {0};
    struct rare_estimate p;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(rare_estimate(&laws[3], &none, &plain, &loss, &p, &err), 0);
    CHECK_REL(p.probability_error, e.probability_error, 0.1);
    CU_ASSERT_EQUAL(p.mean_weight, 1.0);
    CHECK_REL(p.plain_paths, (double)plain.n_paths, 0.01);
}

/* The mean weight is 1 whatever the tilt: it is a density. */
static void weights_have_the_mean_1_whatever_the_tilt(void)
{
    static const struct rare_tilts tilts[] = {{1, {{0.5, 1.0}}},
                                              {1, {{3.0, 1.0}}},
                                              {1, {{0.0, 4.0}}},
                                              {2, {{2.0, 8.0}, {0.5, 1.0}}},
                                              {1, {{7.0, 64.0}}}};
    struct beyond beyond = {3.0, true};
    const struct rare_loss loss = {&beyond, fall};
    struct rare_estimate e;
    struct err err = {0};

    for (size_t k = 0; k < N_LAWS; k++)
        for (size_t i = 0; i < 5; i++) {
            const struct rare_rule rule = {SEED, 20 + 5 * k + i, 0.1, 40000};

            rare_estimate(&laws[k], &tilts[i], &rule, &loss, &e, &err);
            /* weights are below 10, so their deviation is below sqrt(10 - 1) */
            CU_ASSERT(fabs(e.mean_weight - 1.0) <= 4.0 * 3.0 / sqrt(40000.0));
        }
}

/* Tilted far beyond without the law itself in the mixture: a few paths decide. */
static void an_estimate_of_a_few_heavy_weights_is_marked(void)
{
    const struct rare_law law = {STEPS, INFINITY};
    const struct rare_rule rule = {SEED, 50, 1e-12, 4000};
    const struct rare_tilts far = {1, {{7.0, 1.0}}};
    struct beyond beyond = {1.5, false};
    const struct rare_loss loss = {&beyond, fall};
    struct rare_estimate e;
    struct err err = {0};

    CU_ASSERT_EQUAL(rare_estimate(&law, &far, &rule, &loss, &e, &err), 0);
    CU_ASSERT_EQUAL(e.status, RARE_HEAVY_WEIGHTS);
    CU_ASSERT(e.pareto_k > 0.7);
    CU_ASSERT(e.effective < 0.02 * (double)e.n_losses);
    CHECK_CONTAINS(rare_status_text(e.status), "a few weights decide");
}

static double never(void *context, size_t n, const double x[])
{
    (void)context, (void)n, (void)x;
    return 0.0;
}

static void too_few_losses_are_no_estimate(void)
{
    const struct rare_rule rule = {SEED, 51, 1.0, 4000};
    struct beyond beyond = {3.0, false};
    const struct rare_loss nothing = {NULL, never}, loss = {&beyond, fall};
    const struct rare_tilts none = {0};
    struct rare_estimate e;
    struct err err = {0};

    rare_estimate(&laws[0], &none, &rule, &nothing, &e, &err);
    CU_ASSERT_EQUAL(e.status, RARE_NO_LOSS);
    CU_ASSERT_TRUE(isnan(e.shortfall));
    CU_ASSERT_EQUAL(rare_find_tilts(&laws[0], &rule, &nothing).tilt[0].shift,
                    (double)RARE_SHIFT_MAX);
    rare_estimate(&laws[0], &none, &rule, &loss, &e, &err);
    CU_ASSERT(e.n_losses > 0 && e.n_losses < PARETO_K_FEWEST);
    CU_ASSERT_EQUAL(e.status, RARE_TOO_FEW);
    CHECK_CONTAINS(rare_status_text(RARE_NO_LOSS), "no path had a loss");
    CHECK_CONTAINS(rare_status_text(RARE_TOO_FEW), "too few paths had a loss");
}

/* Quantiles of a law, as tests/oracle/reference/rare.R makes them. */
static void fill(double law, double a, size_t n, double weight[])
{
    for (size_t j = 0; j < n; j++) {
        const double u = ((double)j + 0.5) / (double)n;

        weight[j] = law == 0.0 ? pow(1.0 - u, -a) : exp(a * gsl_cdf_ugaussian_Pinv(u));
    }
}

/* psis of R's package loo 2.5.1, by that script. */
static void shapes_of_weights_are_those_of_rs_loo(void)
{
    struct reference table;

    CU_ASSERT_FATAL(reference_open("rare_reference.csv", &table));
    CU_ASSERT_FATAL(table.n_rows >= 18);
    for (size_t i = 0; i < table.n_rows; i++) {
        const size_t n = (size_t)reference_real(&table, i, "n");
        double *weight = malloc(n * sizeof *weight);

        CU_ASSERT_FATAL(weight != NULL);
        fill(reference_real(&table, i, "law"), reference_real(&table, i, "a"), n,
             weight);
        CHECK_REL(pareto_k(n, weight), reference_real(&table, i, "k"), 1e-9);
        free(weight);
    }
    reference_close(&table);
}

static void weights_without_a_tail_are_told_apart(void)
{
    double weight[100];

    for (int i = 0; i < 100; i++)
        weight[i] = 0.5;
    CU_ASSERT_EQUAL(pareto_k(100, weight), -INFINITY);
    CU_ASSERT_EQUAL(pareto_k(PARETO_K_FEWEST - 1, weight), INFINITY);
    CHECK_REL(pareto_k_limit(100), 0.5, 1e-15);
    CU_ASSERT_EQUAL(pareto_k_limit(100000), 0.7);
}

int main(void)
{
    CU_TestInfo claims[] = {
        {"tails_are_exact_within_their_error_down_to_1e_9",
         tails_are_exact_within_their_error_down_to_1e_9},
        {"mean_losses_are_exact_within_their_error",
         mean_losses_are_exact_within_their_error},
        {"intervals_hold_the_truth_as_often_as_they_say",
         intervals_hold_the_truth_as_often_as_they_say},
        {"a_loss_of_1e_5_takes_a_hundredth_of_plain_paths",
         a_loss_of_1e_5_takes_a_hundredth_of_plain_paths},
        {"plain_paths_have_the_error_that_is_said",
         plain_paths_have_the_error_that_is_said},
        {"weights_have_the_mean_1_whatever_the_tilt",
         weights_have_the_mean_1_whatever_the_tilt},
        {"an_estimate_of_a_few_heavy_weights_is_marked",
         an_estimate_of_a_few_heavy_weights_is_marked},
        {"too_few_losses_are_no_estimate", too_few_losses_are_no_estimate},
        {"shapes_of_weights_are_those_of_rs_loo",
         shapes_of_weights_are_those_of_rs_loo},
        {"weights_without_a_tail_are_told_apart",
         weights_without_a_tail_are_told_apart},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"rare", NULL, NULL, NULL, NULL, claims},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
