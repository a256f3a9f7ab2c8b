#include "worker/tail.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

struct tail_risk tail_normal(double confidence)
{
    const double q = 1.0 - confidence, x = gsl_cdf_ugaussian_Qinv(q);

    return (struct tail_risk){confidence, x, gsl_ran_ugaussian_pdf(x) / q};
}

struct tail_risk tail_student(double confidence, double nu)
{
    const double q = 1.0 - confidence, scale = sqrt((nu - 2.0) / nu);
    const double t = gsl_cdf_tdist_Qinv(q, nu);

    return (struct tail_risk){confidence, scale * t,
                              scale * gsl_ran_tdist_pdf(t, nu) / q * (nu + t * t) /
                                  (nu - 1.0)};
}
