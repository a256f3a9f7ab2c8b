#include "worker/sweep_ground.h"

#include <math.h>
#include <stdlib.h>

/* The least float that is not below x. */
static float float_above(double x)
{
    const float rounded = (float)x;

    return (double)rounded < x ? nextafterf(rounded, INFINITY) : rounded;
}

static void fill_scored(struct ground *ground, const struct series *series,
                        struct range range)
{
    uint32_t phase = 0;

    for (size_t t = 0; t < ground->n; t++) {
        const double down = series->loss_long[range.first + t];
        const double up = series->loss_short[range.first + t];
        const bool is_long = down == ground->loss[t];

        ground->worse[t] = !series_is_scored(series, range, range.first + t) ? NAN
                           : down > up                                       ? down
                                                                             : up;
        ground->other[t] = is_long ? up : down;
        ground->tag[t] = (struct tag){
            .other = float_above(ground->other[t]), .phase = phase, .is_long = is_long};
        phase = phase + 1 < ground->n_phases ? phase + 1 : 0;
    }
}

static void fill_links(struct ground *ground)
{
    const size_t h = ground->h;

    for (size_t t = 0, i = 0; t < ground->n; t++, i = i + 1 < h ? i + 1 : 0) {
        struct phase *phase = &ground->whole[i];

        if (isnan(ground->worse[t]))
            continue;
        phase->n++;
        if (t + h >= ground->n || isnan(ground->worse[t + h]))
            continue;
        phase->n_pairs++;
        ground->tag[t].link |= LINK_NEXT;
        ground->tag[t + h].link |= LINK_BEFORE;
    }
}

static void fill_apart(struct ground *ground, const struct series *series,
                       struct range range)
{
    const int64_t *time = series->time + range.first;

    for (size_t i = 0; i < TALLY_RISES; i++) {
        const size_t d = series_bars_in_days(series, tally_rise_days[i]);

        ground->apart[i] = d > 0 && d < ground->n ? d : ground->n;
        for (size_t t = 0; t + ground->apart[i] < ground->n; t++)
            if (time[t + d] - time[t] == (int64_t)d * series->interval_ns)
                ground->is_apart[t] |= (uint8_t)(1u << i);
    }
}

int ground_new(const struct series *series, struct range range, bool phases,
               struct ground *ground, struct err *err)
{
    const size_t n = range.end - range.first, h = series->rules.horizon_bars;
    struct ground made = {.n = n, .h = h, .n_phases = phases ? h : 1};

    if (kernels_choose(&made.kernels, err) != 0)
        return -1;
    made.loss = series->loss + range.first;
    made.worse = calloc(n + 1, sizeof *made.worse);
    made.tag = calloc(n + 1, sizeof *made.tag);
    made.other = calloc(n + 1, sizeof *made.other);
    made.is_apart = calloc(n + 1, sizeof *made.is_apart);
    made.whole = calloc(h, sizeof *made.whole);
    if (made.worse == NULL || made.tag == NULL || made.other == NULL ||
        made.is_apart == NULL || made.whole == NULL) {
        ground_free(&made);
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    }
    fill_scored(&made, series, range);
    if (series->rules.sides == SIDES_BOTH) /* the same where it counts */
        made.loss = made.worse;
    fill_links(&made);
    fill_apart(&made, series, range);
    *ground = made;
    return 0;
}

void ground_free(struct ground *ground)
{
    free(ground->worse);
    free(ground->tag);
    free(ground->other);
    free(ground->is_apart);
    free(ground->whole);
}
