/* steady.h -- how is margin kept from chasing the market, bar by bar?
 *
 * What stands behind volatility and tail is the rate y[t] before the multiplier; with
 * S[t] the anchor quantile of y over the bars of the stress periods up to t, and L[t]
 * the root mean square of y over the last `long_run_bars`,
 *
 *     z[t] = max( (1 - w) y[t] + w S[t],  k S[t],  rho L[t] )
 *     o[t] = z[t], but within o[t-1] / g and o[t-1] g,   g^(bars a day) = 1 + d
 *
 *     w    stress_weight     EMIR RTS 153/2013 Art. 28(1)(b): 25 % for stressed data
 *     k    stress_floor      stress periods and anchor quantile as Eurex Prisma's
 *     rho  long_run_floor    Art. 28(1)(c): not below a ten-year lookback
 *     d    daily_step        no more than this share up or down a day; 0: any
 *
 * All at 0 leaves the path as it is. */
#ifndef WORKER_STEADY_H
#define WORKER_STEADY_H

#include "core/err.h"
#include "worker/axis.h"
#include "worker/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STRESS_PERIODS_MAX = 32 };

enum steady_axis {
    STEADY_STRESS_WEIGHT,
    STEADY_STRESS_FLOOR,
    STEADY_LONG_RUN_FLOOR,
    STEADY_DAILY_STEP,
    STEADY_AXES
};
extern const struct axis_rule steady_axes[STEADY_AXES];

struct steady_rule {
    /* Bars that start in [from, to) are stress; no period: every bar is. */
    size_t n_periods;
    struct stress_period {
        int64_t from_ns, to_ns;
    } period[STRESS_PERIODS_MAX];
    double anchor; /* level of the quantile, in (0, 1) */
    size_t long_run_bars;
};

bool steady_is_on(const double value[STEADY_AXES]);

struct steady_room; /* workspace for series of one length */
int steady_room_new(size_t n_bars, struct steady_room **room, struct err *err);
void steady_room_free(struct steady_room *room); /* takes NULL */

/* v = y^2 [n], 0 before W, becomes o^2.  ERR_INPUT where there is a daily step and a
 * day is not a whole number of bars. */
int steady_path(const struct series *series, const struct steady_rule *rule,
                const double value[STEADY_AXES], struct steady_room *room,
                double *variance, struct err *err);

#endif /* WORKER_STEADY_H */
