#include "coordinator/probe.h"
#include "coordinator/job_bars.h"

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
