/* Scattered points: rated as they are judged, and on few bars nearly as on all. */
#include "tests/check.h"
#include "tests/sample.h"
#include "worker/margin_rate.h"
#include "worker/study.h"
#include "worker/thin.h"

#include <stdlib.h>

enum { AXES = 5, POINTS = 83, BARS = 2747 };

struct rig {
    struct bars bars;
    struct plan plan;
    void *work;
    double value[POINTS][AXES]; /* lambda, q, floor, buffer, release */
    struct verdict verdict;
    double figure[JUDGED_RANGES][200];
};

static const double any[2] = {0.0, 1.0};

static void limit(struct plan *plan, const char *metric, double min, double max)
{
    plan->constraint[plan->n_constraints++] = (struct constraint){
        metric_find(plan->study->n_metrics, plan->study->metrics, metric), min, max};
}

/* Half of the paths are shared, by points that do not stand together. */
static void fill_points(struct rig *rig, uint64_t seed)
{
    struct sample sample = {seed};

    for (size_t i = 0; i < POINTS; i++) {
        double *value = rig->value[i];

        value[0] = i % 2 == 0 ? 0.94 : 0.9 + 0.099 * sample_unit(&sample);
        value[1] = 1.0 + 5.0 * sample_unit(&sample);
        value[2] = i % 3 == 0 ? 0.0 : 0.04 * sample_unit(&sample);
        value[3] = i % 5 == 0 ? 0.0 : 0.3 * sample_unit(&sample);
        value[4] = i % 7 < 3 ? 1.0 : 0.0;
    }
}

static void open_rig(struct rig *rig, const char *volatility, size_t n_bars)
{
    const struct volatility_model *model = volatility_find(volatility);
    struct plan *plan = &rig->plan;
    struct err err = {0};

    *rig = (struct rig){0};
    CU_ASSERT_FATAL(sample_bars(747, n_bars, 0.01, 0.002, &rig->bars) == 0);
    *plan = (struct plan){.study = &margin_study,
                          .series = {.horizon_bars = 8, .warmup_bars = 168},
                          .confidence = 0.98,
                          .path = {.volatility = model},
                          .release = {1.25, 2.0, 720.0},
                          .max_points = 64,
                          .holdout = 0.25,
                          .n_kept = 3};
    plan->grid.n_axes = AXES;
    for (size_t a = 0; a < AXES; a++)
        plan->grid.axis[a] =
            (struct axis){.rule = a == 0 ? &model->axes[0] : &margin_study.axes[a - 1],
                          .n = 2,
                          .value = any,
                          .span = AXIS_LINEAR};
    plan->objective =
        metric_find(margin_study.n_metrics, margin_study.metrics, "mean_margin");
    limit(plan, "coverage", 0.98, INFINITY);
    limit(plan, "kupiec_phase_p", 0.05, INFINITY);
    limit(plan, "rise_1d", -INFINITY, 3.0);
    fill_points(rig, 13);
    for (int r = 0; r < JUDGED_RANGES; r++)
        rig->verdict.figure[r] = rig->figure[r];
    CU_ASSERT_FATAL(margin_study.n_metrics <= 200);
    CU_ASSERT_FATAL(plan->study->prepare(plan, &rig->bars, &rig->work, &err) == 0);
}

static void close_rig(struct rig *rig)
{
    margin_study.release(rig->work);
    bars_free(&rig->bars);
}

static void rate(struct rig *rig, size_t n, const double *value, double share,
                 struct rating *rating)
{
    char refusal[ERR_TEXT_MAX] = "";

    CU_ASSERT_FATAL(
        margin_study.rate(rig->work, n, value, share, rating, refusal, NULL) == 0);
    CU_ASSERT(refusal[0] == '\0');
}

static void a_point_is_rated_to_the_bit_as_it_is_judged(void)
{
    struct rating rating[POINTS];
    struct rig rig;

    open_rig(&rig, "ewma", BARS);
    const size_t mean = (size_t)(rig.plan.objective - margin_study.metrics);
    rate(&rig, POINTS, &rig.value[0][0], 1.0, rating);
    for (size_t i = 0; i < POINTS; i++) {
        CU_ASSERT_FATAL(
            margin_study.judge(rig.work, rig.value[i], &rig.verdict, NULL) == 0);
        const double *figure = rig.figure[JUDGED_TRAINING];
        CU_ASSERT(rating[i].cost == figure[mean]);
        CU_ASSERT(rating[i].violation ==
                  plan_violation(3, rig.plan.constraint, &rig.plan, figure));
        CU_ASSERT((rating[i].slack < 0.0) == (rating[i].violation > 0.0));
    }
    close_rig(&rig);
}

static void a_rating_does_not_depend_on_the_company_or_its_order(void)
{
    static const double shares[] = {0.05, 0.31, 1.0};
    struct rating all[POINTS], alone, back[POINTS];
    double reversed[POINTS][AXES];
    struct rig rig;

    open_rig(&rig, "ewma", BARS);
    for (size_t i = 0; i < POINTS; i++)
        memcpy(reversed[i], rig.value[POINTS - 1 - i], sizeof reversed[i]);
    for (size_t s = 0; s < sizeof shares / sizeof *shares; s++) {
        rate(&rig, POINTS, &rig.value[0][0], shares[s], all);
        rate(&rig, POINTS, &reversed[0][0], shares[s], back);
        for (size_t i = 0; i < POINTS; i++) {
            rate(&rig, 1, rig.value[i], shares[s], &alone);
            CU_ASSERT(memcmp(&alone, &all[i], sizeof alone) == 0);
            CU_ASSERT(memcmp(&alone, &back[POINTS - 1 - i], sizeof alone) == 0);
        }
    }
    close_rig(&rig);
}

