/* oracle_bars.h -- the series and requests that the oracle is tried on */
#ifndef TESTS_ORACLE_BARS_H
#define TESTS_ORACLE_BARS_H

#include "tests/check.h"
#include "tests/oracle/margin_oracle.h"

#include <stdint.h>

enum { N_SMALL = 12, N_LONG = 747 };

#define HOUR_NS (INT64_C(3600) * INT64_C(1000000000))

static inline void add_bar(struct bars *bars, double low, double high, double close)
{
    const struct bar bar = {
        .time = (int64_t)bars->n * bars->interval_ns,
        .open = close,
        .high = high,
        .low = low,
        .close = close,
    };
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(bars_append(bars, &bar, &err), 0);
}

static inline double scored_figure(const struct oracle_request *request,
                                   const struct bars *bars, enum oracle_range range,
                                   size_t offset)
{
    struct oracle_figures figures;
    struct err err = {0};

    CU_ASSERT_EQUAL_FATAL(oracle_score(request, bars, range, &figures, &err), 0);
    const double figure = *(const double *)((const char *)&figures + offset);
    oracle_figures_free(&figures);
    return figure;
}
#define FIGURE(request, bars, range, figure)                                           \
    scored_figure(request, bars, range, offsetof(struct oracle_figures, figure))

/* The series that is computed by hand.  Closes are powers of two, so that returns are
 * -1, 0 or 1 in units of ln 2, and variances short binary fractions in units of ln^2 2:
 *
 *     t    0  1  2  3     4    5     6      7       8        9         10        11
 *     C    1  2  4  4     4    8     8      4       4        4         2         2
 *     r    .  1  1  0     0    1     0     -1       0        0        -1         0
 *     v    .  .  1  .5   .25  .625  .3125  .65625  .328125  .1640625  .58203125
 * .291015625
 *
 * with lambda = 1/2 and W = 2.  With h = 2 and q = 1 / (sqrt 2 ln 2) the margin is
 * q sqrt(2 v) ln 2 = sqrt v, at least the floor .45:
 *
 *     m    .  .  1  .7071 .5  .7906 .5590 .8101   .5728    .45       .7629     .5395 */
static inline struct bars small_bars(void)
{
    static const double close[N_SMALL] = {1, 2, 4, 4, 4, 8, 8, 4, 4, 4, 2, 2};
    struct bars bars = {.interval_ns = 12 * HOUR_NS};

    for (size_t t = 0; t < N_SMALL; t++)
        add_bar(&bars, close[t] / 4, close[t] * 4, close[t]);
    return bars;
}

static inline struct oracle_request small_request(void)
{
    return (struct oracle_request){
        .horizon_bars = 2,
        .loss = ORACLE_CLOSE,
        .sides = ORACLE_BOTH,
        .confidence = 0.75,
        .warmup_bars = 2,
        .release_from = 1.0,
        .release_full = 2.0,
        .release_halflife_bars = 10.0,
        .lambda = 0.5,
        .q = 1.0 / (sqrt(2.0) * log(2.0)),
        .floor = 0.45,
    };
}

#endif /* TESTS_ORACLE_BARS_H */
