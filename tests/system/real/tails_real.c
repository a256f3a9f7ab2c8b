/* tails_real.c -- does every kind of tail have a figure, or a reason, on every series
 * of a store?
 *
 *     tails-real HISTORY [INSTRUMENT ...]
 *
 * The losses are the returns over the volatility known before them (EWMA, 0.94), of the
 * long and of the short side, and the bare returns, where frozen prices are ties at 0.
 * A line "series side kind status" each, and how many; exit 1 if a figure that should
 * be there is not, or one that should not is. */
#include "market/history.h"
#include "worker/hill.h"
#include "worker/pot_interval.h"
#include "worker/returns.h"
#include "worker/tail.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { START = 30, LEVELS = 3, SCAN = 8, SIDES = 4 };

static const double levels[LEVELS] = {0.95, 0.99, 0.999};
static const char *const side_names[SIDES] = {"long", "short", "long-bare",
                                              "short-bare"};
static size_t n_measured, n_odd;

struct losses {
    char name[HISTORY_NAME_MAX + HISTORY_INTERVAL_MAX + 16]; /* "LUNA-SPOT/1h long" */
    size_t n;
    double *z, *room; /* [n], [2 n] */
};

static void odd(const struct losses *of, const char *what, double value)
{
    printf("ODD %s: %s (%g)\n", of->name, what, value);
    n_odd++;
}

/* z[t] = -r[t] / s[t-1], or -r[t] where bare. */
static void fill_losses(const struct bars *bars, double sign, bool bare, double *r,
                        double *z)
{
    const double lambda = 0.94;
    double v = 0.0, n = 0.0;

    returns_of_bars(bars, r);
    for (size_t t = 0; t < bars->n; t++) {
        z[t] = bare                  ? -sign * r[t]
               : n >= START && v > 0 ? -sign * r[t] / sqrt(v)
                                     : (double)NAN;
        if (isnan(r[t]))
            continue;
        n++;
        v = n <= START ? v + (r[t] * r[t] - v) / n
                       : lambda * v + (1 - lambda) * r[t] * r[t];
    }
}

/* A kind of tail with its parameter: VaR and ES at the levels, or why there are none.
 */
struct kind {
    const char *name;
    double parameter;
    const char *(*measure)(const struct losses *of, double parameter,
                           struct tail_risk risk[LEVELS]);
};

static const char *measure_normal(const struct losses *of, double parameter,
                                  struct tail_risk risk[LEVELS])
{
    (void)of, (void)parameter;
    for (int i = 0; i < LEVELS; i++)
        risk[i] = tail_normal(levels[i]);
    return NULL;
}

static const char *measure_student(const struct losses *of, double nu,
                                   struct tail_risk risk[LEVELS])
{
    (void)of;
    for (int i = 0; i < LEVELS; i++)
        risk[i] = tail_student(levels[i], nu);
    return NULL;
}

static const char *measure_pot(const struct losses *of, double share,
                               struct tail_risk risk[LEVELS])
{
    double *sorted = of->room, *excess = of->room + of->n;
    const size_t n = pot_sort(of->n, of->z, sorted), k = (size_t)(share * (double)n);
    const struct pot pot = pot_fit(n, sorted, pot_threshold(n, sorted, k), excess);

    for (int i = 0; i < LEVELS; i++)
        risk[i] = (struct tail_risk){levels[i], pot_var(&pot, levels[i]),
                                     pot_es(&pot, levels[i])};
    return gpd_is_estimate(&pot.fit) ? NULL : gpd_status_name(pot.fit.status);
}

static const char *measure_hill(const struct losses *of, double share,
                                struct tail_risk risk[LEVELS])
{
    const size_t n = pot_sort(of->n, of->z, of->room);
    const struct hill hill = hill_fit(n, of->room, (size_t)(share * (double)n));

    for (int i = 0; i < LEVELS; i++)
        risk[i] = (struct tail_risk){levels[i], hill_var(&hill, levels[i]),
                                     hill_es(&hill, levels[i])};
    return hill.status == HILL_ESTIMATED ? NULL : hill_status_name(hill.status);
}

