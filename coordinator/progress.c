#include "coordinator/progress.h"
#include "core/clock.h"
#include "core/log.h"

#include <stdio.h>
#include <unistd.h>

static const int64_t ON_TERMINAL_NS = CLOCK_SECOND / 5;
static const int64_t IN_LOG_NS = 30 * CLOCK_SECOND;

void progress_start(struct progress *progress, const struct ledger *ledger)
{
    const int64_t now = clock_monotonic();

    *progress = (struct progress){.ledger = ledger,
                                  .on_terminal = isatty(STDERR_FILENO) == 1,
                                  .start_ns = now,
                                  .last_ns = now};
}

static void show(const struct progress *progress, int64_t now)
{
    const struct ledger_progress done = ledger_progress(progress->ledger);
    const double elapsed_s = (double)(now - progress->start_ns) / (double)CLOCK_SECOND;
    const double rate = (double)done.n_done / elapsed_s;
    const double left_s =
        rate > 0.0 ? (double)(done.n_units - done.n_done) / rate : 0.0;

    if (progress->on_terminal)
        fprintf(
            stderr,
            "\r%llu/%llu units  %.3g points  %.1f units/s  %.0f s left  %zu failed ",
            (unsigned long long)done.n_done, (unsigned long long)done.n_units,
            (double)done.n_points, rate, left_s, done.n_failed);
    else
        log_line(
            "progress",
            "done=%llu units=%llu points=%.6g units_per_s=%.3g left_s=%.0f failed=%zu",
            (unsigned long long)done.n_done, (unsigned long long)done.n_units,
            (double)done.n_points, rate, left_s, done.n_failed);
}

void progress_tick(void *context)
{
    struct progress *progress = context;
    const int64_t now = clock_monotonic();

    if (now - progress->last_ns < (progress->on_terminal ? ON_TERMINAL_NS : IN_LOG_NS))
        return;
    progress->last_ns = now;
    show(progress, now);
}

void progress_end(struct progress *progress)
{
    if (progress->on_terminal)
        fputs("\r\033[K", stderr);
}
