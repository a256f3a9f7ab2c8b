#include "worker/duration.h"
#include "core/arith.h"
#include "worker/hits.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

/* ln(D / longest), so that powers do not overflow: l(b) changes by a constant only. */
struct durations {
    size_t n, m;     /* all, uncensored        */
    double u;        /* sum over uncensored    */
    double least;    /* over uncensored        */
    double longest;  /* ln of the longest D    */
    const double *x; /* [n], each at most 0    */
};

/* sum D^b and its first two moments in ln D */
struct powers {
    double sum, first, second;
};

static struct powers powers_of(const struct durations *d, double b)
{
    struct powers s = {0};

    for (size_t i = 0; i < d->n; i++) {
        const double y = b * d->x[i];
        const double w = y > -700.0 ? arith_exp(y) : 0.0;

        s.sum += w;
        s.first += w * d->x[i];
        s.second += w * d->x[i] * d->x[i];
    }
    return s;
}

static double slope_at(const struct durations *d, double b, double *curvature)
{
    const struct powers s = powers_of(d, b);
    const double m = (double)d->m, mean = s.first / s.sum;

    *curvature = -m / (b * b) - m * (s.second / s.sum - mean * mean);
    return m / b + d->u - m * mean;
}

/* l(b) in the true D */
static double likelihood_at(const struct durations *d, double b)
{
    const double m = (double)d->m;

    return m * arith_log(m / powers_of(d, b).sum) + m * arith_log(b) +
           (b - 1.0) * d->u - m - m * d->longest;
}

/* Newton where it stays inside, halving where it does not: at most a few dozen. */
static double exponent_of(const struct durations *d)
{
    double low = 1.0, high = 1.0, curvature, b;

    while (slope_at(d, high, &curvature) > 0.0)
        low = high, high *= 2.0;
    while (slope_at(d, low, &curvature) < 0.0)
        high = low, low *= 0.5;
    b = 0.5 * (low + high);
    for (int i = 0; i < 200; i++) {
        const double slope = slope_at(d, b, &curvature);
        const double next = b - slope / curvature;

        if (slope > 0.0)
            low = b;
        else
            high = b;
        if (fabs(next - b) <= 1e-15 * b)
            break;
        b = next > low && next < high ? next : 0.5 * (low + high);
    }
    return b;
}

/* From places[n_hits], from 1, in place; there are n_bars. */
static struct durations durations_of(size_t n_bars, size_t n_hits, double place[])
{
    struct durations d = {.x = place, .m = n_hits - 1, .least = INFINITY};
    const double after = (double)n_bars - place[n_hits - 1];
    const bool before = place[0] > 1.0;
    double longest = fmax(after, before ? place[0] : 1.0), previous = place[0];

    if (before)
        d.n = 1;
    for (size_t i = 1; i < n_hits; i++) {
        const double length = place[i] - previous;

        previous = place[i];
        longest = fmax(longest, length);
        d.least = fmin(d.least, length);
        place[d.n++] = length;
    }
    if (after > 0.0)
        place[d.n++] = after;
    d.longest = arith_log(longest);
    d.least = arith_log(d.least) - d.longest;
    for (size_t i = 0; i < d.n; i++) {
        place[i] = arith_log(place[i]) - d.longest;
        if (i >= before && i < before + d.m)
            d.u += place[i];
    }
    return d;
}

static void ratio_of(struct duration *test, double place[])
{
    test->status = test->n_bars == 0              ? BACKTEST_NO_DATA
                   : test->n_hits == 0            ? BACKTEST_NO_HIT
                   : test->n_hits == test->n_bars ? BACKTEST_ALL_HIT
                   : test->n_hits < 2             ? BACKTEST_TOO_FEW
                                                  : BACKTEST_OK;
    if (test->status != BACKTEST_OK)
        return;
    const struct durations d = durations_of(test->n_bars, test->n_hits, place);

    if (!(d.least < 0.0)) {
        test->status = BACKTEST_NO_MAXIMUM;
        return;
    }
    test->b = exponent_of(&d);
    test->log_likelihood = likelihood_at(&d, test->b);
    test->log_likelihood_one = likelihood_at(&d, 1.0);
    /* a maximum next to 1 may come out a rounding below */
    test->lr = fmax(0.0, 2.0 * (test->log_likelihood - test->log_likelihood_one));
}

static struct duration nothing_yet(void)
{
    return (struct duration){.b = NAN,
                             .log_likelihood = NAN,
                             .log_likelihood_one = NAN,
                             .lr = NAN,
                             .p_value = NAN};
}

struct duration duration_test(size_t n, const double loss[], const double var[],
                              double work[])
{
    struct duration test = nothing_yet();

    for (size_t i = 0; i < n; i++) {
        const enum backtest_hit hit = backtest_hit(loss[i], var[i]);

        test.n_missing += hit == BACKTEST_MISSING;
        test.n_bars += hit != BACKTEST_MISSING;
        if (hit == BACKTEST_EXCEEDS)
            work[test.n_hits++] = (double)test.n_bars;
    }
    ratio_of(&test, work);
    if (test.status == BACKTEST_OK)
        test.p_value = gsl_cdf_chisq_Q(test.lr, 1.0);
    return test;
}

void duration_samples(double p, const struct null_samples *samples, double lr[],
                      double work[])
{
    for (size_t k = samples->first; k < samples->end; k++) {
        struct random random = random_at(samples->seed, 0, k, 0);
        struct duration sample = nothing_yet();

        sample.n_bars = samples->n_bars;
        sample.n_hits = hits_draw(sample.n_bars, p, &random, work);
        ratio_of(&sample, work);
        lr[k - samples->first] = sample.lr;
    }
}

struct backtest_null duration_simulated_p(size_t n_bars, double p, double lr,
                                          size_t n_samples, uint64_t seed,
                                          double work[])
{
    struct backtest_null null = {.p_value = NAN};

    if (!(p > 0.0 && p < 1.0))
        return null;

    for (size_t k = 0; k < n_samples; k++) {
        const struct null_samples one = {n_bars, seed, k, k + 1};
        double sample;

        duration_samples(p, &one, &sample, work);
        backtest_null_count(&null, sample, lr);
    }
    backtest_null_finish(&null, lr);
    return null;
}
