#include "tests/oracle/margin_oracle.h"
#include "core/arith.h"
#include "core/clock.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* ---- margins ---- */

static bool has_return(const struct bars *bars, size_t t)
{
    return t >= 1 && bars->time[t] - bars->time[t - 1] == bars->interval_ns;
}

static double squared_return(const struct bars *bars, size_t t)
{
    const double r = arith_log(bars->close[t] / bars->close[t - 1]);

    return r * r;
}

/* v_t for t >= W; NULL where the warm-up has no return. */
static double *variances(const struct bars *bars, size_t W, double lambda)
{
    double *v = calloc(bars->n, sizeof *v);
    double sum = 0.0, number = 0.0;

    for (size_t t = 1; t <= W; t++)
        if (has_return(bars, t)) {
            sum += squared_return(bars, t);
            number += 1.0;
        }
    if (number == 0.0) {
        free(v);
        return NULL;
    }
    v[W] = sum / number;
    for (size_t t = W + 1; t < bars->n; t++)
        v[t] = has_return(bars, t)
                   ? fma(lambda, v[t - 1], (1.0 - lambda) * squared_return(bars, t))
                   : v[t - 1];
    return v;
}

static double in_use(const struct oracle_request *request, double v, double w)
{
    const double y = w == 0.0 ? 1.0 : sqrt(v / w);

    if (!request->release || y <= request->release_from)
        return 1.0;
    if (y >= request->release_full)
        return 0.0;
    return (request->release_full - y) /
           (request->release_full - request->release_from);
}

double *oracle_margins(const struct oracle_request *request, const struct bars *bars)
{
    const double ln2 = 0x1.62e42fefa39efp-1;
    const double lambda_ref = arith_exp(-ln2 / request->release_halflife_bars);
    const size_t W = request->warmup_bars;
    double *v = variances(bars, W, request->lambda);
    double *w = variances(bars, W, lambda_ref);
    double *margin = NULL;

    if (v != NULL && w != NULL) {
        margin = calloc(bars->n, sizeof *margin);
        for (size_t t = W; t < bars->n; t++) {
            const double s = sqrt((double)request->horizon_bars * v[t]);
            const double qs = request->q * s;
            const double raw = request->floor > qs ? request->floor : qs;

            margin[t] = raw * (1.0 + request->buffer * in_use(request, v[t], w[t]));
        }
    }
    free(v);
    free(w);
    return margin;
}

/* ---- losses ---- */

static double loss_long(const struct oracle_request *request, const struct bars *bars,
                        size_t t)
{
    const size_t h = request->horizon_bars;
    double lowest = bars->low[t + 1];

    if (!request->path)
        return 1.0 - bars->close[t + h] / bars->close[t];
    for (size_t j = 2; j <= h; j++)
        if (bars->low[t + j] < lowest)
            lowest = bars->low[t + j];
    return 1.0 - lowest / bars->close[t];
}

static double loss_short(const struct oracle_request *request, const struct bars *bars,
                         size_t t)
{
    const size_t h = request->horizon_bars;
    double highest = bars->high[t + 1];

    if (!request->path)
        return bars->close[t + h] / bars->close[t] - 1.0;
    for (size_t j = 2; j <= h; j++)
        if (bars->high[t + j] > highest)
            highest = bars->high[t + j];
    return highest / bars->close[t] - 1.0;
}

static double loss_asked(const struct oracle_request *request, const struct bars *bars,
                         size_t t)
{
    const double a = loss_long(request, bars, t), b = loss_short(request, bars, t);

    if (!request->use_short)
        return a;
    if (!request->use_long)
        return b;
    return a > b ? a : b;
}

static bool is_scored(const struct oracle_request *request, const struct bars *bars,
                      size_t end, size_t t)
{
    const size_t h = request->horizon_bars;

    return t + h < end &&
           bars->time[t + h] - bars->time[t] == (int64_t)h * bars->interval_ns;
}

/* ---- tests ---- */

static double xlogx_over(double k, double m)
{
    return k == 0.0 ? 0.0 : k * log(k / m);
}

static double kupiec_lr(double n, double x, double p)
{
    return 2.0 * ((xlogx_over(x, n * p) - x + n * p) +
                  (xlogx_over(n - x, n * (1.0 - p)) - (n - x) + n * (1.0 - p)));
}

static double kupiec_upper(double n, double x, double p)
{
    const double root = sqrt(fmax(kupiec_lr(n, x, p), 0.0));

    return gsl_cdf_ugaussian_Q(x < n * p ? -root : root);
}

/* ln of pi^k (1-pi)^(n-k), 0 ln 0 = 0 */
static double log_likelihood(double k, double n, double pi)
{
    return (k > 0.0 ? k * log(pi) : 0.0) +
           (n - k > 0.0 ? (n - k) * log(1.0 - pi) : 0.0);
}

static double independence(double n00, double n01, double n10, double n11)
{
    const double all = n00 + n01 + n10 + n11;
    const double pi01 = n00 + n01 > 0.0 ? n01 / (n00 + n01) : 0.0;
    const double pi11 = n10 + n11 > 0.0 ? n11 / (n10 + n11) : 0.0;
    const double pi = (n01 + n11) / all;
    const double lr = 2.0 * (log_likelihood(n01, n00 + n01, pi01) +
                             log_likelihood(n11, n10 + n11, pi11) -
                             log_likelihood(n01 + n11, all, pi));

    return gsl_cdf_chisq_Q(fmax(lr, 0.0), 1.0);
}

