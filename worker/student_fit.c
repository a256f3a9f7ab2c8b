#include "worker/student_fit.h"

#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static const char *const status_names[STUDENT_STATUSES] = {
    [STUDENT_CONVERGED] = "converged",
    [STUDENT_AT_BOUND] = "at a bound",
    [STUDENT_NOT_CONVERGED] = "not converged",
    [STUDENT_TOO_FEW] = "too few values",
    [STUDENT_NO_SPREAD] = "half of the values or more are equal",
    [STUDENT_NOT_FINITE] = "values that are not finite",
};

const char *student_status_name(enum student_status status)
{
    return status_names[status];
}

enum { P = STUDENT_PARAMETERS };

/* Mean and variance of the values that are there. */
static void moments(size_t n, const double x[], struct student_fit *fit)
{
    double sum = 0.0, square = 0.0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) {
            sum += x[i];
            fit->n++;
        }
    const double mean = sum / (double)fit->n;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            square += (x[i] - mean) * (x[i] - mean);
    fit->parameter[STUDENT_MEAN] = mean;
    fit->parameter[STUDENT_SCALE] = sqrt(square / (double)fit->n);
}

/* With half of them at one value the likelihood of that point grows for ever as s falls
 * and nu with it. */
static bool has_spread(size_t n, const double x[], size_t n_there)
{
    double candidate = NAN;
    size_t votes = 0, n_equal = 0;

    for (size_t i = 0; i < n; i++) { /* the majority's vote: Boyer, Moore 1981 */
        if (isnan(x[i]))
            continue;
        if (votes == 0)
            candidate = x[i];
        votes = x[i] == candidate ? votes + 1 : votes - 1;
    }
    for (size_t i = 0; i < n; i++)
        n_equal += x[i] == candidate;
    return 2 * n_equal < n_there;
}

static struct student_fit start(size_t n, const double x[])
{
    struct student_fit fit = {
        .status = STUDENT_NOT_CONVERGED, .log_likelihood = NAN, .distance = NAN};

    moments(n, x, &fit);
    for (int i = 0; i < P; i++)
        fit.error[i] = fit.gradient[i] = NAN;
    if (fit.n < STUDENT_FEWEST)
        fit.status = STUDENT_TOO_FEW;
    else if (!isfinite(fit.parameter[STUDENT_SCALE]))
        fit.status = STUDENT_NOT_FINITE;
    else if (!has_spread(n, x, fit.n))
        fit.status = STUDENT_NO_SPREAD;
    if (fit.status != STUDENT_NOT_CONVERGED)
        for (int i = 0; i < P; i++)
            fit.parameter[i] = NAN;
    return fit;
}

/* ---- likelihood --------------------------------------------------------------------
 */

static double log_likelihood(size_t n, const double x[], size_t n_there,
                             const double p[P])
{
    const double nu = p[STUDENT_NU];
    const double constant = gsl_sf_lngamma(0.5 * (nu + 1.0)) -
                            gsl_sf_lngamma(0.5 * nu) - 0.5 * log(nu * M_PI) -
                            log(p[STUDENT_SCALE]);
    double sum = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double z = (x[i] - p[STUDENT_MEAN]) / p[STUDENT_SCALE];

        sum += isnan(z) ? 0.0 : log1p(z * z / nu);
    }
    return (double)n_there * constant - 0.5 * (nu + 1.0) * sum;
}

/* d ln L by m, s and nu. */
static void derive(size_t n, const double x[], size_t n_there, const double p[P],
                   double gradient[P])
{
    const double s = p[STUDENT_SCALE], nu = p[STUDENT_NU];
    double by_mean = 0.0, by_scale = 0.0, by_nu = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double z = (x[i] - p[STUDENT_MEAN]) / s, w = (nu + 1.0) / (nu + z * z);

        if (isnan(z))
            continue;
        by_mean += w * z;
        by_scale += w * z * z - 1.0;
        by_nu += w * z * z / nu - log1p(z * z / nu);
    }
    gradient[STUDENT_MEAN] = by_mean / s;
    gradient[STUDENT_SCALE] = by_scale / s;
    gradient[STUDENT_NU] =
        0.5 * (by_nu + (double)n_there * (gsl_sf_psi(0.5 * (nu + 1.0)) -
                                          gsl_sf_psi(0.5 * nu) - 1.0 / nu));
}

