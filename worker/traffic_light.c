#include "worker/traffic_light.h"
#include "market/random.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static const double yellow_from = 0.95, red_from = 0.9999;

/* P(X <= x) = P(Beta(n - x, x + 1) <= 1 - p); GSL's binomial takes unsigned counts. */
static double binomial_at_most(size_t n, size_t x, double p)
{
    return x >= n ? 1.0 : gsl_cdf_beta_Q(p, (double)x + 1.0, (double)(n - x));
}

/* The least x in 0 ... n with P(X <= x) >= level, by halving: P rises in x. */
static size_t least_reaching(size_t n, double p, double level)
{
    size_t low = 0, high = n;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (binomial_at_most(n, middle, p) >= level)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

enum traffic_light_zone traffic_light_zone_of(const struct traffic_light_bounds *bounds,
                                              size_t x)
{
    return x >= bounds->red      ? TRAFFIC_LIGHT_RED
           : x >= bounds->yellow ? TRAFFIC_LIGHT_YELLOW
                                 : TRAFFIC_LIGHT_GREEN;
}

struct traffic_light traffic_light_of(size_t n_bars, size_t x, double p)
{
    struct traffic_light light = {
        .zone = TRAFFIC_LIGHT_RED, .at_most = NAN, .at_least = NAN};

    light.status = !(p > 0.0 && p < 1.0) || x > n_bars ? BACKTEST_BAD_INPUT
                   : n_bars == 0                       ? BACKTEST_NO_DATA
                                                       : BACKTEST_OK;
    if (light.status != BACKTEST_OK)
        return light;
    light.at_most = binomial_at_most(n_bars, x, p);
    light.at_least =
        x == 0 ? 1.0 : gsl_cdf_beta_P(p, (double)x, (double)(n_bars - x) + 1.0);
    light.bounds.yellow = least_reaching(n_bars, p, yellow_from);
    light.bounds.red = least_reaching(n_bars, p, red_from);
    light.zone = traffic_light_zone_of(&light.bounds, x);
    return light;
}

double traffic_light_increase(size_t x)
{
    static const double increase[] = {0, 0, 0, 0, 0, 0.40, 0.50, 0.65, 0.75, 0.85};

    return x < sizeof increase / sizeof *increase ? increase[x] : 1.0;
}

/* One sample's count.  The window's sum is taken afresh once a turn, so that roundings
 * do not add up along the sample. */
static size_t count_overlapping(const struct traffic_light_overlap *of, uint64_t sample,
                                double threshold, double window[])
{
    const size_t h = of->horizon_bars;
    struct random random = random_at(of->seed, 0, sample, 0);
    double sum = 0.0;
    size_t x = 0;

    for (size_t t = 0; t < of->n_bars + h - 1; t++) {
        const size_t place = t % h;
        const double r = random_normal(&random);

        if (t >= h)
            sum -= window[place];
        window[place] = r;
        sum += r;
        if (place == h - 1) {
            sum = 0.0;
            for (size_t i = 0; i < h; i++)
                sum += window[i];
        }
        x += t >= h - 1 && sum > threshold;
    }
    return x;
}

enum backtest_status traffic_light_simulate(const struct traffic_light_overlap *overlap,
                                            double window[], size_t count[])
{
    const double p = overlap->p;

    if (!(p > 0.0 && p < 1.0) || overlap->n_bars == 0 || overlap->horizon_bars == 0 ||
        overlap->n_samples == 0)
        return BACKTEST_BAD_INPUT;
    const double threshold =
        sqrt((double)overlap->horizon_bars) * gsl_cdf_ugaussian_Qinv(p);

    for (size_t x = 0; x <= overlap->n_bars; x++)
        count[x] = 0;
    for (size_t sample = 0; sample < overlap->n_samples; sample++)
        count[count_overlapping(overlap, sample, threshold, window)]++;
    return BACKTEST_OK;
}

struct traffic_light_bounds traffic_light_bounds_of(size_t n_bars, const size_t count[])
{
    struct traffic_light_bounds bounds = {.yellow = n_bars + 1, .red = n_bars + 1};
    double all = 0.0, at_most = 0.0;

    for (size_t x = 0; x <= n_bars; x++)
        all += (double)count[x];
    for (size_t x = 0; x <= n_bars; x++) {
        at_most += (double)count[x];
        if (at_most >= yellow_from * all && bounds.yellow > n_bars)
            bounds.yellow = x;
        if (at_most >= red_from * all && bounds.red > n_bars)
            bounds.red = x;
    }
    return bounds;
}
