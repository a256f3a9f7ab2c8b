/* Is the oracle itself to be believed?  Twelve bars that one can compute on paper. */
#include "tests/worker/oracle_bars.h"

#include <math.h>

static const double near = 8 * DBL_EPSILON; /* a handful of rounded operations */

static void margins_of_the_small_series_are_those_on_paper(void)
{
    static const double variance[N_SMALL] = {
        0,      0,       1,        0.5,       0.25,       0.625,
        0.3125, 0.65625, 0.328125, 0.1640625, 0.58203125, 0.291015625,
    };
    const struct oracle_request request = small_request();
    struct bars bars = small_bars();
    double m[N_SMALL];
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(oracle_margins(&request, &bars, m, &err), 0);
    CU_ASSERT(isnan(m[0]) && isnan(m[1]));
    for (size_t t = 2; t < N_SMALL; t++)
        CHECK_REL(m[t], t == 9 ? 0.45 : sqrt(variance[t]), near);
    bars_free(&bars);
}

/* The larger loss of the two sides, C_{t+2}/C_t being 1 2 2 .5 .5 1 .5 .5 at t = 2 ...
 * 9:
 *
 *     t     2   3      4    5      6      7      8      9
 *     l     0   1s     1s   .5l    .5l    0      .5l    .5l        s short, l long
 *     m     1   .7071  .5   .7906  .5590  .8101  .5728  .45
 *     beyond    yes    yes                              yes        x = 3 of n = 8 */
static void losses_of_the_small_series_are_those_on_paper(void)
{
    const struct oracle_request request = small_request();
    struct bars bars = small_bars();
    struct oracle_figures figures;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_ALL, &figures, &err), 0);
    CU_ASSERT_EQUAL(figures.observations, 8.0);
    CU_ASSERT_EQUAL(figures.left_out, 0.0);
    CU_ASSERT_EQUAL(figures.exceedances, 3.0);
    CU_ASSERT_EQUAL(figures.exceedances_long, 1.0);
    CU_ASSERT_EQUAL(figures.exceedances_short, 2.0);
    CU_ASSERT_EQUAL(figures.coverage, 0.625);
    const double beyond = (1 - sqrt(0.5)) + 0.5 + 0.05;
    CHECK_REL(figures.mean_shortfall, beyond / 3, near);
    CHECK_REL(figures.worst_shortfall, 0.5, near);
    CHECK_REL(figures.es_ratio, 2.5 / (sqrt(0.5) + 0.5 + 0.45), near);
    oracle_figures_free(&figures);
    bars_free(&bars);
}

/* Of the pairs one day (two bars) apart, t = 8 rises most: sqrt(.58203125 / .328125).
 * Five days are ten bars, and t = 2 + 10 is beyond the last bar. */
static void levels_of_the_small_series_are_those_on_paper(void)
{
    const struct oracle_request request = small_request();
    struct bars bars = small_bars();
    struct oracle_figures figures;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_ALL, &figures, &err), 0);
    const double sum = 1 + sqrt(.5) + sqrt(.25) + sqrt(.625) + sqrt(.3125) +
                       sqrt(.65625) + sqrt(.328125) + .45 + sqrt(.58203125) +
                       sqrt(.291015625);
    CHECK_REL(figures.mean_margin, sum / 10, near);
    CHECK_REL(figures.max_margin, 1.0, near);
    CHECK_REL(figures.last_margin, sqrt(.291015625), near);
    CHECK_REL(figures.peak_to_trough, 1 / .45, near);
    CHECK_REL(figures.rise_1d, sqrt(.58203125 / .328125), near);
    CU_ASSERT(isnan(figures.rise_5d) && isnan(figures.rise_20d));
    oracle_figures_free(&figures);
    bars_free(&bars);
}

/* p = 1/4, np = 2: LR = 2 [3 ln(3/2) + 5 ln(5/6)].
 * Phase 0 is t = 2 4 6 8 with 0 1 0 0, phase 1 t = 3 5 7 9 with 1 0 0 1.
 * Kupiec: 1 of 4 is as expected, p = 1/2; 2 of 4 has LR = 2 [2 ln 2 + 2 ln(2/3)].
 * Pairs: both phases have 00, 01 and 10 once, so pi01 = 1/2, pi11 = 0, pi = 1/3 and
 * LR = 2 [2 ln(1/2) - 2 ln(2/3) - ln(1/3)] = 6 ln 3 - 8 ln 2.
 * P(chi2_1 > LR) = erfc sqrt(LR/2), and 1 - Phi(z) is half of that for z > 0. */
