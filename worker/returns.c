#include "worker/returns.h"

#include "core/arith.h"

#include <math.h>

void returns_of_bars(const struct bars *bars, double r[])
{
    for (size_t t = 0; t < bars->n; t++)
        r[t] = t > 0 && bars->time[t] - bars->time[t - 1] == bars->interval_ns
                   ? arith_log(bars->close[t] / bars->close[t - 1])
                   : NAN;
}
