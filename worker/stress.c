#include "worker/stress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUGH_DAYS = 7, SHOCKS = 4, REVERSES = 2 };

size_t stress_n_spans(const struct stress_rules *rules)
{
    return rules->is_on ? rules->n_windows + rules->n_found + 1 : 0;
}

size_t stress_n_rows(const struct stress_rules *rules)
{
    return rules->is_on ? stress_n_spans(rules) + SHOCKS + REVERSES : 0;
}

enum stress_kind stress_kind(const struct stress_rules *rules, size_t row)
{
    if (row < rules->n_windows)
        return STRESS_WINDOW;
    if (row < rules->n_windows + rules->n_found)
        return STRESS_WORST;
    return (enum stress_kind)(STRESS_ROUGH +
                              (int)(row - rules->n_windows - rules->n_found));
}

const char *stress_name(const struct stress_rules *rules, size_t row,
                        char text[STRESS_NAME_MAX])
{
    static const char *const name[] = {
        [STRESS_ROUGH] = "roughest",    [STRESS_ALL_AT_ONCE] = "correlation-break",
        [STRESS_DEPEG] = "de-peg",      [STRESS_THIN] = "thin-liquidity",
        [STRESS_LATE] = "late-feed",    [STRESS_FALL] = "reverse-fall",
        [STRESS_RISE] = "reverse-rise",
    };
    const enum stress_kind kind = stress_kind(rules, row);

    if (kind == STRESS_WINDOW)
        return rules->window[row].name;
    if (kind != STRESS_WORST)
        return name[kind];
    snprintf(text, STRESS_NAME_MAX, "worst-%zu", row - rules->n_windows + 1);
    return text;
}

/* ---- the bars of a span ---- */

static struct range window_of(const struct series *series,
                              const struct stress_window *window)
{
    const size_t warmup = series->rules.warmup_bars;
    const size_t first = bars_first_from(series->n, series->time, window->from_ns);
    const size_t end = bars_first_from(series->n, series->time, window->to_ns);

    return (struct range){first > warmup ? first : warmup, end > warmup ? end : warmup};
}

static size_t bars_a_day(const struct series *series)
{
    const int64_t day_ns = INT64_C(86400) * 1000000000;
    const int64_t n = day_ns / series->interval_ns;

    return n > 0 ? (size_t)n : 1;
}

/* Is t nearer than a day or a horizon to one of them? */
static bool is_near(const struct series *series, size_t t, size_t n,
                    const int64_t at_ns[])
{
    const size_t day = bars_a_day(series), h = series->rules.horizon_bars;
    const int64_t apart_ns = (int64_t)(day > h ? day : h) * series->interval_ns;

    for (size_t i = 0; i < n; i++)
        if (llabs(series->time[t] - at_ns[i]) < apart_ns)
            return true;
    return false;
}

static struct range at_bar(const struct series *series, size_t t)
{
    return (struct range){t, t < series->n ? t + 1 : t};
}

/* The largest losses over a horizon, the worst first; the first of equal ones. */
static void find_worst(const struct series *series, size_t n, struct range span[])
{
    int64_t at_ns[STRESS_FOUND_MAX];

    for (size_t i = 0; i < n; i++) {
        size_t worst = series->n;

        for (size_t t = series->rules.warmup_bars; t < series->n; t++)
            if (series->loss[t] > 0.0 &&
                (worst == series->n || series->loss[t] > series->loss[worst]) &&
                !is_near(series, t, i, at_ns))
                worst = t;
        span[i] = at_bar(series, worst);
        if (worst == series->n)
            return; /* the others are as empty */
        at_ns[i] = series->time[worst];
    }
}

/* The seven days, by number of bars, of the largest sum of squared returns. */
static int find_roughest(const struct series *series, struct range *span,
                         struct err *err)
{
    const size_t n = series->n, warmup = series->rules.warmup_bars;
    const size_t n_bars = ROUGH_DAYS * bars_a_day(series);
    double *sum = calloc(n + 1, sizeof *sum);
    double most = 0.0;

    *span = (struct range){n, n};
    if (sum == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n);
    for (size_t t = 0; t < n; t++)
        sum[t + 1] = sum[t] + (isnan(series->square[t]) ? 0.0 : series->square[t]);
    for (size_t t = warmup; t + n_bars <= n; t++)
        if (sum[t + n_bars] - sum[t] > most) {
            most = sum[t + n_bars] - sum[t];
            *span = (struct range){t, t + n_bars};
        }
    free(sum);
    return 0;
}

int stress_find_spans(const struct stress_rules *rules, const struct series *series,
                      struct range span[], struct err *err)
{
    if (!rules->is_on)
        return 0;
    for (size_t i = 0; i < rules->n_windows; i++)
        span[i] = window_of(series, &rules->window[i]);
    for (size_t i = 0; i < rules->n_found; i++)
        span[rules->n_windows + i] = (struct range){series->n, series->n};
    find_worst(series, rules->n_found, span + rules->n_windows);
    return find_roughest(series, &span[rules->n_windows + rules->n_found], err);
}

void stress_find_shortfalls(const struct series *series, const double *margin,
                            struct stress_shortfall shortfall[STRESS_SHORTFALLS])
{
    int64_t at_ns[STRESS_SHORTFALLS];

    for (size_t i = 0; i < STRESS_SHORTFALLS; i++)
        shortfall[i] = (struct stress_shortfall){0};
    for (size_t i = 0; i < STRESS_SHORTFALLS; i++) {
        for (size_t t = series->rules.warmup_bars; t < series->n; t++)
            if (series->loss[t] - margin[t] > shortfall[i].beyond &&
                !is_near(series, t, i, at_ns))
                shortfall[i] = (struct stress_shortfall){series->time[t],
                                                         series->loss[t] - margin[t]};
        at_ns[i] = shortfall[i].at_ns;
        if (!(shortfall[i].beyond > 0.0))
            return;
    }
}

/* ---- limits ---- */

static int describe(const char *name, const char *figure, double value,
                    const struct stress_limit *limit, char *text, size_t size)
{
    if (value < limit->min)
        snprintf(text, size, "in %s, %s %.6g is below %g", name, figure, value,
                 limit->min);
    else if (value > limit->max)
        snprintf(text, size, "in %s, %s %.6g is above %g", name, figure, value,
                 limit->max);
    else
        return -1;
    return 0;
}

int stress_row_breach(size_t n, const struct stress_limit limits[], const char *name,
                      const struct stress_figure figures[], const double *figure,
                      char *text, size_t size)
{
    for (size_t l = 0; l < n; l++)
        if (describe(name, figures[limits[l].figure].name, figure[limits[l].figure],
                     &limits[l], text, size) == 0)
            return 0;
    return -1;
}

int stress_breach(const struct stress_rules *rules, size_t n_figures,
                  const struct stress_figure figures[],
                  const struct stress_table *table, char *text, size_t size)
{
    const struct stress_limit least = {0, rules->min_reverse, INFINITY};
    char room[STRESS_NAME_MAX];

    for (size_t row = 0; row < stress_n_rows(rules); row++) {
        const char *name = stress_name(rules, row, room);
        const double *figure = table->figure + row * n_figures;

        if (table->at_ns[row] == STRESS_NOWHERE)
            continue;
        if (stress_kind(rules, row) >= STRESS_FALL
                ? describe(name, figures[0].name, figure[0], &least, text, size) == 0
                : stress_row_breach(rules->n_limits, rules->limit, name, figures,
                                    figure, text, size) == 0)
            return 0;
    }
    return -1;
}