static void tests_of_the_small_series_are_those_on_paper(void)
{
    const struct oracle_request request = small_request();
    struct bars bars = small_bars();
    struct oracle_figures figures;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_ALL, &figures, &err), 0);
    const double lr = 2 * (3 * log(1.5) + 5 * log(5.0 / 6));
    CHECK_REL(figures.kupiec_lr, lr, 1e-14);
    CHECK_REL(figures.kupiec_p, erfc(sqrt(lr / 2)), 1e-14);
    CHECK_REL(figures.kupiec_p_upper, erfc(sqrt(lr / 2)) / 2, 1e-14);
    CU_ASSERT_EQUAL_FATAL(figures.n_phases, 2);
    CU_ASSERT_EQUAL(figures.phase[0].n, 4);
    CU_ASSERT_EQUAL(figures.phase[0].x, 1);
    CU_ASSERT_EQUAL(figures.phase[1].x, 2);
    const double of_two = erfc(sqrt(2 * log(4.0 / 3))) / 2;
    CHECK_REL(figures.kupiec_phase_p, 0.5 + of_two, 1e-14);
    for (size_t phi = 0; phi < 2; phi++) {
        CU_ASSERT_EQUAL(figures.phase[phi].n00, 1);
        CU_ASSERT_EQUAL(figures.phase[phi].n01, 1);
        CU_ASSERT_EQUAL(figures.phase[phi].n10, 1);
        CU_ASSERT_EQUAL(figures.phase[phi].n11, 0);
    }
    CHECK_REL(figures.independence_p, 2 * erfc(sqrt(3 * log(3.0) - 4 * log(2.0))),
              1e-14);
    oracle_figures_free(&figures);
    bars_free(&bars);
}

/* A gap before bar 7 takes the return there, so v_7 = v_6 = .3125 and v_8 = .15625;
 * horizons 5 ... 7 and 6 ... 8 cross it.  Left are t = 2 3 4 7 8 9. */
static void a_gap_takes_its_return_and_the_horizons_across_it(void)
{
    struct oracle_request request = small_request();
    struct bars bars = small_bars();
    struct oracle_figures figures;
    double m[N_SMALL];
    struct err err = {0};

    request.floor = 0.0;
    for (size_t t = 7; t < N_SMALL; t++)
        bars.time[t] += 12 * HOUR_NS;
    CU_ASSERT_EQUAL_FATAL(oracle_margins(&request, &bars, m, &err), 0);
    CHECK_REL(m[7], sqrt(0.3125), near);
    CHECK_REL(m[8], sqrt(0.15625), near);
    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_ALL, &figures, &err), 0);
    CU_ASSERT_EQUAL(figures.observations, 6.0);
    CU_ASSERT_EQUAL(figures.left_out, 2.0);
    CU_ASSERT_EQUAL(figures.phase[0].n, 3); /* t = 2 4 8, one pair (2, 4)  */
    CU_ASSERT_EQUAL(figures.phase[0].n01, 1);
    CU_ASSERT_EQUAL(figures.phase[0].n00 + figures.phase[0].n10, 0);
    CU_ASSERT_EQUAL(figures.phase[1].n, 3); /* t = 3 7 9, one pair (7, 9)  */
    CU_ASSERT_EQUAL(figures.phase[1].n01, 1);
    oracle_figures_free(&figures);
    bars_free(&bars);
}

/* 12 bars, holdout 0.45 keeps floor(5.4) = 5 for testing: E = 7.  Training [2, 7)
 * scores t = 2 3 4; after an embargo of 1 the test is [8, 12) and scores t = 8 9. */
