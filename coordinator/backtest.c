#include "coordinator/backtest.h"

#include "coordinator/backtest_print.h"
#include "worker/scores.h"
#include "worker/series.h"
#include "worker/traffic_light.h"

#include <stdio.h>
#include <stdlib.h>

/* Every step-th bar from the first on: columns[5][n] are made of those of the series.
 */
static struct backtest_series phase_of(const struct backtest_series *series,
                                       size_t first, size_t step, double *columns)
{
    const double *const from[] = {series->loss, series->var, series->es, series->mean,
                                  series->scale};
    const double *to[5] = {NULL};
    size_t n = 0;

    for (size_t c = 0; c < 5; c++) {
        if (from[c] == NULL)
            continue;
        double *out = columns + c * series->n;

        n = 0;
        for (size_t t = first; t < series->n; t += step)
            out[n++] = from[c][t];
        to[c] = out;
    }
    return (struct backtest_series){n, to[0], to[1], to[2], to[3], to[4]};
}

static const char *zone_text(enum traffic_light_zone zone)
{
    return zone == TRAFFIC_LIGHT_GREEN    ? "green"
           : zone == TRAFFIC_LIGHT_YELLOW ? "yellow"
                                          : "red";
}

/* P(X >= x) of the simulated law, as a p-value. */
static double simulated_at_least(size_t n_bars, size_t x, size_t n_samples,
                                 const size_t count[])
{
    size_t n = 0;

    for (size_t k = x; k <= n_bars; k++)
        n += count[k];
    return backtest_simulated_p((double)n, (double)n_samples);
}

/* Of all bars: where horizons overlap the bounds come from a simulated law. */
static int put_traffic_light(const struct backtest_plan *plan, size_t n_bars, size_t x,
                             struct fit_report *report, struct err *err)
{
    const struct traffic_light light = traffic_light_of(n_bars, x, plan->p);
    const struct traffic_light_overlap overlap = {.n_bars = n_bars,
                                                  .horizon_bars = plan->horizon_bars,
                                                  .p = plan->p,
                                                  .n_samples = plan->n_samples,
                                                  .seed = plan->seed};
    struct traffic_light_bounds bounds = light.bounds;
    double at_least = light.at_least, window[HORIZON_MAX];
    size_t *count = calloc(n_bars + 1, sizeof *count);

    if (count == NULL)
        return err_set(err, ERR_MEMORY, "no memory for %zu bars", n_bars);
    if (plan->horizon_bars > 1 &&
        traffic_light_simulate(&overlap, window, count) == BACKTEST_OK) {
        bounds = traffic_light_bounds_of(n_bars, count);
        at_least = simulated_at_least(n_bars, x, plan->n_samples, count);
    }
    free(count);
    fit_report_open(report, "traffic_light");
    fit_report_text(report, "status", backtest_status_text(light.status));
    fit_report_text(report, "zone", zone_text(traffic_light_zone_of(&bounds, x)));
    fit_report_count(report, "yellow_from", bounds.yellow);
    fit_report_count(report, "red_from", bounds.red);
    fit_report_real(report, "p_upper", at_least);
    fit_report_real(report, "binomial_at_most", light.at_most);
    fit_report_real(report, "binomial_at_least", light.at_least);
    fit_report_close(report);
    return 0;
}

static void put_scores(const struct backtest_plan *plan,
                       const struct backtest_series *series, struct fit_report *report)
{
    const struct scores scores =
        scores_of(series->n, series->loss, series->var, series->es, plan->p);

    fit_report_open(report, "scores");
    fit_report_text(report, "status", backtest_status_text(scores.status));
    fit_report_real(report, "tick", scores.tick);
    fit_report_text(report, "fz0_status", backtest_status_text(scores.fz_status));
    fit_report_real(report, "fz0", scores.fz);
    fit_report_close(report);
}

static void put_phase(size_t k, const struct backtest_figures *phase, bool has_es,
                      struct fit_report *report)
{
    char name[24];

    snprintf(name, sizeof name, "%zu", k);
    fit_report_open(report, name);
    fit_report_count(report, "bars", phase->n_bars);
    fit_report_count(report, "missing", phase->n_missing);
    fit_report_count(report, "exceedances", phase->n_hits);
    if (phase->n_bars > 0)
        backtest_print(phase, has_es, report);
    fit_report_close(report);
}

static int put_phases(const struct backtest_plan *plan,
                      const struct backtest_series *series,
                      const struct backtest_room *room, struct fit_report *report,
                      struct err *err)
{
    const size_t h = plan->horizon_bars;
    struct backtest_figures *phase = calloc(h, sizeof *phase);
    double *columns = calloc(5 * series->n, sizeof *columns);
    const bool has_memory = phase != NULL && columns != NULL;
    const bool has_es = series->es != NULL;

    if (!has_memory)
        err_set(err, ERR_MEMORY, "no memory for %zu bars", series->n);
    for (size_t k = 0; has_memory && k < h; k++) {
        const struct backtest_series part = phase_of(series, k, h, columns);

        backtest_figures_of(plan, &part, room, &phase[k]);
    }
    if (has_memory) {
        backtest_print_together(h, phase, has_es, report);
        fit_report_open(report, "phases");
        fit_report_count(report, "horizon_bars", h);
        for (size_t k = 0; k < h; k++)
            put_phase(k, &phase[k], has_es, report);
        fit_report_close(report);
    }
    free(phase);
    free(columns);
    return has_memory ? 0 : -1;
}

static int put_all(const struct backtest_plan *plan,
                   const struct backtest_series *series,
                   const struct backtest_room *room, struct fit_report *report,
                   struct err *err)
{
    size_t n_bars, n_hits;
    struct backtest_figures figures;

    christoffersen_pairs(series->n, series->loss, series->var, &n_bars, &n_hits);
    fit_report_real(report, "confidence", 1.0 - plan->p);
    fit_report_count(report, "horizon_bars", plan->horizon_bars);
    fit_report_count(report, "bars", n_bars);
    fit_report_count(report, "missing", series->n - n_bars);
    fit_report_count(report, "exceedances", n_hits);
    fit_report_real(report, "coverage", 1.0 - (double)n_hits / (double)n_bars);
    if (put_traffic_light(plan, n_bars, n_hits, report, err) != 0)
        return -1;
    put_scores(plan, series, report);
    if (plan->horizon_bars > 1)
        return put_phases(plan, series, room, report, err);
    backtest_figures_of(plan, series, room, &figures);
    backtest_print(&figures, series->es != NULL, report);
    return 0;
}

int backtest_report(const struct backtest_plan *plan,
                    const struct backtest_series *series, struct fit_report *report,
                    struct err *err)
{
    struct backtest_room room;
    size_t n_bars, n_hits;

    christoffersen_pairs(series->n, series->loss, series->var, &n_bars, &n_hits);
    if (n_bars == 0)
        return err_set(err, ERR_INPUT,
                       "backtest: none of %zu bars has a loss and a forecast",
                       series->n);
    if (backtest_room_new(plan, series->n, &room, err) != 0)
        return -1;
    const int status = put_all(plan, series, &room, report, err);
    backtest_room_free(&room);
    return status;
}
