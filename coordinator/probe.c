#include "coordinator/probe.h"

#include <stdlib.h>
#include <string.h>

/* A study judges points of its plan's grid: here one of a single point, whose values
 * change from one call to the next. */
struct probe {
    struct plan plan;
    double value[AXES_MAX];
    struct bars bars;
    void *work;
};

static void make_grid(struct probe *probe)
{
    struct grid *grid = &probe->plan.grid;

    for (size_t a = 0; a < grid->n_axes; a++) {
        probe->value[a] = grid->axis[a].value[0];
        grid->axis[a].n = 1;
        grid->axis[a].value = &probe->value[a];
    }
}

int probe_new(const struct job *job, const struct history *history,
              const struct history_entry *entry, struct probe **out, struct err *err)
{
    struct probe *probe = calloc(1, sizeof *probe);

    if (probe == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a probe");
    probe->plan = job->plan;
    make_grid(probe);
    if (history_read(history, entry, job->keys.from_ns, job->keys.to_ns, &probe->bars,
                     err) != 0 ||
        probe->plan.study->prepare(&probe->plan, &probe->bars, &probe->work, err) !=
            0) {
        probe_free(probe);
        return -1;
    }
    *out = probe;
    return 0;
}

void probe_free(struct probe *probe)
{
    if (probe == NULL)
        return;
    if (probe->work != NULL)
        probe->plan.study->release(probe->work);
    bars_free(&probe->bars);
    free(probe);
}

int probe_judge(struct probe *probe, const double value[], struct verdict *verdict,
                struct err *err)
{
    memcpy(probe->value, value, probe->plan.grid.n_axes * sizeof *value);
    return probe->plan.study->judge(probe->work, 0, verdict, err);
}
