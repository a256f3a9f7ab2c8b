#include "coordinator/job_bars.h"

#include <stdlib.h>
#include <string.h>

/* Is a better than b (NULL: none yet) for bars of so many ns? */
static bool is_better(const struct history_entry *a, const struct history_entry *b,
                      int64_t wanted_ns)
{
    if (b == NULL)
        return true;
    if (a->interval_ns <= wanted_ns && b->interval_ns <= wanted_ns)
        return a->interval_ns > b->interval_ns;
    return a->interval_ns < b->interval_ns;
}

const struct history_entry *job_bars_finer(const struct job *job,
                                           const struct history *history,
                                           const struct history_entry *entry)
{
    const struct study *study = job->plan.study;
    const int64_t wanted_ns =
        study->finer_ns != NULL ? study->finer_ns(&job->plan, entry->interval_ns) : 0;
    const struct history_entry *best = NULL;

    for (size_t i = 0; wanted_ns > 0 && i < history_count(history); i++) {
        const struct history_entry *other = history_entry(history, i);

        if (strcmp(other->instrument, entry->instrument) == 0 &&
            other->interval_ns < entry->interval_ns &&
            entry->interval_ns % other->interval_ns == 0 &&
            is_better(other, best, wanted_ns))
            best = other;
    }
    return best;
}

int job_bars_complete(const struct job *job, const struct history *history,
                      const struct history_entry *entry, struct bars *bars,
                      struct err *err)
{
    const struct history_entry *finer = job_bars_finer(job, history, entry);

    bars->instrument = entry->instrument;
    if (finer == NULL)
        return 0;
    bars->finer = calloc(1, sizeof *bars->finer);
    if (bars->finer == NULL)
        return err_set(err, ERR_MEMORY, "no memory for shorter bars");
    return history_read(history, finer, job->keys.from_ns, job->keys.to_ns, bars->finer,
                        err);
}

int job_bars_read(const struct job *job, const struct history *history,
                  const struct history_entry *entry, struct bars *bars, struct err *err)
{
    if (history_read(history, entry, job->keys.from_ns, job->keys.to_ns, bars, err) !=
        0)
        return -1;
    if (job_bars_complete(job, history, entry, bars, err) == 0)
        return 0;
    bars_free(bars);
    return -1;
}
