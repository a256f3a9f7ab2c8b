#include "worker/plan.h"

#include <math.h>

static size_t training_end(const struct plan *plan, size_t n_bars)
{
    return n_bars - (size_t)floor(plan->holdout * (double)n_bars);
}

bool plan_has_test(const struct plan *plan)
{
    return plan->has_ranges ? plan->test.end > plan->test.first : plan->holdout > 0.0;
}

struct range plan_training(const struct plan *plan, size_t n_bars)
{
    if (plan->has_ranges)
        return plan->training;
    return (struct range){plan->series.warmup_bars, training_end(plan, n_bars)};
}

struct range plan_test(const struct plan *plan, size_t n_bars)
{
    if (plan->has_ranges)
        return plan->test;
    const size_t after = training_end(plan, n_bars) + plan->embargo_bars;
    const size_t warmup = plan->series.warmup_bars;
    const size_t first = after > warmup ? after : warmup;

    return (struct range){first < n_bars ? first : n_bars, n_bars};
}
