#include "coordinator/probe.h"
#include "coordinator/job_bars.h"

#include <math.h>
#include <stdlib.h>

struct probe {
    const struct plan *plan;
    struct bars bars;
    void *work;
};

int probe_new(const struct job *job, const struct history *history,
              const struct history_entry *entry, struct probe **out, struct err *err)
{
    struct probe *probe = calloc(1, sizeof *probe);

    if (probe == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a probe");
    probe->plan = &job->plan;
    if (job_bars_read(job, history, entry, &probe->bars, err) != 0 ||
        probe->plan->study->prepare(probe->plan, &probe->bars, &probe->work, err) !=
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
        probe->plan->study->release(probe->work);
    bars_free(&probe->bars);
    free(probe);
}

int probe_judge(struct probe *probe, const double value[], struct verdict *verdict,
                struct err *err)
{
    return probe->plan->study->judge(probe->work, value, verdict, err);
}

int probe_find_metrics(const struct plan *plan, size_t n, const char *const name[],
                       size_t n_max, const struct metric *metric[], size_t *n_found,
                       struct err *err)
{
    const struct study *study = plan->study;

    *n_found = 0;
    for (size_t m = 0; m < n; m++) {
        metric[m] = metric_find(study->n_metrics, study->metrics, name[m]);
        if (metric[m] == NULL)
            return err_set(err, ERR_USAGE,
                           "--metric: %s is not a metric of the %s study (`plimsoll "
                           "help metrics` lists them)",
                           name[m], study->name);
        (*n_found)++;
    }
    if (n > 0)
        return 0;
    metric[(*n_found)++] = plan->objective;
    for (size_t c = 0; c < plan->n_constraints && *n_found < n_max; c++)
        metric[(*n_found)++] = plan->constraint[c].metric;
    return 0;
}

int probe_figures_at(struct probe *probe, const double value[], struct verdict *verdict,
                     const struct probe_figures *figures, struct err *refusal,
                     struct err *err)
{
    const struct metric *first = probe->plan->study->metrics;

    *refusal = (struct err){0};
    if (probe_judge(probe, value, verdict, refusal) != 0 &&
        refusal->kind != ERR_INPUT) {
        *err = *refusal;
        return -1;
    }
    for (size_t m = 0; m < figures->n; m++)
        figures->out[m * figures->stride] =
            refusal->kind == ERR_NONE
                ? verdict->figure[JUDGED_TRAINING][figures->metric[m] - first]
                : (double)NAN;
    return 0;
}