/* The bars of the largest losses are among those looked at: where a point covers about
 * what it should, all of its exceedances are counted.  The mean of an even sample of m
 * of n values of a path whose steps are small is within a few of its standard errors.
 */
static void few_bars_count_exceedances_and_estimate_the_margin(void)
{
    struct rating all[POINTS], few[POINTS];
    struct rig rig;
    size_t n_exact = 0, n_near = 0;

    open_rig(&rig, "ewma", BARS);
    rig.plan.n_constraints = 1;
    rate(&rig, POINTS, &rig.value[0][0], 1.0, all);
    rate(&rig, POINTS, &rig.value[0][0], 0.2, few);
    for (size_t i = 0; i < POINTS; i++) {
        if (all[i].violation > 1.0)
            continue; /* more exceedances than bars that are looked at allow for */
        n_near++;
        n_exact += few[i].violation == all[i].violation;
        CHECK_REL(few[i].cost, all[i].cost, 0.04);
    }
    CU_ASSERT(n_near > POINTS / 3 && n_exact == n_near);
    close_rig(&rig);
}

static void a_share_of_all_bars_counts_all_exceedances_of_every_point(void)
{
    struct rating all[POINTS], few[POINTS];
    struct rig rig;

    open_rig(&rig, "ewma", BARS);
    rig.plan.n_constraints = 2; /* a rise may be largest at an uneven bar */
    rate(&rig, POINTS, &rig.value[0][0], 1.0, all);
    rate(&rig, POINTS, &rig.value[0][0], 1.0 - 1e-9, few);
    for (size_t i = 0; i < POINTS; i++)
        CU_ASSERT(few[i].violation == all[i].violation && few[i].slack == all[i].slack);
    close_rig(&rig);
}

static void bars_are_picked_once_and_as_many_as_the_share_says(void)
{
    static const double confidences[] = {0.999, 0.98, 0.9};
    const struct series_rules rules = {.horizon_bars = 8, .warmup_bars = 168};
    const struct kernels *kernels;
    struct bars bars;
    struct series series;

    CU_ASSERT_FATAL(sample_bars(13, BARS, 0.01, 0.01, &bars) == 0);
    CU_ASSERT_FATAL(kernels_choose(&kernels, NULL) == 0);
    CU_ASSERT_FATAL(series_new(&bars, &rules, &series, NULL) == 0);
    for (size_t c = 0; c < sizeof confidences / sizeof *confidences; c++)
        for (double share = 0.001; share < 1.0; share *= 1.7) {
            const struct range range = {200, 2401};
            const struct thin_rules of = {&series, range, share, confidences[c]};
            bool seen[BARS] = {false};
            struct thin thin;

            CU_ASSERT_FATAL(thin_new(&of, kernels, &thin, NULL) == 0);
            const double wanted = ceil(share * 2201.0);
            CU_ASSERT((double)thin.n <= wanted && (double)thin.n > 0.9 * wanted - 1.0);
            CU_ASSERT(thin.n_even >= 1 && 8 * thin.n_even + 8 >= thin.n);
            for (size_t i = 0; i < thin.n; i++) {
                CU_ASSERT_FATAL(thin.bar[i] >= 200 && thin.bar[i] < 2401);
                CU_ASSERT(!seen[thin.bar[i]]);
                seen[thin.bar[i]] = true;
            }
            thin_free(&thin);
        }
    series_free(&series);
    bars_free(&bars);
}

static void what_the_bars_do_not_allow_is_undefined_and_says_why_alone(void)
{
    struct rating rating[POINTS], alone;
    char refusal[ERR_TEXT_MAX] = "";
    struct rig rig;

    open_rig(&rig, "rolling", 747);
    for (size_t i = 0; i < POINTS; i++)
        rig.value[i][0] = i == 41 ? 5000.0 : 20.0 + (double)i;
    CU_ASSERT_FATAL(margin_study.rate(rig.work, POINTS, &rig.value[0][0], 1.0, rating,
                                      refusal, NULL) == 0);
    CHECK_CONTAINS(refusal, "5000");
    for (size_t i = 0; i < POINTS; i++) {
        CU_ASSERT(isnan(rating[i].cost) == (i == 41));
        if (i == 41)
            continue;
        rate(&rig, 1, rig.value[i], 1.0, &alone);
        CU_ASSERT(memcmp(&alone, &rating[i], sizeof alone) == 0);
    }
    close_rig(&rig);
}

int main(void)
{
    CU_TestInfo rating[] = {
        {"a_point_is_rated_to_the_bit_as_it_is_judged",
         a_point_is_rated_to_the_bit_as_it_is_judged},
        {"a_rating_does_not_depend_on_the_company_or_its_order",
         a_rating_does_not_depend_on_the_company_or_its_order},
        {"few_bars_count_exceedances_and_estimate_the_margin",
         few_bars_count_exceedances_and_estimate_the_margin},
        {"a_share_of_all_bars_counts_all_exceedances_of_every_point",
         a_share_of_all_bars_counts_all_exceedances_of_every_point},
        {"bars_are_picked_once_and_as_many_as_the_share_says",
         bars_are_picked_once_and_as_many_as_the_share_says},
        {"what_the_bars_do_not_allow_is_undefined_and_says_why_alone",
         what_the_bars_do_not_allow_is_undefined_and_says_why_alone},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"margin_rate", NULL, NULL, NULL, NULL, rating},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
