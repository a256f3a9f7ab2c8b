#include "coordinator/stage.h"

static bool is_enough(const struct stage_rule *rule, const struct stage_count *count)
{
    const double wanted = rule->share * (double)count->n_present;

    if ((int64_t)count->n_acknowledged < rule->n_acknowledged)
        return false;
    if (rule->share > 0.0 && count->n_present == 0)
        return false;
    return (double)count->n_acknowledged >= wanted * (1.0 - 1e-12); /* 0.7 of 10 */
}

bool stage_is_shown(const struct stage_rule *rule, const struct stage_count *count,
                    int64_t now_ns, struct stage *stage)
{
    if (rule->by_hand || !is_enough(rule, count)) {
        stage->since_ns = 0;
        return false;
    }
    if (stage->since_ns == 0)
        stage->since_ns = now_ns;
    return now_ns - stage->since_ns >= rule->for_ns;
}

struct stage stage_next(const struct stage *stage, size_t n_groups)
{
    const int last = (int)n_groups - 1;

    return (struct stage){.group = stage->group < last ? stage->group + 1 : last};
}
