#include "worker/metric.h"
#include "core/arith.h"

#include <math.h>
#include <string.h>

static double distance(enum metric_scale scale, double value, double limit)
{
    enum { MOST_LOG = 50 };
    const double apart = fabs(value - limit);

    switch (scale) {
    case SCALE_COMPLEMENT:
        return limit < 1.0 ? apart / (1.0 - limit) : apart;
    case SCALE_LOGARITHM:
        if (!(value > 0.0 && limit > 0.0))
            return MOST_LOG;
        return fmin(fabs(arith_log(limit) - arith_log(value)), MOST_LOG);
    case SCALE_RELATIVE:
        break;
    }
    return limit != 0.0 ? apart / fabs(limit) : apart;
}

double constraint_violation(const struct constraint *constraint, double value)
{
    if (isnan(value))
        return METRIC_UNDEFINED;
    if (value < constraint->min)
        return distance(constraint->metric->scale, value, constraint->min);
    if (value > constraint->max)
        return distance(constraint->metric->scale, value, constraint->max);
    return 0.0;
}

double constraint_slack(const struct constraint *constraint, double value)
{
    const double violation = constraint_violation(constraint, value);
    double slack = INFINITY;

    if (violation > 0.0)
        return -violation;
    if (isfinite(constraint->min))
        slack = distance(constraint->metric->scale, value, constraint->min);
    if (isfinite(constraint->max))
        slack =
            fmin(slack, distance(constraint->metric->scale, value, constraint->max));
    return slack;
}

const struct metric *metric_find(size_t n, const struct metric rows[], const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}
