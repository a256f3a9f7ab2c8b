#include "coordinator/run_status.h"
#include "core/clock.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { SPAN_MAX = 32 };

/* "4.2 s", "12 min", "3 h 20 min". */
static const char *span_text(double seconds, char out[SPAN_MAX])
{
    if (!isfinite(seconds))
        snprintf(out, SPAN_MAX, "?");
    else if (seconds < 10.0)
        snprintf(out, SPAN_MAX, "%.1f s", seconds);
    else if (seconds < 120.0)
        snprintf(out, SPAN_MAX, "%.0f s", seconds);
    else if (seconds < 7200.0)
        snprintf(out, SPAN_MAX, "%.0f min", seconds / 60.0);
    else
        snprintf(out, SPAN_MAX, "%.0f h %02.0f min", floor(seconds / 3600.0),
                 floor(fmod(seconds, 3600.0) / 60.0));
    return out;
}

static void active_line(const struct run_status *status, char *line, size_t size)
{
    char left[SPAN_MAX], slowest[64 + RUN_NAME_MAX] = "";

    if (status->slowest_rank >= 0)
        snprintf(slowest, sizeof slowest, "; slowest rank %lld on %s",
                 (long long)status->slowest_rank, status->slowest_host);
    snprintf(line, size,
             "%.0f of %.0f units, %.0f of 100 of the work, %.3g units/s, %s left; "
             "%.0f of %.0f instruments decided, %.0f failed, %.0f faults%s",
             status->n_units_done, status->n_units, floor(100.0 * status->share_done),
             status->units_per_s, span_text(status->left_s, left),
             status->n_calibrated + status->n_held + status->n_failed,
             status->n_instruments, status->n_failed, status->n_faults, slowest);
}

static void ended_line(const struct run_status *status, char *line, size_t size)
{
    char elapsed[SPAN_MAX];

    snprintf(line, size,
             "%.0f of %.0f instruments calibrated, %.0f held, %.0f failed; %.3g points "
             "in %s on %.0f rank%s (exit %lld)",
             status->n_calibrated, status->n_instruments, status->n_held,
             status->n_failed, status->n_points, span_text(status->elapsed_s, elapsed),
             status->n_ranks, status->n_ranks == 1.0 ? "" : "s",
             (long long)status->exit_code);
}

char *run_status_line(const struct run_status *status, char line[RUN_LINE_MAX])
{
    char what[RUN_LINE_MAX - 2 * RUN_NAME_MAX] = "";

    if (run_state_is_active(status->state))
        active_line(status, what, sizeof what);
    else if (status->state == RUN_DONE || status->state == RUN_INCOMPLETE)
        ended_line(status, what, sizeof what);
    else if (status->state == RUN_GONE)
        snprintf(what, sizeof what,
                 "its process %lld on %s is not there any more, %.0f of %.0f units "
                 "done; the same command goes on",
                 (long long)status->pid, status->host, status->n_units_done,
                 status->n_units);
    else
        snprintf(what, sizeof what, "%s (exit %lld)", status->error,
                 (long long)status->exit_code);
    const char *state = run_state_text(status->state);
    const bool says_it = strncmp(what, state, strlen(state)) == 0; /* "stopped by" */

    snprintf(line, RUN_LINE_MAX, "%s: %s%s%s", status->job, says_it ? "" : state,
             says_it ? "" : ": ", what);
    return line;
}

static void print_progress(const struct run_status *status, FILE *out)
{
    char span[SPAN_MAX];

    fprintf(out, "units       %.0f of %.0f", status->n_units_done, status->n_units);
    if (status->n_units_resumed > 0.0)
        fprintf(out, ", %.0f of them by earlier runs", status->n_units_resumed);
    fprintf(out, "; %.1f of 100 of the work\n", 100.0 * status->share_done);
    fprintf(out, "rate        %.3g units/s, %.3g points/s\n", status->units_per_s,
            status->points_per_s);
    if (run_state_is_active(status->state))
        fprintf(out, "time left   %s\n", span_text(status->left_s, span));
    fprintf(out,
            "decided     %.0f of %.0f instruments: %.0f calibrated, %.0f held, %.0f "
            "failed\nfaults      %.0f\n",
            status->n_calibrated + status->n_held + status->n_failed,
            status->n_instruments, status->n_calibrated, status->n_held,
            status->n_failed, status->n_faults);
    if (status->slowest_rank >= 0)
        fprintf(out, "slowest     rank %lld on %s: %.0f units, the last %s before\n",
                (long long)status->slowest_rank, status->slowest_host,
                status->slowest_units, span_text(status->slowest_silent_s, span));
}

void run_status_print(const struct run_status *status, int64_t now_ns, FILE *out)
{
    const double silent_s =
        (double)(now_ns - status->updated_ns) / (double)CLOCK_SECOND;
    char moment[CLOCK_TEXT_MAX], span[SPAN_MAX];

    fprintf(out, "job         %s%s%s\n", status->job,
            status->slurm_job[0] != '\0' ? ", Slurm job " : "", status->slurm_job);
    fprintf(out, "state       %s", run_state_text(status->state));
    if (status->state == RUN_GONE)
        fprintf(out,
                ": process %lld on %s is not there any more; the same command "
                "goes on",
                (long long)status->pid, status->host);
    else if (!run_state_is_active(status->state))
        fprintf(out, ", exit code %lld", (long long)status->exit_code);
    fprintf(
        out, "\nstarted     %s on %s, %.0f rank%s, %s ago\n",
        clock_moment_text(status->started_ns / CLOCK_SECOND * CLOCK_SECOND, moment),
        status->host, status->n_ranks, status->n_ranks == 1.0 ? "" : "s",
        span_text((double)(now_ns - status->started_ns) / (double)CLOCK_SECOND, span));
    fprintf(out, "last word   %s ago%s\n", span_text(fmax(silent_s, 0.0), span),
            run_state_is_active(status->state) && silent_s > 30.0
                ? ": it is late (rank 0 may be on a long unit)"
                : "");
    print_progress(status, out);
    if (status->error[0] != '\0')
        fprintf(out, "error       %s\n", status->error);
}
