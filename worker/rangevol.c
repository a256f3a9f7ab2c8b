#include "worker/rangevol.h"

#include "core/arith.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double LN2 = 0x1.62e42fefa39efp-1;

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

int range_variances(enum range_model model, size_t window, const struct bars *bars,
                    double variance[], struct err *err)
{
    const size_t n = bars->n, n_terms = range_n_terms(model);
    double *block = malloc((n_terms * n + range_sums_room(model, n)) * sizeof *block);

    if (block == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the sums of %zu bars", n);
    double *const term[RANGE_TERMS] = {block, block + (n_terms > 1) * n,
                                       block + (n_terms > 2) * 2 * n};
    range_terms(model, bars, term);
    const struct range_sums sums = range_sum(model, n, term, block + n_terms * n);
    range_path(&sums, window, variance);
    free(block);
    return 0;
}
