#include "coordinator/run_status.h"
#include "coordinator/exposition.h"
#include "coordinator/result.h"
#include "coordinator/run_status_table.h"
#include "core/clock.h"
#include "core/json.h"
#include "core/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIELD(name) offsetof(struct run_status, name)

const struct run_figure run_figures[] = {
    {"ranks", FIELD(n_ranks), "plimsoll_ranks", "gauge", NULL, "ranks of the run"},
    {"elapsed_s", FIELD(elapsed_s), "plimsoll_elapsed_seconds", "gauge", NULL,
     "since the run began"},
    {"left_s", FIELD(left_s), "plimsoll_left_seconds", "gauge", NULL,
     "until the search ends, by the work done so far"},
    {"units", FIELD(n_units), "plimsoll_units", "gauge", NULL, "units of the job"},
    {"units_done", FIELD(n_units_done), "plimsoll_units_done", "gauge", NULL,
     "units answered, by earlier runs too"},
    {"units_resumed", FIELD(n_units_resumed), "plimsoll_units_resumed", "gauge", NULL,
     "units that earlier runs had answered"},
    {"units_per_s", FIELD(units_per_s), "plimsoll_units_per_second", "gauge", NULL,
     "units answered a second in this run"},
    {"points", FIELD(n_points), "plimsoll_points", "gauge", NULL,
     "grid points scored, by earlier runs too"},
    {"points_per_s", FIELD(points_per_s), "plimsoll_points_per_second", "gauge", NULL,
     "grid points scored a second in this run"},
    {"share_done", FIELD(share_done), "plimsoll_work_done_ratio", "gauge", NULL,
     "share of the work done, by the cost model"},
    {"instruments", FIELD(n_instruments), "plimsoll_instruments", "gauge", NULL,
     "instruments of the job"},
    {"calibrated", FIELD(n_calibrated), "plimsoll_instruments_decided", "gauge",
     "status=\"calibrated\"", "instruments that have their outcome"},
    {"held", FIELD(n_held), "plimsoll_instruments_decided", "gauge", "status=\"held\"",
     NULL},
    {"failed", FIELD(n_failed), "plimsoll_instruments_decided", "gauge",
     "status=\"failed\"", NULL},
    {"faults", FIELD(n_faults), "plimsoll_faults", "gauge", NULL,
     "units that went wrong and were tried again or given up"},
    {"slowest_units", FIELD(slowest_units), NULL, NULL, NULL, NULL},
    {"slowest_silent_s", FIELD(slowest_silent_s), "plimsoll_slowest_silent_seconds",
     "gauge", NULL, "since the last answer of the rank that has done the least work"},
    {NULL, 0, NULL, NULL, NULL, NULL},
};

const char *run_state_text(enum run_state state)
{
    static const char *const text[RUN_STATES] = {
        [RUN_RUNNING] = "running",       [RUN_STOPPING] = "stopping",
        [RUN_WRITING] = "writing",       [RUN_DONE] = "done",
        [RUN_INCOMPLETE] = "incomplete", [RUN_STOPPED] = "stopped",
        [RUN_FAILED] = "failed",         [RUN_GONE] = "gone"};

    return text[state];
}

bool run_state_is_active(enum run_state state)
{
    return state == RUN_RUNNING || state == RUN_STOPPING || state == RUN_WRITING;
}

void run_status_sign(struct run_status *status)
{
    const char *slurm_job = getenv("SLURM_JOB_ID");
    char stat[512] = "";
    FILE *file = fopen("/proc/self/stat", "r");

    snprintf(status->program, sizeof status->program, "%s", result_program());
    gethostname(status->host, sizeof status->host - 1);
    snprintf(status->slurm_job, sizeof status->slurm_job, "%s",
             slurm_job != NULL ? slurm_job : "");
    status->pid = getpid();
    if (file == NULL)
        return;
    if (fgets(stat, sizeof stat, file) != NULL)
        status->pid_start = run_status_start_ticks(stat);
    fclose(file);
}

