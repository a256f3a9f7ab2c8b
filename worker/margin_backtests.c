#include "worker/margin_backtests.h"

#include "worker/christoffersen.h"
#include "worker/combine.h"
#include "worker/digits.h"
#include "worker/duration.h"
#include "worker/dynamic_quantile.h"
#include "worker/kupiec.h"
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
    double *loss, *margin, *place, *work;
    double p[MARGIN_BACKTESTS][HORIZON_MAX];
    size_t n_p[MARGIN_BACKTESTS];
};

/* A figure of the phase at hand, NaN where it has none. */
static void keep(struct phases *phases, enum margin_backtest test, double figure)
{
    if (!isnan(figure))
        phases->p[test][phases->n_p[test]++] = figure;
}

/* Where they are, from 1, from bar `first` on; how many. */
static size_t find_hits(const struct phases *phases, size_t first, double place[])
{
    size_t x = 0;

    for (size_t i = first; i < phases->n; i++)
        if (phases->loss[i] > phases->margin[i])
            place[x++] = (double)(i + 1);
    return x;
}

static void test_counts(struct phases *phases, double p)
{
    const size_t n = phases->n, last = n < TRAFFIC_LIGHT_BARS ? n : TRAFFIC_LIGHT_BARS;
    const size_t x = find_hits(phases, 0, phases->work);
    size_t n_bars, n_hits;
    const struct transitions pairs =
        christoffersen_pairs(n, phases->loss, phases->margin, &n_bars, &n_hits);
    const double lr = christoffersen_independence(&pairs).lr;
    const struct traffic_light year =
        traffic_light_of(last, find_hits(phases, n - last, phases->work), p);

    keep(phases, BACKTEST_BINOMIAL_P, traffic_light_of(n, x, p).at_least);
    keep(phases, BACKTEST_KUPIEC_EXACT_P, kupiec_exact_p(n, x, p));
    if (n > 1)
        keep(phases, BACKTEST_INDEPENDENCE_EXACT_P, christoffersen_exact_p(n, x, lr));
    keep(phases, BACKTEST_TRAFFIC_LIGHT, (double)year.zone);
}

static int test_times(struct phases *phases, double p, struct null_laws *laws,
                      struct err *err)
{
    const struct tuff tuff = tuff_test(phases->n, phases->loss, phases->margin, p);
    const struct duration duration =
        duration_test(phases->n, phases->loss, phases->margin, phases->work);
    const struct null_law law = {NULL_DURATION, phases->n, p};
    double p_value = NAN;

    keep(phases, BACKTEST_TUFF_P,
         tuff.status == BACKTEST_OK ? tuff_exact_p(tuff.first, p) : (double)NAN);
    if (duration.status == BACKTEST_OK &&
        null_laws_p(laws, &law, duration.lr, &p_value, err) != 0)
        return -1;
    keep(phases, BACKTEST_DURATION_P, p_value);
    return 0;
}

static int test_lags(struct phases *phases, double p, struct null_laws *laws,
                     struct err *err)
{
    const struct dynamic_quantile_spec spec = {
        .p = p, .n_lags = NULL_LAGS, .constant = true};
    const struct null_law law = {NULL_DYNAMIC_QUANTILE, phases->n, p};
    const size_t x = find_hits(phases, 0, phases->place);
    const double dq =
        dynamic_quantile_of_hits(&spec, phases->n, x, phases->place, phases->work);
    double p_value = NAN;

    if (!isnan(dq) && null_laws_p(laws, &law, dq, &p_value, err) != 0)
        return -1;
    keep(phases, BACKTEST_DYNAMIC_QUANTILE_P, p_value);
    return 0;
}

static int test_phase(struct phases *phases, const struct margin_backtests_room *room,
                      struct err *err)
{
    const double p = 1.0 - room->confidence;

    if (phases->n == 0)
        return 0;
    test_counts(phases, p);
    if (test_times(phases, p, room->laws, err) != 0)
        return -1;
    return test_lags(phases, p, room->laws, err);
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

int margin_backtests(const struct series *series, struct range range,
                     const double *margin, const struct margin_backtests_room *room,
                     double figure[MARGIN_BACKTESTS], struct err *err)
{
    const size_t h = series->rules.horizon_bars, n = series->n;
    struct phases phases = {.loss = room->real,
                            .margin = room->real + n,
                            .place = room->real + 2 * n,
                            .work = room->real + 3 * n};

    for (size_t i = 0; i < h; i++) {
        gather(series, range, margin, i, h, &phases);
        if (test_phase(&phases, room, err) != 0)
            return -1;
    }
    for (int i = 0; i < MARGIN_BACKTESTS; i++)
        figure[i] = i == BACKTEST_TRAFFIC_LIGHT
                        ? median_zone(phases.n_p[i], phases.p[i])
                        : ten_digits(combine_p_values(phases.n_p[i], phases.p[i]));
    gather(series, range, margin, 0, 1, &phases);
    const struct scores scores =
        scores_of(phases.n, phases.loss, phases.margin, NULL, 1.0 - room->confidence);
    figure[BACKTEST_TICK_LOSS] =
        scores.status == BACKTEST_OK ? scores.tick : (double)NAN;
    return 0;
}