/* Minus the second derivatives, from differences of the first ones. */
static void inform(size_t n, const double x[], size_t n_there, const double p[P],
                   double information[P][P])
{
    for (int j = 0; j < P; j++) {
        const double unit = j == STUDENT_MEAN ? p[STUDENT_SCALE] : p[j];
        const double step = 1e-5 * unit; /* eps^(1/3) of it */
        double up[P], down[P], above[P], below[P];

        memcpy(up, p, sizeof up);
        memcpy(down, p, sizeof down);
        up[j] += step;
        down[j] -= step;
        derive(n, x, n_there, up, above);
        derive(n, x, n_there, down, below);
        for (int i = 0; i < P; i++)
            information[i][j] = -(above[i] - below[i]) / (up[j] - down[j]);
    }
}

/* The inverse of the leading k x k of a symmetric matrix by Gauss-Jordan; false: not
 * positive definite. */
static bool invert(int k, double a[P][P], double inverse[P][P])
{
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++)
            inverse[i][j] = i == j;
    for (int c = 0; c < k; c++) {
        const double pivot = a[c][c];

        if (!(pivot > 0.0))
            return false;
        for (int j = 0; j < k; j++) {
            a[c][j] /= pivot;
            inverse[c][j] /= pivot;
        }
        for (int i = 0; i < k; i++) {
            const double factor = a[i][c];

            for (int j = 0; i != c && j < k; j++) {
                a[i][j] -= factor * a[c][j];
                inverse[i][j] -= factor * inverse[c][j];
            }
        }
    }
    return true;
}

/* ---- maximum -----------------------------------------------------------------------
 */

/* nu given m and s: its derivative falls from above 0 to below, or stays above 0 up to
 * the end.  Bisection in ln nu. */
static double best_nu(size_t n, const double x[], size_t n_there, const double p[P])
{
    double low = log(STUDENT_NU_MIN), high = log(STUDENT_NU_MAX), at[P], gradient[P];

    memcpy(at, p, sizeof at);
    at[STUDENT_NU] = STUDENT_NU_MAX;
    derive(n, x, n_there, at, gradient);
    if (gradient[STUDENT_NU] >= 0.0)
        return STUDENT_NU_MAX;
    while (high - low > 1e-12) {
        const double middle = 0.5 * (low + high);

        at[STUDENT_NU] = exp(middle);
        derive(n, x, n_there, at, gradient);
        *(gradient[STUDENT_NU] > 0.0 ? &low : &high) = middle;
    }
    return exp(0.5 * (low + high));
}

static void ecme_step(size_t n, const double x[], size_t n_there, double p[P])
{
    double sum_w = 0.0, sum_wx = 0.0, square = 0.0;
    const double nu = p[STUDENT_NU], m = p[STUDENT_MEAN], s = p[STUDENT_SCALE];

    for (size_t i = 0; i < n; i++) {
        const double z = (x[i] - m) / s, w = (nu + 1.0) / (nu + z * z);

        if (isnan(z))
            continue;
        sum_w += w;
        sum_wx += w * x[i];
    }
    p[STUDENT_MEAN] = sum_wx / sum_w;
    for (size_t i = 0; i < n; i++) {
        const double z = (x[i] - m) / s, d = x[i] - p[STUDENT_MEAN];

        if (!isnan(z))
            square += (nu + 1.0) / (nu + z * z) * d * d;
    }
    p[STUDENT_SCALE] = sqrt(square / (double)n_there);
    p[STUDENT_NU] = best_nu(n, x, n_there, p);
}

