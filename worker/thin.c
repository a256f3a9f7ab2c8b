#include "worker/thin.h"
#include "worker/volatility.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void thin_free(struct thin *thin)
{
    free(thin->bar);
    free(thin->phase);
    *thin = (struct thin){0};
}

/* A bar and what it is picked by, the largest first. */
struct pick {
    double by;
    size_t bar;
};

static int by_size(const void *one, const void *other)
{
    const struct pick *a = one, *b = other;

    if (a->by != b->by)
        return a->by > b->by ? -1 : 1;
    return a->bar < b->bar ? -1 : a->bar > b->bar;
}

struct room {
    struct pick *pick; /* [n] of the range's scored bars */
    size_t n;
    double *variance; /* [series->n] */
    bool *taken;      /* [bars of the range] */
};

/* Pick the m largest that are not taken yet. */
static void take_largest(struct thin *thin, struct room *room, size_t m)
{
    qsort(room->pick, room->n, sizeof *room->pick, by_size);
    for (size_t i = 0; i < room->n && m > 0; i++) {
        bool *taken = &room->taken[room->pick[i].bar - thin->range.first];

        if (*taken)
            continue;
        *taken = true;
        thin->bar[thin->n++] = room->pick[i].bar;
        m--;
    }
}

static void list_scored(const struct series *series, struct thin *thin,
                        struct room *room)
{
    room->n = 0;
    for (size_t t = thin->range.first; t < thin->range.end; t++)
        if (series_is_scored(series, thin->range, t))
            room->pick[room->n++] = (struct pick){series->loss[t], t};
}

static void pick_bars(const struct series *series, struct thin *thin, struct room *room,
                      size_t m)
{
    const size_t n = thin->range.end - thin->range.first;

    for (size_t i = 0; i < thin->n_even; i++)
        thin->bar[i] = thin->range.first +
                       (size_t)(((double)i + 0.5) * (double)n / (double)thin->n_even);
    thin->n = thin->n_even;
    for (size_t i = 0; i < thin->n_even; i++)
        room->taken[thin->bar[i] - thin->range.first] = true;
    list_scored(series, thin, room);
    take_largest(thin, room, (m - thin->n_even) / 3);
    for (size_t i = 0; i < room->n; i++) {
        const double s = sqrt(room->variance[room->pick[i].bar]);

        room->pick[i].by = s > 0.0 ? room->pick[i].by / s : INFINITY;
    }
    take_largest(thin, room, m - thin->n);
}

/* n and the pairs of each phase, which no point changes. */
static void count_phases(const struct series *series, struct thin *thin)
{
    const size_t h = series->rules.horizon_bars;

    for (size_t t = thin->range.first; t < thin->range.end; t++) {
        struct phase *phase = &thin->phase[(t - thin->range.first) % h];

        if (!series_is_scored(series, thin->range, t))
            continue;
        phase->n++;
        phase->n_pairs += series_is_scored(series, thin->range, t + h);
        thin->n_scored++;
    }
    thin->n_left_out = series_n_left_out(series, thin->range);
}

/* Of m bars, those that are evenly spread. */
static size_t count_even(const struct thin_rules *rules, size_t m)
{
    const double wanted = 3.0 * (1.0 - rules->confidence) / rules->share;
    const size_t even = (size_t)((1.0 - fmin(0.875, fmax(0.5, wanted))) * (double)m);

    return even > 0 ? even : 1;
}

int thin_new(const struct thin_rules *rules, const struct kernels *kernels,
             struct thin *thin, struct err *err)
{
    const struct series *series = rules->series;
    const size_t n = rules->range.end - rules->range.first;
    const size_t most = (size_t)ceil(rules->share * (double)n), m = most < n ? most : n;
    const struct volatility ewma = {volatility_find("ewma"), kernels, series};
    const double lambda = 0.97;
    struct room room = {.pick = calloc(n + 1, sizeof *room.pick),
                        .variance = calloc(series->n, sizeof *room.variance),
                        .taken = calloc(n + 1, sizeof *room.taken)};
    int status = -1;

