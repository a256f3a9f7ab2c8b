#include "coordinator/liquidity_days.h"
#include "core/clock.h"
#include "market/history.h"
#include "worker/returns.h"

#include <math.h>
#include <stdlib.h>

static int read_bars(const struct liquidity_days *of, int64_t before_ns,
                     struct bars *bars, struct err *err)
{
    struct history *history;

    if (history_open(of->history, &history, err) != 0)
        return -1;
    const struct history_entry *entry =
        history_find(history, of->instrument, of->interval);
    int status = -1;

    if (entry == NULL) {
        history_refuse(history, of->instrument, of->interval, err);
    } else {
        const int64_t end_ns = before_ns - entry->interval_ns + 1;

        status = history_read(history, entry, end_ns - LIQUIDITY_DAYS * CLOCK_DAY,
                              end_ns, bars, err);
    }
    history_close(history);
    return status;
}

/* 0 where there is none. */
static double mean_square(const struct bars *bars, struct err *err)
{
    double *r = malloc((bars->n + 1) * sizeof *r), sum = 0.0;
    size_t n = 0;

    if (r == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu returns", bars->n);
    returns_of_bars(bars, r);
    for (size_t t = 0; t < bars->n; t++)
        if (!isnan(r[t])) {
            sum += r[t] * r[t];
            n++;
        }
    free(r);
    return n > 0 ? sum / (double)n : 0.0;
}

static double mean_volume(const struct liquidity_days *of, const struct bars *bars)
{
    double sum = 0.0;

    for (size_t t = 0; t < bars->n; t++)
        sum += bars->volume[t] * (of->is_quote ? 1.0 : bars->close[t]);
    return bars->n > 0 ? sum / (double)bars->n : 0.0;
}

int liquidity_days_read(const struct liquidity_days *of, int64_t before_ns, double *adv,
                        double *sigma, struct err *err)
{
    struct bars bars = {0};
    char text[CLOCK_TEXT_MAX];

    if (read_bars(of, before_ns, &bars, err) != 0)
        return -1;
    const double bars_a_day = (double)CLOCK_DAY / (double)bars.interval_ns;
    const double square = mean_square(&bars, err), volume = mean_volume(of, &bars);
    bars_free(&bars);
    if (square < 0.0)
        return -1;
    if (!(square > 0.0 && volume > 0.0))
        return err_set(err, ERR_INPUT,
                       "%s: %s %s: no volume and no returns in the %d days before %s",
                       of->history, of->instrument, of->interval, LIQUIDITY_DAYS,
                       clock_moment_text(before_ns, text));
    *adv = volume * bars_a_day;
    *sigma = sqrt(square * bars_a_day);
    return 0;
}