static const struct kind kinds[] = {{"normal", 0.0, measure_normal},
                                    {"student", 5.0, measure_student},
                                    {"pot", 0.1, measure_pot},
                                    {"hill", 0.1, measure_hill}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Of the kinds with a threshold: the share that does not exceed it, which is more than
 * was asked for where losses are tied at it. */
static double least_level(const struct losses *of, const struct kind *kind)
{
    if (strcmp(kind->name, "pot") != 0)
        return 0.0;
    const size_t n = pot_sort(of->n, of->z, of->room);
    const double u = pot_threshold(n, of->room, (size_t)(kind->parameter * (double)n));
    size_t n_exceed = 0;

    for (size_t i = 0; i < n; i++)
        n_exceed += of->room[i] > u;
    return 1.0 - (double)n_exceed / (double)n;
}

/* A figure where there is no reason and the level lies beyond the threshold; ES not
 * below VaR, both ascending. */
static void look_at_kind(const struct losses *of, const struct kind *kind)
{
    struct tail_risk risk[LEVELS];
    const char *why = kind->measure(of, kind->parameter, risk);

    printf("%s %s %s\n", of->name, kind->name, why == NULL ? "estimated" : why);
    n_measured++;
    for (int i = 0; i < LEVELS; i++) {
        const bool there = !isnan(risk[i].var) && !isnan(risk[i].es);
        const bool is_below = why == NULL && levels[i] < least_level(of, kind);

        if (there != (why == NULL && !is_below))
            odd(of, there ? "a figure and a reason" : "neither figure nor reason",
                levels[i]);
        if (there && !(isfinite(risk[i].var) && risk[i].es >= risk[i].var))
            odd(of, "VaR infinite, or above ES", risk[i].var);
        if (there && i > 0 && !isnan(risk[i - 1].var) &&
            !(risk[i].var >= risk[i - 1].var))
            odd(of, "VaR falls with its level", risk[i].var);
    }
}

/* The intervals hold the estimate, where it is inside their bounds. */
static void look_at_intervals(const struct losses *of, const struct pot *pot,
                              const double *excess)
{
    const double estimate[] = {pot->fit.gpd.xi, pot_var(pot, 0.99), pot_es(pot, 0.99)};
    const struct pot_interval interval[] = {pot_interval_xi(pot, excess, 0.95),
                                            pot_interval_var(pot, excess, 0.99, 0.95),
                                            pot_interval_es(pot, excess, 0.99, 0.95)};

    for (int i = 0; i < 3; i++) {
        if (pot->fit.status != GPD_CONVERGED) {
            if (!isnan(interval[i].low) || !isnan(interval[i].high))
                odd(of, "an interval without a fit", interval[i].low);
        } else if (isnan(estimate[i])) {
            if (0.01 < (double)pot->n_exceed / (double)pot->n)
                odd(of, "no estimate beyond the threshold", i);
        } else if (!(interval[i].low <= estimate[i] &&
                     estimate[i] <= interval[i].high)) {
            odd(of, "the interval does not hold its estimate", i);
        }
    }
}

static void look_at_scans(const struct losses *of)
{
    double *sorted = of->room, *excess = of->room + of->n;
    const size_t n = pot_sort(of->n, of->z, sorted), k = n / 10;
    struct pot_row row[SCAN];
    struct hill *hill = calloc(k + 1, sizeof *hill);

    for (size_t i = 0; i < SCAN; i++)
        row[i] = (struct pot_row){.k = (i + 1) * n / 50};
    pot_scan(n, sorted, 0.99, excess, SCAN, row);
    for (size_t i = 0; i < SCAN; i++)
        if (gpd_is_estimate(&row[i].pot.fit) &&
            !(isfinite(row[i].pot.fit.gpd.xi) && row[i].pot.fit.gpd.beta > 0))
            odd(of, "a fit without parameters", (double)row[i].k);
    const struct pot pot = pot_fit(n, sorted, pot_threshold(n, sorted, k), excess);
    look_at_intervals(of, &pot, excess);
    hill_scan(n, sorted, k, hill);
    for (size_t i = 0; i < k; i++)
        if ((hill[i].status == HILL_ESTIMATED) !=
            (hill[i].xi > 0 && isfinite(hill[i].xi)))
            odd(of, "a Hill plot without a reason", (double)i);
    free(hill);
}

static int look_at_series(const struct history *history,
                          const struct history_entry *entry, struct err *err)
{
    struct bars bars = {0};

    if (history_read(history, entry, INT64_MIN, INT64_MAX, &bars, err) != 0)
        return -1;
    double *r = malloc(4 * bars.n * sizeof *r);
    if (r == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    struct losses of = {.n = bars.n, .z = r + bars.n, .room = r + 2 * bars.n};
    for (int side = 0; side < SIDES; side++) {
        snprintf(of.name, sizeof of.name, "%s/%s %s", entry->instrument,
                 entry->interval, side_names[side]);
        fill_losses(&bars, side % 2 == 0 ? 1.0 : -1.0, side >= 2, r, of.z);
        for (int k = 0; k < KINDS; k++)
            look_at_kind(&of, &kinds[k]);
        look_at_scans(&of);
    }
    free(r);
    bars_free(&bars);
    return 0;
}

static bool is_wanted(const char *instrument, int n, char **names)
{
    for (int i = 0; i < n; i++)
        if (strcmp(instrument, names[i]) == 0)
            return true;
    return n == 0;
}

int main(int argc, char **argv)
{
    struct history *history;
    struct err err = {0};
    size_t n_series = 0;

    gsl_set_error_handler_off();
    if (argc < 2 || history_open(argv[1], &history, &err) != 0) {
        fprintf(stderr, "tails-real: %s\n", argc < 2 ? "which HISTORY?" : err.text);
        return 2;
    }
    for (size_t i = 0; i < history_count(history); i++) {
        const struct history_entry *entry = history_entry(history, i);

        if (!is_wanted(entry->instrument, argc - 2, argv + 2))
            continue;
        if (look_at_series(history, entry, &err) != 0) {
            fprintf(stderr, "tails-real: %s\n", err.text);
            return 2;
        }
        n_series++;
    }
    history_close(history);
    printf("%zu series, %zu tails, %zu odd\n", n_series, n_measured, n_odd);
    return n_odd > 0 || n_series == 0;
}
