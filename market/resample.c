#include "market/resample.h"

#include "core/clock.h"

#include <math.h>
#include <stdbool.h>

/* 1970-01-01 was a Thursday: weeks that start on Monday began 3 days before. */
static int64_t origin_of(int64_t interval_ns)
{
    return interval_ns % (7 * CLOCK_DAY) == 0 ? -3 * CLOCK_DAY : 0;
}

/* A coarse bar in the making. */
struct making {
    struct bar bar;
    int64_t n;    /* fine bars in it */
    bool started; /* some fine bar lies or reaches in it */
    bool spoilt;  /* one crosses its border */
};

static int finish(const struct making *making, int64_t needed, struct bars *coarse,
                  size_t *n_left_out, struct err *err)
{
    if (!making->started)
        return 0;
    if (making->spoilt || making->n < needed) {
        ++*n_left_out;
        return 0;
    }
    return bars_append(coarse, &making->bar, err);
}

static void add(struct making *making, const struct bar *fine)
{
    struct bar *bar = &making->bar;

    if (making->n++ == 0) {
        const int64_t time = bar->time;

        *bar = *fine;
        bar->time = time;
        return;
    }
    bar->high = fmax(bar->high, fine->high);
    bar->low = fmin(bar->low, fine->low);
    bar->close = fine->close;
    bar->volume += fine->volume;
}

static int make_bars(const struct bars *fine, int64_t needed, struct bars *coarse,
                     size_t *n_left_out, struct err *err)
{
    const int64_t origin = origin_of(coarse->interval_ns);
    struct making making = {.started = false};

    for (size_t t = 0; t < fine->n; t++) {
        const struct bar bar = bars_at(fine, t);
        const int64_t start = bar.time - (bar.time - origin) % coarse->interval_ns;
        const bool crosses = bar.time + fine->interval_ns > start + coarse->interval_ns;

        if (!making.started || making.bar.time != start) {
            if (finish(&making, needed, coarse, n_left_out, err) != 0)
                return -1;
            making = (struct making){.bar.time = start, .started = true};
        }
        add(&making, &bar);
        making.spoilt = making.spoilt || crosses;
        if (crosses) {
            if (finish(&making, needed, coarse, n_left_out, err) != 0)
                return -1;
            making = (struct making){.bar.time = start + coarse->interval_ns,
                                     .started = true,
                                     .spoilt = true};
        }
    }
    return finish(&making, needed, coarse, n_left_out, err);
}

int resample(const struct bars *fine, int64_t interval_ns, _Bool sparse,
             struct bars *coarse, size_t *n_left_out, struct err *err)
{
    char wanted[CLOCK_TEXT_MAX], have[CLOCK_TEXT_MAX];

    bars_free(coarse);
    *n_left_out = 0;
    if (interval_ns <= fine->interval_ns || interval_ns % fine->interval_ns != 0)
        return err_set(err, ERR_INPUT, "bars of %s cannot be made from bars of %s",
                       clock_duration_text(interval_ns, wanted),
                       clock_duration_text(fine->interval_ns, have));
    coarse->interval_ns = interval_ns;
    if (make_bars(fine, sparse ? 1 : interval_ns / fine->interval_ns, coarse,
                  n_left_out, err) != 0) {
        bars_free(coarse);
        return -1;
    }
    return 0;
}
