#include "tests/check.h"
#include "tests/oracle/margin_oracle.h"
#include "tests/sample.h"
#include "worker/margin.h"
#include "worker/sweep.h"
#include "worker/walk.h"

#include <stdlib.h>

/* One point of one history, by the walk and by the oracle. */
struct trial {
    struct oracle_request request;
    struct bars bars;
    struct series series;
    double *path, *margin; /* s and g; m */
};

static const double lambdas[1] = {0.5}; /* only the number of axes matters */

static void walk(struct trial *trial)
{
    const struct oracle_request *request = &trial->request;
    const struct series_rules rules = {request->horizon_bars, request->warmup_bars,
                                       request->loss == ORACLE_PATH ? LOSS_PATH
                                                                    : LOSS_CLOSE,
                                       request->sides == ORACLE_SHORT  ? SIDES_SHORT
                                       : request->sides == ORACLE_LONG ? SIDES_LONG
                                                                       : SIDES_BOTH};
    const struct grid grid = {.n_axes = 5, .axis = {{.n = 1, .value = lambdas}}};
    const struct path_models ewma = {.volatility = volatility_find("ewma")};
    const struct sweep_rules sweep = {.series = &trial->series,
                                      .grid = &grid,
                                      .path = &ewma,
                                      .release = {request->release_from,
                                                  request->release_full,
                                                  request->release_halflife_bars}};
    const double value[] = {request->lambda, request->q, request->floor,
                            request->buffer, request->release ? 1.0 : 0.0};
    const struct policy policy = {request->q, request->floor, request->buffer,
                                  request->release};

    CU_ASSERT_FATAL(series_new(&trial->bars, &rules, &trial->series, NULL) == 0);
    const size_t n = trial->series.n;
    trial->path = malloc(6 * n * sizeof(double));
    trial->margin = trial->path + 2 * n;
    const struct path_stages stages = {trial->path + 3 * n, trial->path + 4 * n,
                                       trial->path + 5 * n};
    struct path_fits fits;
    CU_ASSERT_FATAL(sweep_stages(&sweep, value, &stages, &fits, NULL) == 0);
    CU_ASSERT_FATAL(
        sweep_path(&sweep, value, &stages, trial->path, trial->path + n, NULL) == 0);
    walk_margin(&trial->series, &policy, trial->path, trial->path + n, trial->margin);
}

static void random_trial(struct trial *trial, uint64_t seed)
{
    struct sample sample = {seed};
    const size_t h[] = {1, 2, 8, 13};

    *trial = (struct trial){
        .request = {.horizon_bars = h[sample_below(&sample, 4)],
                    .warmup_bars = 20 + sample_below(&sample, 60),
                    .embargo_bars = sample_below(&sample, 30),
                    .loss = sample_below(&sample, 2) == 0 ? ORACLE_PATH : ORACLE_CLOSE,
                    .sides = (enum oracle_sides)sample_below(&sample, 3),
                    .confidence = 0.99,
                    .holdout = 0.3,
                    .release_from = 1.1,
                    .release_full = 1.7,
                    .release_halflife_bars = 200.0,
                    .lambda = 0.8 + 0.19 * sample_unit(&sample),
                    .q = 0.5 + 3.0 * sample_unit(&sample),
                    .floor = 0.03 * sample_unit(&sample),
                    .buffer = 0.5 * sample_unit(&sample),
                    .release = sample_below(&sample, 2) == 1}};
    CU_ASSERT_FATAL(sample_bars(seed, 1013 + sample_below(&sample, 900), 0.01,
                                seed % 3 == 0 ? 0.01 : 0.0, &trial->bars) == 0);
    walk(trial);
}

static void clear(struct trial *trial)
{
    free(trial->path);
    series_free(&trial->series);
    bars_free(&trial->bars);
}

static void margins_are_the_oracles_to_the_last_bit(void)
{
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct trial trial;

        random_trial(&trial, seed);
        double *margin = malloc(trial.bars.n * sizeof *margin);
        const size_t W = trial.request.warmup_bars; /* before it the oracle has none */
        CU_ASSERT(oracle_margins(&trial.request, &trial.bars, margin, NULL) == 0);
        CU_ASSERT(memcmp(margin + W, trial.margin + W,
                         (trial.bars.n - W) * sizeof *margin) == 0);
        free(margin);
        clear(&trial);
    }
}

