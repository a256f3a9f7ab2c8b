#include "worker/steady.h"

#include "core/arith.h"
#include "worker/rolling_quantile.h"

#include <math.h>
#include <stdlib.h>

const struct axis_rule steady_axes[STEADY_AXES] = {
    [STEADY_STRESS_WEIGHT] = {.name = "stress_weight",
                              .unit = "share",
                              .meaning = "steadying: weight of the stress level",
                              .min = 0.0,
                              .max = 1.0,
                              .preset = "[0]"},
    [STEADY_STRESS_FLOOR] = {.name = "stress_floor",
                             .unit = "of the stress level",
                             .meaning = "steadying: floor from the stress periods",
                             .min = 0.0,
                             .max = 10.0,
                             .preset = "[0]"},
    [STEADY_LONG_RUN_FLOOR] = {.name = "long_run_floor",
                               .unit = "of the long-run level",
                               .meaning = "steadying: floor from a long lookback",
                               .min = 0.0,
                               .max = 10.0,
                               .preset = "[0]"},
    [STEADY_DAILY_STEP] = {.name = "daily_step",
                           .unit = "share a day",
                           .meaning = "steadying: largest change up or down; 0: any",
                           .min = 0.0,
                           .max = 100.0,
                           .preset = "[0]"},
};

struct steady_room {
    struct ranks ranks;
    double *level;  /* y, [n]                                   */
    double *stress; /* S, [n]; NaN while no stress bar is known */
};

bool steady_is_on(const double value[STEADY_AXES])
{
    for (int a = 0; a < STEADY_AXES; a++)
        if (value[a] != 0.0)
            return true;
    return false;
}

int steady_room_new(size_t n_bars, struct steady_room **out, struct err *err)
{
    struct steady_room *room = calloc(1, sizeof *room);

    if (room == NULL || (room->level = calloc(2 * n_bars, sizeof(double))) == NULL) {
        free(room);
        return err_set(err, ERR_MEMORY, "no memory to steady %zu bars", n_bars);
    }
    room->stress = room->level + n_bars;
    if (ranks_new(n_bars, &room->ranks, err) != 0) {
        steady_room_free(room);
        return -1;
    }
    *out = room;
    return 0;
}

void steady_room_free(struct steady_room *room)
{
    if (room == NULL)
        return;
    ranks_free(&room->ranks);
    free(room->level);
    free(room);
}

static bool is_stress(const struct steady_rule *rule, int64_t time)
{
    for (size_t i = 0; i < rule->n_periods; i++)
        if (time >= rule->period[i].from_ns && time < rule->period[i].to_ns)
            return true;
    return rule->n_periods == 0;
}

/* S[t], over a window that no bar leaves. */
static void fill_stress(const struct series *series, const struct steady_rule *rule,
                        struct steady_room *room)
{
    for (size_t t = 0; t < series->n; t++)
        room->stress[t] =
            t >= series->rules.warmup_bars && is_stress(rule, series->time[t])
                ? room->level[t]
                : (double)NAN;
    ranks_of(&room->ranks, series->n, room->stress);
    rolling_quantiles(&room->ranks, series->n, 1, 1, &rule->anchor, room->stress);
}

/* z[t] of one bar. */
static double bounded_below(const double value[STEADY_AXES], double y, double stress,
                            double long_run)
{
    const double w = value[STEADY_STRESS_WEIGHT];
    double z = y;

    if (!isnan(stress)) {
        z = (1.0 - w) * y + w * stress;
        z = fmax(z, value[STEADY_STRESS_FLOOR] * stress);
    }
    return fmax(z, value[STEADY_LONG_RUN_FLOOR] * long_run);
}

/* Sums of y^2 in a window, exact enough to leave nothing behind: values as they were
 * put in are taken out of a sum with its rounding kept (Neumaier 1974). */
struct long_run {
    double sum, lost;
};

static void add(struct long_run *of, double x)
{
    const double sum = of->sum + x;

    of->lost += fabs(of->sum) >= fabs(x) ? (of->sum - sum) + x : (x - sum) + of->sum;
    of->sum = sum;
}

static void bound_below(const struct series *series, const struct steady_rule *rule,
                        const double value[STEADY_AXES], struct steady_room *room)
{
    const size_t warmup = series->rules.warmup_bars, window = rule->long_run_bars;
    const bool stressed =
        value[STEADY_STRESS_WEIGHT] > 0.0 || value[STEADY_STRESS_FLOOR] > 0.0;
    double *const y = room->level, *z = room->stress;
    struct long_run of = {0};

    if (stressed)
        fill_stress(series, rule, room);
    for (size_t t = warmup; t < series->n; t++) {
        const size_t n = t - warmup + 1 < window ? t - warmup + 1 : window;

        add(&of, y[t] * y[t]);
        if (t >= warmup + window)
            add(&of, -(y[t - window] * y[t - window]));
        const double mean = fmax(0.0, of.sum + of.lost) / (double)n;
        z[t] = bounded_below(value, y[t], stressed ? z[t] : (double)NAN, sqrt(mean));
    }
}

/* o[t] from z[t], in place. */
static void slow_down(const struct series *series, double step, size_t bars_a_day,
                      double *z)
{
    const double g = arith_exp(arith_log1p(step) / (double)bars_a_day);

    for (size_t t = series->rules.warmup_bars + 1; t < series->n; t++)
        if (z[t - 1] > 0.0)
            z[t] = fmin(fmax(z[t], z[t - 1] / g), z[t - 1] * g);
}

int steady_path(const struct series *series, const struct steady_rule *rule,
                const double value[STEADY_AXES], struct steady_room *room,
                double *variance, struct err *err)
{
    const size_t bars_a_day = series_bars_in_days(series, 1);

    if (!steady_is_on(value))
        return 0;
    if (value[STEADY_DAILY_STEP] > 0.0 && bars_a_day == 0)
        return err_set(err, ERR_INPUT,
                       "daily_step: a day is not a whole number of bars of %lld s",
                       (long long)(series->interval_ns / 1000000000));
    for (size_t t = 0; t < series->n; t++)
        room->level[t] = sqrt(variance[t]);
    bound_below(series, rule, value, room);
    if (value[STEADY_DAILY_STEP] > 0.0)
        slow_down(series, value[STEADY_DAILY_STEP], bars_a_day, room->stress);
    for (size_t t = series->rules.warmup_bars; t < series->n; t++)
        variance[t] = room->stress[t] * room->stress[t];
    return 0;
}
