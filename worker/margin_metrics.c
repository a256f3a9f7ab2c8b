#include "worker/christoffersen.h"
#include "worker/combine.h"
#include "worker/digits.h"
#include "worker/kupiec.h"
#include "worker/margin.h"
#include "worker/preference.h"
#include "worker/series.h"
#include "worker/sweep.h"
#include "worker/tally.h"

#include <math.h>

static double observations(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return (double)tally->n;
}

static double left_out(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return (double)tally->left_out;
}

static double exceedances(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return (double)tally->x;
}

static double exceedances_long(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return (double)tally->x_long;
}

static double exceedances_short(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return (double)tally->x_short;
}

static double coverage(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return tally->n > 0 ? 1.0 - (double)tally->x / (double)tally->n : NAN;
}

static double kupiec_lr(const void *of, double confidence)
{
    const struct tally *tally = of;

    return tally->n > 0
               ? ten_digits(kupiec_test(tally->n, tally->x, 1.0 - confidence).lr)
               : NAN;
}

static double kupiec_p(const void *of, double confidence)
{
    const struct tally *tally = of;

    return tally->n > 0
               ? ten_digits(kupiec_test(tally->n, tally->x, 1.0 - confidence).p_value)
               : NAN;
}

static double kupiec_p_upper(const void *of, double confidence)
{
    const struct tally *tally = of;

    return tally->n > 0
               ? ten_digits(kupiec_test(tally->n, tally->x, 1.0 - confidence).p_upper)
               : NAN;
}

static double kupiec_phase_p(const void *of, double confidence)
{
    const struct tally *tally = of;
    double p[HORIZON_MAX];
    size_t n = 0;

    for (size_t i = 0; i < tally->n_phases; i++) {
        const struct phase *phase = &tally->phase[i];

        if (phase->n > 0)
            p[n++] = kupiec_test(phase->n, phase->x, 1.0 - confidence).p_upper;
    }
    return ten_digits(combine_p_values(n, p));
}

static double independence_p(const void *of, double confidence)
{
    const struct tally *tally = of;
    double p[HORIZON_MAX];
    size_t n = 0;

    (void)confidence;
    for (size_t i = 0; i < tally->n_phases; i++) {
        const struct phase *phase = &tally->phase[i];
        const struct transitions pairs = {
            .n00 = phase->n_pairs - phase->first - phase->second + phase->both,
            .n01 = phase->second - phase->both,
            .n10 = phase->first - phase->both,
            .n11 = phase->both,
        };

        if (phase->n_pairs > 0)
            p[n++] = christoffersen_independence(&pairs).p_value;
    }
    return ten_digits(combine_p_values(n, p));
}

static double mean_margin(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return tally->n_bars > 0 ? tally->sum_margin / (double)tally->n_bars : NAN;
}

static double max_margin(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return tally->max_margin;
}

static double last_margin(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return tally->last_margin;
}

static double mean_shortfall(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return tally->x > 0 ? tally->sum_shortfall / (double)tally->x : 0.0;
}

static double worst_shortfall(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return tally->worst_shortfall;
}

static double es_ratio(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return tally->sum_margin_beyond > 0.0 ? tally->sum_loss / tally->sum_margin_beyond
                                          : NAN;
}

static double peak_to_trough(const void *of, double confidence)
{
    const struct tally *tally = of;

    (void)confidence;
    return tally->min_margin > 0.0 ? tally->max_margin / tally->min_margin : NAN;
}

static double rise_1d(const void *of, double confidence)
{
    (void)confidence;
    return ((const struct tally *)of)->rise[0];
}

static double rise_5d(const void *of, double confidence)
{
    (void)confidence;
    return ((const struct tally *)of)->rise[1];
}

static double rise_20d(const void *of, double confidence)
{
    (void)confidence;
    return ((const struct tally *)of)->rise[2];
}

static double rise_30d(const void *of, double confidence)
{
    (void)confidence;
    return ((const struct tally *)of)->rise[3];
}

/* In the order of the job: sums of another order have other bits. */
static double cost(const void *of, double confidence)
{
    const struct tally *tally = of;
    const struct preferences *preferences = tally->preferences;
    double sum = mean_margin(of, confidence);

    if (preferences == NULL)
        return NAN;
    for (size_t i = 0; i < preferences->n; i++) {
        const struct metric *metric = preferences->metric[i];
        const double value = metric->of(of, confidence);

        sum += preferences->weight[i] *
               (metric->scale == SCALE_COMPLEMENT ? 1.0 - value : value);
    }
    return sum;
}

