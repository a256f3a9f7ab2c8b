#include "worker/rangevol.h"

#include "core/arith.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double LN2 = 0x1.62e42fefa39efp-1, PI = 0x1.921fb54442d18p+1;

static const struct {
    const char *name;
    size_t n_terms;
} models[RANGE_MODELS] = {
    [RANGE_ROLLING] = {"rolling", 1},
    [RANGE_ATR] = {"atr", 1},
    [RANGE_PARKINSON] = {"parkinson", 1},
    [RANGE_GARMAN_KLASS] = {"garman_klass", 1},
    [RANGE_ROGERS_SATCHELL] = {"rogers_satchell", 1},
    [RANGE_YANG_ZHANG] = {"yang_zhang", 3},
};

const char *range_model_name(enum range_model model)
{
    return models[model].name;
}

size_t range_n_terms(enum range_model model)
{
    return models[model].n_terms;
}

static bool knows_close_before(const struct bars *bars, size_t t)
{
    return t > 0 && bars->time[t] - bars->time[t - 1] == bars->interval_ns;
}

static double largest(double a, double b, double c)
{
    return fmax(a, fmax(b, c));
}

static double least(double a, double b, double c)
{
    return fmin(a, fmin(b, c));
}

static double true_range(const struct bars *bars, size_t t, double high, double low)
{
    if (knows_close_before(bars, t)) {
        high = fmax(high, bars->close[t - 1]);
        low = fmin(low, bars->close[t - 1]);
    }
    return arith_log(high / low);
}

/* The terms of bar t. */
static void take(enum range_model model, const struct bars *bars, size_t t,
                 double term[RANGE_TERMS])
{
    const double open = bars->open[t], close = bars->close[t];
    const double high = largest(bars->high[t], open, close);
    const double low = least(bars->low[t], open, close);
    const bool known = knows_close_before(bars, t);
    const double before = known ? bars->close[t - 1] : 1.0;

    switch (model) {
    case RANGE_ROLLING:
        term[0] = known ? arith_log(close / before) : NAN;
        return;
    case RANGE_ATR:
        term[0] = true_range(bars, t, high, low);
        return;
    case RANGE_PARKINSON: {
        const double range = arith_log(high / low);

        term[0] = range * range / (4.0 * LN2);
        return;
    }
    case RANGE_GARMAN_KLASS: {
        const double range = arith_log(high / low), c = arith_log(close / open);

        term[0] = 0.5 * range * range - (2.0 * LN2 - 1.0) * (c * c);
        return;
    }
    default:
        break;
    }
    /* u (u - c) + d (d - c), without differences of logarithms */
    const double rs = arith_log(high / open) * arith_log(high / close) +
                      arith_log(low / open) * arith_log(low / close);
    term[0] = rs;
    if (model == RANGE_YANG_ZHANG) {
        term[0] = known ? rs : NAN;
        term[1] = known ? arith_log(open / before) : NAN;
        term[2] = known ? arith_log(close / open) : NAN;
    }
}

void range_terms(enum range_model model, const struct bars *bars,
                 double *const term[RANGE_TERMS])
{
    for (size_t t = 0; t < bars->n; t++) {
        double value[RANGE_TERMS];

        take(model, bars, t, value);
        for (size_t i = 0; i < range_n_terms(model); i++)
            term[i][t] = value[i];
    }
}

static size_t room_of_one(size_t window)
{
    return (window + 1) * (sizeof(struct moments) / sizeof(double)) + window;
}

size_t range_room(enum range_model model, size_t window)
{
    return range_n_terms(model) * room_of_one(window);
}

/* Wilder's recursion; no window to keep. */
static void atr_path(size_t window, size_t n, const double *range, double variance[])
{
    double a = 0.0, n_seen = 0.0;

    for (size_t t = 0; t < n; t++) {
        n_seen = fmin(n_seen + 1.0, (double)window);
        a += (range[t] - a) / n_seen;
        variance[t] = PI / 8.0 * (a * a);
    }
}

static double variance_of(enum range_model model, const struct moments m[RANGE_TERMS])
{
    const double n = m[0].n;

    if (model == RANGE_ROLLING)
        return moments_variance(m[0]);
    if (model != RANGE_YANG_ZHANG)
        return n >= 1.0 ? m[0].mean : NAN;
    if (n < 2.0)
        return NAN;
    const double k = 0.34 / (1.34 + (n + 1.0) / (n - 1.0));

    return moments_variance(m[1]) + k * moments_variance(m[2]) + (1.0 - k) * m[0].mean;
}

void range_path(enum range_model model, size_t window, size_t n,
                double *const term[RANGE_TERMS], double *room, double variance[])
{
    struct rolling rolling[RANGE_TERMS];
    struct moments moments[RANGE_TERMS];

    if (model == RANGE_ATR) {
        atr_path(window, n, term[0], variance);
        return;
    }
    for (size_t i = 0; i < range_n_terms(model); i++, room += room_of_one(window))
        rolling_start(&rolling[i], window, (struct moments *)room,
                      room + room_of_one(window) - window);
    for (size_t t = 0; t < n; t++) {
        for (size_t i = 0; i < range_n_terms(model); i++)
            moments[i] = rolling_push(&rolling[i], term[i][t]);
        variance[t] = variance_of(model, moments);
    }
}

int range_variances(enum range_model model, size_t window, const struct bars *bars,
                    double variance[], struct err *err)
{
    const size_t n_terms = range_n_terms(model);
    double *block =
        malloc((n_terms * bars->n + range_room(model, window)) * sizeof *block);

    if (block == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a window of %zu bars", window);
    double *const term[RANGE_TERMS] = {block, block + (n_terms > 1) * bars->n,
                                       block + (n_terms > 2) * 2 * bars->n};
    range_terms(model, bars, term);
    range_path(model, window, bars->n, term, block + n_terms * bars->n, variance);
    free(block);
    return 0;
}
