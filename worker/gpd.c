#include "worker/gpd.h"

#include "core/arith.h"
#include "worker/gpd_parts.h"

#include <math.h>

static const double BEYOND = 700.0; /* e^-700 is 1e-304 */

void gpd_expand(double t, double out[3])
{
    enum { TERMS = 20 }; /* 0.1^20 k^2 is below half an ulp of each sum */

    if (fabs(t) < 0.1) {
        out[0] = out[1] = out[2] = 0.0;
        for (int k = TERMS; k >= 0; k--) {
            const double c = (k % 2 == 0 ? 1.0 : -1.0) / (k + 1.0);

            out[0] = out[0] * t + c;
            out[1] = k >= 1 ? out[1] * t + c * k : out[1];
            out[2] = k >= 2 ? out[2] * t + c * k * (k - 1.0) : out[2];
        }
        return;
    }
    const double l = arith_log1p(t), w = 1.0 + t;
    out[0] = l / t;
    out[1] = (t / w - l) / (t * t);
    out[2] = (2.0 * l - t / w * ((2.0 + 3.0 * t) / w)) / (t * t * t);
}

/* h(xi, z): z at xi = 0, infinite beyond the end of the support. */
static double log_ratio(double xi, double z)
{
    const double t = xi * z;

    if (isnan(t) || z == INFINITY)
        return z;
    if (t <= -1.0)
        return INFINITY;
    if (fabs(t) < 0x1p-60)
        return z;
    return t < INFINITY ? arith_log1p(t) / xi : (arith_log(xi) + arith_log(z)) / xi;
}

/* e^-a, also where that underflows. */
static double decay(double a)
{
    if (a > BEYOND)
        return 0.0;
    return a < -BEYOND ? INFINITY : arith_exp(-a);
}

double gpd_survival(struct gpd gpd, double x)
{
    if (isnan(x))
        return x;
    return x <= 0.0 ? 1.0 : decay(log_ratio(gpd.xi, x / gpd.beta));
}

double gpd_distribution(struct gpd gpd, double x)
{
    if (isnan(x))
        return x;
    if (x <= 0.0)
        return 0.0;
    const double h = log_ratio(gpd.xi, x / gpd.beta);
    return h > BEYOND ? 1.0 : -arith_expm1(-h);
}

/* -ln(beta f) = (1 + xi) h;  0 on the whole of a uniform's support, its end too. */
static double exponent(double xi, double z)
{
    if (xi == -1.0)
        return z <= 1.0 ? 0.0 : INFINITY;
    const double h = log_ratio(xi, z);
    return h < INFINITY ? (1.0 + xi) * h : h;
}

double gpd_density(struct gpd gpd, double x)
{
    if (isnan(x))
        return x;
    if (x < 0.0)
        return 0.0;
    return decay(exponent(gpd.xi, x / gpd.beta)) / gpd.beta;
}

/* beta (e^(xi w) - 1) / xi,  w = -ln q. */
static double excess_at(struct gpd gpd, double w)
{
    const double t = gpd.xi * w;

    if (w == INFINITY || t > BEYOND)
        return gpd.xi < 0.0 ? -gpd.beta / gpd.xi : INFINITY;
    return gpd.beta * (fabs(t) < 0x1p-60 ? w : arith_expm1(t) / gpd.xi);
}

double gpd_quantile(struct gpd gpd, double p)
{
    if (!(p >= 0.0 && p <= 1.0))
        return NAN;
    return excess_at(gpd, p < 1.0 ? -arith_log1p(-p) : INFINITY);
}

double gpd_quantile_upper(struct gpd gpd, double q)
{
    if (!(q >= 0.0 && q <= 1.0))
        return NAN;
    return excess_at(gpd, q > 0.0 ? -arith_log(q) : INFINITY);
}

double gpd_log_likelihood(struct gpd gpd, size_t n, const double x[])
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++) {
        if (x[i] < 0.0)
            return -INFINITY;
        sum += exponent(gpd.xi, x[i] / gpd.beta);
    }
    return -((double)n * arith_log(gpd.beta) + sum);
}

/* With w = 1 + xi z,  ln f = -ln beta - (1 + xi) h,  h_xi = z^2 L',  h_xixi = z^3 L'':
 *
 *     d/dxi       -h - (1 + xi) h_xi
 *     d/dbeta     ((1 + xi) z/w - 1) / beta
 *     d2/dxi2     -2 h_xi - (1 + xi) h_xixi
 *     d2/dxidbeta z (1 - z) / (beta w^2)
 *     d2/dbeta2   (1 - (1 + xi) z (1 + w) / w^2) / beta^2 */
void gpd_derivatives(struct gpd gpd, size_t n, const double x[],
                     double score[GPD_PARAMETERS],
                     double information[GPD_PARAMETERS][GPD_PARAMETERS])
{
    const double c = 1.0 + gpd.xi;
    double d_xi = 0.0, d_beta = 0.0, xi2 = 0.0, both = 0.0, beta2 = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double z = x[i] / gpd.beta, w = 1.0 + gpd.xi * z, ratio = z / w;
        double l[3];

        gpd_expand(gpd.xi * z, l);
        d_xi += -z * l[0] - c * z * z * l[1];
        d_beta += c * ratio - 1.0;
        xi2 += -2.0 * z * z * l[1] - c * z * z * z * l[2];
        both += ratio * ((1.0 - z) / w);
        beta2 += 1.0 - c * ratio * ((1.0 + w) / w);
    }
    if (score != NULL) {
        score[GPD_XI] = d_xi;
        score[GPD_BETA] = d_beta / gpd.beta;
    }
    if (information != NULL) {
        information[GPD_XI][GPD_XI] = -xi2;
        information[GPD_XI][GPD_BETA] = -both / gpd.beta;
        information[GPD_BETA][GPD_XI] = -both / gpd.beta;
        information[GPD_BETA][GPD_BETA] = -beta2 / gpd.beta / gpd.beta;
    }
}
