/* stress.h -- which bad days is a parameter set tried on, and is it refused for them?
 *
 * A scenario is a row.  Windows are days of the calendar (stress_events, or the job's)
 * or days that the bars themselves name; the shocks run all windows again with one
 * thing changed; the reverse rows ask how far the price has to go at once.  Each study
 * fills the figures of a row by its own means (worker/README.md, "Stress").
 *
 *     windows      march-2020, luna-2022 ...           n_windows
 *     worst-k      the largest losses over a horizon    n_found
 *     roughest     the seven days of most movement      1
 *     shocks       correlation-break, de-peg, thin-liquidity, late-feed
 *     reverse      fall, rise: the mildest that is too much */
#ifndef WORKER_STRESS_H
#define WORKER_STRESS_H

#include "worker/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STRESS_WINDOWS_MAX = 64,
    STRESS_FOUND_MAX = 8,
    STRESS_SPANS_MAX = STRESS_WINDOWS_MAX + STRESS_FOUND_MAX + 1,
    STRESS_FIGURES_MAX = 12,
    STRESS_LIMITS_MAX = 16,
    STRESS_NAME_MAX = 64,
    STRESS_SHORTFALLS = 3, /* of an instrument, for the library  */
    STRESS_CURVE = 32,     /* days' volatilities of a common move */
};

/* What happened, as the house's table and libraries have it: FROM/TO in UTC. */
struct stress_event {
    const char *name, *span, *what;
};
extern const struct stress_event stress_events[];
size_t stress_n_events(void);

enum stress_kind {
    STRESS_WINDOW,
    STRESS_WORST,
    STRESS_ROUGH,
    STRESS_ALL_AT_ONCE, /* every instrument its own worst, whoever loses by it */
    STRESS_DEPEG,
    STRESS_THIN,
    STRESS_LATE,
    STRESS_FALL,
    STRESS_RISE,
};

struct stress_window {
    const char *name;
    int64_t from_ns, to_ns;
};

/* A figure of the study, by its place, stays in [min, max] in every scenario. */
struct stress_limit {
    size_t figure;
    double min, max;
};

struct stress_rules {
    bool is_on;
    size_t n_windows;
    struct stress_window window[STRESS_WINDOWS_MAX];
    size_t n_found;
    double depeg;     /* share of its worth that collateral loses            */
    double depth;     /* share of liquidity that is left, in (0, 1]          */
    size_t late_bars; /* that the mark is behind                             */
    double min_reverse;
    size_t n_limits, n_joint;
    struct stress_limit limit[STRESS_LIMITS_MAX], joint[STRESS_LIMITS_MAX];
};

/* What a study says of a scenario. */
struct stress_figure {
    const char *name, *unit, *meaning;
};

/* One point's answers.  A row that the bars do not reach has at_ns STRESS_NOWHERE; a
 * reverse row whose loss is undefined: no move on its ladder is too much. */
#define STRESS_NOWHERE INT64_MIN
struct stress_table {
    int64_t *at_ns; /* [rows] bar before the worst path; NULL: nobody asks */
    double *figure; /* [rows][n_figures]                                   */
    double money;   /* what a figure of 1 stands for; margin study: 1      */
    double fund;    /* insurance fund, of the money                        */
    double curve[STRESS_CURVE]; /* asked of a fund if the price goes k volatilities of a
                                 * day at once, the worse side               */
    struct stress_shortfall {   /* where margins of then were short, worst first */
        int64_t at_ns;
        double beyond; /* 0: no more of them */
    } shortfall[STRESS_SHORTFALLS];
};

size_t stress_n_rows(const struct stress_rules *rules);
size_t stress_n_spans(const struct stress_rules *rules);
enum stress_kind stress_kind(const struct stress_rules *rules, size_t row);
const char *stress_name(const struct stress_rules *rules, size_t row,
                        char text[STRESS_NAME_MAX]);

/* Which bars each span has: [stress_n_spans]; empty where the history does not reach.
 * A bar belongs to it that begins in it, not before the warm-up's end. */
int stress_find_spans(const struct stress_rules *rules, const struct series *series,
                      struct range span[], struct err *err);

/* The largest losses beyond a margin [n], a day and a horizon apart. */
void stress_find_shortfalls(const struct series *series, const double *margin,
                            struct stress_shortfall shortfall[STRESS_SHORTFALLS]);

/* The first of n limits that a scenario's figures break, as
 * "in march-2020, bad_debt 0.12 is above 0.1"; -1: none is. */
int stress_row_breach(size_t n, const struct stress_limit limits[], const char *name,
                      const struct stress_figure figures[], const double *figure,
                      char *text, size_t size);

/* ... of the whole table, reverse rows by stress.min_reverse. */
int stress_breach(const struct stress_rules *rules, size_t n_figures,
                  const struct stress_figure figures[],
                  const struct stress_table *table, char *text, size_t size);

#endif /* WORKER_STRESS_H */
