#include "worker/gpd_fit.h"

#include "core/arith.h"
#include "worker/gpd_parts.h"
#include "worker/root.h"

#include <math.h>

static const char *const status_names[GPD_STATUSES] = {
    [GPD_CONVERGED] = "converged",
    [GPD_AT_BOUND] = "at the bound xi = -1",
    [GPD_OUTSIDE] = "the moments fit no distribution",
    [GPD_NOT_CONVERGED] = "not converged",
    [GPD_TOO_FEW] = "too few excesses",
    [GPD_NOT_EXCESSES] = "excesses that are not above 0 and finite",
};

const char *gpd_status_name(enum gpd_status status)
{
    return status_names[status];
}

static struct gpd_fit start(size_t n, const double x[])
{
    struct gpd_fit fit = {.n = n, .gpd = {NAN, NAN}, .log_likelihood = NAN};

    for (int i = 0; i < GPD_PARAMETERS; i++)
        fit.covariance[i][0] = fit.covariance[i][1] = fit.error[i] = NAN;
    fit.distance = NAN;
    fit.status = n < GPD_FEWEST ? GPD_TOO_FEW : GPD_NOT_CONVERGED;
    for (size_t i = 0; i < n; i++)
        if (!(x[i] > 0.0 && x[i] < INFINITY && x[i] >= x[i > 0 ? i - 1 : 0]))
            fit.status = GPD_NOT_EXCESSES;
    return fit;
}

/* The profile at s, excesses in units of the largest. */
struct profile {
    size_t n;
    const double *x;
};

struct point {
    double xi, beta; /* beta over x[n-1]                              */
    double slope;    /* d/ds of -ln beta - xi: of ln L / n             */
};

/* Near theta = 0:  beta = mean of z L(v z),  v = theta x[n-1] = e^s - 1. */
static struct point point_near(const struct profile *of, double e, double v)
{
    const double largest = of->x[of->n - 1], n = (double)of->n;
    double beta = 0.0, d_beta = 0.0;

    for (size_t i = 0; i < of->n; i++) {
        const double z = of->x[i] / largest;
        double l[3];

        gpd_expand(v * z, l);
        beta += z * l[0];
        d_beta += z * z * l[1];
    }
    const double d_xi = e * (beta + v * d_beta) / n; /* xi = v beta */
    return (struct point){v * (beta / n), beta / n, -e * d_beta / beta - d_xi};
}

/* Elsewhere:  xi = mean of ln w,  w = 1 + v z,  beta = xi / v.  Near v = -1, w of the
 * largest excesses is (1 - z) + z e^s, whose 1 - z has no rounding to lose. */
static struct point point_far(const struct profile *of, double e, double v)
{
    const double largest = of->x[of->n - 1], n = (double)of->n;
    double xi = 0.0, ratio = 0.0;

    for (size_t i = 0; i < of->n; i++) {
        const double z = of->x[i] / largest;
        const double w =
            v < -0.5 ? (largest - of->x[i]) / largest + z * e : 1.0 + v * z;

        xi += v < -0.5 ? arith_log(w) : arith_log1p(v * z);
        ratio += z / w;
    }
    const double d_xi = e * ratio / n, d_log_beta = e * ratio / xi - e / v;
    return (struct point){xi / n, xi / n / v, -d_log_beta - d_xi};
}

static struct point point_at(const struct profile *of, double s)
{
    const double e = arith_exp(s), v = arith_expm1(s);

    return fabs(v) < 0.1 ? point_near(of, e, v) : point_far(of, e, v);
}

static double slope_at(double s, const void *context)
{
    return point_at(context, s).slope;
}

static double height(const struct point *at)
{
    return -arith_log(at->beta) - at->xi;
}

/* Grimshaw's bound on theta, in s: no maximum beyond. */
static double end_of(size_t n, const double x[])
{
    const double most = 690.0; /* e^s is a double */
    const double smallest = x[0] / x[n - 1];
    double mean = 0.0;

    for (size_t i = 0; i < n; i++)
        mean += x[i] / x[n - 1] / (double)n;
    const double v = 2.0 * (mean - smallest) / smallest / smallest;
    return v < INFINITY ? fmin(arith_log1p(fmax(v, 0.0)), most) : most;
}

/* The highest maximum of the profile with xi > -1, NaN where there is none.  Below
 * s = -38 the largest excess alone moves, and xi > -1 rises with s.  False where the
 * slope has no value, or the profile still rises at the end: the doubles end there. */
