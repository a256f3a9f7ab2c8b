/* Does the oracle obey the laws that margins obey? */
#include "tests/worker/oracle_bars.h"

#include <math.h>

static void constant_prices_leave_the_floor_and_no_exceedance(void)
{
    struct oracle_request request = small_request();
    struct bars bars = {.interval_ns = HOUR_NS};
    struct oracle_figures figures;
    struct err err = {0};

    for (size_t t = 0; t < N_LONG; t++)
        add_bar(&bars, 7, 7, 7);
    request.release = 1;
    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_ALL, &figures, &err), 0);
    CU_ASSERT_EQUAL(figures.observations, N_LONG - 4); /* without W and h */
    CU_ASSERT_EQUAL(figures.exceedances, 0.0);
    CU_ASSERT_EQUAL(figures.max_margin, 0.45);
    CU_ASSERT_EQUAL(figures.peak_to_trough, 1.0);
    CU_ASSERT_EQUAL(figures.rise_30d, 1.0);
    CU_ASSERT_EQUAL(figures.independence_p, 1.0);
    oracle_figures_free(&figures);
    request.floor = 0.0;
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_ALL, exceedances), 0.0);
    CU_ASSERT(isnan(FIGURE(&request, &bars, ORACLE_ALL, peak_to_trough)));
    CU_ASSERT(isnan(FIGURE(&request, &bars, ORACLE_ALL, rise_1d)));
    bars_free(&bars);
}

/* Prices that a generator of our own makes: steps of up to 1 % and wicks of up to 1 %.
 */
static struct bars wandering_bars(void)
{
    struct bars bars = {.interval_ns = HOUR_NS};
    uint64_t state = 20240229;
    double close = 100.0;

    for (size_t t = 0; t < N_LONG; t++) {
        double u[3];
        for (size_t i = 0; i < 3; i++) {
            state =
                state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            u[i] = (double)(state >> 11) * 0x1p-53;
        }
        close *= 1.0 + 0.02 * (u[0] - 0.5);
        add_bar(&bars, close * (1.0 - 0.01 * u[1]), close * (1.0 + 0.01 * u[2]), close);
    }
    return bars;
}

static struct oracle_request hourly_request(void)
{
    struct oracle_request request = small_request();

    request.horizon_bars = 8;
    request.loss = ORACLE_PATH;
    request.confidence = 0.99;
    request.warmup_bars = 101;
    request.lambda = 0.97;
    request.q = 2.0;
    request.floor = 0.001;
    return request;
}

/* Each bar of the one jump's horizons exceeds with the path's loss; with h = 1 only the
 * bar before it, and every test then has one exceedance of 645 to look at. */
static void one_jump_is_one_exceedance(void)
{
    struct oracle_request request = hourly_request();
    struct bars bars = {.interval_ns = HOUR_NS};
    struct oracle_figures figures;
    struct err err = {0};

    for (size_t t = 0; t < N_LONG; t++) {
        const double close = t < 400 ? 100.0 : 50.0;
        add_bar(&bars, close, close, close);
    }
    request.horizon_bars = 1;
    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_ALL, &figures, &err), 0);
    CU_ASSERT_EQUAL(figures.observations, 645.0);
    CU_ASSERT_EQUAL(figures.exceedances, 1.0);
    CU_ASSERT_EQUAL(figures.exceedances_short, 0.0);
    CU_ASSERT_EQUAL(figures.worst_shortfall, 0.5 - 0.001);
    CU_ASSERT_EQUAL(figures.mean_shortfall, figures.worst_shortfall);
    CU_ASSERT_EQUAL(figures.es_ratio, 0.5 / 0.001);
    CU_ASSERT_EQUAL(figures.kupiec_phase_p, figures.kupiec_p_upper);
    CU_ASSERT_EQUAL(figures.independence_p, figures.phase[0].independence_p);
    oracle_figures_free(&figures);
    request.horizon_bars = 8;
    CU_ASSERT_EQUAL(FIGURE(&request, &bars, ORACLE_ALL, exceedances), 8.0);
    bars_free(&bars);
}

static void a_buffer_of_a_quarter_makes_margins_exactly_larger_by_it(void)
{
    struct oracle_request request = hourly_request();
    struct bars bars = wandering_bars();
    double plain[N_LONG], buffered[N_LONG];
    struct err err = {0};
    size_t n_wrong = 0;

    CU_ASSERT_EQUAL_FATAL(oracle_margins(&request, &bars, plain, &err), 0);
    request.buffer = 0.25;
    CU_ASSERT_EQUAL_FATAL(oracle_margins(&request, &bars, buffered, &err), 0);
    for (size_t t = request.warmup_bars; t < N_LONG; t++)
        n_wrong += buffered[t] != 1.25 * plain[t];
    CU_ASSERT_EQUAL(n_wrong, 0);
    bars_free(&bars);
}

