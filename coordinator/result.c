#include "coordinator/result.h"

size_t result_count(const struct result *result, enum status status)
{
    size_t n = 0;

    for (size_t i = 0; i < result->universe->n; i++)
        n += result->outcome[i].status == status;
    return n;
}

int64_t result_as_of(const struct job *job, const struct outcome *outcome)
{
    if (outcome->n_judged > 0)
        return outcome->verdict[0].as_of_ns;
    return outcome->entry->last_ns < job->keys.to_ns ? outcome->entry->last_ns
                                                     : job->keys.to_ns;
}

const char *result_program(void)
{
    return "plimsoll " PLIMSOLL_VERSION;
}
