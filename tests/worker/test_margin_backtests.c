/* The tests of a judged point against the tests themselves, phase by phase. */
#include "tests/worker/paths.h"

#include "worker/combine.h"
#include "worker/digits.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/margin_backtests.h"
#include "worker/traffic_light.h"
#include "worker/tuff.h"

enum { N = 4000 };
static const double confidence = 0.9;
static double margin[N], room[4 * N + 4];
static double figure[MARGIN_BACKTESTS];

/* Margins at about the 90 % quantile of the losses, a little different every bar. */
static void open_margins(double level)
{
    set_up(N, 0.02);
    for (size_t t = 0; t < N; t++)
        margin[t] = level * (1.0 + 0.1 * sin((double)t));
}

/* Loss and margin of phase i, scored bars only. */
static size_t phase_of(struct range range, size_t i, double *loss, double *var)
{
    size_t n = 0;

    for (size_t t = range.first; t < range.end; t++)
        if ((t - range.first) % H == i && series_is_scored(&series, range, t)) {
            loss[n] = series.loss[t];
            var[n++] = margin[t];
        }
    return n;
}

static void each_is_the_test_of_every_phase_combined(void)
{
    static double loss[N], var[N], work[N];
    const struct range range = {W, N};
    double tuff[H], duration[H], quantile[H], binomial[H];
    size_t n_duration = 0, n_quantile = 0;

    open_margins(0.04);
    margin_backtests(&series, range, margin, confidence, room, figure);
    for (size_t i = 0; i < H; i++) {
        const struct dynamic_quantile_spec spec = {
            .p = 1.0 - confidence, .n_lags = 4, .constant = true};
        const size_t n = phase_of(range, i, loss, var);
        size_t x = 0;

        for (size_t j = 0; j < n; j++)
            x += loss[j] > var[j];
        CU_ASSERT(x > 5 && x < n / 2);
        binomial[i] = traffic_light_of(n, x, 1.0 - confidence).at_least;
        tuff[i] = tuff_test(n, loss, var, 1.0 - confidence).p_value;
        const struct duration d = duration_test(n, loss, var, work);
        if (d.status == BACKTEST_OK)
            duration[n_duration++] = d.p_value;
        const struct dynamic_quantile q =
            dynamic_quantile_test(&spec, n, loss, var, NULL);
        if (q.status == BACKTEST_OK)
            quantile[n_quantile++] = q.p_value;
    }
    CU_ASSERT(n_duration == H && n_quantile == H);
    CU_ASSERT(figure[BACKTEST_BINOMIAL_P] == ten_digits(combine_p_values(H, binomial)));
    CU_ASSERT(figure[BACKTEST_TUFF_P] == ten_digits(combine_p_values(H, tuff)));
    CU_ASSERT(figure[BACKTEST_DURATION_P] == ten_digits(combine_p_values(H, duration)));
    CU_ASSERT(figure[BACKTEST_DYNAMIC_QUANTILE_P] ==
              ten_digits(combine_p_values(H, quantile)));
    tear_down();
}

static void the_light_turns_with_the_margin(void)
{
    static const double levels[] = {1.0, 0.035, 0.001};
    double last = -1.0;

    for (int i = 0; i < 3; i++) {
        open_margins(levels[i]);
        margin_backtests(&series, (struct range){W, N}, margin, confidence, room,
                         figure);
        CU_ASSERT(figure[BACKTEST_TRAFFIC_LIGHT] >= last);
        last = figure[BACKTEST_TRAFFIC_LIGHT];
        tear_down();
    }
    CU_ASSERT_EQUAL(last, 2.0);
}

/* By its definition, over all scored bars; sums of 4,000 terms. */
static void tick_loss_is_the_mean_quantile_score(void)
{
    const struct range range = {W, N};
    double sum = 0.0;
    size_t n = 0;

    open_margins(0.04);
    margin_backtests(&series, range, margin, confidence, room, figure);
    for (size_t t = range.first; t < range.end; t++)
        if (series_is_scored(&series, range, t)) {
            const double beyond = series.loss[t] - margin[t];

            sum += (beyond > 0.0 ? confidence : confidence - 1.0) * beyond;
            n++;
        }
    CHECK_REL(figure[BACKTEST_TICK_LOSS], sum / (double)n, 4000 * DBL_EPSILON);
    tear_down();
}

static void without_scored_bars_nothing_is_defined(void)
{
    open_margins(0.04);
    margin_backtests(&series, (struct range){N - 3, N}, margin, confidence, room,
                     figure);
    for (int i = 0; i < MARGIN_BACKTESTS; i++)
        CU_ASSERT(isnan(figure[i]));
    tear_down();
}

int main(void)
{
    CU_TestInfo tests[] = {
        TEST(each_is_the_test_of_every_phase_combined),
        TEST(the_light_turns_with_the_margin),
        TEST(tick_loss_is_the_mean_quantile_score),
        TEST(without_scored_bars_nothing_is_defined),
        CU_TEST_INFO_NULL,
    };
    CU_SuiteInfo suites[] = {{"margin backtests", NULL, NULL, NULL, NULL, tests},
                             CU_SUITE_INFO_NULL};

    return check_run(suites);
}