const struct metric margin_metrics[MARGIN_METRICS] = {
    {"observations", "bars", "scored bars", SCALE_RELATIVE, SWEEP_COUNTS, observations,
     false},
    {"left_out", "bars", "bars whose horizon crosses a gap", SCALE_RELATIVE,
     SWEEP_COUNTS, left_out, false},
    {"exceedances", "bars", "scored bars whose loss is beyond the margin",
     SCALE_RELATIVE, SWEEP_COUNTS, exceedances, false},
    {"exceedances_long", "bars", "of a long position", SCALE_RELATIVE, SWEEP_COUNTS,
     exceedances_long, false},
    {"exceedances_short", "bars", "of a short position", SCALE_RELATIVE, SWEEP_COUNTS,
     exceedances_short, false},
    {"coverage", "fraction", "share of scored bars within the margin", SCALE_COMPLEMENT,
     SWEEP_COUNTS, coverage, false},
    {"kupiec_lr", "", "Kupiec's likelihood ratio of all scored bars", SCALE_RELATIVE,
     SWEEP_COUNTS, kupiec_lr, false},
    {"kupiec_p", "probability", "its two-sided p-value, asymptotic", SCALE_LOGARITHM,
     SWEEP_COUNTS, kupiec_p, false},
    {"kupiec_p_upper", "probability", "its p-value against too many exceedances",
     SCALE_LOGARITHM, SWEEP_COUNTS, kupiec_p_upper, false},
    {"kupiec_phase_p", "probability",
     "the same on non-overlapping horizons, all phases combined", SCALE_LOGARITHM,
     SWEEP_PHASES, kupiec_phase_p, false},
    {"independence_p", "probability",
     "Christoffersen's independence on non-overlapping horizons, combined",
     SCALE_LOGARITHM, SWEEP_PHASES, independence_p, false},
    {"mean_margin", "fraction of notional", "mean over all bars", SCALE_RELATIVE,
     SWEEP_MARGIN, mean_margin, false},
    {"max_margin", "fraction of notional", "largest over all bars", SCALE_RELATIVE,
     SWEEP_MARGIN, max_margin, false},
    {"last_margin", "fraction of notional", "margin of the last bar", SCALE_RELATIVE,
     SWEEP_MARGIN, last_margin, false},
    {"mean_shortfall", "fraction of notional", "mean loss beyond margin at exceedances",
     SCALE_RELATIVE, SWEEP_COUNTS | SWEEP_SHORTFALL, mean_shortfall, false},
    {"worst_shortfall", "fraction of notional", "largest loss beyond margin",
     SCALE_RELATIVE, SWEEP_SHORTFALL, worst_shortfall, false},
    {"es_ratio", "ratio", "loss over margin at exceedances", SCALE_RELATIVE,
     SWEEP_SHORTFALL, es_ratio, false},
    {"peak_to_trough", "ratio", "largest over smallest margin", SCALE_RELATIVE,
     SWEEP_MARGIN, peak_to_trough, false},
    {"rise_1d", "ratio", "largest rise of the margin within 1 day", SCALE_RELATIVE,
     SWEEP_RISES, rise_1d, false},
    {"rise_5d", "ratio", "within 5 days", SCALE_RELATIVE, SWEEP_RISES, rise_5d, false},
    {"rise_20d", "ratio", "within 20 days", SCALE_RELATIVE, SWEEP_RISES, rise_20d,
     false},
    {"rise_30d", "ratio", "within 30 days", SCALE_RELATIVE, SWEEP_RISES, rise_30d,
     false},
    [MARGIN_WEIGHED] = {"cost", "fraction of notional",
                        "mean_margin and what `preferences` weigh beside it",
                        SCALE_RELATIVE, SWEEP_MARGIN, cost, true},
    [MARGIN_BACKTESTED] = {"binomial_p", "probability",
                           "exact, against too many exceedances, on non-overlapping "
                           "horizons, combined",
                           SCALE_LOGARITHM, 0, NULL, false},
    {"kupiec_exact_p", "probability", "exact, two-sided, likewise", SCALE_LOGARITHM, 0,
     NULL, false},
    {"independence_exact_p", "probability",
     "Christoffersen's independence by its exact law, likewise", SCALE_LOGARITHM, 0,
     NULL, false},
    {"tuff_p", "probability", "Kupiec's time until first failure, exact, likewise",
     SCALE_LOGARITHM, 0, NULL, false},
    {"duration_p", "probability",
     "Christoffersen and Pelletier's Weibull durations, by simulation, likewise",
     SCALE_LOGARITHM, 0, NULL, false},
    {"dynamic_quantile_p", "probability",
     "Engle and Manganelli's, four lags, by simulation, likewise", SCALE_LOGARITHM, 0,
     NULL, false},
    {"traffic_light", "0 to 2",
     "Basel zone of the last 250 horizons: 0 green, 1 yellow, 2 red", SCALE_RELATIVE, 0,
     NULL, false},
    {"tick_loss", "fraction of notional", "mean quantile score: less is better",
     SCALE_RELATIVE, 0, NULL, false},
    [MARGIN_PEAK_BEFORE] = {"peak_to_trough_before", "ratio",
                            "the same without buffer and steadying", SCALE_RELATIVE, 0,
                            NULL, true},
    [MARGIN_RISE_BEFORE] = {"rise_1d_before", "ratio", "the same without them",
                            SCALE_RELATIVE, 0, NULL, true},
    {"rise_5d_before", "ratio", "the same without them", SCALE_RELATIVE, 0, NULL, true},
    {"rise_20d_before", "ratio", "the same without them", SCALE_RELATIVE, 0, NULL,
     true},
    {"rise_30d_before", "ratio", "the same without them", SCALE_RELATIVE, 0, NULL,
     true},
    [MARGIN_COST] = {"procyclicality_cost", "ratio",
                     "what they add to the mean margin: 0.25 for a buffer of 25 %",
                     SCALE_RELATIVE, 0, NULL, true},
};