static bool find_highest(const struct profile *of, struct point *best,
                         size_t *n_evaluations)
{
    const double least = -38.0, step = 0.5;
    const double end = end_of(of->n, of->x) + step;
    struct point before = point_at(of, least);

    *best = (struct point){NAN, NAN, NAN};
    *n_evaluations = 1;
    for (double s = least + step; s <= end && !isnan(before.slope); s += step) {
        const struct point here = point_at(of, s);

        ++*n_evaluations;
        if (here.xi > -1.0 && before.slope > 0.0 && here.slope <= 0.0) {
            const double root = root_find(slope_at, of, s - step, s, 1e-14);
            const struct point top = point_at(of, root);

            if (top.xi > -1.0 && (isnan(best->xi) || height(&top) > height(best)))
                *best = top;
        }
        before = here;
    }
    return before.slope <= 0.0;
}

/* The inverse of the information and how far the score says that the maximum is. */
static void judge(const double x[], struct gpd_fit *fit)
{
    const double regular = -0.5;
    double score[GPD_PARAMETERS], information[GPD_PARAMETERS][GPD_PARAMETERS];

    gpd_derivatives(fit->gpd, fit->n, x, score, information);
    const double a = information[0][0], b = information[0][1], d = information[1][1];
    const double det = a * d - b * b;
    const double square = (d * score[0] * score[0] - 2.0 * b * score[0] * score[1] +
                           a * score[1] * score[1]) /
                          det;

    fit->distance = sqrt(square);
    if (!(det > 0.0 && a > 0.0 && fit->distance <= GPD_TOLERANCE))
        return;
    fit->status = GPD_CONVERGED;
    if (fit->gpd.xi <= regular)
        return;
    fit->covariance[0][0] = d / det;
    fit->covariance[0][1] = fit->covariance[1][0] = -b / det;
    fit->covariance[1][1] = a / det;
    fit->error[GPD_XI] = sqrt(d / det);
    fit->error[GPD_BETA] = sqrt(a / det);
}

struct gpd_fit gpd_fit_likelihood(size_t n, const double x[])
{
    struct gpd_fit fit = start(n, x);
    const struct profile profile = {n, x};

    if (fit.status != GPD_NOT_CONVERGED)
        return fit;
    const double largest = x[n - 1];
    struct point top;

    if (!find_highest(&profile, &top, &fit.n_evaluations))
        return fit;
    if (isnan(top.xi) || height(&top) - 1.0 <= 0.0) {
        fit.status = GPD_AT_BOUND;
        fit.gpd = (struct gpd){-1.0, largest};
        fit.log_likelihood = -(double)n * arith_log(largest);
        return fit;
    }
    fit.gpd = (struct gpd){top.xi, top.beta * largest};
    fit.log_likelihood = gpd_log_likelihood(fit.gpd, n, x);
    judge(x, &fit);
    return fit;
}

/* Hosking and Wallis 1987, table 1 and section 3, k = -xi. */
static void judge_moments(struct gpd_fit *fit)
{
    const double k = -fit->gpd.xi, beta = fit->gpd.beta;
    const double c = (double)fit->n * (1.0 + 2.0 * k) * (3.0 + 2.0 * k);

    if (k <= -0.5)
        return;
    fit->covariance[GPD_BETA][GPD_BETA] =
        beta * beta * (7.0 + k * (18.0 + k * (11.0 + k * 2.0))) / c;
    fit->covariance[GPD_XI][GPD_XI] =
        (1.0 + k) * (2.0 + k) * (2.0 + k) * (1.0 + k * (1.0 + k * 2.0)) / c;
    fit->covariance[GPD_XI][GPD_BETA] = fit->covariance[GPD_BETA][GPD_XI] =
        -beta * (2.0 + k) * (2.0 + k * (6.0 + k * (7.0 + k * 2.0))) / c;
    for (int i = 0; i < GPD_PARAMETERS; i++)
        fit->error[i] = sqrt(fit->covariance[i][i]);
}

struct gpd_fit gpd_fit_moments(size_t n, const double x[])
{
    struct gpd_fit fit = start(n, x);
    double a0 = 0.0, a1 = 0.0;

    if (fit.status != GPD_NOT_CONVERGED)
        return fit;
    for (size_t j = 1; j <= n; j++) {
        const double p = ((double)j - 0.35) / (double)n;

        a0 += x[j - 1] / (double)n;
        a1 += (1.0 - p) * x[j - 1] / (double)n;
    }
    const double c = a0 - 2.0 * a1;
    fit.gpd = (struct gpd){2.0 - a0 / c, 2.0 * a0 * (a1 / c)};
    fit.log_likelihood = gpd_log_likelihood(fit.gpd, n, x);
    fit.status = fit.gpd.xi > -1.0 && fit.log_likelihood > -INFINITY ? GPD_CONVERGED
                                                                     : GPD_OUTSIDE;
    if (fit.status == GPD_CONVERGED)
        judge_moments(&fit);
    return fit;
}
