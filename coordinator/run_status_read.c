#include "client/members.h"
#include "coordinator/run_status.h"
#include "coordinator/run_status_table.h"
#include "core/clock.h"
#include "core/file.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_FILE_MAX = 1 << 16 };

int64_t run_status_start_ticks(const char *stat)
{
    enum { FIELD_STATE = 3, FIELD_START = 22 }; /* proc(5) */
    const char *at = strrchr(stat, ')');

    for (int field = FIELD_STATE - 1; at != NULL && field < FIELD_START; field++) {
        at = strchr(at, ' ');
        at = at != NULL ? at + 1 : NULL;
    }
    return at != NULL ? strtoll(at, NULL, 10) : 0;
}

/* Is there a process of this number that began when ours did?  A zombie is none. */
static bool is_alive(int64_t pid, int64_t pid_start)
{
    char path[64], stat[512] = "";

    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return errno != ENOENT;
    const bool there = fgets(stat, sizeof stat, file) != NULL;
    fclose(file);
    const char *name_end = strrchr(stat, ')');
    if (!there || name_end == NULL || strncmp(name_end, ") Z", 3) == 0)
        return false;
    return pid_start == 0 || run_status_start_ticks(stat) == pid_start;
}

/* From another host only the silence can be seen. */
static bool is_gone(const struct run_status *status)
{
    static const int64_t SILENT_NS = 600 * CLOCK_SECOND;
    char host[RUN_NAME_MAX] = "";

    gethostname(host, sizeof host - 1);
    if (strcmp(host, status->host) == 0)
        return !is_alive(status->pid, status->pid_start);
    return clock_now() - status->updated_ns > SILENT_NS;
}

static int get_text(const json_t *tree, const char *name, char *out, size_t size,
                    struct err *err)
{
    const char *text;

    if (member_text(tree, name, &text, err) != 0)
        return -1;
    snprintf(out, size, "%s", text);
    return 0;
}

static int get_state(const json_t *tree, struct run_status *status, struct err *err)
{
    const json_t *exit_code = json_object_get(tree, "exit_code");
    const char *text;

    if (member_text(tree, "state", &text, err) != 0)
        return -1;
    int state = 0;
    while (state < RUN_STATES && strcmp(text, run_state_text((enum run_state)state)))
        state++;
    if (state == RUN_STATES)
        return err_set(err, ERR_INPUT, "state: '%.40s' is none", text);
    status->state = (enum run_state)state;
    if (json_is_integer(exit_code))
        status->exit_code = json_integer_value(exit_code);
    return 0;
}

static int get_figures(const json_t *tree, struct run_status *status, struct err *err)
{
    for (const struct run_figure *row = run_figures; row->name != NULL; row++) {
        const json_t *value = json_object_get(tree, row->name);
        double *into = (double *)(void *)((char *)status + row->offset);

        if (!json_is_number(value) && !json_is_null(value))
            return err_set(err, ERR_INPUT, "%s: is not a number", row->name);
        *into = json_is_null(value) ? NAN : json_number_value(value);
    }
    return 0;
}

static int get_all(const json_t *tree, struct run_status *status, struct err *err)
{
    const char *schema;

    if (member_text(tree, "schema", &schema, err) != 0)
        return -1;
    if (strcmp(schema, "plimsoll-status") != 0)
        return err_set(err, ERR_INPUT, "schema: is not plimsoll-status");
    if (get_state(tree, status, err) != 0 ||
        get_text(tree, "error", status->error, sizeof status->error, err) != 0 ||
        get_text(tree, "job", status->job, sizeof status->job, err) != 0 ||
        get_text(tree, "program", status->program, sizeof status->program, err) != 0 ||
        get_text(tree, "host", status->host, sizeof status->host, err) != 0 ||
        get_text(tree, "slurm_job", status->slurm_job, sizeof status->slurm_job, err) !=
            0 ||
        get_text(tree, "slowest_host", status->slowest_host,
                 sizeof status->slowest_host, err) != 0 ||
        member_integer(tree, "pid", 1, INT64_MAX, &status->pid, err) != 0 ||
        member_integer(tree, "pid_start", 0, INT64_MAX, &status->pid_start, err) != 0 ||
        member_integer(tree, "slowest_rank", -1, INT32_MAX, &status->slowest_rank,
                       err) != 0 ||
        member_moment(tree, "started", &status->started_ns, err) != 0 ||
        member_moment(tree, "updated", &status->updated_ns, err) != 0)
        return -1;
    return get_figures(tree, status, err);
}

static int find_file(const char *path, char file[FILE_PATH_MAX], struct err *err)
{
    struct stat there;

    if (stat(path, &there) != 0)
        return err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
    if (S_ISDIR(there.st_mode))
        return file_join(path, RUN_STATUS_NAME, file, err);
    return snprintf(file, FILE_PATH_MAX, "%s", path) < FILE_PATH_MAX
               ? 0
               : err_set(err, ERR_INPUT, "%.60s...: the path is too long", path);
}

int run_status_read(const char *path, struct run_status *out, struct err *err)
{
    struct run_status status = {0};
    char file[FILE_PATH_MAX];
    json_t *tree;
    size_t n_bytes;
    char *bytes;

    if (find_file(path, file, err) != 0 ||
        file_read(file, STATUS_FILE_MAX, &bytes, &n_bytes, err) != 0)
        return -1;
    int failed = members_parse(bytes, n_bytes, &tree, err);
    free(bytes);
    if (failed == 0) {
        failed = get_all(tree, &status, err);
        json_decref(tree);
    }
    if (failed != 0)
        return err_add(err, "%s", file);
    if (run_state_is_active(status.state) && is_gone(&status))
        status.state = RUN_GONE;
    *out = status;
    return 0;
}
