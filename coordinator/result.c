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

struct result_balance result_balance(const struct result *result)
{
    struct result_balance balance = {0};
    double busy_s = 0.0, most_s = 0.0, elapsed_s = 0.0;

    for (int rank = 0; rank < result->n_ranks; rank++) {
        const struct schedule_share *share = &result->share[rank];

        balance.n_units += share->n_units;
        busy_s += share->busy_s;
        elapsed_s += share->elapsed_s;
        most_s = share->busy_s > most_s ? share->busy_s : most_s;
    }
    if (busy_s > 0.0)
        balance.imbalance = most_s * result->n_ranks / busy_s - 1.0;
    if (elapsed_s > 0.0)
        balance.utilisation = busy_s / elapsed_s;
    if (result->share[0].elapsed_s > 0.0)
        balance.coordinator_load =
            result->share[0].serving_s / result->share[0].elapsed_s;
    return balance;
}
