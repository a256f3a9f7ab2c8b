#include "coordinator/progress.h"
#include "core/clock.h"
#include "core/log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const int64_t ON_TERMINAL_NS = CLOCK_SECOND / 5;
static const int64_t IN_LOG_NS = 30 * CLOCK_SECOND;
static const int64_t IN_FILE_NS = CLOCK_SECOND;

int progress_new(const struct ledger *ledger, const char *job, const char *directory,
                 const char *prometheus, int n_ranks, struct progress *progress,
                 struct err *err)
{
    *progress =
        (struct progress){.ledger = ledger,
                          .n_ranks = n_ranks,
                          .rank = calloc((size_t)n_ranks, sizeof *progress->rank)};
    if (progress->rank == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %d ranks", n_ranks);
    if (file_join(directory, RUN_STATUS_NAME, progress->file, err) != 0 ||
        (prometheus == NULL &&
         file_join(directory, RUN_PROMETHEUS_NAME, progress->prometheus, err) != 0))
        return -1;
    if (prometheus != NULL && snprintf(progress->prometheus, FILE_PATH_MAX, "%s",
                                       prometheus) >= FILE_PATH_MAX)
        return err_set(err, ERR_USAGE, "--prometheus: the path is too long");
    snprintf(progress->status.job, RUN_NAME_MAX, "%s", job);
    run_status_sign(&progress->status);
    return 0;
}

void progress_free(struct progress *progress)
{
    free(progress->rank);
    progress->rank = NULL;
}

/* ---- what there is to tell ---- */

static double seconds(int64_t ns)
{
    return (double)ns / (double)CLOCK_SECOND;
}

static void find_slowest(const struct progress *progress, int64_t now,
                         struct run_status *status)
{
    const struct progress_rank *slowest = NULL;

    status->slowest_rank = -1;
    for (int i = 0; i < progress->n_ranks; i++) {
        const struct progress_rank *rank = &progress->rank[i];

        if (!rank->works || (slowest != NULL && slowest->work_s <= rank->work_s))
            continue;
        slowest = rank;
        status->slowest_rank = i;
    }
    if (slowest == NULL || progress->place == NULL)
        return;
    snprintf(status->slowest_host, RUN_NAME_MAX, "%s",
             progress->place[status->slowest_rank].host);
    status->slowest_units = (double)slowest->n_units;
    status->slowest_silent_s =
        seconds(now - (slowest->n_units > 0 ? slowest->last_ns : progress->start_ns));
}

/* Time left: as long as it took so far, for the work that is left.  What earlier runs
 * did tells nothing about this one's pace. */
static void fill_rates(const struct progress *progress,
                       const struct ledger_progress *done, struct run_status *status)
{
    const double elapsed_s = status->elapsed_s;
    const double work_s = done->work_done_s - progress->before.work_done_s;

    status->share_done = done->work_s > 0.0 ? done->work_done_s / done->work_s : 0.0;
    status->units_per_s =
        elapsed_s > 0.0 ? (double)(done->n_done - progress->before.n_done) / elapsed_s
                        : 0.0;
    status->points_per_s =
        elapsed_s > 0.0
            ? fmax(status->n_points - (double)progress->before.n_points, 0.0) /
                  elapsed_s
            : 0.0;
    status->left_s = done->n_done == done->n_units ? 0.0
                     : work_s > 0.0
                         ? (done->work_s - done->work_done_s) * elapsed_s / work_s
                         : NAN;
}

static void update(struct progress *progress, int64_t now)
{
    const struct ledger_progress done = ledger_progress(progress->ledger);
    struct run_status *status = &progress->status;

    status->updated_ns = clock_now();
    status->n_ranks = progress->n_ranks;
    status->n_units = (double)done.n_units;
    status->n_units_done = (double)done.n_done;
    status->n_units_resumed = (double)progress->before.n_done;
    status->n_points = (double)done.n_points;
    status->n_calibrated = (double)done.n_status[STATUS_CALIBRATED];
    status->n_held = (double)done.n_status[STATUS_HELD];
    status->n_failed = (double)done.n_status[STATUS_FAILED];
    status->n_instruments = (double)done.n_instruments;
    status->n_faults = (double)done.n_faults;
    if (run_state_is_active(status->state) && status->state != RUN_WRITING) {
        status->elapsed_s = seconds(now - progress->start_ns);
        fill_rates(progress, &done, status);
        find_slowest(progress, now, status);
    }
}

/* ---- where it is told ---- */

/* A file of `make`'s bytes; durable where it is the last word. */
static int write_one(const struct progress *progress, const char *path,
                     int (*make)(const struct run_status *, char **, size_t *,
                                 struct err *),
                     struct err *err)
{
    char *bytes;
    size_t n_bytes;

