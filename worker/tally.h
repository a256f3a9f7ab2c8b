/* tally.h -- what is counted and summed of a point's backtest, before any statistic
 *
 * The slow walk (walk.h) and the factored sweep (sweep.h) both end here, and every
 * metric (metric.h) starts here. Formulas: worker/README.md. */
#ifndef WORKER_TALLY_H
#define WORKER_TALLY_H

#include <stddef.h>
#include <stdint.h>

struct preferences;

/* What the caller will read; the rest is not computed. */
enum sweep_need {
    SWEEP_COUNTS = 1,    /* n, x, x_long, x_short                        */
    SWEEP_PHASES = 2,    /* the phases                                   */
    SWEEP_MARGIN = 4,    /* sum, max, min and last margin                */
    SWEEP_SHORTFALL = 8, /* sum_shortfall, worst_shortfall, sum_loss     */
    SWEEP_RISES = 16,    /* rise                                         */
    SWEEP_ALL = 31,
};

enum { TALLY_RISES = 4 };
extern const size_t tally_rise_days[TALLY_RISES]; /* 1, 5, 20 and 30 */

/* One phase of the overlapping horizons: bars t = first + phase (mod h). */
struct phase {
    uint32_t n, x;          /* scored bars, exceedances                            */
    uint32_t n_pairs;       /* t and t + h both scored                             */
    uint32_t first, second; /* of those: exceeds at t; exceeds at t + h            */
    uint32_t both;          /* exceeds at both                                     */
};

struct tally {
    uint64_t n_bars;      /* of the range                                          */
    uint64_t n, left_out; /* scored; horizon across a gap                          */
    uint64_t x, x_long, x_short;
    double sum_margin, max_margin, min_margin, last_margin; /* over all bars       */
    double sum_shortfall, worst_shortfall; /* l - m over exceedances               */
    double sum_loss, sum_margin_beyond;    /* l and m over exceedances             */
    double rise[TALLY_RISES]; /* max m[t+d]/m[t]; NaN where undefined               */
    size_t n_phases;          /* h                                                 */
    struct phase *phase;      /* [n_phases], lent by the caller                    */
    const struct preferences *preferences; /* lent; NULL: no cost beside margin    */
};

#endif /* WORKER_TALLY_H */
