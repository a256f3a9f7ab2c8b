#include "worker/margin_inside.h"
#include "worker/stress_margin.h"
#include "worker/walk.h"

#include <math.h>
#include <string.h>

static void judge_range(struct margin_work *work, struct range range, double *figure)
{
    struct tally tally = {.n_phases = work->plan->series.horizon_bars,
                          .phase = work->phase,
                          .preferences = plan_preferences(work->plan)};

    walk_tally(&work->series, range, work->margin, &tally);
    for (size_t i = 0; i < MARGIN_TALLIED; i++)
        figure[i] = margin_metrics[i].of(&tally, work->plan->confidence);
}

static int backtest_ranges(struct margin_work *work, double *figure[JUDGED_RANGES],
                           struct err *err)
{
    for (int r = 0; r < JUDGED_RANGES; r++)
        if ((r != JUDGED_TEST || plan_has_test(work->plan)) &&
            margin_backtests(&work->series, work->range[r], work->margin,
                             &work->backtests, figure[r] + MARGIN_BACKTESTED, err) != 0)
            return -1;
    return 0;
}

static int take_path(struct margin_work *work, const struct sweep_rules *rules,
                     const double *value, struct err *err)
{
    const size_t n_bytes = path_n_axes(rules->path) * sizeof *value;

    if (!work->has_path || memcmp(value, work->path_value, n_bytes) != 0) {
        work->has_path = false;
        if (sweep_stages(rules, value, &work->path, &work->fits, err) != 0)
            return -1;
        memcpy(work->path_value, value, n_bytes);
        work->has_path = true;
    }
    return sweep_path(rules, value, &work->path, work->scaled, work->in_use, err);
}

/* Both ranges, or nothing of the second where nothing was held out. */
static void judge_ranges(struct margin_work *work, double *figure[JUDGED_RANGES],
                         void (*judge)(struct margin_work *, struct range, double *))
{
    judge(work, work->range[JUDGED_TRAINING], figure[JUDGED_TRAINING]);
    if (plan_has_test(work->plan))
        judge(work, work->range[JUDGED_TEST], figure[JUDGED_TEST]);
}

/* The margins stand without buffer and steadying: what did those change? */
static void compare_range(struct margin_work *work, struct range range, double *figure)
{
    static const char *const same[] = {"peak_to_trough", "rise_1d", "rise_5d",
                                       "rise_20d", "rise_30d"};
    double before[MARGIN_TALLIED];

    judge_range(work, range, before);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        figure[MARGIN_PEAK_BEFORE + i] =
            before[metric_find(MARGIN_METRICS, margin_metrics, same[i]) -
                   margin_metrics];
    const size_t mean =
        (size_t)(metric_find(MARGIN_METRICS, margin_metrics, "mean_margin") -
                 margin_metrics);
    figure[MARGIN_COST] = figure[mean] / before[mean] - 1.0;
}

/* Margins of one point over s; the policy on top of it, or what is left of it without
 * buffer. */
static void follow_margin(struct margin_work *work, const double *on_top, bool bare)
{
    struct policy policy = margin_policy(on_top);

    policy.buffer = bare ? 0.0 : policy.buffer;
    walk_margin(&work->series, &policy, work->scaled, work->in_use, work->margin);
}

/* Is there anything that keeps the margin from following the market? */
static bool is_damped(const struct path_models *models, const double *value)
{
    const size_t on = path_n_axes(models);

    return value[on + AXIS_BUFFER] > 0.0 ||
           (models->is_steadied && steady_is_on(value + on - STEADY_AXES));
}

static int compare(struct margin_work *work, const struct sweep_rules *rules,
                   const double *value, struct verdict *verdict, struct err *err)
{
    struct path_stages bare = work->path;

    bare.steadied = bare.tail;
    if (sweep_path(rules, value, &bare, work->scaled, work->in_use, err) != 0)
        return -1;
    follow_margin(work, value + path_n_axes(rules->path), true);
    judge_ranges(work, verdict->figure, compare_range);
    return 0;
}

/* Of the margins that were followed, on the bad days. */
static int judge_stress(struct margin_work *work, struct stress_table *table,
                        struct err *err)
{
    const struct stress_rules *rules = &work->plan->stress;
    const size_t last = work->series.n - 1;
    const double bars_a_day = 86400e9 / (double)work->series.interval_ns;
    const struct stress_margin_point point = {
        .series = &work->series,
        .span = work->span,
        .margin = work->margin,
        .sigma = sqrt(work->path.volatility[last] * bars_a_day)};

    if (!rules->is_on || table->at_ns == NULL)
        return 0;
    if (!work->has_spans &&
        stress_find_spans(rules, &work->series, work->span, err) != 0)
        return -1;
    work->has_spans = true;
    stress_margin(rules, &point, table);
    return 0;
}

int margin_judge(void *of, const double *value, struct verdict *verdict,
                 struct err *err)
{
    struct margin_work *work = of;
    const struct plan *plan = work->plan;
    const struct sweep_rules rules = margin_rules(work);

    if (take_path(work, &rules, value, err) != 0)
        return -1;
    for (int r = 0; r < JUDGED_RANGES; r++)
        for (size_t i = 0; i < MARGIN_METRICS; i++)
            verdict->figure[r][i] = NAN;
    follow_margin(work, value + path_n_axes(&plan->path), false);
    judge_ranges(work, verdict->figure, judge_range);
    if (backtest_ranges(work, verdict->figure, err) != 0)
        return -1;
    verdict->fits = work->fits;
    verdict->last = work->margin[work->series.n - 1];
    verdict->as_of_ns = work->series.time[work->series.n - 1];
    if (judge_stress(work, &verdict->stress, err) != 0)
        return -1;
    return is_damped(&plan->path, value) ? compare(work, &rules, value, verdict, err)
                                         : 0;
}

/* The tick loss of a bar's margin (scores.h), taken for the VaR of its loss. */
int margin_scores(void *of, const double *value, enum judged range, double score[],
                  struct err *err)
{
    struct margin_work *work = of;
    const struct range bars = work->range[range];
    const struct sweep_rules rules = margin_rules(work);
    const double p = 1.0 - work->plan->confidence;

    if (take_path(work, &rules, value, err) != 0)
        return -1;
    follow_margin(work, value + path_n_axes(&work->plan->path), false);
    for (size_t t = bars.first; t < bars.end; t++) {
        const double beyond = work->series.loss[t] - work->margin[t];

        score[t - bars.first] = series_is_scored(&work->series, bars, t)
                                    ? ((beyond > 0.0) - p) * beyond
                                    : (double)NAN;
    }
    return 0;
}
