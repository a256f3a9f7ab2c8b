/* forecast_bars.h -- a series of bars to forecast on, be it of bars or of bare returns
 */
#ifndef COORDINATOR_FORECAST_BARS_H
#define COORDINATOR_FORECAST_BARS_H

#include "coordinator/fit.h"
#include "worker/series.h"

struct forecast_bars {
    struct series series;
    struct bars made; /* of returns: closes that have them, one bar before the first */
    double unit; /* its returns are so many times those of the data: a power of two */
};

/* Of bars: their series.  Of returns alone: bars whose logarithms of closes they are,
 * in a unit that the warm-up chooses (returns may be in percent or basis points), and
 * losses that are minus the sum of the horizon's returns.  A missing return is a gap.
 * `data` must outlive it. */
int forecast_bars_new(const struct fit_data *data, const struct series_rules *rules,
                      struct forecast_bars *out, struct err *err);
void forecast_bars_free(struct forecast_bars *bars);

#endif /* COORDINATOR_FORECAST_BARS_H */