static double combined(size_t n, double *p)
{
    if (n == 0)
        return NAN;
    if (n == 1)
        return p[0];
    for (size_t i = 0; i < n; i++) /* a sort that needs no belief */
        for (size_t j = i + 1; j < n; j++)
            if (p[j] < p[i]) {
                const double other = p[i];

                p[i] = p[j];
                p[j] = other;
            }
    const double median = n % 2 == 1 ? p[n / 2] : 0.5 * (p[n / 2 - 1] + p[n / 2]);
    return fmin(1.0, 2.0 * median);
}

static void judge_phases(const struct oracle_request *request, const struct bars *bars,
                         const double *margin, const size_t range[2],
                         struct oracle_figures *figures)
{
    const size_t h = request->horizon_bars;
    const double p = 1.0 - request->confidence;
    double *kupiec = calloc(h, sizeof *kupiec), *pairs = calloc(h, sizeof *pairs);
    size_t n_kupiec = 0, n_pairs = 0;

    for (size_t phase = 0; phase < h; phase++) {
        double n = 0.0, x = 0.0, count[2][2] = {{0.0, 0.0}, {0.0, 0.0}};

        for (size_t t = range[0] + phase; t < range[1]; t += h) {
            if (!is_scored(request, bars, range[1], t))
                continue;
            const int now = loss_asked(request, bars, t) > margin[t];

            n += 1.0;
            x += now;
            if (is_scored(request, bars, range[1], t + h))
                count[now][loss_asked(request, bars, t + h) > margin[t + h]] += 1.0;
        }
        if (n > 0.0)
            kupiec[n_kupiec++] = kupiec_upper(n, x, p);
        if (count[0][0] + count[0][1] + count[1][0] + count[1][1] > 0.0)
            pairs[n_pairs++] =
                independence(count[0][0], count[0][1], count[1][0], count[1][1]);
    }
    figures->kupiec_phase_p = combined(n_kupiec, kupiec);
    figures->independence_p = combined(n_pairs, pairs);
    free(kupiec);
    free(pairs);
}

/* ---- figures ---- */

static double rise(const struct bars *bars, const double *margin, const size_t range[2],
                   int64_t days)
{
    const int64_t span = days * CLOCK_DAY;
    const size_t d = (size_t)(span / bars->interval_ns);
    double largest = NAN;

    if (span % bars->interval_ns != 0 || d == 0)
        return NAN;
    for (size_t t = range[0]; t + d < range[1]; t++)
        if (bars->time[t + d] - bars->time[t] == span && margin[t] > 0.0 &&
            !(margin[t + d] / margin[t] <= largest))
            largest = margin[t + d] / margin[t];
    return largest;
}

static void judge_margins(const struct bars *bars, const double *margin,
                          const size_t range[2], struct oracle_figures *figures)
{
    static const int64_t days[4] = {1, 5, 20, 30};
    double sum = 0.0, least = INFINITY;

    for (size_t t = range[0]; t < range[1]; t++) {
        sum += margin[t];
        figures->max_margin = fmax(figures->max_margin, margin[t]);
        least = fmin(least, margin[t]);
    }
    figures->mean_margin = sum / (double)(range[1] - range[0]);
    figures->last_margin = margin[range[1] - 1];
    figures->peak_to_trough = least > 0.0 ? figures->max_margin / least : NAN;
    for (int i = 0; i < 4; i++)
        figures->rise[i] = rise(bars, margin, range, days[i]);
}

static void judge_losses(const struct oracle_request *request, const struct bars *bars,
                         const double *margin, const size_t range[2],
                         struct oracle_figures *figures)
{
    double sum_shortfall = 0.0, sum_loss = 0.0, sum_margin = 0.0;

    for (size_t t = range[0]; t < range[1]; t++) {
        if (!is_scored(request, bars, range[1], t)) {
            figures->left_out += t + request->horizon_bars < range[1];
            continue;
        }
        const double loss = loss_asked(request, bars, t);

        figures->observations += 1.0;
        figures->exceedances_long += loss_long(request, bars, t) > margin[t];
        figures->exceedances_short += loss_short(request, bars, t) > margin[t];
        if (loss > margin[t]) {
            figures->exceedances += 1.0;
            sum_shortfall += loss - margin[t];
            sum_loss += loss;
            sum_margin += margin[t];
            figures->worst_shortfall = fmax(figures->worst_shortfall, loss - margin[t]);
        }
    }
    if (figures->exceedances > 0.0)
        figures->mean_shortfall = sum_shortfall / figures->exceedances;
    figures->es_ratio = sum_margin > 0.0 ? sum_loss / sum_margin : NAN;
}

struct oracle_figures oracle_judge(const struct oracle_request *request,
                                   const struct bars *bars, const double *margin,
                                   bool test)
{
    const size_t E = bars->n - (size_t)floor(request->holdout * (double)bars->n);
    const size_t range[2] = {test ? E + request->embargo_bars : request->warmup_bars,
                             test ? bars->n : E};
    struct oracle_figures figures = {0};

    judge_losses(request, bars, margin, range, &figures);
    judge_margins(bars, margin, range, &figures);
    judge_phases(request, bars, margin, range, &figures);
    const double n = figures.observations, x = figures.exceedances;
    const double p = 1.0 - request->confidence;
    figures.coverage = 1.0 - x / n;
    figures.kupiec_lr = kupiec_lr(n, x, p);
    figures.kupiec_p = gsl_cdf_chisq_Q(fmax(figures.kupiec_lr, 0.0), 1.0);
    figures.kupiec_p_upper = kupiec_upper(n, x, p);
    return figures;
}