/* A message as a JSON reader takes it: no control characters. */
static void put_plain(struct json *json, const char *name, const char *text)
{
    char plain[ERR_TEXT_MAX];

    snprintf(plain, sizeof plain, "%s", text);
    for (char *c = plain; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    json_put_text(json, name, plain);
}

static void put_moment(struct json *json, const char *name, int64_t moment_ns)
{
    char text[CLOCK_TEXT_MAX];

    json_put_text(json, name, clock_moment_text(moment_ns, text));
}

int run_status_make(const struct run_status *status, char **bytes, size_t *n_bytes,
                    struct err *err)
{
    struct json json;
    char line[RUN_LINE_MAX];

    json_start(&json, 2);
    json_put_object(&json, NULL);
    json_put_text(&json, "schema", "plimsoll-status");
    json_put_integer(&json, "schema_version", 1);
    json_put_text(&json, "state", run_state_text(status->state));
    if (run_state_is_active(status->state) || status->state == RUN_GONE)
        json_put_null(&json, "exit_code");
    else
        json_put_integer(&json, "exit_code", status->exit_code);
    put_plain(&json, "error", status->error);
    put_plain(&json, "line", run_status_line(status, line));
    put_plain(&json, "job", status->job);
    json_put_text(&json, "program", status->program);
    json_put_text(&json, "host", status->host);
    json_put_integer(&json, "pid", status->pid);
    json_put_integer(&json, "pid_start", status->pid_start);
    put_plain(&json, "slurm_job", status->slurm_job);
    put_moment(&json, "started", status->started_ns);
    put_moment(&json, "updated", status->updated_ns);
    json_put_integer(&json, "slowest_rank", status->slowest_rank);
    json_put_text(&json, "slowest_host", status->slowest_host);
    for (const struct run_figure *row = run_figures; row->name != NULL; row++)
        json_put_real(&json, row->name, run_figure_of(status, row));
    json_end(&json);
    return json_finish(&json, bytes, n_bytes, err);
}

/* ---- Prometheus ---- */

static void put_sample(FILE *out, const struct run_status *status, const char *name,
                       const char *labels, double value)
{
    char text[TEXT_REAL_MAX];

    fprintf(out, "%s{", name);
    exposition_label(out, "job_name", status->job);
    if (labels != NULL)
        fprintf(out, ",%s", labels);
    fprintf(out, "} %s\n", isnan(value) ? "NaN" : text_from_real(value, text));
}

static void put_states(FILE *out, const struct run_status *status)
{
    char label[64];

    exposition_head(out, "plimsoll_state", "gauge", "1 for the state the run is in");
    for (int state = 0; state < RUN_GONE; state++) {
        snprintf(label, sizeof label, "state=\"%s\"",
                 run_state_text((enum run_state)state));
        put_sample(out, status, "plimsoll_state", label, state == (int)status->state);
    }
}

static void put_info(FILE *out, const struct run_status *status)
{
    exposition_head(out, "plimsoll_run_info", "gauge", "who runs, always 1");
    fputs("plimsoll_run_info{", out);
    exposition_label(out, "job_name", status->job);
    fputc(',', out);
    exposition_label(out, "program", status->program);
    fputc(',', out);
    exposition_label(out, "host", status->host);
    fputc(',', out);
    exposition_label(out, "slurm_job", status->slurm_job);
    fputc(',', out);
    exposition_label(out, "slowest_host", status->slowest_host);
    fputs("} 1\n", out);
}

static void put_all(FILE *out, const struct run_status *status)
{
    put_info(out, status);
    put_states(out, status);
    for (const struct run_figure *row = run_figures; row->name != NULL; row++) {
        if (row->prometheus == NULL)
            continue;
        if (row->meaning != NULL)
            exposition_head(out, row->prometheus, row->type, row->meaning);
        put_sample(out, status, row->prometheus, row->labels,
                   run_figure_of(status, row));
    }
    exposition_head(out, "plimsoll_slowest_rank", "gauge",
                    "the rank that has done the least work, -1: not known");
    put_sample(out, status, "plimsoll_slowest_rank", NULL,
               (double)status->slowest_rank);
    exposition_head(
        out, "plimsoll_updated_timestamp_seconds", "gauge",
        "when this was written: a run that is active and silent is in trouble");
    put_sample(out, status, "plimsoll_updated_timestamp_seconds", NULL,
               floor((double)status->updated_ns / (double)CLOCK_SECOND));
    if (run_state_is_active(status->state))
        return;
    exposition_head(out, "plimsoll_exit_code", "gauge", "how the run ended");
    put_sample(out, status, "plimsoll_exit_code", NULL, (double)status->exit_code);
}

int run_status_make_prometheus(const struct run_status *status, char **bytes,
                               size_t *n_bytes, struct err *err)
{
    FILE *out = open_memstream(bytes, n_bytes);

    if (out == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the Prometheus file");
    put_all(out, status);
    const bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return 0;
    free(*bytes);
    return err_set(err, ERR_MEMORY, "no memory for the Prometheus file");
}
