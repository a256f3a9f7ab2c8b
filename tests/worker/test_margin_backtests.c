/* The tests of a judged point against the tests themselves, phase by phase. */
#include "tests/worker/paths.h"

#include "worker/christoffersen.h"
#include "worker/combine.h"
#include "worker/digits.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/kupiec.h"
#include "worker/margin_backtests.h"
#include "worker/traffic_light.h"
#include "worker/tuff.h"

enum { N = 4000 };
static const double confidence = 0.9;
static double margin[N], real[6 * N + 8];
static double figure[MARGIN_BACKTESTS];
static struct null_laws *laws;

static void judge(struct range range)
{
    const struct margin_backtests_room room = {confidence, laws, real};

    CU_ASSERT_FATAL(margin_backtests(&series, range, margin, &room, figure, NULL) == 0);
}

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

/* What each test says of one phase. */
static void test_phase(size_t n, const double loss[], const double var[],
                       double p[MARGIN_BACKTESTS])
{
    static double work[4 * N + 8], place[N];
    const double p_hit = 1.0 - confidence;
    const struct dynamic_quantile_spec spec = {
        .p = p_hit, .n_lags = 4, .constant = true};
    const struct null_law durations = {NULL_DURATION, n, p_hit};
    const struct null_law lags = {NULL_DYNAMIC_QUANTILE, n, p_hit};
    size_t n_bars, x, n_places = 0;
    const struct transitions pairs = christoffersen_pairs(n, loss, var, &n_bars, &x);
    const double lr = christoffersen_independence(&pairs).lr;

    CU_ASSERT(x > 5 && x < n / 2);
    for (size_t j = 0; j < n; j++)
        if (loss[j] > var[j])
            place[n_places++] = (double)(j + 1);
    const double dq = dynamic_quantile_of_hits(&spec, n, x, place, work);

    /* the sums over the hits are those over the bars, but for roundings */
    CHECK_REL(dq, dynamic_quantile_test(&spec, n, loss, var, NULL).dq, 1e-9);
    p[BACKTEST_BINOMIAL_P] = traffic_light_of(n, x, p_hit).at_least;
    p[BACKTEST_KUPIEC_EXACT_P] = kupiec_exact_p(n, x, p_hit);
    p[BACKTEST_INDEPENDENCE_EXACT_P] = christoffersen_exact_p(n, x, lr);
    p[BACKTEST_TUFF_P] = tuff_exact_p(tuff_test(n, loss, var, p_hit).first, p_hit);
    CU_ASSERT(null_laws_p(laws, &durations, duration_test(n, loss, var, work).lr,
                          &p[BACKTEST_DURATION_P], NULL) == 0);
    CU_ASSERT(null_laws_p(laws, &lags, dq, &p[BACKTEST_DYNAMIC_QUANTILE_P], NULL) == 0);
}

static void each_is_the_test_of_every_phase_combined(void)
{
    static double loss[N], var[N];
    const struct range range = {W, N};
    double p[H][MARGIN_BACKTESTS], of_test[H];

    open_margins(0.04);
    judge(range);
    for (size_t i = 0; i < H; i++)
        test_phase(phase_of(range, i, loss, var), loss, var, p[i]);
    for (int k = BACKTEST_BINOMIAL_P; k <= BACKTEST_DYNAMIC_QUANTILE_P; k++) {
        for (size_t i = 0; i < H; i++)
            of_test[i] = p[i][k];
        CU_ASSERT(figure[k] == ten_digits(combine_p_values(H, of_test)));
    }
    tear_down();
}

static void the_light_turns_with_the_margin(void)
{
    static const double levels[] = {1.0, 0.035, 0.001};
    double last = -1.0;

    for (int i = 0; i < 3; i++) {
        open_margins(levels[i]);
        judge((struct range){W, N});
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
    judge(range);
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
    judge((struct range){N - 3, N});
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

    if (null_laws_new(&laws, NULL) != 0)
        return 2;
    const int status = check_run(suites);
    null_laws_free(laws);
    return status;
}
