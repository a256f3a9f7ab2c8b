#include "worker/stress_margin.h"

#include <math.h>

const struct stress_figure stress_margin_figures[STRESS_MARGIN_FIGURES] = {
    [STRESS_MARGIN_LOSS] = {"loss", "fraction of notional",
                            "largest loss over the horizon"},
    [STRESS_MARGIN_VOLATILITIES] = {"volatilities", "ratio",
                                    "... over the volatility of a day, last bar"},
    [STRESS_MARGIN_BEYOND] = {"beyond", "fraction of notional",
                              "... beyond the margin of the last bar"},
    [STRESS_MARGIN_BEYOND_THEN] = {"beyond_then", "fraction of notional",
                                   "largest loss beyond the margin of its own bar"},
};

double stress_loss(const struct series *series, size_t t, size_t h)
{
    const struct bars *bars = series->bars;
    const bool path = series->rules.loss == LOSS_PATH;

    if (t + h >= series->n ||
        series->time[t + h] - series->time[t] != (int64_t)h * series->interval_ns)
        return NAN;
    double low = bars->close[t + h], high = low;
    for (size_t j = t + 1; path && j <= t + h; j++) {
        low = fmin(low, bars->low[j]);
        high = fmax(high, bars->high[j]);
    }
    const double down = 1.0 - low / bars->close[t], up = high / bars->close[t] - 1.0;
    return series->rules.sides == SIDES_LONG    ? down
           : series->rules.sides == SIDES_SHORT ? up
                                                : fmax(down, up);
}

/* What a shock changes. */
struct shock {
    size_t horizon_bars;
    double worth; /* of the collateral */
};

static struct shock shock_of(const struct stress_rules *rules,
                             const struct series *series, enum stress_kind kind)
{
    const size_t h = series->rules.horizon_bars;

    return (struct shock){
        .horizon_bars = kind == STRESS_THIN   ? (size_t)ceil((double)h / rules->depth)
                        : kind == STRESS_LATE ? h + rules->late_bars
                                              : h,
        .worth = kind == STRESS_DEPEG ? 1.0 - rules->depeg : 1.0,
    };
}

/* Where the bars do not reach as far as a longer horizon, what there is. */
static double loss_under(const struct series *series, size_t t,
                         const struct shock *shock)
{
    const double loss = stress_loss(series, t, shock->horizon_bars);

    return isnan(loss) ? stress_loss(series, t, series->rules.horizon_bars) : loss;
}

/* The bars of a span join a row. */
static void add_span(const struct stress_margin_point *point, struct range span,
                     const struct shock *shock, int64_t *at_ns, double *figure)
{
    for (size_t t = span.first; t < span.end; t++) {
        const double loss = loss_under(point->series, t, shock);
        const double beyond = loss - shock->worth * point->margin[t];

        if (isnan(loss))
            continue;
        if (*at_ns == STRESS_NOWHERE || loss > figure[STRESS_MARGIN_LOSS]) {
            *at_ns = point->series->time[t];
            figure[STRESS_MARGIN_LOSS] = loss;
        }
        if (!(beyond <= figure[STRESS_MARGIN_BEYOND_THEN]))
            figure[STRESS_MARGIN_BEYOND_THEN] = fmax(beyond, 0.0);
    }
}

static double in_volatilities(double loss, double sigma)
{
    return sigma > 0.0 ? loss / sigma : (double)NAN;
}

static void end_row(const struct stress_margin_point *point, const struct shock *shock,
                    double *figure)
{
    const double last = point->margin[point->series->n - 1];
    const double loss = figure[STRESS_MARGIN_LOSS];

    figure[STRESS_MARGIN_VOLATILITIES] = in_volatilities(loss, point->sigma);
    figure[STRESS_MARGIN_BEYOND] = fmax(loss - shock->worth * last, 0.0);
}

/* The margin itself is the mildest move beyond which it does not reach; a price cannot
 * fall by more than all of it. */
static void reverse(const struct stress_margin_point *point, enum stress_kind kind,
                    int64_t *at_ns, double *figure)
{
    const struct series *series = point->series;
    const enum series_sides other = kind == STRESS_FALL ? SIDES_SHORT : SIDES_LONG;
    const double last = point->margin[series->n - 1];

    if (series->rules.sides == other)
        return;
    *at_ns = series->time[series->n - 1];
    if (kind == STRESS_FALL && last >= 1.0)
        return;
    figure[STRESS_MARGIN_LOSS] = last;
    figure[STRESS_MARGIN_VOLATILITIES] = in_volatilities(last, point->sigma);
    figure[STRESS_MARGIN_BEYOND] = figure[STRESS_MARGIN_BEYOND_THEN] = 0.0;
}

static void fill_row(const struct stress_rules *rules,
                     const struct stress_margin_point *point, size_t row,
                     int64_t *at_ns, double *figure)
{
    const enum stress_kind kind = stress_kind(rules, row);
    const struct shock shock = shock_of(rules, point->series, kind);
    const size_t n_spans = stress_n_spans(rules);

    *at_ns = STRESS_NOWHERE;
    for (size_t i = 0; i < STRESS_MARGIN_FIGURES; i++)
        figure[i] = NAN;
    if (kind >= STRESS_FALL) {
        reverse(point, kind, at_ns, figure);
        return;
    }
    for (size_t s = row < n_spans ? row : 0; s < (row < n_spans ? row + 1 : n_spans);
         s++)
        add_span(point, point->span[s], &shock, at_ns, figure);
    if (*at_ns != STRESS_NOWHERE)
        end_row(point, &shock, figure);
}

void stress_margin(const struct stress_rules *rules,
                   const struct stress_margin_point *point, struct stress_table *table)
{
    const struct series *series = point->series;

    for (size_t row = 0; row < stress_n_rows(rules); row++)
        fill_row(rules, point, row, &table->at_ns[row],
                 table->figure + row * STRESS_MARGIN_FIGURES);
    table->money = 1.0;
    table->fund = 0.0;
    for (size_t k = 0; k < STRESS_CURVE; k++)
        table->curve[k] =
            fmax((double)(k + 1) * point->sigma - point->margin[series->n - 1], 0.0);
    stress_find_shortfalls(series, point->margin, table->shortfall);
}
