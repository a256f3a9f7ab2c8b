#include "worker/mcneil_frey.h"
#include "market/random.h"

#include <gsl/gsl_cdf.h>
#include <stdbool.h>

struct moments {
    double mean, deviation;
};

/* of the residuals; deviation 0 where there is none, rounding aside */
static struct moments moments_of(size_t n, const double r[])
{
    struct moments of = {0};
    double square = 0.0, size = 0.0;

    for (size_t i = 0; i < n; i++)
        of.mean += r[i], size = fmax(size, fabs(r[i]));
    of.mean /= (double)n;
    for (size_t i = 0; i < n; i++)
        square += (r[i] - of.mean) * (r[i] - of.mean);
    of.deviation = sqrt(square / ((double)n - 1.0));
    if (!(of.deviation > 0x1p-45 * size))
        of.deviation = 0.0;
    return of;
}

static double bootstrap(const struct mcneil_frey_spec *spec, size_t n, const double r[],
                        const struct moments *of)
{
    size_t n_at_least = 0;

    for (size_t b = 0; b < spec->n_bootstrap; b++) {
        struct random random = random_at(spec->seed, 0, b, 0);
        double sum = 0.0, square = 0.0;

        for (size_t i = 0; i < n; i++) {
            const size_t pick = (size_t)(random_uniform(&random) * (double)n);
            const double d = r[pick] - of->mean;

            sum += d;
            square += d * d;
        }
        const double mean = sum / (double)n;
        /* a difference of squares: 0 may come out below, or a little above */
        const double variance = fmax(0.0, square - sum * mean) / ((double)n - 1.0);

        n_at_least += mean * of->deviation >= of->mean * sqrt(variance);
    }
    return backtest_simulated_p((double)n_at_least, (double)spec->n_bootstrap);
}

/* Gather r; false where some scale is not above 0. */
static bool gather(const struct backtest_series *series, struct mcneil_frey *test,
                   double residual[])
{
    for (size_t i = 0; i < series->n; i++) {
        const double sigma = series->scale != NULL ? series->scale[i] : 1.0;
        const enum backtest_hit hit = backtest_hit(series->loss[i], series->var[i]);

        if (hit == BACKTEST_MISSING || isnan(series->es[i]) || isnan(sigma)) {
            test->n_missing++;
            continue;
        }
        if (!(sigma > 0.0))
            return false;
        test->n_bars++;
        if (hit == BACKTEST_EXCEEDS)
            residual[test->n_hits++] = (series->loss[i] - series->es[i]) / sigma;
    }
    return true;
}

struct mcneil_frey mcneil_frey_test(const struct mcneil_frey_spec *spec,
                                    const struct backtest_series *series,
                                    double residual[])
{
    struct mcneil_frey test = {
        .mean = NAN, .t = NAN, .p_student = NAN, .p_bootstrap = NAN};

    if (!gather(series, &test, residual)) {
        test.status = BACKTEST_BAD_INPUT;
        return test;
    }
    test.status = test.n_bars == 0   ? BACKTEST_NO_DATA
                  : test.n_hits == 0 ? BACKTEST_NO_HIT
                  : test.n_hits < 2  ? BACKTEST_TOO_FEW
                                     : BACKTEST_OK;
    if (test.status != BACKTEST_OK)
        return test;
    const struct moments of = moments_of(test.n_hits, residual);
    const double n = (double)test.n_hits;

    if (of.deviation == 0.0) {
        test.status = BACKTEST_NO_SPREAD;
        return test;
    }
    test.mean = of.mean;
    test.t = of.mean / (of.deviation / sqrt(n));
    test.p_student = gsl_cdf_tdist_Q(test.t, n - 1.0);
    if (spec->n_bootstrap > 0)
        test.p_bootstrap = bootstrap(spec, test.n_hits, residual, &of);
    return test;
}
