#include "tests/check.h"
#include "tests/worker/backtest_reference.h"
#include "worker/scores.h"
#include "worker/tail_law.h"

enum { GRID = 20000 };
static double loss[GRID], var[GRID], es[GRID];

/* Sums of at most 1000 terms of either sign: 1e-12. */
static void agrees_with_the_papers_formula_for_returns(void)
{
    backtest_reference_open();
    for (size_t row = 0; row < BACKTEST_REFERENCE_SERIES; row++) {
        const struct backtest_series s = backtest_reference_series(row);
        const struct scores scores =
            scores_of(s.n, s.loss, s.var, s.es, backtest_reference_want(row, "p"));

        CU_ASSERT_EQUAL(scores.status, BACKTEST_OK);
        CU_ASSERT_EQUAL(scores.fz_status, BACKTEST_OK);
        CU_ASSERT_EQUAL(scores.n_bars, (size_t)backtest_reference_want(row, "bars"));
        CHECK_REL(scores.tick, backtest_reference_want(row, "tick"), 1e-12);
        CHECK_REL(scores.fz, backtest_reference_want(row, "fz"), 1e-12);
    }
    backtest_reference_close();
}

/* Losses at the midpoints of GRID equal slices of a law; v and e everywhere. */
static struct scores expected(double v, double e, double p)
{
    for (int i = 0; i < GRID; i++)
        var[i] = v, es[i] = e;
    return scores_of(GRID, loss, var, es, p);
}

static void fill(const struct tail_law *law)
{
    for (int i = 0; i < GRID; i++)
        loss[i] = tail_law_quantile(law, (i + 0.5) / GRID);
}

/* E tick = p (e - E l), E FZ0 = ln e.  The midpoints miss, of the normal tail, about
 * 1/GRID of its mean beyond the last slice, and of t(4) some GRID^(-3/4) of it. */
static void expected_scores_at_the_truth_are_those_of_the_papers(void)
{
    static const struct {
        struct tail_law law;
        double tolerance;
    } laws[] = {{{INFINITY}, 1e-4}, {{4.0}, 3e-3}};

    for (int i = 0; i < 2; i++) {
        const double v = tail_law_quantile(&laws[i].law, 0.025);
        const double e = tail_law_shortfall(&laws[i].law, 0.025);

        fill(&laws[i].law);
        const struct scores truth = expected(v, e, 0.025);

        CHECK_REL(truth.tick, 0.025 * e, laws[i].tolerance);
        CU_ASSERT_DOUBLE_EQUAL(truth.fz, log(e), laws[i].tolerance);
    }
}

/* The curvature of E FZ0 in relative steps is about 1: a step of 2 % costs 2e-4, far
 * above what the grid misses between neighbours. */
static void no_other_forecast_scores_better_than_the_truth(void)
{
    const struct tail_law normal = {INFINITY};
    const double v = tail_law_quantile(&normal, 0.025);
    const double e = tail_law_shortfall(&normal, 0.025);

    fill(&normal);
    const struct scores truth = expected(v, e, 0.025);

    for (int i = -5; i <= 5; i++)
        for (int j = -5; j <= 5; j++) {
            const struct scores other =
                expected(v * (1 + 0.02 * i), e * (1 + 0.02 * j), 0.025);

            CU_ASSERT((i == 0 && j == 0) || other.fz > truth.fz);
            CU_ASSERT(i == 0 || other.tick > truth.tick);
        }
}

static void scaling_scales_tick_and_shifts_fz(void)
{
    const double l[] = {1, -2, 5, 0.5, 7, NAN}, v[] = {2, 2, 3, 3, 4, 1},
                 e[] = {3, 3, 4, 4, 5, 2};
    double scaled[3][6];

    for (int i = 0; i < 6; i++)
        scaled[0][i] = 8 * l[i], scaled[1][i] = 8 * v[i], scaled[2][i] = 8 * e[i];
    const struct scores one = scores_of(6, l, v, e, 0.05);
    const struct scores more = scores_of(6, scaled[0], scaled[1], scaled[2], 0.05);

    CU_ASSERT(more.tick == 8 * one.tick);
    CHECK_REL(more.fz, one.fz + log(8.0), 16 * DBL_EPSILON);
    CU_ASSERT_EQUAL(one.n_missing, 1);
    CU_ASSERT_EQUAL(one.n_bars, 5);
    /* by hand: hits 5 - 3 and 7 - 4 */
    CHECK_REL(one.tick, (0.05 * (1 + 4 + 2.5) + 0.95 * (2 + 3)) / 5, 8 * DBL_EPSILON);
}

static void has_a_status_where_a_score_has_no_meaning(void)
{
    const double l[] = {1, 2}, v[] = {1, 1}, none[] = {2, 0}, missing[] = {NAN, NAN};
    const struct scores alone = scores_of(2, l, v, NULL, 0.05);
    const struct scores bad = scores_of(2, l, v, none, 0.05);

    CU_ASSERT_EQUAL(alone.status, BACKTEST_OK);
    CU_ASSERT_EQUAL(alone.fz_status, BACKTEST_NO_DATA);
    CU_ASSERT(isnan(alone.fz) && alone.tick > 0.0);
    CU_ASSERT_EQUAL(bad.status, BACKTEST_OK);
    CU_ASSERT_EQUAL(bad.fz_status, BACKTEST_BAD_INPUT);
    CU_ASSERT(isnan(bad.fz) && bad.tick == alone.tick);
    CU_ASSERT_EQUAL(scores_of(2, missing, v, v, 0.05).status, BACKTEST_NO_DATA);
    CU_ASSERT(isnan(scores_of(2, missing, v, v, 0.05).tick));
    CU_ASSERT_EQUAL(scores_of(0, l, v, v, 0.05).status, BACKTEST_NO_DATA);
    CU_ASSERT_EQUAL(scores_of(2, l, v, v, 0.0).status, BACKTEST_BAD_INPUT);
    CU_ASSERT_EQUAL(scores_of(2, l, v, v, 0.0).fz_status, BACKTEST_BAD_INPUT);
    CU_ASSERT_EQUAL(scores_of(1, l, v, v, 0.05).status, BACKTEST_OK);
}

int main(void)
{
    CU_TestInfo scores[] = {
        {"agrees_with_the_papers_formula_for_returns",
         agrees_with_the_papers_formula_for_returns},
        {"expected_scores_at_the_truth_are_those_of_the_papers",
         expected_scores_at_the_truth_are_those_of_the_papers},
        {"no_other_forecast_scores_better_than_the_truth",
         no_other_forecast_scores_better_than_the_truth},
        {"scaling_scales_tick_and_shifts_fz", scaling_scales_tick_and_shifts_fz},
        {"has_a_status_where_a_score_has_no_meaning",
         has_a_status_where_a_score_has_no_meaning},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"scores", NULL, NULL, NULL, NULL, scores},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
