#include "worker/deviance.h"

#include <gsl/gsl_sf_log.h>
#include <math.h>

double deviance(double k, double m)
{
    if (k == 0.0)
        return m;
    if (fabs(k - m) > 0.5 * m)
        return k * log(k / m) - k + m;
    return -k * gsl_sf_log_1plusx_mx((m - k) / k);
}
