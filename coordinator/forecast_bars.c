#include "coordinator/forecast_bars.h"

#include "core/clock.h"

#include <math.h>

/* 1 where the warm-up's returns are fractions; otherwise the power of two that makes
 * their root mean square 2^-8 to 2^-7, so that their bits stay as they are. */
static double unit_of(const struct fit_data *data, size_t warmup_bars)
{
    double sum = 0.0, n = 0.0;

    for (size_t t = 0; t < data->n && t < warmup_bars; t++)
        if (!isnan(data->value[t])) {
            sum += data->value[t] * data->value[t];
            n++;
        }
    const double size = sqrt(sum / n);

    if (!(size > 0.0) || (size > 0x1p-20 && size < 0x1p-3))
        return 1.0;
    return ldexp(1.0, -8 - ilogb(size));
}

static int make_bars(const struct fit_data *data, double unit, struct bars *bars,
                     struct err *err)
{
    double sum = 0.0;
    int64_t time = 0;

    bars->interval_ns = CLOCK_DAY;
    for (size_t t = 0; t <= data->n; t++) {
        const double r = t == 0 ? 0.0 : unit * data->value[t - 1];

        sum += isnan(r) ? 0.0 : r;
        time += isnan(r) ? 2 * CLOCK_DAY : CLOCK_DAY;
        const double close = exp(sum);
        const struct bar bar = {time, close, close, close, close, 0.0};

        if (!(close > 0.0 && close < INFINITY))
            return err_set(err, ERR_INPUT,
                           "row %zu: the returns up to here add up to %g, out of all "
                           "proportion to the warm-up's: are they prices (--prices)?",
                           t, sum / unit);
        if (bars_append(bars, &bar, err) != 0)
            return -1;
    }
    return 0;
}

/* The returns themselves, not the logarithms of their exponentials. */
static void take_returns(const struct fit_data *data, double unit,
                         struct series *series)
{
    const size_t h = series->rules.horizon_bars;

    for (size_t t = 1; t < series->n; t++) {
        series->r[t] = unit * data->value[t - 1];
        series->square[t] = series->r[t] * series->r[t];
    }
    for (size_t t = 0; t + h < series->n; t++) {
        double sum = 0.0;

        for (size_t j = 1; j <= h; j++)
            sum += series->r[t + j]; /* NaN where one is missing */
        series->loss_long[t] = -sum;
        series->loss_short[t] = sum;
        series->loss[t] = series->rules.sides == SIDES_LONG    ? -sum
                          : series->rules.sides == SIDES_SHORT ? sum
                                                               : fabs(sum);
    }
}

int forecast_bars_new(const struct fit_data *data, const struct series_rules *rules,
                      struct forecast_bars *out, struct err *err)
{
    const bool has_prices = data->bars.n > 0;

    *out = (struct forecast_bars){.unit = 1.0};
    if (!has_prices) {
        out->unit = unit_of(data, rules->warmup_bars);
        if (make_bars(data, out->unit, &out->made, err) != 0) {
            bars_free(&out->made);
            return -1;
        }
    }
    if (series_new(has_prices ? &data->bars : &out->made, rules, &out->series, err) !=
        0) {
        bars_free(&out->made);
        return -1;
    }
    if (!has_prices)
        take_returns(data, out->unit, &out->series);
    return 0;
}

void forecast_bars_free(struct forecast_bars *bars)
{
    series_free(&bars->series);
    bars_free(&bars->made);
}