static void ranges_end_before_the_test_and_begin_after_the_embargo(void)
{
    struct oracle_request request = small_request();
    struct bars bars = small_bars();
    size_t first, end;

    request.holdout = 0.45;
    request.embargo_bars = 1;
    oracle_range_bars(&request, ORACLE_TRAINING, bars.n, &first, &end);
    CU_ASSERT_EQUAL(first, 2);
    CU_ASSERT_EQUAL(end, 7);
    oracle_range_bars(&request, ORACLE_TEST, bars.n, &first, &end);
    CU_ASSERT_EQUAL(first, 8);
    CU_ASSERT_EQUAL(end, 12);
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_TRAINING, observations), 3.0);
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_TRAINING, exceedances), 2.0);
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_TEST, observations), 2.0);
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_TEST, exceedances), 1.0);
    bars_free(&bars);
}

static void an_empty_range_has_no_figures_but_counts_of_zero(void)
{
    const struct oracle_request request = small_request();
    struct bars bars = small_bars();
    struct oracle_figures figures;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_TEST, &figures, &err),
                          0);
    CU_ASSERT_EQUAL(figures.observations, 0.0);
    CU_ASSERT_EQUAL(figures.mean_shortfall, 0.0);
    CU_ASSERT(isnan(figures.coverage) && isnan(figures.kupiec_p));
    CU_ASSERT(isnan(figures.kupiec_phase_p) && isnan(figures.independence_p));
    CU_ASSERT(isnan(figures.mean_margin) && isnan(figures.last_margin));
    CU_ASSERT(isnan(figures.es_ratio) && isnan(figures.peak_to_trough));
    oracle_figures_free(&figures);
    bars_free(&bars);
}

static void a_loss_equal_to_its_margin_is_no_exceedance(void)
{
    struct oracle_request request = small_request();
    struct bars bars = small_bars();

    request.q = 0.0;
    request.floor = 0.5; /* the losses 1, 1 exceed it; the four of .5 do not */
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_ALL, exceedances), 2.0);
    request.floor = nextafter(0.5, 0.0);
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_ALL, exceedances), 6.0);
    bars_free(&bars);
}

/* From C_2 = 8: lows 6 and 4 give a long loss of 1/2, highs 10 and 16 a short one of 1;
 * at the close of bar 4 the price is 8 again.  The low of bar 2 itself does not count.
 */
static void the_path_sees_what_the_close_does_not(void)
{
    struct oracle_request request = small_request();
    struct bars bars = {.interval_ns = 12 * HOUR_NS};

    request.q = request.floor = 0.0;
    add_bar(&bars, 8, 8, 8);
    add_bar(&bars, 8, 8, 8);
    add_bar(&bars, 1, 80, 8);
    add_bar(&bars, 6, 10, 8);
    add_bar(&bars, 4, 16, 8);
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_ALL, exceedances), 0.0);
    request.loss = ORACLE_PATH;
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_ALL, worst_shortfall), 1.0);
    request.sides = ORACLE_LONG;
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_ALL, worst_shortfall), 0.5);
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_ALL, exceedances_short), 1.0);
    bars_free(&bars);
}

int main(void)
{
    CU_TestInfo margin_oracle[] = {
        {"margins_of_the_small_series_are_those_on_paper",
         margins_of_the_small_series_are_those_on_paper},
        {"losses_of_the_small_series_are_those_on_paper",
         losses_of_the_small_series_are_those_on_paper},
        {"levels_of_the_small_series_are_those_on_paper",
         levels_of_the_small_series_are_those_on_paper},
        {"tests_of_the_small_series_are_those_on_paper",
         tests_of_the_small_series_are_those_on_paper},
        {"a_gap_takes_its_return_and_the_horizons_across_it",
         a_gap_takes_its_return_and_the_horizons_across_it},
        {"ranges_end_before_the_test_and_begin_after_the_embargo",
         ranges_end_before_the_test_and_begin_after_the_embargo},
        {"an_empty_range_has_no_figures_but_counts_of_zero",
         an_empty_range_has_no_figures_but_counts_of_zero},
        {"a_loss_equal_to_its_margin_is_no_exceedance",
         a_loss_equal_to_its_margin_is_no_exceedance},
        {"the_path_sees_what_the_close_does_not",
         the_path_sees_what_the_close_does_not},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"margin oracle", NULL, NULL, NULL, NULL, margin_oracle},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