    *thin =
        (struct thin){.range = rules->range,
                      .n_even = count_even(rules, m),
                      .bar = calloc(m + 1, sizeof *thin->bar),
                      .phase = calloc(series->rules.horizon_bars, sizeof *thin->phase)};
    if (room.pick == NULL || room.variance == NULL || room.taken == NULL ||
        thin->bar == NULL || thin->phase == NULL)
        err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    else
        status = volatility_path(&ewma, &lambda, room.variance, NULL, err);
    if (status == 0) {
        pick_bars(series, thin, &room, m);
        count_phases(series, thin);
    } else {
        thin_free(thin);
    }
    free(room.pick);
    free(room.variance);
    free(room.taken);
    return status;
}

/* ---- a point on them ---- */

struct point {
    const struct series *series;
    const struct thin *thin;
    const struct policy *policy;
    const double *scaled, *in_use;
};

/* walk_margin's, of one bar. */
static double margin_at(const struct point *of, size_t t)
{
    const struct policy *policy = of->policy;
    const double g = policy->release && of->in_use != NULL ? of->in_use[t] : 1.0;
    const double scale = policy->q * of->scaled[t];

    return (scale > policy->floor ? scale : policy->floor) * (1.0 + policy->buffer * g);
}

static bool exceeds(const struct point *of, size_t t)
{
    return of->series->loss[t] > margin_at(of, t);
}

static void add_phase(const struct point *of, size_t t, struct phase *phase)
{
    const size_t h = of->series->rules.horizon_bars;
    const struct range range = of->thin->range;

    phase->x++;
    if (series_is_scored(of->series, range, t + h)) {
        phase->first++;
        phase->both += exceeds(of, t + h);
    }
    if (t >= range.first + h && series_is_scored(of->series, range, t - h))
        phase->second++;
}

static void add_bar(const struct point *of, size_t t, bool phases, struct tally *tally)
{
    const struct series *series = of->series;
    const double m = margin_at(of, t), loss = series->loss[t];

    tally->max_margin = fmax(tally->max_margin, m);
    tally->min_margin = fmin(tally->min_margin, m);
    if (!series_is_scored(series, of->thin->range, t))
        return;
    tally->x_long += series->loss_long[t] > m;
    tally->x_short += series->loss_short[t] > m;
    if (!(loss > m))
        return;
    tally->x++;
    tally->sum_loss += loss;
    tally->sum_margin_beyond += m;
    tally->sum_shortfall += loss - m;
    tally->worst_shortfall = fmax(tally->worst_shortfall, loss - m);
    if (phases)
        add_phase(of, t, &tally->phase[(t - of->thin->range.first) % tally->n_phases]);
}

/* Of the bars evenly spread, and the bar d after each. */
static double largest_rise(const struct point *of, size_t d)
{
    const struct series *series = of->series;
    const int64_t apart = (int64_t)d * series->interval_ns;
    double rise = NAN;

    for (size_t i = 0; d > 0 && i < of->thin->n_even; i++) {
        const size_t t = of->thin->bar[i];

        if (t + d >= of->thin->range.end ||
            series->time[t + d] - series->time[t] != apart)
            continue;
        const double m = margin_at(of, t);
        if (m > 0.0 && !(margin_at(of, t + d) / m <= rise))
            rise = margin_at(of, t + d) / m;
    }
    return rise;
}

void thin_tally(const struct series *series, const struct thin *thin,
                const struct policy *policy, const double *scaled, const double *in_use,
                unsigned needs, struct tally *tally)
{
    const struct point of = {series, thin, policy, scaled, in_use};
    const size_t h = series->rules.horizon_bars;
    double sum = 0.0;

    memcpy(tally->phase, thin->phase, h * sizeof *tally->phase);
    *tally = (struct tally){.n_bars = thin->range.end - thin->range.first,
                            .n = thin->n_scored,
                            .left_out = thin->n_left_out,
                            .min_margin = INFINITY,
                            .last_margin = margin_at(&of, thin->range.end - 1),
                            .n_phases = h,
                            .phase = tally->phase,
                            .preferences = tally->preferences};
    for (size_t i = 0; i < TALLY_RISES; i++)
        tally->rise[i] =
            (needs & SWEEP_RISES) == 0
                ? (double)NAN
                : largest_rise(&of, series_bars_in_days(series, tally_rise_days[i]));
    for (size_t i = 0; i < thin->n; i++)
        add_bar(&of, thin->bar[i], (needs & SWEEP_PHASES) != 0, tally);
    for (size_t i = 0; i < thin->n_even; i++)
        sum += margin_at(&of, thin->bar[i]);
    tally->sum_margin = sum / (double)thin->n_even * (double)tally->n_bars;
}