/* After a calm of equal moves v = w and nothing is released.  A jump lifts v far above
 * w: y >= release_full, the buffer is gone.  Then v falls below w and it is whole
 * again. */
static void a_released_buffer_is_gone_in_a_jump_and_back_in_the_calm(void)
{
    struct oracle_request request = hourly_request();
    struct bars bars = {.interval_ns = HOUR_NS};
    double plain[N_LONG], buffered[N_LONG];
    struct err err = {0};

    request.release_halflife_bars = 200.0;
    for (size_t t = 0; t < N_LONG; t++) {
        const double close = (t % 2 == 0 ? 100.0 : 101.0) * (t < 400 ? 1.0 : 0.5);
        add_bar(&bars, close, close, close);
    }
    CU_ASSERT_EQUAL_FATAL(oracle_margins(&request, &bars, plain, &err), 0);
    request.buffer = 0.25;
    request.release = 1;
    CU_ASSERT_EQUAL_FATAL(oracle_margins(&request, &bars, buffered, &err), 0);
    CHECK_REL(buffered[399], 1.25 * plain[399], 1e-9);
    CU_ASSERT_EQUAL(buffered[400], plain[400]);
    CU_ASSERT(buffered[450] > plain[450] && buffered[450] < 1.25 * plain[450]);
    CU_ASSERT_EQUAL(buffered[746], 1.25 * plain[746]);
    bars_free(&bars);
}

static void bars_after_t_change_no_margin_up_to_t(void)
{
    struct oracle_request request = hourly_request();
    struct bars bars = wandering_bars();
    double before[N_LONG], after[N_LONG];
    struct err err = {0};
    const size_t t = 500;

    request.release = 1;
    request.buffer = 0.25;
    CU_ASSERT_EQUAL_FATAL(oracle_margins(&request, &bars, before, &err), 0);
    for (size_t u = t + 1; u < N_LONG; u++) {
        bars.low[u] *= 3.0 + (double)(u % 2);
        bars.high[u] *= 3.0 + (double)(u % 2);
        bars.close[u] *= 3.0 + (double)(u % 2);
    }
    CU_ASSERT_EQUAL_FATAL(oracle_margins(&request, &bars, after, &err), 0);
    const size_t W = request.warmup_bars;
    CU_ASSERT_EQUAL(memcmp(before + W, after + W, (t + 1 - W) * sizeof before[0]), 0);
    CU_ASSERT_NOT_EQUAL(before[t + 1], after[t + 1]);
    bars_free(&bars);
}

static void prices_in_another_currency_change_nothing(void)
{
    struct oracle_request request = hourly_request();
    struct bars bars = wandering_bars();
    struct oracle_figures one, two;
    struct err err = {0};

    request.release = 1;
    request.buffer = 0.25;
    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_ALL, &one, &err), 0);
    for (size_t t = 0; t < N_LONG; t++) {
        bars.low[t] *= 2.0;
        bars.high[t] *= 2.0;
        bars.close[t] *= 2.0;
    }
    CU_ASSERT_EQUAL_FATAL(oracle_score(&request, &bars, ORACLE_ALL, &two, &err), 0);
    CU_ASSERT(one.exceedances > 0.0 && one.exceedances < one.observations);
    for (size_t i = 0; i < oracle_n_names; i++) {
        const char *a = (const char *)&one + oracle_names[i].offset;
        const char *b = (const char *)&two + oracle_names[i].offset;
        CU_ASSERT_EQUAL(memcmp(a, b, sizeof(double)), 0);
    }
    oracle_figures_free(&one);
    oracle_figures_free(&two);
    bars_free(&bars);
}

int main(void)
{
    CU_TestInfo margin_oracle_laws[] = {
        {"constant_prices_leave_the_floor_and_no_exceedance",
         constant_prices_leave_the_floor_and_no_exceedance},
        {"one_jump_is_one_exceedance", one_jump_is_one_exceedance},
        {"a_buffer_of_a_quarter_makes_margins_exactly_larger_by_it",
         a_buffer_of_a_quarter_makes_margins_exactly_larger_by_it},
        {"a_released_buffer_is_gone_in_a_jump_and_back_in_the_calm",
         a_released_buffer_is_gone_in_a_jump_and_back_in_the_calm},
        {"bars_after_t_change_no_margin_up_to_t",
         bars_after_t_change_no_margin_up_to_t},
        {"prices_in_another_currency_change_nothing",
         prices_in_another_currency_change_nothing},
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {
        {"margin oracle laws", NULL, NULL, NULL, NULL, margin_oracle_laws},
        CU_SUITE_INFO_NULL,
    };

    return check_run(suites);
}
