#include "margin_oracle.h"

#include "core/arith.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static int check_request(const struct oracle_request *request, const struct bars *bars,
                         struct err *err)
{
    if (request->horizon_bars < 1)
        return err_set(err, ERR_INPUT, "horizon_bars: 0 is not at least 1");
    if (!(request->confidence > 0.0 && request->confidence < 1.0))
        return err_set(err, ERR_INPUT, "confidence: %g is not between 0 and 1",
                       request->confidence);
    if (!(request->holdout >= 0.0 && request->holdout < 1.0))
        return err_set(err, ERR_INPUT, "holdout: %g is not in [0, 1)",
                       request->holdout);
    if (!(request->lambda >= 0.0 && request->lambda < 1.0))
        return err_set(err, ERR_INPUT, "lambda: %g is not in [0, 1)", request->lambda);
    if (!(request->q >= 0.0 && request->floor >= 0.0 && request->buffer >= 0.0))
        return err_set(err, ERR_INPUT, "q, floor and buffer are not all at least 0");
    if (request->release != 0 && request->release != 1)
        return err_set(err, ERR_INPUT, "release: %d is not 0 or 1", request->release);
    if (request->release == 1 && !(request->release_from < request->release_full &&
                                   request->release_halflife_bars > 0.0))
        return err_set(err, ERR_INPUT,
                       "release_full is not above release_from, or "
                       "release_halflife_bars is not above 0");
    if (request->warmup_bars < 1 || request->warmup_bars >= bars->n)
        return err_set(err, ERR_INPUT,
                       "warmup_bars: %zu is not from 1 to below %zu bars",
                       request->warmup_bars, bars->n);
    return 0;
}

/* r_t = log(C_t / C_{t-1}) where the step to t is whole; NaN where it is missing. */
static void compute_returns(const struct bars *bars, double r[])
{
    r[0] = NAN;
    for (size_t t = 1; t < bars->n; t++) {
        const bool whole = bars->time[t] - bars->time[t - 1] == bars->interval_ns;

        r[t] = whole ? arith_log(bars->close[t] / bars->close[t - 1]) : NAN;
    }
}

/* v_W = mean of r_t^2, t = 1 ... W, not missing
 * v_t = fma(lambda, v_{t-1}, (1 - lambda) (r_t r_t)), t > W; v_{t-1} where r_t is
 * missing */
static int compute_variance(double lambda, size_t W, size_t n, const double r[],
                            double v[], struct err *err)
{
    double sum = 0.0;
    size_t number = 0;

    for (size_t t = 0; t < W; t++)
        v[t] = NAN;
    for (size_t t = 1; t <= W; t++) {
        if (isnan(r[t]))
            continue;
        sum = sum + r[t] * r[t];
        number++;
    }
    if (number == 0)
        return err_set(err, ERR_INPUT, "no return in the warm-up of %zu bars", W);
    v[W] = sum / (double)number;
    for (size_t t = W + 1; t < n; t++)
        v[t] = isnan(r[t]) ? v[t - 1]
                           : fma(lambda, v[t - 1], (1.0 - lambda) * (r[t] * r[t]));
    return 0;
}

/* g_t: 1 while volatility is at most release_from times its recent past, 0 from
 * release_full on, on a line between. */
static double buffer_in_use(const struct oracle_request *request, double v, double w)
{
    const double from = request->release_from;
    const double full = request->release_full;

    if (request->release == 0)
        return 1.0;
    const double y = w == 0.0 ? 1.0 : sqrt(v / w);
    if (y <= from)
        return 1.0;
    if (y >= full)
        return 0.0;
    return (full - y) / (full - from);
}

/* m_t = max(f, q s_t) c_t, s_t = sqrt(h v_t), c_t = 1 + b g_t */
static void compute_margins(const struct oracle_request *request, size_t n,
                            const double v[], const double w[], double m[])
{
    for (size_t t = 0; t < n; t++) {
        if (t < request->warmup_bars) {
            m[t] = NAN;
            continue;
        }
        const double s = sqrt((double)request->horizon_bars * v[t]);
        const double c = 1.0 + request->buffer * buffer_in_use(request, v[t], w[t]);
        const double scaled = request->q * s;

        m[t] = (scaled > request->floor ? scaled : request->floor) * c;
    }
}

int oracle_margins(const struct oracle_request *request, const struct bars *bars,
                   double margin[], struct err *err)
{
    if (check_request(request, bars, err) != 0)
        return -1;
    const double ln2 = 0x1.62e42fefa39efp-1;
    const size_t W = request->warmup_bars;
    const double lambda_ref =
        request->release ? arith_exp(-ln2 / request->release_halflife_bars) : 0.0;
    double *r = calloc(bars->n, sizeof *r);
    double *v = calloc(bars->n, sizeof *v);
    double *w = calloc(bars->n, sizeof *w);
    int status = -1;

    if (r == NULL || v == NULL || w == NULL) {
        err_set(err, ERR_MEMORY, "no memory for %zu bars", bars->n);
        goto done;
    }
    compute_returns(bars, r);
    if (compute_variance(request->lambda, W, bars->n, r, v, err) != 0 ||
        compute_variance(lambda_ref, W, bars->n, r, w, err) != 0)
        goto done;
    compute_margins(request, bars->n, v, w, margin);
    status = 0;
done:
    free(r);
    free(v);
    free(w);
    return status;
}

void oracle_range_bars(const struct oracle_request *request, enum oracle_range range,
                       size_t n_bars, size_t *first, size_t *end)
{
    const size_t held_out = (size_t)floor(request->holdout * (double)n_bars);
    const size_t E = n_bars - held_out;
    const size_t W = request->warmup_bars;

    *first = W;
    *end = range == ORACLE_TRAINING ? E : n_bars;
    if (range == ORACLE_TEST && E + request->embargo_bars > W)
        *first = E + request->embargo_bars; /* no bar before W has a margin */
    if (*first > *end)
        *first = *end;
}
