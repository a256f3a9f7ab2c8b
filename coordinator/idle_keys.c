#include "coordinator/idle_keys.h"
#include "core/log.h"
#include "core/text.h"

#include <string.h>

static bool has_bars(const struct job *job, const struct universe *universe,
                     const struct stress_period *period)
{
    for (size_t i = 0; i < universe->n; i++) {
        const struct history_entry *entry = universe->entry[i];

        if (entry->first_ns < period->to_ns && entry->last_ns >= period->from_ns &&
            job->keys.from_ns < period->to_ns && job->keys.to_ns > period->from_ns)
            return true;
    }
    return false;
}

static bool takes_any(const struct universe *universe, const char *pattern)
{
    for (size_t i = 0; i < universe->n; i++)
        if (text_matches(pattern, universe->entry[i]->instrument))
            return true;
    return false;
}

static void tell_groups(const struct conf_named *groups,
                        const struct universe *universe)
{
    for (size_t g = 0; g < groups->n; g++)
        for (size_t i = 0; i < groups->texts[g].n; i++) {
            const char *pattern = groups->texts[g].text[i];

            if (strcmp(pattern, "rest") != 0 && !takes_any(universe, pattern))
                log_line("idle", "key=groups.%s value=\"%s\" why=\"no instrument\"",
                         groups->name[g], pattern);
        }
}

void idle_keys_tell(const struct job *job, const struct universe *universe)
{
    const struct steady_rule *steady = &job->plan.path.steady;
    const struct conf_named *weights = &job->keys.weights;

    for (size_t i = 0; i < steady->n_periods; i++)
        if (!has_bars(job, universe, &steady->period[i]))
            log_line("idle", "key=stress.periods value=\"%s\" why=\"no bar\"",
                     job->keys.stress_periods.text[i]);
    for (size_t i = 0; i < weights->n; i++)
        if (!takes_any(universe, weights->name[i]))
            log_line("idle", "key=weights value=\"%s\" why=\"no instrument\"",
                     weights->name[i]);
    tell_groups(&job->keys.groups, universe);
}