static int same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Every figure that is a tally or a quotient of tallies: to the last bit. */
static void compare(const struct tally *tally, const struct oracle_figures *want)
{
    const double got[] = {
        (double)tally->n,
        (double)tally->left_out,
        (double)tally->x,
        (double)tally->x_long,
        (double)tally->x_short,
        tally->sum_margin / (double)tally->n_bars,
        tally->max_margin,
        tally->last_margin,
        tally->x > 0 ? tally->sum_shortfall / (double)tally->x : 0.0,
        tally->worst_shortfall,
        tally->x > 0 ? tally->sum_loss / tally->sum_margin_beyond : NAN,
        tally->min_margin > 0.0 ? tally->max_margin / tally->min_margin : NAN,
        tally->rise[0],
        tally->rise[1],
        tally->rise[2],
        tally->rise[3]};
    const double wanted[] = {
        want->observations,     want->left_out,          want->exceedances,
        want->exceedances_long, want->exceedances_short, want->mean_margin,
        want->max_margin,       want->last_margin,       want->mean_shortfall,
        want->worst_shortfall,  want->es_ratio,          want->peak_to_trough,
        want->rise_1d,          want->rise_5d,           want->rise_20d,
        want->rise_30d};

    for (size_t i = 0; i < sizeof got / sizeof *got; i++) {
        if (!same(got[i], wanted[i]))
            fprintf(stderr, "figure %zu: %.17g, want %.17g\n", i, got[i], wanted[i]);
        CU_ASSERT(same(got[i], wanted[i]));
    }
}

static void tallies_are_the_oracles_to_the_last_bit(void)
{
    size_t n_exceedances = 0;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct trial trial;
        struct phase phase[13];

        random_trial(&trial, seed);
        const size_t n = trial.bars.n;
        const size_t end = n - (size_t)floor(trial.request.holdout * (double)n);
        const struct range range[] = {{trial.request.warmup_bars, end},
                                      {end + trial.request.embargo_bars, n}};
        for (int test = 0; test < 2; test++) {
            struct oracle_figures want;
            struct tally tally = {.phase = phase};

            CU_ASSERT_FATAL(oracle_score(&trial.request, &trial.bars,
                                         test == 1 ? ORACLE_TEST : ORACLE_TRAINING,
                                         &want, NULL) == 0);

            walk_tally(&trial.series, range[test], trial.margin, &tally);
            compare(&tally, &want);
            oracle_figures_free(&want);
            n_exceedances += tally.x;
        }
        clear(&trial);
    }
    CU_ASSERT(n_exceedances > 1000);
}

static void a_quarter_more_buffer_is_a_quarter_more_margin(void)
{
    struct trial trial = {.request = {.horizon_bars = 8,
                                      .warmup_bars = 50,
                                      .loss = ORACLE_PATH,
                                      .sides = ORACLE_BOTH,
                                      .release_from = 1.2,
                                      .release_full = 2.0,
                                      .release_halflife_bars = 100.0,
                                      .lambda = 0.97,
                                      .q = 3.0,
                                      .floor = 0.01,
                                      .buffer = 0.0}};
    double *margin;

    CU_ASSERT_FATAL(sample_bars(7, 747, 0.01, 0.0, &trial.bars) == 0);
    walk(&trial);
    margin = trial.path;
    trial.path = NULL;
    series_free(&trial.series);
    trial.request.buffer = 0.25;
    walk(&trial);
    for (size_t t = 0; t < trial.bars.n; t++)
        CU_ASSERT_EQUAL(trial.margin[t], 1.25 * margin[2 * trial.bars.n + t]);
    free(margin);
    clear(&trial);
}

int main(void)
{
    CU_TestInfo tests[] = {
        {"margins_are_the_oracles_to_the_last_bit",
         margins_are_the_oracles_to_the_last_bit},
        {"tallies_are_the_oracles_to_the_last_bit",
         tallies_are_the_oracles_to_the_last_bit},
        {"a_quarter_more_buffer_is_a_quarter_more_margin",
         a_quarter_more_buffer_is_a_quarter_more_margin},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"walk", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