    if (make(&progress->status, &bytes, &n_bytes, err) != 0)
        return -1;
    const int status = run_state_is_active(progress->status.state)
                           ? file_swap(path, bytes, n_bytes, err)
                           : file_replace(path, bytes, n_bytes, err);
    free(bytes);
    return status;
}

static void write_files(struct progress *progress)
{
    struct err err = {0};

    if (write_one(progress, progress->file, run_status_make, &err) == 0 &&
        write_one(progress, progress->prometheus, run_status_make_prometheus, &err) ==
            0) {
        progress->cannot_write = false;
        return;
    }
    if (!progress->cannot_write)
        log_detail("status", "cannot be written: %s", err.text);
    progress->cannot_write = true;
}

static void show(const struct progress *progress)
{
    const struct run_status *status = &progress->status;

    if (progress->on_terminal)
        fprintf(
            stderr,
            "\r%.0f/%.0f units  %.3g points  %.1f units/s  %.0f s left  %.0f failed ",
            status->n_units_done, status->n_units, status->n_points,
            status->units_per_s, status->left_s, status->n_failed);
    else
        log_line("progress",
                 "done=%.0f units=%.0f points=%.6g units_per_s=%.3g left_s=%.0f "
                 "decided=%.0f failed=%.0f faults=%.0f slowest=%lld@%s",
                 status->n_units_done, status->n_units, status->n_points,
                 status->units_per_s, status->left_s,
                 status->n_calibrated + status->n_held + status->n_failed,
                 status->n_failed, status->n_faults, (long long)status->slowest_rank,
                 status->slowest_host);
}

void progress_start(struct progress *progress, const struct environment_place place[])
{
    const int64_t now = clock_monotonic();

    progress->place = place;
    progress->on_terminal = isatty(STDERR_FILENO) == 1;
    progress->start_ns = progress->last_ns = progress->written_ns = now;
    progress->before = ledger_progress(progress->ledger);
    progress->status.started_ns = clock_now();
    progress->status.state = RUN_RUNNING;
    update(progress, now);
    write_files(progress);
}

void progress_gave(struct progress *progress, int rank)
{
    progress->rank[rank].works = true;
}

void progress_heard(struct progress *progress, int rank, uint64_t unit)
{
    struct progress_rank *heard = &progress->rank[rank];

    heard->works = true;
    heard->n_units++;
    heard->work_s += ledger_unit_s(progress->ledger, unit);
    heard->last_ns = clock_monotonic();
}

void progress_tick(struct progress *progress, bool stopping)
{
    const int64_t now = clock_monotonic();
    const bool to_show =
        now - progress->last_ns >= (progress->on_terminal ? ON_TERMINAL_NS : IN_LOG_NS);
    const bool to_write = now - progress->written_ns >= IN_FILE_NS;

    if (!to_show && !to_write)
        return;
    progress->status.state = stopping ? RUN_STOPPING : RUN_RUNNING;
    update(progress, now);
    if (to_show) {
        progress->last_ns = now;
        show(progress);
    }
    if (to_write) {
        progress->written_ns = now;
        write_files(progress);
    }
}

void progress_end(struct progress *progress)
{
    update(progress, clock_monotonic());
    if (progress->on_terminal)
        fputs("\r\033[K", stderr);
    if (!ledger_is_complete(progress->ledger))
        return;
    progress->status.state = RUN_WRITING;
    write_files(progress);
}

static enum run_state end_state(int status, const struct err *err)
{
    if (status == 0)
        return RUN_DONE;
    if (err->kind == ERR_INCOMPLETE)
        return RUN_INCOMPLETE;
    return err->kind == ERR_STOPPED ? RUN_STOPPED : RUN_FAILED;
}

void progress_close(struct progress *progress, int status, const struct err *err)
{
    char line[RUN_LINE_MAX];

    if (progress->start_ns == 0)
        return; /* the run never began */
    update(progress, clock_monotonic());
    progress->status.state = end_state(status, err);
    progress->status.exit_code = status == 0 ? 0 : err_exit_code(err);
    snprintf(progress->status.error, ERR_TEXT_MAX, "%s", status == 0 ? "" : err->text);
    write_files(progress);
    log_detail("summary", "%s", run_status_line(&progress->status, line));
}
