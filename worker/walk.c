#include "worker/walk.h"

#include <math.h>
#include <string.h>

const size_t tally_rise_days[TALLY_RISES] = {1, 5, 20, 30};

void walk_margin(const struct series *series, const struct policy *policy,
                 const double *scaled, const double *in_use, double *margin)
{
    const size_t warmup = series->rules.warmup_bars;
    const double f = policy->floor, q = policy->q, b = policy->buffer;

    memset(margin, 0, warmup * sizeof *margin);
    for (size_t t = warmup; t < series->n; t++) {
        const double g = policy->release && in_use != NULL ? in_use[t] : 1.0;
        const double scale = q * scaled[t];

        margin[t] = (scale > f ? scale : f) * (1.0 + b * g);
    }
}

static void add_loss(const struct series *series, size_t t, double m,
                     struct tally *tally)
{
    const double loss = series->loss[t], shortfall = loss - m;

    tally->n++;
    tally->x_long += series->loss_long[t] > m;
    tally->x_short += series->loss_short[t] > m;
    if (!(loss > m))
        return;
    tally->x++;
    tally->sum_loss += loss;
    tally->sum_margin_beyond += m;
    tally->sum_shortfall += shortfall;
    if (shortfall > tally->worst_shortfall)
        tally->worst_shortfall = shortfall;
}

/* Bar t, scored, in its phase; and the pair (t, t + h) where that is scored too. */
static void add_phase(const struct series *series, struct range range, size_t t,
                      const double *margin, struct phase *phase)
{
    const size_t next = t + series->rules.horizon_bars;
    const bool exceeds = series->loss[t] > margin[t];

    phase->n++;
    phase->x += exceeds;
    if (!series_is_scored(series, range, next))
        return;
    const bool next_exceeds = series->loss[next] > margin[next];
    phase->n_pairs++;
    phase->first += exceeds;
    phase->second += next_exceeds;
    phase->both += exceeds && next_exceeds;
}

static void add_margins(struct range range, const double *margin, struct tally *tally)
{
    tally->n_bars = range.end - range.first;
    tally->min_margin = margin[range.first];
    tally->last_margin = margin[range.end - 1];
    for (size_t t = range.first; t < range.end; t++) {
        tally->sum_margin += margin[t];
        if (margin[t] > tally->max_margin)
            tally->max_margin = margin[t];
        if (margin[t] < tally->min_margin)
            tally->min_margin = margin[t];
    }
}

/* max m[t+d] / m[t] over t, t + d in the range, d whole bars apart, m[t] > 0. */
static double largest_rise(const struct series *series, struct range range, size_t d,
                           const double *margin)
{
    const int64_t apart = (int64_t)d * series->interval_ns;
    double rise = NAN;

    for (size_t t = range.first; d > 0 && t + d < range.end; t++)
        if (series->time[t + d] - series->time[t] == apart && margin[t] > 0.0 &&
            !(margin[t + d] / margin[t] <= rise))
            rise = margin[t + d] / margin[t];
    return rise;
}

void walk_tally_needed(const struct series *series, struct range range,
                       const double *margin, unsigned needs, struct tally *tally)
{
    const size_t h = series->rules.horizon_bars;
    struct phase *phase = tally->phase;
    const bool phases = (needs & SWEEP_PHASES) != 0;
    size_t turn = 0;

    *tally = (struct tally){
        .n_phases = h, .phase = phase, .preferences = tally->preferences};
    memset(phase, 0, h * sizeof *phase);
    for (size_t i = 0; i < TALLY_RISES; i++)
        tally->rise[i] =
            (needs & SWEEP_RISES) == 0
                ? (double)NAN
                : largest_rise(series, range,
                               series_bars_in_days(series, tally_rise_days[i]), margin);
    tally->left_out = series_n_left_out(series, range);
    if (range.first >= range.end)
        return;
    add_margins(range, margin, tally);
    for (size_t t = range.first; t < range.end; t++, turn++)
        if (series_is_scored(series, range, t)) {
            add_loss(series, t, margin[t], tally);
            if (phases)
                add_phase(series, range, t, margin, &phase[turn % h]);
        }
}

void walk_tally(const struct series *series, struct range range, const double *margin,
                struct tally *tally)
{
    walk_tally_needed(series, range, margin, SWEEP_ALL, tally);
}
