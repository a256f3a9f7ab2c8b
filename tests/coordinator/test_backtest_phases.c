/* Right forecasts of horizons that overlap: how often does each test reject them, by
 * phases and all bars at once? */
#include "coordinator/backtest_figures.h"
#include "market/random.h"
#include "tests/check.h"
#include "worker/combine.h"

#include <gsl/gsl_cdf.h>

enum { BARS = 2000, H = 5, SAMPLES = 300 };

static const uint64_t seed = 20090401;
static const double level = 0.05;
static const struct backtest_plan plan = {
    .p = 0.05, .horizon_bars = H, .law = {.nu = INFINITY}, .n_samples = 39, .seed = 7};
static double loss[BARS], var[BARS], es[BARS], mean[BARS], scale[BARS], column[5][BARS];

/* Sums of H independent normals, against their own law. */
static void draw(uint64_t sample)
{
    struct random random = random_at(seed, 0, sample, 0);
    double r[BARS + H];

    for (size_t t = 0; t < BARS + H; t++)
        r[t] = random_normal(&random);
    for (size_t t = 0; t < BARS; t++) {
        loss[t] = 0.0;
        for (size_t j = 0; j < H; j++)
            loss[t] += r[t + j];
        mean[t] = 0.0;
        scale[t] = sqrt((double)H) * (1.0 + 0.2 * sin(0.01 * (double)t));
        loss[t] *= scale[t] / sqrt((double)H);
        var[t] = scale[t] * tail_law_quantile(&plan.law, plan.p);
        es[t] = scale[t] * tail_law_shortfall(&plan.law, plan.p);
    }
}

static struct backtest_series phase_at(size_t first, size_t step)
{
    const double *const from[5] = {loss, var, es, mean, scale};
    size_t n = 0;

    for (size_t t = first; t < BARS; t += step, n++)
        for (size_t c = 0; c < 5; c++)
            column[c][n] = from[c][t];
    return (struct backtest_series){n,         column[0], column[1],
                                    column[2], column[3], column[4]};
}

/* 4 standard errors of the level. */
static double errors(double n)
{
    return 4.0 * sqrt(level * (1.0 - level) / n);
}

/* Twice the median of p-values that have their level has it too, whatever their
 * dependence; an exact or simulated one has its level.  All bars at once, pairs are
 * dependent by construction and the counts' variance is some H times the binomial. */
static void phases_keep_the_level_and_all_bars_at_once_do_not(void)
{
    static const enum backtest_p kept[] = {P_KUPIEC_EXACT,
                                           P_BINOMIAL_UPPER,
                                           P_INDEPENDENCE_SIMULATED,
                                           P_CONDITIONAL_SIMULATED,
                                           P_TUFF_EXACT,
                                           P_DURATION_SIMULATED,
                                           P_DYNAMIC_QUANTILE_SIMULATED,
                                           P_Z1,
                                           P_Z2,
                                           P_Z3};
    double by_phase[BACKTEST_PS] = {0}, at_once[BACKTEST_PS] = {0};
    struct backtest_figures figures[H], all;
    struct backtest_room room;

    CU_ASSERT_FATAL(backtest_room_new(&plan, BARS, &room, NULL) == 0);
    for (uint64_t sample = 0; sample < SAMPLES; sample++) {
        draw(sample);
        for (size_t k = 0; k < H; k++) {
            const struct backtest_series part = phase_at(k, H);

            backtest_figures_of(&plan, &part, &room, &figures[k]);
        }
        const struct backtest_series series = phase_at(0, 1);
        backtest_figures_of(&plan, &series, &room, &all);
        for (int i = 0; i < BACKTEST_PS; i++) {
            double p[H];

            for (size_t k = 0; k < H; k++)
                p[k] = figures[k].p[i];
            by_phase[i] += combine_p_values(H, p) <= level;
            at_once[i] += all.p[i] <= level;
        }
    }
    backtest_room_free(&room);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        printf("\n    p-value %2d: by phase %.3f, at once %.3f ", (int)kept[i],
               by_phase[kept[i]] / SAMPLES, at_once[kept[i]] / SAMPLES);
        CU_ASSERT(by_phase[kept[i]] / SAMPLES < level + errors(SAMPLES));
    }
    CU_ASSERT(at_once[P_INDEPENDENCE_SIMULATED] / SAMPLES > 0.99);
    CU_ASSERT(at_once[P_DYNAMIC_QUANTILE_SIMULATED] / SAMPLES > 0.99);
    CU_ASSERT(at_once[P_DURATION_SIMULATED] / SAMPLES > 0.99);
    CU_ASSERT(at_once[P_KUPIEC_EXACT] / SAMPLES > 0.12);
    CU_ASSERT(at_once[P_Z2] / SAMPLES > 0.09);
}

/* A constant VaR, some of it missing, is still one that needs no regressor. */
static void a_constant_var_with_gaps_leaves_its_regressor_out(void)
{
    struct backtest_figures figures;
    struct backtest_room room;

    draw(0);
    for (size_t t = 0; t < BARS; t++)
        var[t] = t < 7 || t % 100 == 0 ? (double)NAN : 3.0;
    const struct backtest_series series = {BARS, loss, var, NULL, NULL, NULL};

    CU_ASSERT_FATAL(backtest_room_new(&plan, BARS, &room, NULL) == 0);
    backtest_figures_of(&plan, &series, &room, &figures);
    CU_ASSERT_EQUAL(figures.dynamic_quantile.status, BACKTEST_OK);
    CU_ASSERT_EQUAL(figures.dynamic_quantile.n_regressors, 5);
    CU_ASSERT(!isnan(figures.p[P_DYNAMIC_QUANTILE_SIMULATED]));
    CU_ASSERT(isnan(figures.p[P_Z2]));
    backtest_room_free(&room);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"phases_keep_the_level_and_all_bars_at_once_do_not",
         phases_keep_the_level_and_all_bars_at_once_do_not},
        {"a_constant_var_with_gaps_leaves_its_regressor_out",
         a_constant_var_with_gaps_leaves_its_regressor_out},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"backtest_phases", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    printf("seed %llu\n", (unsigned long long)seed);
    return check_run(suites);
}