/* How many parameters are free: nu is not at its end. */
static int n_free(const double p[P])
{
    return p[STUDENT_NU] >= STUDENT_NU_MAX ? P - 1 : P;
}

/* Newton's step, the root of its square in the information's metric, and errors. */
static bool newton(size_t n, const double x[], struct student_fit *fit, double step[P])
{
    const int k = n_free(fit->parameter);
    double information[P][P], covariance[P][P], square = 0.0;

    derive(n, x, fit->n, fit->parameter, fit->gradient);
    inform(n, x, fit->n, fit->parameter, information);
    if (!invert(k, information, covariance))
        return false;
    for (int i = 0; i < P; i++) {
        step[i] = 0.0;
        fit->error[i] = i < k ? sqrt(covariance[i][i]) : (double)NAN;
        for (int j = 0; i < k && j < k; j++)
            step[i] += covariance[i][j] * fit->gradient[j];
        square += i < k ? step[i] * fit->gradient[i] : 0.0;
    }
    fit->distance = sqrt(fmax(square, 0.0));
    return true;
}

/* A step that leaves the bounds, or lowers the likelihood, is none. */
static bool take_step(size_t n, const double x[], struct student_fit *fit,
                      const double step[P])
{
    double to[P];

    for (int i = 0; i < P; i++)
        to[i] = fit->parameter[i] + step[i];
    if (!(to[STUDENT_SCALE] > 0.0) || !(to[STUDENT_NU] > STUDENT_NU_MIN) ||
        !(to[STUDENT_NU] <= STUDENT_NU_MAX))
        return false;
    const double better = log_likelihood(n, x, fit->n, to);
    if (!(better >= fit->log_likelihood - 1e-12 * fabs(fit->log_likelihood)))
        return false;
    memcpy(fit->parameter, to, sizeof to);
    fit->log_likelihood = better;
    return true;
}

struct student_fit student_fit(size_t n, const double x[])
{
    enum { ITERATIONS_MAX = 2000 };
    const double near = 0.1, tolerance = 1e-8; /* standard errors */
    struct student_fit fit = start(n, x);
    double step[P];

    if (fit.status != STUDENT_NOT_CONVERGED)
        return fit;
    fit.parameter[STUDENT_NU] = 4.0;
    for (; fit.n_iterations < ITERATIONS_MAX; fit.n_iterations++) {
        fit.log_likelihood = log_likelihood(n, x, fit.n, fit.parameter);
        const bool has_step = newton(n, x, &fit, step);
        if (has_step && fit.distance < tolerance) {
            fit.status =
                n_free(fit.parameter) == P ? STUDENT_CONVERGED : STUDENT_AT_BOUND;
            return fit;
        }
        if (!has_step || fit.distance > near || !take_step(n, x, &fit, step))
            ecme_step(n, x, fit.n, fit.parameter);
    }
    return fit;
}

struct student_fit student_fit_normal(size_t n, const double x[])
{
    struct student_fit fit = start(n, x);

    if (fit.status == STUDENT_NO_SPREAD) { /* that is of no matter unless all are */
        fit.n = 0;
        moments(n, x, &fit);
        fit.status = STUDENT_NOT_CONVERGED;
    }
    if (fit.status != STUDENT_NOT_CONVERGED)
        return fit;
    const double s = fit.parameter[STUDENT_SCALE], many = (double)fit.n;
    if (s == 0.0) {
        fit.status = STUDENT_NO_SPREAD;
        return fit;
    }
    fit.status = STUDENT_CONVERGED;
    fit.parameter[STUDENT_NU] = INFINITY;
    fit.error[STUDENT_MEAN] = s / sqrt(many);
    fit.error[STUDENT_SCALE] = s / sqrt(2.0 * many);
    fit.log_likelihood = -many * (log(s) + 0.5 * log(2.0 * M_PI) + 0.5);
    fit.gradient[STUDENT_MEAN] = fit.gradient[STUDENT_SCALE] = fit.distance = 0.0;
    return fit;
}
