/* policy_axis.h -- which axes of a margin do all studies have, that set one?
 *
 * Rows of axis_rule: the rate is max(floor, q sigma). */
#ifndef WORKER_POLICY_AXIS_H
#define WORKER_POLICY_AXIS_H

#include "worker/axis.h"

#define POLICY_AXIS_Q                                                                  \
    {                                                                                  \
        .name = "q", .unit = "ratio",                                                  \
        .meaning = "multiplier of the volatility over the horizon", .min = 0.0,        \
        .max = 1000.0, .open_min = true, .preset = "{from: 2, to: 6, count: 41}"       \
    }
#define POLICY_AXIS_FLOOR                                                              \
    {                                                                                  \
        .name = "floor", .unit = "fraction of notional",                               \
        .meaning = "least margin before the buffer", .min = 0.0, .max = 1.0,           \
        .preset = "[0]"                                                                \
    }

#endif /* WORKER_POLICY_AXIS_H */
