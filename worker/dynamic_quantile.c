#include "worker/dynamic_quantile.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct problem {
    const struct dynamic_quantile_spec *spec;
    size_t n, q;
    const double *loss, *var, *gradient;
    double var_mean, var_spread;
};

/* The row of bar t; false where something of it is missing. */
static bool row_at(const struct problem *of, size_t t, double *hit,
                   double x[CHOLESKY_MAX])
{
    size_t q = 0;

    for (size_t i = 0; i < of->spec->n_gradient; i++)
        if (isnan(of->gradient[t * of->spec->n_gradient + i]))
            return false;
    if (of->spec->constant)
        x[q++] = 1.0;
    for (size_t lag = 0; lag <= of->spec->n_lags; lag++) {
        const enum backtest_hit now = backtest_hit(of->loss[t - lag], of->var[t - lag]);

        if (now == BACKTEST_MISSING)
            return false;
        if (lag == 0)
            *hit = (double)now - of->spec->p;
        else
            x[q++] = (double)now - of->spec->p;
    }
    if (of->spec->var)
        x[q++] = (of->var[t] - of->var_mean) / of->var_spread;
    return true;
}

/* Count the rows; where VaR is centred and how wide it is. */
static void measure(struct problem *of, struct dynamic_quantile *test)
{
    double hit, x[CHOLESKY_MAX], sum = 0.0, square = 0.0;

    of->var_mean = 0.0;
    of->var_spread = 1.0;
    for (size_t t = of->spec->n_lags; t < of->n; t++) {
        if (!row_at(of, t, &hit, x)) {
            test->n_missing++;
            continue;
        }
        test->n_bars++;
        test->n_hits += hit > 0.0;
        sum += of->var[t];
    }
    const double mean = sum / (double)test->n_bars;

    for (size_t t = of->spec->n_lags; t < of->n; t++)
        if (row_at(of, t, &hit, x)) {
            const double d = of->var[t] - (of->spec->constant ? mean : 0.0);

            square += d * d;
        }
    of->var_mean = of->spec->constant ? mean : 0.0;
    of->var_spread = sqrt(square / (double)test->n_bars);
}

/* by [q][k] = (sum K x g') (sum K g g')^-1; false where that is singular. */
static bool project(const struct problem *of, double by[CHOLESKY_MAX][CHOLESKY_MAX])
{
    const size_t k = of->spec->n_gradient;
    double gg[CHOLESKY_MAX][CHOLESKY_MAX] = {{0}}, hit, x[CHOLESKY_MAX];

    for (size_t i = 0; i < of->q; i++)
        for (size_t j = 0; j < k; j++)
            by[i][j] = 0.0;
    for (size_t t = of->spec->n_lags; t < of->n; t++) {
        const double *g = of->gradient + t * k;

        if (!row_at(of, t, &hit, x) ||
            !(fabs(of->loss[t] - of->var[t]) < of->spec->bandwidth))
            continue;
        for (size_t j = 0; j < k; j++) {
            for (size_t i = 0; i < of->q; i++)
                by[i][j] += x[i] * g[j];
            for (size_t i = 0; i < k; i++)
                gg[i][j] += g[i] * g[j];
        }
    }
    if (!cholesky_factor(k, gg))
        return false;
    for (size_t i = 0; i < of->q; i++)
        cholesky_solve(k, gg, by[i]);
    return true;
}

/* Hit' X (M'M)^-1 X' Hit; NaN where M'M is singular. */
static double quadratic_form(const struct problem *of,
                             double by[CHOLESKY_MAX][CHOLESKY_MAX])
{
    const size_t q = of->q, k = of->spec->n_gradient;
    double mm[CHOLESKY_MAX][CHOLESKY_MAX] = {{0}}, xx[CHOLESKY_MAX] = {0};
    double xh[CHOLESKY_MAX] = {0}, m[CHOLESKY_MAX], solved[CHOLESKY_MAX], hit;
    double form = 0.0;

    for (size_t t = of->spec->n_lags; t < of->n; t++) {
        if (!row_at(of, t, &hit, m))
            continue;
        for (size_t i = 0; i < q; i++) {
            xh[i] += m[i] * hit;
            xx[i] += m[i] * m[i];
            for (size_t j = 0; j < k; j++)
                m[i] -= by[i][j] * of->gradient[t * k + j];
        }
        for (size_t i = 0; i < q; i++)
            for (size_t j = 0; j < q; j++)
                mm[i][j] += m[i] * m[j];
    }
    for (size_t i = 0; i < q; i++) /* a regressor that lies in the gradient's span */
        if (!(mm[i][i] > 0x1p-40 * xx[i]))
            return NAN;
    if (!cholesky_factor(q, mm))
        return NAN;
    for (size_t i = 0; i < q; i++)
        solved[i] = xh[i];
    cholesky_solve(q, mm, solved);
    for (size_t i = 0; i < q; i++)
        form += xh[i] * solved[i];
    return form;
}

static bool is_meant(const struct dynamic_quantile_spec *spec, size_t q,
                     const double gradient[])
{
    return spec->p > 0.0 && spec->p < 1.0 && q > 0 && q <= CHOLESKY_MAX &&
           spec->n_gradient <= CHOLESKY_MAX &&
           (spec->n_gradient == 0 || (gradient != NULL && spec->bandwidth > 0.0));
}

struct dynamic_quantile dynamic_quantile_test(const struct dynamic_quantile_spec *spec,
                                              size_t n, const double loss[],
                                              const double var[],
                                              const double gradient[])
{
    struct problem of = {.spec = spec, .n = n, .loss = loss, .var = var};
    struct dynamic_quantile test = {.dq = NAN, .p_value = NAN};
    double by[CHOLESKY_MAX][CHOLESKY_MAX];

    of.gradient = gradient;
    of.q = test.n_regressors = spec->constant + spec->n_lags + spec->var;
    if (!is_meant(spec, of.q, gradient)) {
        test.status = BACKTEST_BAD_INPUT;
        return test;
    }
    measure(&of, &test);
    if (test.n_bars <= of.q) {
        test.status = test.n_bars == 0 ? BACKTEST_NO_DATA : BACKTEST_TOO_FEW;
        return test;
    }
    /* what is left of a constant VaR, once centred, is rounding */
    test.status = BACKTEST_SINGULAR;
    if ((spec->var && !(of.var_spread > 0x1p-40 * fabs(of.var_mean))) ||
        (spec->n_gradient > 0 && !project(&of, by)))
        return test;
    const double form = quadratic_form(&of, by);

    if (isnan(form))
        return test;
    test.status = BACKTEST_OK;
    test.dq = form / (spec->p * (1.0 - spec->p));
    test.p_value = gsl_cdf_chisq_Q(test.dq, (double)of.q);
    return test;
}
