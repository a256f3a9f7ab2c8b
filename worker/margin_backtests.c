#include "worker/margin_backtests.h"

#include "worker/combine.h"
#include "worker/digits.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/scores.h"
#include "worker/traffic_light.h"
#include "worker/tuff.h"

#include <math.h>
#include <stdlib.h>

/* The Basel Committee judges the last year of trading days. */
enum { TRAFFIC_LIGHT_BARS = 250 };

/* A phase's bars, and what the tests say of each phase. */
struct phases {
    size_t n; /* bars of the phase at hand */
    double *loss, *margin, *work;
    double p[MARGIN_BACKTESTS][HORIZON_MAX];
    size_t n_p[MARGIN_BACKTESTS];
};

static void keep(struct phases *phases, enum margin_backtest test,
                 enum backtest_status status, double p_value)
{
    if (status == BACKTEST_OK)
        phases->p[test][phases->n_p[test]++] = p_value;
}

static size_t n_hits(const struct phases *phases, size_t first)
{
    size_t x = 0;

    for (size_t i = first; i < phases->n; i++)
        x += phases->loss[i] > phases->margin[i];
    return x;
}

static void test_phase(struct phases *phases, double p)
{
    const struct dynamic_quantile_spec spec = {.p = p, .n_lags = 4, .constant = true};
    const size_t n = phases->n, last = n < TRAFFIC_LIGHT_BARS ? n : TRAFFIC_LIGHT_BARS;
    const double *loss = phases->loss, *margin = phases->margin;

    if (n == 0)
        return;
    const struct traffic_light all = traffic_light_of(n, n_hits(phases, 0), p);
    const struct traffic_light year =
        traffic_light_of(last, n_hits(phases, n - last), p);
    const struct tuff tuff = tuff_test(n, loss, margin, p);
    const struct duration duration = duration_test(n, loss, margin, phases->work);
    const struct dynamic_quantile quantile =
        dynamic_quantile_test(&spec, n, loss, margin, NULL);

    keep(phases, BACKTEST_BINOMIAL_P, all.status, all.at_least);
    keep(phases, BACKTEST_TRAFFIC_LIGHT, year.status, (double)year.zone);
    keep(phases, BACKTEST_TUFF_P, tuff.status, tuff.p_value);
    keep(phases, BACKTEST_DURATION_P, duration.status, duration.p_value);
    keep(phases, BACKTEST_DYNAMIC_QUANTILE_P, quantile.status, quantile.p_value);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The upper one of the middle two: when in doubt, the darker light. */
static double median_zone(size_t n, double zone[])
{
    qsort(zone, n, sizeof *zone, ascending);
    return n > 0 ? zone[n / 2] : (double)NAN;
}

/* The scored bars of a range from `first` on, `step` apart. */
static void gather(const struct series *series, struct range range,
                   const double *margin, size_t first, size_t step,
                   struct phases *phases)
{
    phases->n = 0;
    for (size_t t = range.first + first; t < range.end; t += step)
        if (series_is_scored(series, range, t)) {
            phases->loss[phases->n] = series->loss[t];
            phases->margin[phases->n++] = margin[t];
        }
}

void margin_backtests(const struct series *series, struct range range,
                      const double *margin, double confidence, double *room,
                      double figure[MARGIN_BACKTESTS])
{
    const size_t h = series->rules.horizon_bars;
    struct phases phases = {
        .loss = room, .margin = room + series->n, .work = room + 2 * series->n};

    for (size_t i = 0; i < h; i++) {
        gather(series, range, margin, i, h, &phases);
        test_phase(&phases, 1.0 - confidence);
    }
    for (int i = 0; i < MARGIN_BACKTESTS; i++)
        figure[i] = i == BACKTEST_TRAFFIC_LIGHT
                        ? median_zone(phases.n_p[i], phases.p[i])
                        : ten_digits(combine_p_values(phases.n_p[i], phases.p[i]));
    gather(series, range, margin, 0, 1, &phases);
    const struct scores scores =
        scores_of(phases.n, phases.loss, phases.margin, NULL, 1.0 - confidence);
    figure[BACKTEST_TICK_LOSS] =
        scores.status == BACKTEST_OK ? scores.tick : (double)NAN;
}
